// Runs before datasette-vega and datasette-cluster-map, on the pages where a chart or a map was asked for: the styles
// that they write in the page carry its nonce, and the chart opens by itself, on what the rows have to show.
"use strict";
(function () {
  const { nonce, dataset: { chart } } = document.currentScript;
  if (chart && !/^#g\./.test(location.hash)) history.replaceState(null, "", `#${chart}`);
  const create = document.createElement;
  document.createElement = function (name, ...options) {
    const element = create.call(this, name, ...options);
    if (String(name).toLowerCase() === "style") element.nonce = nonce;
    return element;
  };
  // The chart knows columns by their names; its reader, by the titles that head the rows.
  const titles = new Map();
  const titled = (name) => titles.get(String(name).replace(/(\.label)?( \(binned\))?$/, "")) ?? name;
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) { write.call(this, titled(text), ...place); };
  function name(form) {
    for (const option of form.querySelectorAll("option")) {
      const said = titled(option.value);
      if (said !== option.value && !option.label.startsWith(said)) option.label = `${said} (${option.value})`;
    }
    // On a phone the drawing is wider than its frame, which the keyboard must be able to scroll.
    const frame = form.parentNode.querySelector("canvas")?.closest("[style*=overflow]");
    if (!frame || frame.tabIndex === 0) return;
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", form.querySelector("h3").textContent);
  }
  document.addEventListener("DOMContentLoaded", () => {
    for (const head of document.querySelectorAll("th[data-column]:has(code)")) {
      titles.set(head.dataset.column, head.firstChild.textContent.replace(/\s*[▲▼]$/, "").trim());
    }
    const drawn = () => document.querySelector("form.datasette-vega");
    const open = () => document.querySelector(".datasette-vega-inactive button");
    if (!new URLSearchParams(location.search).has("_graphique")) return;
    let seen = false;
    const watch = new MutationObserver(() => {
      if (!drawn()) return open()?.click();
      name(drawn());
      if (!seen) drawn().scrollIntoView();
      seen = true;
    });
    watch.observe(document.querySelector("main"), { childList: true, subtree: true });
    open()?.click();
  });
})();
