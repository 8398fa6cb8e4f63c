"""The HTML report in a real headless Chromium: `python3 tests/browser [TEST]`.

Needs Python 3 and Chromium, no package. The binary is the one that OUTCROP names, or is built.
With OUTCROP_SCREENSHOTS=FOLDER the pages are left there as pictures, light, dark and printed.
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
from chromium import Browser  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures/reports"
RUN = json.loads((FIXTURES / "run.json").read_text("utf-8"))
NAMES = json.loads((FIXTURES / "hostile-names.json").read_text("utf-8"))

# How long a browser may take for 5,000 findings on a machine that is busy with something else.
# What it takes is printed; on an idle machine it is a small fraction.
MOST_SECONDS_TO_OPEN = 60
MOST_SECONDS_TO_FILTER = 10


def outcrop():
    """The command line of the binary."""
    if os.environ.get("OUTCROP"):
        return [os.environ["OUTCROP"]]
    cargo = ["cargo", "build", "--quiet", "--locked", "--no-default-features"]
    built = subprocess.run(
        [*cargo, "--message-format=json-render-diagnostics"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8",
    )
    made = (json.loads(line) for line in built.stdout.splitlines())
    return [next(m["executable"] for m in made if m.get("executable"))]


def many(count):
    """A run with `count` findings, spread over everything that the filters know."""
    run = copy.deepcopy(RUN)
    run["findings"] = []
    for n in range(count):
        finding = copy.deepcopy(RUN["findings"][n % len(RUN["findings"])])
        finding["fingerprint"] = f"{n:032x}"
        finding["resource"]["account"] = f"{100000000000 + n % 40}"
        finding["resource"]["arn"] += f"-{n:05}"
        finding["resource"]["id"] += f"-{n:05}"
        run["findings"].append(finding)
    return run


def filled(value, name):
    """A copy of a part of a run with every text that is free to choose replaced."""
    words = ("category", "status", "severity", "default_severity", "outcome", "fingerprint")
    words += ("access", "protocol", "source")
    if isinstance(value, dict):
        return {k: v if k in words else filled(v, name) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, name) for v in value]
    return name if isinstance(value, str) else value


def hostile(names):
    """A run with every name in every field: one finding, one call, one ignore for each."""
    run = copy.deepcopy(RUN)
    latent = next(f for f in RUN["findings"] if f["status"] == "latent")
    latent = {**latent, "undecided": [{"operation": "s3:GetX", "text": "text"}]}
    run["findings"], run["coverage"], run["suppressed"] = [], [], []
    for n, name in enumerate(names):
        finding = filled({**latent, "benchmarks": {}, "fingerprint": f"{n:032x}"}, name)
        finding["benchmarks"] = {name: [name]}
        run["findings"].append(finding)
        run["coverage"].append(filled(RUN["coverage"][-1], name))
        left_out = dict.fromkeys(("fingerprint", "rule", "resource", "reason"), name)
        run["suppressed"].append(left_out)
    run["scan"]["rules"], run["scan"]["accounts"] = list(names), list(names)
    run["tool"] = {"name": names[0], "version": names[0]}
    return run


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.command = outcrop()
        cls.folder = tempfile.TemporaryDirectory(prefix="outcrop-pages-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.browser = cls.enterClassContext(Browser()) if hasattr(cls, "enterClassContext") else Browser()
        if not hasattr(cls, "enterClassContext"):
            cls.addClassCleanup(cls.browser.__exit__)

    def written(self, run, name):
        """The page of a run."""
        saved = pathlib.Path(self.folder.name) / f"{name}.json"
        page = saved.with_suffix(".html")
        saved.write_text(json.dumps(run), "utf-8")
        subprocess.run([*self.command, "convert", saved, "-f", "html", "-o", page], check=True)
        return page

    def opened(self, run, name, **look):
        """A browser's page of a run."""
        page = self.browser.page(**look)
        self.addCleanup(page.__exit__)
        page.seconds = page.open(self.written(run, name))
        page.address = (pathlib.Path(self.folder.name) / f"{name}.html").as_uri()
        return page

    def assertQuiet(self, page):
        """Nothing was asked for but the page, and nobody complained."""
        self.assertEqual(page.requests(), [page.address])
        self.assertEqual(page.complaints(), [])

    def shown(self, page):
        """Fingerprints of the findings that are to be seen."""
        return page.do(
            "Array.from(document.querySelectorAll('#findings > details'))"
            ".filter(c => c.checkVisibility()).map(c => c.id.slice(2))"
        )

    def choose(self, page, key, value):
        """Chooses in a list as a user does."""
        page.do(
            f"(() => {{ const s = document.querySelector('[data-key={key}]'); "
            f"s.value = {json.dumps(value)}; "
            "s.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        self.settle(page)

    def settle(self, page):
        """Waits until what was asked for is drawn."""
        page.do("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")

    def search(self, page, text):
        """Types into the search field."""
        page.do("document.getElementById('text').focus(); document.getElementById('text').select()")
        page.type(text)
        self.settle(page)

    def reset(self, page):
        page.do("document.querySelector('[type=reset]').click()")
        self.settle(page)

    def test_every_filter_shows_what_it_names_and_nothing_else(self):
        page = self.opened(RUN, "filters")
        of = {
            "severity": lambda f: f["severity"],
            "status": lambda f: f["status"],
            "service": lambda f: f["resource"]["type"].split(".")[1],
            "account": lambda f: f["resource"]["account"],
            "region": lambda f: f["resource"]["region"],
        }
        everything = [f["fingerprint"] for f in RUN["findings"]]
        self.assertEqual(self.shown(page), everything)
        for key, value_of in of.items():
            values = {value_of(f) for f in RUN["findings"]}
            offered = page.do(
                f"Array.from(document.querySelectorAll('[data-key={key}] option')).map(o => o.value)"
            )
            self.assertEqual(set(offered), values | {""}, key)
            for value in values:
                self.choose(page, key, value)
                wanted = [f["fingerprint"] for f in RUN["findings"] if value_of(f) == value]
                self.assertEqual(self.shown(page), wanted, f"{key} {value}")
                count = page.do("document.getElementById('shown').textContent")
                self.assertEqual(count, f"{len(wanted)} of {len(everything)}")
            self.reset(page)
            self.assertEqual(self.shown(page), everything)
        # Two at once, and text besides.
        self.choose(page, "status", "exposed")
        self.choose(page, "service", "ec2")
        both = [
            f for f in RUN["findings"]
            if f["status"] == "exposed" and f["resource"]["type"].startswith("aws.ec2.")
        ]
        self.assertGreater(len(both), 1)
        self.assertEqual(self.shown(page), [f["fingerprint"] for f in both])
        self.search(page, both[0]["resource"]["id"].upper())
        self.assertIn(both[0]["fingerprint"], self.shown(page))
        self.assertLess(len(self.shown(page)), len(both))
        self.search(page, "nothing-is-called-so")
        self.assertEqual(self.shown(page), [])
        self.reset(page)
        self.assertEqual(self.shown(page), everything)
        self.assertQuiet(page)

    def test_text_is_looked_for_in_everything_that_a_finding_says(self):
        page = self.opened(RUN, "text")
        for finding in RUN["findings"]:
            for text in (
                finding["resource"]["arn"],
                finding["fingerprint"],
                finding["evidence"][0]["text"],
                finding["remediation"]["text"],
                finding["rule"] + " " + finding["status"],
            ):
                self.search(page, text)
                self.assertIn(finding["fingerprint"], self.shown(page), text)
        self.assertQuiet(page)

    def test_a_count_is_a_filter(self):
        page = self.opened(RUN, "counts")
        tile = "Array.from(document.querySelectorAll('.tile')).find(t => t.dataset.severity === 'critical')"
        count = int(page.do(f"{tile}.querySelector('b').textContent"))
        page.do(f"{tile}.click()")
        exposed = [
            f["fingerprint"] for f in RUN["findings"]
            if f["severity"] == "critical" and f["status"] == "exposed"
        ]
        self.assertEqual((self.shown(page), len(exposed)), (exposed, count))
        self.assertEqual(page.do(f"{tile}.getAttribute('aria-pressed')"), "true")
        page.do(f"{tile}.click()")
        self.assertEqual(len(self.shown(page)), len(RUN["findings"]))
        self.assertQuiet(page)

    def test_each_finding_has_its_path_drawn_and_the_control_that_blocks_it_marked(self):
        page = self.opened(RUN, "paths")
        for finding in RUN["findings"]:
            drawn = page.do(
                f"(() => {{ const c = document.getElementById('f-{finding['fingerprint']}'); "
                "c.open = true; const s = c.querySelector('svg'); const b = s.getBoundingClientRect(); "
                "const texts = (q) => Array.from(s.querySelectorAll(q)).map(g => g.textContent); "
                "return { wide: b.width, high: b.height, to: texts('.to').length, "
                "shut: texts('.shut'), doubt: texts('.doubt'), ways: s.querySelectorAll('path').length }; })()"
            )
            self.assertGreater(min(drawn["wide"], drawn["high"]), 40, finding["title"])
            self.assertEqual(drawn["to"], 1)
            self.assertGreater(drawn["ways"], 0)
            self.assertEqual(len(drawn["shut"]), len(finding.get("blocked_by", [])))
            for control, text in zip(finding.get("blocked_by", []), drawn["shut"]):
                self.assertIn("BLOCKED by", text)
                self.assertIn(control["text"], text)
            self.assertEqual(len(drawn["doubt"]), len(finding.get("undecided", [])))
        self.assertQuiet(page)

    def test_what_to_fix_first_stands_before_the_findings_with_its_commands(self):
        page = self.opened(RUN, "first")
        seen = page.do(
            "(() => { const first = document.querySelector('.first'); "
            "const top = e => e.getBoundingClientRect().top; "
            "return { before: top(first) < top(document.getElementById('findings')), "
            "items: Array.from(first.querySelectorAll('li')).map(li => ({ visible: li.checkVisibility(), "
            "text: li.querySelector('.do').textContent, whole: li.textContent, "
            "commands: Array.from(li.querySelectorAll('pre')).map(pre => pre.textContent) })) }; })()"
        )
        self.assertTrue(seen["before"])
        self.assertEqual(len(seen["items"]), len(RUN["actions"]))
        for item, action in zip(seen["items"], RUN["actions"]):
            self.assertTrue(item["visible"])
            self.assertEqual((item["text"], item["commands"]), (action["text"], action["commands"]))
            self.assertIn(action.get("warning", ""), item["whole"])
        self.assertQuiet(page)

    def test_a_finding_is_opened_by_the_address_that_names_it(self):
        page = self.opened(RUN, "named")
        wanted = RUN["findings"][-1]["fingerprint"]
        page.do(f"location.hash = '#f-{wanted}'")
        page.wait(f"document.getElementById('f-{wanted}').open")
        page.do("location.hash = '#f-%3Cimg%20src=x%3E'")
        self.settle(page)
        self.assertEqual(page.complaints(), [])

    def test_five_thousand_findings_open_and_filter_without_a_hitch(self):
        run = many(5000)
        page = self.opened(run, "many")
        self.assertEqual(len(self.shown(page)), 5000)
        self.assertLess(page.seconds, MOST_SECONDS_TO_OPEN)
        # From the event to the frame that shows its outcome.
        timed = (
            "new Promise(done => { const start = performance.now(); %s; "
            "requestAnimationFrame(() => requestAnimationFrame(() => "
            "setTimeout(() => done((performance.now() - start) / 1000), 0))); })"
        )
        event = "dispatchEvent(new Event('input', {bubbles: true}))"
        taken = {}
        for name, action in {
            "first word": f"(t => {{ t.value = 'mongo'; t.{event} }})(document.getElementById('text'))",
            "next word": f"(t => {{ t.value = 'worker-2 latent'; t.{event} }})(document.getElementById('text'))",
            "account": "document.getElementById('filters').reset(), "
            f"(s => {{ s.value = '100000000007'; s.{event} }})(document.querySelector('[data-key=account]'))",
            "all again": "document.getElementById('filters').reset()",
        }.items():
            taken[name] = page.do(timed % action)
            self.assertLess(taken[name], MOST_SECONDS_TO_FILTER, name)
            if name == "account":
                of_account = [
                    f["fingerprint"] for f in run["findings"]
                    if f["resource"]["account"] == "100000000007"
                ]
                self.assertEqual(self.shown(page), of_account)
        self.assertEqual(len(self.shown(page)), 5000)
        size = (pathlib.Path(self.folder.name) / "many.html").stat().st_size
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in taken.items())
        print(f"5,000 findings, {size / 1e6:.1f} MB: opened {page.seconds:.2f} s, {told}", file=sys.stderr)
        self.assertQuiet(page)

    def test_print_shows_every_finding_in_full_and_no_filters(self):
        page = self.opened(RUN, "print")
        self.choose(page, "status", "exposed")
        # What the page looks like between `beforeprint` and `afterprint`.
        page.do(
            "addEventListener('beforeprint', () => { window.printed = Array.from("
            "document.querySelectorAll('#findings > details')).filter(c => !c.hidden).map(c => c.open) })"
        )
        pdf = page.pdf()
        self.assertEqual(pdf[:5], b"%PDF-")
        self.assertGreaterEqual(len(re.findall(rb"/Type\s*/Page\b", pdf)), 2)
        exposed = [f for f in RUN["findings"] if f["status"] == "exposed"]
        self.assertEqual(page.do("window.printed"), [True] * len(exposed))
        page.wait("document.querySelectorAll('#findings > details[open]').length === 0")
        page.media("print", dark=True)
        self.assertEqual(page.do("getComputedStyle(document.getElementById('filters')).display"), "none")
        # A printer has white paper, whatever the screen was.
        self.assertEqual(page.do("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        self.assertQuiet(page)

    def test_everything_can_be_read_in_light_and_dark(self):
        # WCAG 2.2, 1.4.3: text has 4.5 times the luminance of what is behind it, or the reverse.
        script = """(() => {
          document.querySelectorAll('details').forEach(d => { d.open = true; });
          const numbers = c => (c.match(/[\\d.]+/g) || []).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
            .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
            .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
          const behind = e => {
            for (; e; e = e.parentElement) {
              const c = numbers(getComputedStyle(e).backgroundColor);
              if (c.length === 3 || c[3] > 0) return c;
            }
            return [255, 255, 255];
          };
          const bad = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let seen = 0;
          while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('script, title')) continue;
            const style = getComputedStyle(e);
            const box = e.closest('g') && e.closest('g').querySelector('rect');
            const svg = e instanceof SVGElement;
            const over = box ? numbers(getComputedStyle(box).fill) : behind(svg ? e.closest('div') : e);
            const [a, b] = [light(numbers(svg ? style.fill : style.color)), light(over)];
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            seen += 1;
            if (ratio < 4.5) bad.push([e.className.baseVal ?? e.className, walker.currentNode.data.slice(0, 30), ratio]);
          }
          return { seen, bad, page: getComputedStyle(document.body).backgroundColor };
        })()"""
        pages = {}
        for dark in (False, True):
            page = self.opened(RUN, "contrast", dark=dark)
            read = page.do(script)
            self.assertGreater(read["seen"], 100)
            self.assertEqual(read["bad"], [], f"dark: {dark}")
            pages[dark] = read["page"]
            self.assertQuiet(page)
        self.assertNotEqual(pages[False], pages[True])

    def test_a_narrow_window_needs_no_scrolling_sideways(self):
        page = self.opened(RUN, "narrow", width=360)
        page.do("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        self.assertLessEqual(page.do("document.documentElement.scrollWidth"), 360)

    def test_the_policy_holds_against_what_is_put_into_the_page(self):
        page = self.opened(RUN, "policy")
        page.do("""(() => {
          window.broken = [];
          addEventListener('securitypolicyviolation', e => window.broken.push(e.effectiveDirective));
          const put = document.createElement('div');
          put.innerHTML = '<button id="put" onclick="window.pwned = 1">x</button>'
            + '<p id="styled" style="color: rgb(1, 2, 3)">x</p>'
            + '<img src="https://evil.example/p.png">'
            + '<iframe src="https://evil.example/"></iframe>';
          document.body.append(put);
          document.getElementById('put').click();
          const script = document.createElement('script');
          script.textContent = 'window.pwned = 2';
          document.body.append(script);
          const far = document.createElement('script');
          far.src = 'https://evil.example/x.js';
          document.body.append(far);
          const base = document.createElement('base');
          base.href = 'https://evil.example/';
          document.head.append(base);
        })()""")
        asked = page.do("fetch('https://evil.example/').then(() => 'answered', () => 'refused')")
        self.assertEqual(asked, "refused")
        evaluated = page.do("(() => { try { return new Function('return 1')() } catch { return 'refused' } })()")
        page.wait("window.broken.includes('img-src')")
        self.assertIsNone(page.do("window.pwned"))
        self.assertEqual(evaluated, "refused")
        self.assertNotEqual(page.do("getComputedStyle(document.getElementById('styled')).color"), "rgb(1, 2, 3)")
        broken = set(page.do("window.broken"))
        wanted = {"script-src-attr", "script-src-elem", "style-src-attr", "img-src", "frame-src",
                  "connect-src", "base-uri"}
        self.assertLessEqual(wanted, broken)
        # The page of the browser that stands in a refused frame is made of `data:`.
        loaded = [e["response"]["url"] for e in page.events("Network.responseReceived")]
        self.assertEqual([url for url in loaded if url.startswith("http")], [])

    def test_hostile_names_stay_text(self):
        elements = (
            "Array.from(document.querySelectorAll('*')).map(e => e.tagName + ' ' + "
            "e.getAttributeNames().sort().join(' '))"
        )
        harmless = self.opened(hostile([f"harmless-{n:02}" for n in range(len(NAMES))]), "harmless")
        page = self.opened(hostile(NAMES), "hostile")
        # Blank names leave out what they would have filled.
        blank = [n for n, name in enumerate(NAMES) if not name.strip()]
        count = "document.querySelectorAll('#findings > details').length"
        self.assertEqual(page.do(count), len(NAMES))
        without = (
            f"(() => {{ for (const n of {blank}) document.getElementById("
            "'f-' + n.toString(16).padStart(32, '0')).remove(); "
            "document.querySelectorAll('select, .where').forEach(e => e.remove()); })()"
        )
        everything = page.do("document.body.innerText + document.querySelector('main').textContent")
        for name in NAMES:
            # What cannot be seen, what piles up and what a runner would take for a command is
            # spelt out.
            plain = name.isprintable() and name.strip() and len(name) < 500
            if plain and "##" not in name and "\u0301" not in name:
                self.assertTrue(name in everything, name)
        for one in (page, harmless):
            one.do(without)
        self.assertEqual(page.do(elements), harmless.do(elements))
        self.assertIsNone(page.do("window.pwned"))
        self.assertQuiet(page)

    def test_hostile_names_can_be_filtered_by(self):
        page = self.opened(hostile(NAMES), "hostile-filter")
        offered = page.do(
            "Array.from(document.querySelectorAll('[data-key=account] option')).map(o => o.value)"
        )
        self.assertGreaterEqual(len(offered), 40)
        for value in offered[1:]:
            self.choose(page, "account", value)
            self.assertGreaterEqual(len(self.shown(page)), 1, value)
        self.assertQuiet(page)

    def test_without_scripts_everything_is_there(self):
        page = self.browser.page()
        self.addCleanup(page.__exit__)
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        written = self.written(RUN, "silent")
        page.open(written)
        self.assertEqual(len(self.shown(page)), len(RUN["findings"]))
        self.assertFalse(page.do("document.getElementById('filters').checkVisibility()"))

    def test_what_was_not_seen_and_what_was_left_out_is_told(self):
        run = copy.deepcopy(RUN)
        run["suppressed"] = [
            {"fingerprint": "0", "rule": "s3-bucket-public", "resource": "arn:aws:s3:::web", "reason": "a website"}
        ]
        page = self.opened(run, "coverage")
        text = page.do("document.querySelector('.coverage').innerText")
        for gap in RUN["coverage"]:
            self.assertIn(f"{gap['service']}:{gap['operation']}", text)
            self.assertIn(gap["message"], text)
        self.assertIn("a website", text)
        self.assertIn("INCOMPLETE", page.do("document.querySelector('header').innerText"))

    @unittest.skipUnless(os.environ.get("OUTCROP_SCREENSHOTS"), "pictures were not asked for")
    def test_pictures(self):
        folder = pathlib.Path(os.environ["OUTCROP_SCREENSHOTS"])
        folder.mkdir(parents=True, exist_ok=True)
        for dark in (False, True):
            page = self.opened(RUN, "picture", dark=dark)
            page.do("document.querySelectorAll('#findings > details').forEach((d, n) => { d.open = n < 5 })")
            page.picture(folder / f"{'dark' if dark else 'light'}.png", whole=True)
        (folder / "printed.pdf").write_bytes(page.pdf())


if __name__ == "__main__":
    start = time.monotonic()
    result = unittest.main(argv=["tests/browser", *sys.argv[1:]], exit=False).result
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    sys.exit(not result.wasSuccessful())
