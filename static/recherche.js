// Suggestions under the search fields, as the combobox of the ARIA Authoring Practices: comfort only, the form works alone.
"use strict";

const WAIT = 120;

function suggest(input) {
  const form = input.form;
  const words = input.dataset;
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let options = [], exact = "", active = -1, timer = 0, asked = "", request = null;

  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.list);
  list.hidden = true;
  status.className = "hidden";
  status.setAttribute("role", "status");
  input.parentNode.append(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) input.setAttribute(name, value);

  const open = (shown) => {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) choose(-1);
  };

  function choose(next) {
    active = next;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    clearTimeout(timer);
    request?.abort();
    asked = "";
    open(false);
  }

  function show({ results, exact: page = "" }) {
    exact = page;
    options = results.map((result, i) => {
      const option = document.createElement("li");
      const detail = document.createElement("small");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.dataset.to = result.url;
      detail.textContent = result.detail;
      option.append(result.label, " ", detail);
      return option;
    });
    list.replaceChildren(...options);
    choose(-1);
    open(options.length > 0);
    status.textContent = options.length === 0 ? words.none : options.length === 1 ? words.one : words.many.replace("{n}", options.length);
  }

  async function ask() {
    const text = input.value.trim();
    if (text === asked) return;
    asked = text;
    exact = "";
    request?.abort();
    if (text.length < 2) { open(false); status.textContent = ""; return; }
    request = new AbortController();
    try {
      const answer = await fetch(`${form.action}.json?q=${encodeURIComponent(text)}`, { signal: request.signal });
      if (answer.ok && asked === text) show(await answer.json());
    } catch { /* Without suggestions, the form still searches. */ }
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  input.addEventListener("keydown", (event) => {
    const shown = !list.hidden;
    if (event.key === "Escape" && shown) { event.preventDefault(); close(); }
    else if (event.key === "Enter" && shown && active >= 0) { event.preventDefault(); location.assign(options[active].dataset.to); }
    // What is typed is the name of one territory, and only one: its page, without a list of results.
    else if (event.key === "Enter" && shown && exact && input.value.trim() === asked) { event.preventDefault(); location.assign(exact); }
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!shown) { if (options.length) open(true); else { asked = ""; ask(); return; } }
      const places = options.length + 1;
      choose(((active + (event.key === "ArrowDown" ? 1 : -1)) + 1 + places) % places - 1);
    }
  });
  input.addEventListener("blur", () => close());
  // A press must not take the focus away from the field before the click arrives.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.to);
  });
}

document.querySelectorAll("input[data-suggest]").forEach(suggest);
