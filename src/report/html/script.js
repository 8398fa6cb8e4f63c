
"use strict";
(() => {
  const form = document.getElementById("filters");
  const cards = Array.from(document.querySelectorAll("#findings > details"));
  const shown = document.getElementById("shown");
  const search = document.getElementById("text");
  const selects = Array.from(form.querySelectorAll("select"));
  const tiles = Array.from(document.querySelectorAll(".tile"));
  const select = (key) => selects.find((s) => s.dataset.key === key);
  let texts = null;
  let waiting = false;

  function apply() {
    waiting = false;
    const wanted = selects.filter((s) => s.value !== "").map((s) => [s.dataset.key, s.value]);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length > 0 && texts === null) {
      texts = cards.map((card) => card.textContent.toLowerCase());
    }
    let count = 0;
    cards.forEach((card, n) => {
      const fits = wanted.every(([key, value]) => card.dataset[key] === value) &&
        words.every((word) => texts[n].includes(word));
      if (card.hidden === fits) card.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = count + " of " + cards.length;
    tiles.forEach((tile) => tile.setAttribute("aria-pressed", String(chosen(tile))));
  }

  function chosen(tile) {
    return tile.dataset.status !== "" && select("status").value === tile.dataset.status &&
      select("severity").value === tile.dataset.severity;
  }

  function later() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(apply);
    }
  }

  // A count is a filter: once for what it counts, again for everything.
  function press(tile) {
    const again = chosen(tile);
    const offered = (key, value) => Array.from(select(key).options).some((o) => o.value === value);
    for (const key of ["status", "severity"]) {
      const value = again ? "" : tile.dataset[key];
      if (offered(key, value)) select(key).value = value;
    }
    apply();
  }

  function named() {
    const card = cards.find((c) => "#" + c.id === decodeURIComponent(location.hash));
    if (card) {
      card.open = true;
      card.scrollIntoView();
    }
  }

  form.addEventListener("input", later);
  form.addEventListener("reset", () => setTimeout(apply, 0));
  form.addEventListener("submit", (event) => event.preventDefault());
  tiles.forEach((tile) => tile.addEventListener("click", () => press(tile)));
  addEventListener("hashchange", named);

  // Paper has no triangles to click on: what is shown is printed in full.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = cards.filter((card) => !card.hidden && !card.open);
    opened.forEach((card) => { card.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((card) => { card.open = false; }));

  document.documentElement.classList.add("alive");
  if (cards.length > 0) form.hidden = false;
  apply();
  named();
})();
