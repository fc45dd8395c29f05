// Comfort for the pages /contribuer, which work without it: drop a file, paste cells into the grid, see that it works.
// What it says is written by the page, in its language, in attributes of the forms.
"use strict";

// A file dropped anywhere on the form takes the place of the one chosen.
for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const hint = document.createElement("p");
  hint.className = "small";
  hint.textContent = form.dataset.drop;
  input.after(hint);
  for (const name of ["dragover", "dragenter"]) form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) form.classList.remove("over"); });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    hint.textContent = form.dataset.ready.replace("{file}", () => input.files[0].name);
    input.focus();
  });
}

// Cells copied from a spreadsheet fill the grid from the cell where they are pasted; rows are added as needed.
function addRow(table) {
  const rows = table.tBodies[0].rows;
  if (rows.length >= 60) return null;
  const row = rows[rows.length - 1].cloneNode(true);
  row.cells[0].lastChild.textContent = rows.length + 1;
  for (const input of row.querySelectorAll("input")) {
    input.value = "";
    input.name = input.name.replace(/^cellule-\d+/, `cellule-${rows.length}`);
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+$/, rows.length + 1));
  }
  table.tBodies[0].append(row);
  return row;
}

for (const form of document.querySelectorAll("form[data-grid]")) {
  const table = form.querySelector("table");
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "small";
  const more = document.createElement("button");
  more.type = "button";
  more.className = "plain";
  more.textContent = form.dataset.add;
  more.addEventListener("click", () => addRow(table)?.querySelector("input").focus());
  form.querySelector(".scroll").after(status);
  form.querySelector("button:not([type=button])").after(" ", more);
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!event.target.matches("input") || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const cell = event.target.closest("td");
    const [top, left] = [cell.parentNode.sectionRowIndex, cell.cellIndex];
    let lost = 0;
    text.split("\n").forEach((line, down) => {
      const row = table.tBodies[0].rows[top + down] ?? addRow(table);
      line.split("\t").forEach((value, across) => {
        const input = row?.cells[left + across]?.querySelector("input");
        if (input) input.value = value.trim();
        else lost += 1;
      });
    });
    status.textContent = lost ? form.dataset.lost.replace("{lost}", lost) : form.dataset.pasted;
  });
  // Up and down move between rows, as in a spreadsheet.
  form.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.target.matches("td input")) return;
    const cell = event.target.closest("td");
    const next = table.tBodies[0].rows[cell.parentNode.sectionRowIndex + step]?.cells[cell.cellIndex]?.querySelector("input");
    if (next) { event.preventDefault(); next.focus(); next.select(); }
  });
}

// Say that the check is going on; a second click would start a second one.
const buttons = () => document.querySelectorAll("form.give button:not([type=button])");
for (const form of document.querySelectorAll("form.give")) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.dataset.stays !== undefined) return; // a download leaves the page as it is
    const said = document.createElement("p");
    said.className = "small waiting";
    said.setAttribute("role", "status");
    (event.submitter ?? form.lastElementChild).after(said);
    // The value of the button travels with the form: it is disabled only once the form has left.
    setTimeout(() => {
      for (const button of buttons()) button.disabled = true;
      said.textContent = form.querySelector("[data-waiting]").dataset.waiting;
    });
  });
}
// Coming back with the browser's own button shows the page as it was left, ready to be used again.
window.addEventListener("pageshow", () => {
  for (const button of buttons()) button.disabled = false;
  for (const said of document.querySelectorAll(".waiting")) said.remove();
});
