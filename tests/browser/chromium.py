"""A headless Chromium, driven over its DevTools protocol, and nothing but Python's own library.

Chromium reads commands from file descriptor 3 and answers on 4, each a JSON text that ends with a
NUL (`--remote-debugging-pipe`): no port, no driver of another version, no package to install.
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

# Asked for in this order; CHROMIUM names another.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    # Nothing of the browser's own shall be taken for something of the page.
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--metrics-recording-only",
    # /dev/shm of a container may be a few megabytes.
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)

# A browser that does not answer is a failure with a message.
PATIENCE = 120


def program():
    """Where the browser is."""
    names = (os.environ["CHROMIUM"],) if os.environ.get("CHROMIUM") else NAMES
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise SystemExit(
            f"these tests need Chromium (none of {', '.join(names)} is on the search path): "
            "apt-get install chromium, or set CHROMIUM to its path"
        )
    return found


class Browser:
    """A running browser with a profile of its own."""

    def __init__(self):
        self._profile = tempfile.TemporaryDirectory(prefix="outcrop-chromium-")
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        flags = [*FLAGS, f"--user-data-dir={self._profile.name}"]
        # Chromium's sandbox refuses root, as whom CI often runs. The pages are our own.
        if os.geteuid() == 0:
            flags.append("--no-sandbox")

        # Chromium wants 3 and 4. The pipes' own numbers may be those, so they are moved out of
        # the way before; what dup2 makes is inherited.
        def places():
            here, there = os.dup(to_browser), os.dup(from_browser)
            os.dup2(here, 3)
            os.dup2(there, 4)

        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [program(), *flags, "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            preexec_fn=places,
            close_fds=False,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers = itertools.count(1)
        self._rest = b""
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def call(self, method, session=None, **params):
        """One command and its result; what happens meanwhile goes to `events`."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._write, rest):]
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def _next(self):
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0, until - time.monotonic()))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                self._log.seek(0)
                raise RuntimeError(f"Chromium is gone: {self._log.read()[-2000:].decode('utf-8', 'replace')}")
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def page(self, **look):
        """A new page."""
        return Page(self, **look)


class Page:
    """A page in a window of its own, with everything that it asks for and complains of."""

    def __init__(self, browser, width=1280, height=900, dark=False):
        self._browser = browser
        self._context = browser.call("Target.createBrowserContext")["browserContextId"]
        self.target = browser.call(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )["targetId"]
        self.session = browser.call(
            "Target.attachToTarget", targetId=self.target, flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )
        self.media("", dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._browser.call("Target.closeTarget", targetId=self.target)
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def call(self, method, **params):
        """One command to this page."""
        return self._browser.call(method, self.session, **params)

    def media(self, kind, dark=False):
        """What the page is shown on: `print`, or the screen, light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=kind, features=[scheme])

    def open(self, path):
        """Opens a file; answers how many seconds it took until everything was there."""
        start = time.monotonic()
        self.call("Page.navigate", url=path.as_uri())
        self.wait("document.readyState === 'complete'")
        return time.monotonic() - start

    def do(self, script):
        """The value of an expression in the page; promises are awaited."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True,
            # As the page itself may, and no more.
            allowUnsafeEvalBlockedByCSP=False,
        )
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, condition):
        """Waits until a condition holds in the page."""
        until = time.monotonic() + PATIENCE
        while not self.do(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise RuntimeError(f"never true: {condition}")
            time.sleep(0.02)

    def events(self, *methods):
        """What happened in this page."""
        self.do("0")
        mine = (e for e in self._browser.events if e.get("sessionId") == self.session)
        return [e["params"] for e in mine if e["method"] in methods]

    def requests(self):
        """Addresses that were asked for, the page's own included."""
        return [e["request"]["url"] for e in self.events("Network.requestWillBeSent")]

    def complaints(self):
        """Errors and warnings: of scripts, of the console, of the policy."""
        thrown = [e["exceptionDetails"]["text"] for e in self.events("Runtime.exceptionThrown")]
        said = [e["entry"]["text"] for e in self.events("Log.entryAdded")]
        consoled = [str(e["args"]) for e in self.events("Runtime.consoleAPICalled")]
        return thrown + said + consoled

    def type(self, text):
        """Types into whatever has the focus, as a keyboard does."""
        self.call("Input.insertText", text=text)

    def picture(self, path, whole=False):
        """A screenshot."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self):
        """The page on paper."""
        printed = self.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])
