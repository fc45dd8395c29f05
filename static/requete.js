// The box of SQL: it grows with what is written, and Ctrl + Enter runs the query. Everything works without.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("textarea.sql");
  if (!box) return;
  const grow = () => { box.rows = Math.min(24, Math.max(4, box.value.split("\n").length + 1)); };
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); box.form.requestSubmit(); }
  });
  grow();
});
