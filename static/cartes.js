// Maps: says the name and the figure of the shape under the pointer; on a touch screen, a first touch only chooses.
"use strict";
for (const area of document.querySelectorAll("[data-map]")) {
  if (area.querySelector("output")) continue;
  const said = document.createElement("output");
  said.className = "small";
  area.append(said);
  let chosen = null;
  const shape = (event) => event.target.closest("a[href*='/territoires/']");
  const choose = (link, touched) => {
    if (chosen) chosen.classList.remove("chosen");
    chosen = link;
    link.classList.add("chosen");
    said.textContent = link.querySelector("title").textContent;
    if (!touched) return;
    const page = document.createElement("a");
    page.href = link.getAttribute("href");
    page.textContent = area.dataset.open;
    said.append(" ", page);
  };
  area.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && shape(event)) choose(shape(event), false);
  });
  area.addEventListener("focusin", (event) => {
    if (shape(event)) choose(shape(event), false);
  });
  let touch = false;
  area.addEventListener("pointerdown", (event) => { touch = event.pointerType === "touch"; });
  area.addEventListener("click", (event) => {
    const link = shape(event);
    if (!touch || !link) return;
    event.preventDefault();
    choose(link, true);
  });
}
