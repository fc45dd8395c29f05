// Shows the button that prints the page, and dates the paper; without this script the browser's own command prints it.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
window.addEventListener("beforeprint", () => {
  const day = new Date().toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
  for (const said of document.querySelectorAll("[data-printed]")) said.textContent = said.dataset.printed.replace("{date}", day);
});
