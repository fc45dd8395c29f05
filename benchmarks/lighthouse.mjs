// Lighthouse's four scores of the pages that the portal is judged on, served by `make serve`, in the system's Chromium.
// Lighthouse is not among our dependencies: `npm install --prefix build/lighthouse lighthouse`, then
// `node benchmarks/lighthouse.mjs [http://127.0.0.1:8001]`, or `make lighthouse`, which does both.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const site = process.argv[2] ?? "http://127.0.0.1:8001";
const folder = resolve(process.env.LIGHTHOUSE ?? "build/lighthouse", "index.js");
const found = createRequire(folder);
const load = (name) => import(pathToFileURL(found.resolve(name)));
const [{ default: lighthouse }, { launch }] = [await load("lighthouse"), await load("chrome-launcher")];

const PAGES = {
  accueil: "/",
  territoire: "/territoires/DEP-68",
  indicateur: "/indicateurs/couverture-fibre",
  classement: "/classements/departement",
  "table de Datasette": "/donnees/territories",
};
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

const chrome = await launch({
  chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
console.log(`| page | ${CATEGORIES.join(" | ")} | ce qui coûte |\n|---|---|---|---|---|---|`);
let least = 100;
for (const [name, path] of Object.entries(PAGES)) {
  const { lhr } = await lighthouse(site + path, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error" });
  const scores = CATEGORIES.map((key) => Math.round(100 * lhr.categories[key].score));
  const lost = Object.values(lhr.audits).filter(
    (audit) => audit.score !== null && audit.score < 0.9 && ["numeric", "binary", "metricSavings"].includes(audit.scoreDisplayMode),
  );
  console.log(`| ${name} | ${scores.join(" | ")} | ${lost.map((audit) => audit.id).join(", ")} |`);
  if (name !== "table de Datasette") least = Math.min(least, ...scores);
}
chrome.kill();
process.exit(least < 95 ? 1 : 0);
