// Runs before datasette-vega and datasette-cluster-map, on the pages where a chart or a map was asked for: the styles
// that they write in the page carry its nonce, and the chart opens by itself.
"use strict";
(function () {
  const { nonce } = document.currentScript;
  const create = document.createElement;
  document.createElement = function (name, ...options) {
    const element = create.call(this, name, ...options);
    if (String(name).toLowerCase() === "style") element.nonce = nonce;
    return element;
  };
  document.addEventListener("DOMContentLoaded", () => {
    const open = () => document.querySelector(".datasette-vega-inactive button");
    if (!new URLSearchParams(location.search).has("_graphique")) return;
    const watch = new MutationObserver(() => { if (open()) { watch.disconnect(); open().click(); } });
    watch.observe(document.querySelector("main"), { childList: true, subtree: true });
    if (open()) { watch.disconnect(); open().click(); }
  });
})();
