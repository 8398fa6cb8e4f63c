
"use strict";
(() => {
  const form = document.getElementById("filters");
  const cards = Array.from(document.querySelectorAll("#findings > details"));
  const shown = document.getElementById("shown");
  const search = document.getElementById("text");
  const selects = Array.from(form.querySelectorAll("select"));
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
  }

  function later() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(apply);
    }
  }

  form.addEventListener("input", later);
  form.addEventListener("reset", () => setTimeout(apply, 0));
  form.addEventListener("submit", (event) => event.preventDefault());

  // Paper has no triangles to click on: what is shown is printed in full.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = cards.filter((card) => !card.hidden && !card.open);
    opened.forEach((card) => { card.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((card) => { card.open = false; }));

  if (cards.length > 0) form.hidden = false;
  apply();
})();
