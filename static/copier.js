// A button beside each text to copy; without JavaScript the text is selected by hand.
"use strict";
for (const block of document.querySelectorAll("[data-copy]")) {
  const text = block.querySelector("textarea");
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.textContent = block.dataset.copy;
  button.setAttribute("aria-describedby", text.labels[0].id ||= `${text.id}-nom`);
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy"); // no clipboard on a page without https
    }
    said.textContent = block.dataset.copied;
    setTimeout(() => { said.textContent = ""; }, 4000);
  });
  block.append(button, " ", said);
}
