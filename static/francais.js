// Puts into French what datasette-vega and datasette-cluster-map write in English on the pages under /donnees.
"use strict";
const FRENCH = new Map(Object.entries({
  "Show charting options": "Tracer un graphique",
  "Charting options": "Graphique",
  "Hide charting options": "Fermer le graphique",
  "Bar": "Barres", "Line": "Courbe", "Scatter": "Points",
  "X column": "Axe horizontal", "Y column": "Axe vertical", "Type": "Type",
  "Numeric": "Nombre", "Numeric, binned": "Nombre, par tranches",
  "Date/time": "Date", "Date/time, binned": "Date, par tranches", "Label": "Libellé", "Category": "Catégorie",
  "Color": "Couleur", "Size": "Taille", "-- none --": "– aucune –",
  "load all": "charger tout", "pause": "pause", "Zoom in": "Agrandir", "Zoom out": "Réduire", "Marker": "Point",
}));

function translate(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    if (FRENCH.has(text) && FRENCH.get(text) !== text) node.data = node.data.replace(text, FRENCH.get(text));
    else if (/^Showing [\d,.\s]+ of /.test(text)) node.data = text.replace("Showing", "Affichés :").replace(" of ", " sur ");
  }
  for (const element of root.querySelectorAll?.("[title], [aria-label], img.leaflet-marker-icon") ?? []) {
    for (const name of ["title", "aria-label", "alt"]) {
      const value = element.getAttribute(name);
      if (FRENCH.has(value)) element.setAttribute(name, FRENCH.get(value));
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const plugins = ".datasette-vega, .datasette-vega-inactive, .leaflet-container, .table-wrapper > div";
  const all = () => document.querySelectorAll(plugins).forEach(translate);
  new MutationObserver(all).observe(document.querySelector("main"), { childList: true, subtree: true });
  all();
});
