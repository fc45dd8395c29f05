// Draws the outlines of the départements under the points of datasette-cluster-map, which then needs no tile server.
"use strict";
(function () {
  const marker = document.currentScript.dataset.marker;
  const style = { color: "#7f929d", weight: 1, fillColor: "#ffffff", fillOpacity: 0.9, className: "contour", interactive: false };
  async function draw(map) {
    const answer = await fetch("/contours/departements.geojson");
    if (answer.ok) window.L.geoJSON(await answer.json(), { style }).addTo(map).bringToBack();
  }
  // Leaflet arrives late, as a module of the plugin: learn of each map when it is made.
  let leaflet;
  Object.defineProperty(window, "L", {
    configurable: true,
    get: () => leaflet,
    set(value) {
      leaflet = value;
      if (!value || !value.Map || !value.Map.addInitHook) return;
      value.Map.addInitHook(function () { draw(this); });
      value.Marker.mergeOptions({ alt: marker });
    },
  });
})();
