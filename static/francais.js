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
  "load all": "charger tout", "pause": "interrompre", "Swap X and Y": "Échanger les deux axes", "Zoom in": "Agrandir", "Zoom out": "Réduire", "Marker": "Point",
  "A JS library for interactive maps": "Bibliothèque JavaScript de cartes interactives",
}));

// « Showing 2,000 of 2,603 (76.84%) » → « 2 000 points chargés sur 2 603 »
function progress(text) {
  const [seen, total] = text.match(/\d[\d,.\u00a0\u202f]*/g).map((n) => Number(n.replace(/\D/g, "")).toLocaleString("fr-FR"));
  return `${seen} points chargés sur ${total} `;
}

// The plugin stops after one page and waits for a click: a map with half of its points would lie.
function loadAll() {
  const button = document.querySelector("button.cluster-map-button:not([data-asked])");
  if (!button || button.textContent !== "load all") return;
  const [, total] = button.parentNode.textContent.match(/\d[\d,.\u00a0\u202f]*/g).map((n) => Number(n.replace(/\D/g, "")));
  button.dataset.asked = "";
  if (total <= 10000) button.click();
}

function translate(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    if (FRENCH.has(text) && FRENCH.get(text) !== text) node.data = node.data.replace(text, FRENCH.get(text));
    else if (/^Showing \S+ of /.test(text)) node.data = progress(text);
  }
  for (const element of root.querySelectorAll?.("[title], [aria-label], img.leaflet-marker-icon") ?? []) {
    for (const name of ["title", "aria-label", "alt"]) {
      const value = element.getAttribute(name);
      if (FRENCH.has(value)) element.setAttribute(name, FRENCH.get(value));
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const plugins = ".datasette-vega, .datasette-vega-inactive, .leaflet-container, .leaflet-container + div, .table-wrapper > div";
  const all = () => { loadAll(); document.querySelectorAll(plugins).forEach(translate); };
  new MutationObserver(all).observe(document.querySelector("main"), { childList: true, subtree: true });
  all();
});
