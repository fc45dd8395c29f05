// Draws the outlines of the départements under the points of datasette-cluster-map, which then needs no tile server,
// opens the map on the mainland, and leads to each overseas département with a button.
"use strict";
(function () {
  const { marker, credit, mainland, reunion, guyane } = document.currentScript.dataset;
  const style = { weight: 1, fillOpacity: 1, className: "contour", interactive: false };
  const MAINLAND = [[41.3, -5.2], [51.1, 9.6]];
  const PLACES = { [mainland]: MAINLAND, "Guadeloupe": "DEP-971", "Martinique": "DEP-972", [guyane]: "DEP-973", [reunion]: "DEP-974", "Mayotte": "DEP-976" };
  async function draw(map) {
    const answer = await fetch("/contours/departements.geojson");
    if (!answer.ok) return;
    const bounds = {};
    const onEachFeature = (feature, layer) => { bounds[feature.properties.ref_area] = layer.getBounds(); };
    window.L.geoJSON(await answer.json(), { style, onEachFeature }).addTo(map).bringToBack();
    const control = window.L.control({ position: "topright" });
    control.onAdd = () => buttons(map, bounds);
    control.addTo(map);
  }
  function buttons(map, bounds) {
    const bar = document.createElement("div");
    bar.className = "leaflet-bar places";
    for (const [name, place] of Object.entries(PLACES)) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => map.fitBounds(bounds[place] || place));
      bar.append(button);
    }
    window.L.DomEvent.disableClickPropagation(bar);
    return bar;
  }
  // Points overseas would make the first view that of the whole world.
  function fitFrance(map) {
    const fit = map.fitBounds;
    map.fitBounds = function (bounds, options) {
      const wanted = window.L.latLngBounds(bounds), mainland = window.L.latLngBounds(MAINLAND);
      const around = wanted.getEast() - wanted.getWest() > 40 && wanted.intersects(mainland);
      return fit.call(this, around ? mainland : wanted, options);
    };
  }
  // Leaflet arrives late, as a module of the plugin: learn of each map when it is made.
  let leaflet;
  Object.defineProperty(window, "L", {
    configurable: true,
    get: () => leaflet,
    set(value) {
      leaflet = value;
      if (!value || !value.Map || !value.Map.addInitHook) return;
      if (window.DATASETTE_CLUSTER_MAP_TILE_LAYER_OPTIONS) window.DATASETTE_CLUSTER_MAP_TILE_LAYER_OPTIONS.attribution = credit;
      value.Map.addInitHook(function () { fitFrance(this); draw(this); });
      value.Marker.mergeOptions({ alt: marker });
    },
  });
})();
