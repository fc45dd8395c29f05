// Comfort for the weights of a ranking: sliders beside the numbers, and the ranking follows without a new page.
"use strict";

const form = document.querySelector("form[data-weights]");
const french = document.documentElement.lang === "fr";
const read = (text) => Number(text.trim().replace(",", "."));
const written = (number) => french ? String(number).replace(".", ",") : String(number);
const beside = (number) => number.parentElement.querySelector("input[type=range]");
let waiting, running;

function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const usual = form.elements[name].dataset?.usual;
    if (value && !(usual && read(value) === read(usual))) query.append(name, usual ? value.trim().replace(",", ".") : value);
  }
  const path = form.action.split(/[?#]/)[0];
  return query.size ? `${path}?${query}` : path;
}

// What is ranked is that of the new page, under the sliders even where the page had begun with what was wrong.
function putRanking(fresh) {
  const old = document.querySelector(form.dataset.weights), found = fresh.querySelector(form.dataset.weights);
  if (!found) throw new Error("no ranking");
  const scrolled = old.contains(document.activeElement) && document.activeElement.matches("[tabindex]");
  old.remove();
  form.parentElement.after(found);
  if (scrolled) document.querySelector(`${form.dataset.weights} [tabindex]`)?.focus({ preventScroll: true });
}

// The table, the shares and the links that carry the weights are those of the new page; the sliders stay where they are.
function put(fresh) {
  putRanking(fresh);
  const filters = document.querySelector("#filtres");
  if (!filters.contains(document.activeElement)) filters.replaceWith(fresh.querySelector("#filtres"));
  for (const share of form.querySelectorAll("[data-share]")) {
    share.textContent = fresh.querySelector(`[data-share="${share.dataset.share}"]`)?.textContent ?? "";
  }
  for (const input of form.querySelectorAll("input[data-usual]")) {
    const found = fresh.getElementById(input.id);
    input.toggleAttribute("aria-invalid", Boolean(found?.hasAttribute("aria-invalid")));
    beside(input).hidden = input.hasAttribute("aria-invalid");
  }
  for (const link of document.querySelectorAll("a[hreflang]")) {
    const found = fresh.querySelector(`a[hreflang="${link.hreflang}"]`);
    if (found) link.href = found.getAttribute("href");
  }
  form.querySelector("[role=status]").textContent = document.querySelector(form.dataset.weights).dataset.said;
}

async function recalculate() {
  running?.abort();
  running = new AbortController();
  const url = address();
  try {
    const answer = await fetch(url, { signal: running.signal });
    const text = await answer.text();
    history.replaceState(null, "", url);
    put(new DOMParser().parseFromString(text, "text/html"));
  } catch (fault) {
    if (fault.name !== "AbortError") form.submit();
  }
}

function soon(delay) {
  clearTimeout(waiting);
  waiting = setTimeout(recalculate, delay);
}

for (const slider of form?.querySelectorAll("input[type=range]") ?? []) {
  const number = slider.parentElement.querySelector("input[data-usual]");
  // A number that is no weight has no place on a slider.
  slider.hidden = number.hasAttribute("aria-invalid");
  for (const moved of ["input", "change"]) {
    slider.addEventListener(moved, () => { number.value = written(slider.value); soon(250); });
  }
  number.addEventListener("input", () => {
    const typed = read(number.value);
    if (number.value && typed >= 0) {
      slider.max = Math.max(slider.max, Math.min(typed, 1000));
      slider.step = "any";
      slider.value = typed;
    }
    soon(500);
  });
}
