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
  document.addEventListener("DOMContentLoaded", () => {
    const drawn = () => document.querySelector("form.datasette-vega");
    const open = () => document.querySelector(".datasette-vega-inactive button");
    if (!new URLSearchParams(location.search).has("_graphique")) return;
    const watch = new MutationObserver(() => { if (drawn()) { watch.disconnect(); drawn().scrollIntoView(); } else open()?.click(); });
    watch.observe(document.querySelector("main"), { childList: true, subtree: true });
    open()?.click();
  });
})();
