"""In English, who contributes reads English from the catalogue of problems to the follow-up; what is sent is French."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasette.app import Datasette
from httpx import Response
from repositories import ROOT
from sites import portal

from observatory import contributions_counter
from observatory.confined import confined
from observatory.contributions_repair import understood
from observatory.languages import catalogue, current, speaking
from observatory.messages import texts
from observatory.problems import GROUPS, kinds, outline, problem
from observatory.reports_html import html_report

MESSY = (
    "Relevé;;;;\nref_area;indicator;time_period;obs_value;note\nHaut-Rhin;couverture-fibre;2022-Q4;93,5;x\n"
    "99;couverture-fibre;2022-Q4;n.d.;\nDEP-01;inconnu;T4 2022;12 %;\n;;;;\nDEP-01;couverture-fibre;2022-Q4;8;\n"
    "DEP-01;couverture-fibre;2022-Q4;8;\nSource : Arcep;;;;\n"
).encode("cp1252")
UNNAMED = "dep,ind,periode,valeur\nDEP-68,couverture-fibre,2022-Q4,8\n"
# One row changes and one is new; both are far from what is published.
TABLE = (
    "ref_area,indicator,time_period,obs_value\nDEP-68,couverture-fibre,2022-Q4,8\nDEP-68,couverture-fibre,2022-Q3,20\n"
)
DECLARATION = {
    "organisation": "Département du Haut-Rhin",
    "role": "author",
    "source": "Relevé trimestriel des opérateurs",
    "licence": "etalab-2.0",
    "engagement": "oui",
}
STAGES = ("choice", "dataset", "report", "columns", "effect", "faults", "tracking", "refused")
# What stays French: what the visitor gave, names, examples of names, the kinds of territory.
PROPER = (
    "relevé",
    "Relevé",
    "Source : Arcep",
    "“valeur”",
    "Ville de Mulhouse",
    "Département du Haut-Rhin",
    "Licence Ouverte 2.0",
)
KINDS_OF_PLACE = re.compile(r"\b(?:régions?|départements?|communes?)\b", re.I)
FRENCH = re.compile(
    r"[À-ÖØ-öø-ÿœ«»]|[\u00a0\u202f][:;?!%]|\b(?:le|la|les|un|une|des|du|de|est|et|ou|pas|dans|pour|sur|avec|entre|vos|"
    r"votre|ce|cette|que|qui|aux?|fichiers?|lignes?|colonnes?|cellules?|erreurs?|fois|rang|aucune?|valeurs?)\b",
    re.I,
)
WRITTEN = re.compile(
    r"<(textarea|code|script)\b.*?</\1>|<input type=\"hidden\" name=\"(?:corrections|nom)\"[^>]*>", re.S
)
SHOWN = re.compile(r'>([^<]+)<|\s(?:aria-label|placeholder|data-(?!label)[a-z]+|alt)="([^"]*)"')


def left(page: str, quoted: tuple[str, ...] = ()) -> list[str]:
    """The texts of the page that still hold French words, beside names, what the visitor wrote and `quoted`."""
    main = re.search(r"<main.*</main>", page, re.S)
    found = []
    for shown, named in SHOWN.findall(WRITTEN.sub(" ", main[0] if main else page)):
        text = unescape(shown or named)
        for name in (*PROPER, *quoted):
            text = text.replace(name, "")
        if FRENCH.search(KINDS_OF_PLACE.sub("", text)):
            found.append(text.strip())
    return found


class Visitor:
    """Walks the pages /contribuer of a site in a language, as a browser does."""

    def __init__(self, site: Datasette, prefix: str) -> None:
        self.site, self.prefix = site, prefix

    async def read(self, url: str) -> Response:
        return await self.site.client.get(self.prefix + url)

    async def post(self, step: str, file: Any = None, **fields: str) -> Response:
        page = await self.read("/contribuer/couverture_fibre?territoire=DEP-68")
        token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
        data = {"csrftoken": token[1] if token else "", "territoire": "DEP-68", **fields}
        parts: list[Any] = [(name, (None, value.encode())) for name, value in data.items()]
        if file:
            parts.append(("fichier", file))
        url = f"{self.prefix}/contribuer/couverture_fibre/{step}"
        return await self.site.client.post(url, files=parts, cookies=dict(page.cookies))

    async def walk(self) -> dict[str, Response]:
        pages = {
            "choice": await self.read("/contribuer"),
            "dataset": await self.read("/contribuer/couverture_fibre?territoire=DEP-68"),
            "report": await self.post("verifier", file=("relevé.csv", MESSY)),
            "columns": await self.post("verifier", table=UNNAMED),
            "effect": await self.post("effet", table=TABLE),
            "faults": await self.post("envoyer", table=TABLE, licence="aucune"),
            "refused": await self.post("verifier"),
        }
        sent = await self.post("envoyer", table=TABLE, **DECLARATION)
        assert sent.status_code == 303
        assert sent.headers["location"].startswith(f"{self.prefix}/contribuer/suivi/")
        return {**pages, "tracking": await self.site.client.get(sent.headers["location"])}


def visited(database: Path, outbox: Path, prefix: str) -> tuple[dict[str, Response], dict[str, bytes]]:
    """The pages of the whole path, and the files of the contribution, its reference left out."""

    async def walk() -> dict[str, Response]:
        site = portal(database, str(outbox))
        await site.invoke_startup()
        return await Visitor(site, prefix).walk()

    pages = asyncio.run(walk())
    (bundle,) = outbox.iterdir()
    files = {str(path.relative_to(bundle)): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    return pages, {name: content.replace(bundle.name.encode(), b"REFERENCE") for name, content in files.items()}


@pytest.fixture(scope="module")
def english(database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Response], dict[str, bytes]]:
    return visited(database, tmp_path_factory.mktemp("outbox") / "en", "/en")


@pytest.fixture(scope="module")
def descriptors(database: Path) -> tuple[str, ...]:
    """Titles and descriptions of the tiny site's datasets, which no catalogue translates."""
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (database.parent / "datasets").glob("*.yaml")]
    return tuple(text for entry in found for text in (entry["description"], entry["title"]))


@pytest.fixture
async def site(database: Path, tmp_path: Path) -> Datasette:
    datasette = portal(database, str(tmp_path / "outbox"))
    await datasette.invoke_startup()
    return datasette


@pytest.mark.parametrize("stage", STAGES)
def test_each_page_of_the_path_is_in_english(
    english: tuple[dict[str, Response], dict[str, bytes]], descriptors: tuple[str, ...], stage: str
) -> None:
    page = english[0][stage]
    assert page.status_code == {"faults": 400, "refused": 400}.get(stage, 200)
    # On the page of choice a description is cut after its first sentence.
    firsts = tuple(f"{text.partition('. ')[0].rstrip('.')}." for text in descriptors)
    assert left(page.text, (*descriptors, *firsts)) == []


def test_french_left_on_an_english_page_is_seen() -> None:
    page = '<main><p>3 lignes</p><p aria-label="vérifier">“Relevé” is a note</p><code>le</code><b>all : fine</b></main>'
    assert left(page) == ["3 lignes", "vérifier"]
    assert left("<main><p>Check\u00a0: row 3</p></main>") == ["Check\u00a0: row 3"]


def words(page: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page.text)).split())


def test_report_says_what_was_understood_what_is_wrong_and_how_to_mend_it(
    english: tuple[dict[str, Response], dict[str, bytes]],
) -> None:
    said = words(english[0]["report"])
    for sentence in (
        "Nothing needs doing if the accents are right; otherwise, save the file as “CSV UTF-8”, then give it again.",
        "“Source : Arcep” is a note and not a row of the table: row 9, set aside.",
        "Observed value: “93,5” is not a number. Write 93.5, with a decimal point and without unit or space.",
        "Indicator “inconnu” is unknown. Write the code of a published indicator",
        "Decimal comma, column “Observed value”",
        "Extra column",
        "Validation report",
        "errors in 1 file.",
    ):
        assert sentence in said, sentence
    assert "Column “dep” is read as “ref_area”" in words(english[0]["columns"])
    assert "Which of your columns is “Indicator”?" in words(english[0]["columns"])


def test_effect_is_told_in_english_sentences(english: tuple[dict[str, Response], dict[str, bytes]]) -> None:
    for stage in ("effect", "faults"):
        said = words(english[0][stage])
        assert "DEP-68 · couverture-fibre · 2022-Q3: from 92 to 20%: please check" in said
        assert "level “Emerging” instead of “Structured”" in said and "Digital infrastructure of the territory" in said
        assert "Observed value: 92 → becomes 20" in said


def test_what_is_sent_is_the_same_whatever_the_language(
    english: tuple[dict[str, Response], dict[str, bytes]], database: Path, tmp_path: Path
) -> None:
    pages, files = visited(database, tmp_path / "fr", "")
    assert files == english[1] and "Différence avec ce qui est publié" in files["report.md"].decode()
    assert "de 92 à 20 % : vérifiez" in files["report.md"].decode()
    assert set(pages) == set(STAGES) and left(pages["report"].text) != []


async def test_surprising_value_is_told_in_the_language_of_the_page(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = contributions_counter.run_confined
    texts = {"value": "8", "previous": "92", "period": "T4", "previous_period": "T3"}
    jump = problem("jump", "x.csv", 1234, "obs_value", **texts)

    def surprised(function: str, what: Mapping[str, Any], folder: Path) -> Any:
        return {**real(function, what, folder), "surprises": [asdict(jump)], "warnings": 1}

    monkeypatch.setattr(contributions_counter, "run_confined", surprised)
    english = await Visitor(site, "/en").post("effet", table=TABLE)
    assert "Row 1,234: The value jumps from one period to the next" in words(english) and left(english.text) == [
        text for text in left(english.text) if "(extrait)" in text
    ]
    french = words(await Visitor(site, "").post("effet", table=TABLE)).replace("\u202f", " ").replace("\u00a0", " ")
    assert f"Ligne 1 234 : {jump.message}".replace("\u202f", " ") in french.replace("’", "'")


async def test_what_is_handed_over_is_written_in_french(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = []
    written = contributions_counter.written_report
    monkeypatch.setattr(
        contributions_counter, "written_report", lambda *given: spoken.append(current()) or written(*given)
    )
    sent = await Visitor(site, "/en").post("envoyer", table=TABLE, **DECLARATION)
    assert (sent.status_code, spoken) == (303, ["fr"])


async def test_check_that_takes_too_long_says_so_in_english(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = partial(confined, "signal:pause", {}, 1)
    monkeypatch.setattr(contributions_counter, "confined", lambda _, what, seconds, *limits: endless(*limits))
    page = await Visitor(site, "/en").post("verifier", table=TABLE)
    assert page.status_code == 422 and "The check took more than 1 second; split the file" in words(page)


async def test_script_takes_its_words_from_the_page(site: Datasette) -> None:
    page = (await Visitor(site, "/en").read("/contribuer/couverture_fibre?territoire=DEP-68")).text
    written = dict(re.findall(r' data-(drop|ready|add|pasted|lost|waiting)="([^"]+)"', page))
    assert len(written) == 6 and "{file}" in written["ready"] and "{lost}" in written["lost"]
    script = (ROOT / "static" / "contribuer.js").read_text(encoding="utf-8")
    assert set(written) == set(re.findall(r"\.dataset\.([a-z]+)", script)) - {"stays"}
    assert not re.search(r"[À-ÖØ-öø-ÿ’]", script)


async def test_catalogue_page_explains_each_kind_in_english(site: Datasette) -> None:
    page = (await site.client.get("/en/aide/erreurs")).text
    blocks = dict(re.findall(r'<div class="kind" id="([a-z-]+)">(.*?)(?=<div class="kind"|<h2>|</main>)', page, re.S))
    assert list(blocks) == list(kinds()) and 'lang="en"' not in blocks["file-empty"]
    for code, kind in kinds().items():
        assert f'<p class="said">{outline(kind.english)}</p>' in unescape(blocks[code])
        assert left(re.sub(r"<pre>.*?</pre>|“[^”]*”", "", blocks[code].split('<p class="small"><code>')[0])) == []
    assert "<h2>The descriptor</h2>" in page and '<span class="tag warning">warning</span>' in page
    assert len(re.findall(r"<h2>[^<]+</h2>", page)) == len(GROUPS)


def test_every_text_of_the_catalogue_of_problems_has_its_english() -> None:
    known = {text for place, text in texts(ROOT) if place == "observatory/problems.yml"}
    wanted = {text for kind in kinds().values() for text in (kind.title, kind.cause, kind.desk) if text}
    assert known == wanted
    assert [text for text in sorted(known) + list(GROUPS.values()) if ("data", text) not in catalogue()] == []


def test_problem_is_told_in_the_language_of_the_page() -> None:
    archive = problem("zipped-file", "x.zip", value="ZIP", member="« a; b.csv »")
    assert archive.told == (archive.message, archive.mending)
    with speaking("en"):
        found = "The file is a ZIP archive, whose member (“a; b.csv”) was read."
        assert archive.told == (found, "Unpack it and give the file itself.")
        assert archive.at_desk.told == (found, "Nothing needs doing: the archive has been unpacked.")
        area = problem("not-a-ref-area", "x.csv", 1, value="a; b", expected="", suggestion="")
        assert area.told[0] == "“a; b” is not the identifier of a territory." and area.told[1].endswith("; or FRA.")
        formula = problem("formula-read", "x.xlsx", value="B2")
        assert formula.told == (formula.english, "")


def test_desk_finds_what_to_replace_in_each_english_sentence() -> None:
    assert {
        kind.code: kind.english.count("; ") for kind in kinds().values() if kind.desk and "; " not in kind.english
    } == {}


def test_numbers_of_an_english_sentence_are_english_but_in_what_it_quotes() -> None:
    long = problem("cell-too-long", "x.csv", 1, value="x", limit="10\u202f000", length="10\u202f808")
    assert "10,808" in long.english and "10,000" in long.english and "10\u202f000" in long.sentence
    cell = problem("thousands-separator", "x.csv", 1, value="10\u202f197,5", suggestion="10197.5")
    assert cell.english.startswith("“10\u202f197,5” is not a number")


def test_report_and_lines_left_aside_are_counted_in_english() -> None:
    empty = [problem("blank-row", "a.csv", line) for line in (4, 5, 6, 9, 1012)]
    with speaking("en"):
        assert understood(empty) == ["The row is empty: rows 4, 5, 6, 9 and 1,012, set aside."]
        assert understood(empty[:1]) == ["The row is empty: row 4, set aside."]
        report = html_report([*empty, problem("byte-order-mark", "a.csv", 1)])
    assert '<th scope="row">Rows 4 to 6, 9, 1,012</th>' in report and "in 1\u00a0file." in report
    assert left(f"<main>{report}</main>") == []
