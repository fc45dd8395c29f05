"""Reports of problems: no cell can forge a command, a mention or a tag; all is counted; SARIF keeps to its standard."""

import json
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from repositories import ELIGIBILITY, FIBRE, edit

from observatory import reports_markdown, sarif
from observatory.digest import REPEATED, grouped, summary, worst_first
from observatory.problems import Problem, kinds, problem
from observatory.reports import ANNOTATIONS, EXAMPLES, FORMATS, github_report, json_report, text_report
from observatory.reports_html import html_page, html_report
from observatory.reports_markdown import BOUND, escaped, markdown_report
from observatory.sarif import sarif_report
from observatory.validation import validate

HOSTILE = "</td><script>alert(1)</script> | `@lead` [x](https://e.org) ::error::x #12 *a*"


def comma(value: str = "0,93", line: int = 8, **details: object) -> Problem:
    details = {"correction": value.replace(",", "."), **details}
    return problem("decimal-comma", FIBRE, line, "obs_value", value=value, suggestion="x", **details)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


MANY = [
    *(problem("blank-row", "datasets/a.csv", line) for line in range(2, 40)),
    *(comma(line=line) for line in range(2, 25)),
    *(problem("jump", FIBRE, n, "v", value="1", period="a", previous="2", previous_period="b") for n in range(2, 32)),
    problem("byte-order-mark", FIBRE, 1),
    problem("file-empty", "datasets/z.csv"),
]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_nothing_to_say_and_too_much_to_say(form: str) -> None:
    assert "Tout est en ordre" in FORMATS[form]([]) or form == "sarif"
    assert plain(FORMATS[form](MANY))


# What is said of many problems


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], "Tout est en ordre."),
        (["info"], "1 information dans 1 fichier. Rien n'empêche la publication."),
        (
            ["warning", "warning"],
            "2 avertissements à corriger ou à justifier dans accepted, dans 1 fichier. "
            "Chaque problème est expliqué dans docs/problems.md.",
        ),
        (
            ["error", "error", "warning", "info"],
            "2 erreurs, 1 avertissement à corriger ou à justifier dans accepted et 1 information, dans 1 fichier. "
            "Chaque problème est expliqué dans docs/problems.md.",
        ),
        (["error"], "1 erreur dans 1 fichier. Chaque problème est expliqué dans docs/problems.md."),
    ],
)
def test_summary(severities: list[str], expected: str) -> None:
    found = [Problem("missing-value", severity, "m", "x.csv") for severity in severities]
    assert plain(summary(found)) == expected


def test_groups_are_by_file_and_the_worst_first() -> None:
    groups = grouped(MANY)
    assert [(group.first.file, group.first.code, len(group.problems), group.others) for group in groups] == [
        ("datasets/a.csv", "blank-row", 38, 18),
        (FIBRE, "decimal-comma", 23, 3),
        (FIBRE, "jump", 30, 10),
        (FIBRE, "byte-order-mark", 1, 0),
        ("datasets/z.csv", "file-empty", 1, 0),
    ]


def test_worst_and_most_various_come_first() -> None:
    ranked = worst_first(MANY)
    assert [entry.code for entry in ranked[:5]] == [
        "blank-row", "decimal-comma", "file-empty", "blank-row", "decimal-comma",
    ]  # fmt: skip
    assert [entry.severity for entry in ranked] == sorted(
        (entry.severity for entry in MANY), key=["error", "warning", "info"].index
    )


# Text


def test_text_tells_once_what_repeats_itself_and_counts_the_others() -> None:
    lines = plain(text_report(MANY)).splitlines()
    assert len([line for line in lines if line.endswith("la ligne est vide. Supprimez-la.")]) == 1
    assert "datasets/a.csv: … et 37 autres lignes semblables (première : 3, dernière : 39)." in lines
    assert f"{FIBRE}: obs_value: … et 22 autres lignes semblables (première : 3, dernière : 24)." in lines


def test_text_tells_all_of_twenty_and_a_few_of_twenty_one() -> None:
    commas = [comma(f"0,{line}", line) for line in range(2, 23)]
    assert len(text_report(commas[:REPEATED]).splitlines()) == REPEATED + 1
    lines = plain(text_report(commas)).splitlines()
    assert len(lines) == EXAMPLES + 2 and lines[EXAMPLES - 1].startswith(f"{FIBRE}:6:")
    assert lines[EXAMPLES] == f"{FIBRE}: obs_value: … et 16 autres lignes semblables (première : 7, dernière : 22)."


def test_text_lists_what_stands_on_one_line() -> None:
    columns = [problem("extra-column", "a.csv", 1, value=name, schema="s") for name in ("date", "c1", "c2", "c3", "c4")]
    assert text_report(columns).splitlines()[1] == "a.csv:1: … et 4 de plus, de même : « c1 », « c2 », « c3 », « c4 »."
    assert len(text_report(columns[:3]).splitlines()) == 4


# JSON


def test_json_holds_every_field() -> None:
    report = json.loads(json_report([comma(cell="D8")]))
    assert (report["valid"], report["publishable"], report["errors"], report["warnings"]) == (False, False, 1, 0)
    (entry,) = report["problems"]
    assert entry == {
        "code": "decimal-comma",
        "severity": "error",
        "title": "Virgule décimale",
        "message": "« 0,93 » n'est pas un nombre.",
        "mending": "Écrivez x : point décimal, sans unité ni espace.",
        "english": "“0,93” is not a number; write x, with a decimal point and without unit or space.",
        "file": FIBRE,
        "place": f"{FIBRE}:D8",
        "line": 8,
        "column": "obs_value",
        "cell": "D8",
        "position": None,
        "value": "0,93",
        "expected": None,
        "correction": "0.93",
    }


def test_a_warning_is_valid_and_not_publishable() -> None:
    report = json.loads(json_report(MANY[-20:-2]))
    assert (report["valid"], report["publishable"], report["warnings"]) == (True, False, 18)


# GitHub


def test_github_escapes_properties_and_text() -> None:
    entry = Problem("missing-value", "error", "50 %\nde « a:b »", "d/x,y:1.csv", 3, "c", position=7)
    assert github_report([entry]).splitlines()[0] == (
        "::error file=d/x%2Cy%3A1.csv,line=3,col=7,title=Valeur obligatoire absente::c: 50 %25%0Ade « a:b »"
    )


def test_github_command_cannot_be_forged(root: Any) -> None:
    edit(root / FIBRE, ",97\n", ',"x\n::error::forged%0A"\n')
    report = github_report(validate(root, [root / FIBRE]))
    assert "« x⏎::error::forged%250A »" in report
    assert not re.search(r"^::error::", report, re.M)


def test_github_annotates_the_worst_and_says_how_many_there_are() -> None:
    lines = plain(github_report(MANY)).splitlines()
    counts = {name: sum(line.startswith(f"::{name} ") for line in lines) for name in ("error", "warning", "notice")}
    assert counts == {"error": ANNOTATIONS, "warning": ANNOTATIONS, "notice": 2}
    assert lines[2].startswith("::error file=datasets/z.csv,title=Fichier vide::")
    assert lines[-1].startswith("::notice title=Validation::62 erreurs, 30 avertissements")
    assert lines[-1].endswith("72 problèmes ne sont pas annotés ici.")


def test_github_names_the_cell_of_a_spreadsheet_and_no_line() -> None:
    (line, _) = github_report([comma(cell="D8")]).splitlines()
    assert line.startswith(f"::error file={FIBRE},title=Virgule décimale::D8: obs_value: ")


# SARIF


@pytest.fixture(name="run")
def run_of_site(root: Any) -> dict[str, Any]:
    """The run of a report on a site with an error in each of three files."""
    edit(root / FIBRE, "2022-Q3,97\n", '2022-Q3,"0,93"\n')
    edit(root / ELIGIBILITY, "01004,", "1004,")
    edit(root / "datasets/couverture_fibre.resource.yaml", "form: long", "form: longue")
    found = [*validate(root), comma(cell="D8"), problem("file-empty", "datasets/été 1.csv")]
    log = json.loads(sarif_report(found, root))
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = log["runs"]
    return dict(run)


def test_sarif_rules_are_the_catalogue(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(kinds())
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".") and rule["help"]["text"]
        assert f"/aide/erreurs#{rule['id']}" in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert "helpUri" not in rule  # must be absolute, and no address is known here


def test_sarif_gives_the_address_of_the_explanation_when_the_portal_has_one() -> None:
    rules = json.loads(sarif_report([], site="https://portail.example/"))["runs"][0]["tool"]["driver"]["rules"]
    assert rules[0]["helpUri"] == f"https://portail.example/aide/erreurs#{rules[0]['id']}"


def test_sarif_results_keep_to_the_standard(run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    prints = []
    for result in run["results"]:
        assert set(result) <= {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "fixes"}
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note") and result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert re.fullmatch(r"[\w./%-]+", physical["artifactLocation"]["uri"], re.A)
        assert physical["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
        assert all(isinstance(number, int) and number >= 1 for number in physical.get("region", {}).values())
        assert set(physical.get("region", {"startLine": 1})) in ({"startLine"}, {"startLine", "startColumn"})
        prints.append(result["partialFingerprints"]["problem/v1"])
    assert len(prints) == len(set(prints)) > 3


def test_sarif_says_the_cell_of_a_spreadsheet_and_not_its_line(run: dict[str, Any]) -> None:
    (result,) = [result for result in run["results"] if "fullyQualifiedName" in str(result)]
    (location,) = result["locations"]
    assert location["logicalLocations"] == [{"name": "obs_value", "fullyQualifiedName": "D8"}]
    assert "region" not in location["physicalLocation"] and "fixes" not in result


def test_sarif_addresses_are_encoded(run: dict[str, Any]) -> None:
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert "datasets/%C3%A9t%C3%A9%201.csv" in uris


@pytest.mark.parametrize(
    ("line", "value", "correction", "expected"),
    [
        ('DEP-75,couverture-fibre,2022-Q3,"0,93"', "0,93", "0.93", "DEP-75,couverture-fibre,2022-Q3,0.93"),
        ('"x","y ""z""",2022-Q3,n.d.', "n.d.", "", '"x","y ""z""",2022-Q3,'),
        ('a,b,c,"d, ""e"""', 'd, "e"', 'f, "g"', 'a,b,c,"f, ""g"""'),
        ("a,b,c,other", "0,93", "0.93", None),
        ("a,b,0,93", "93", "0.93", "a,b,0,0.93"),
        ("a,b,c,0,93", "93", "0.93", None),
        ('a,b,"c"x,93', "93", "0.93", None),
        ('a,b,"c,93', "93", "0.93", None),
    ],
)
def test_sarif_fix_replaces_exactly_the_cell(
    root: Any, line: str, value: str, correction: str, expected: str | None
) -> None:
    (root / FIBRE).write_text(f"ref_area,indicator,time_period,obs_value\r\n{line}\r\n", encoding="utf-8")
    report = json.loads(sarif_report([comma(value, 2, correction=correction)], root))
    (result,) = report["runs"][0]["results"]
    if expected is None:
        assert "fixes" not in result
        return
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    assert (region["startLine"], region["endLine"]) == (2, 2)
    mended = (
        line[: region["startColumn"] - 1] + replacement["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
    )
    assert mended == expected


def test_sarif_fix_follows_the_delimiter_of_the_file(root: Any) -> None:
    (root / FIBRE).write_text("ref_area;obs_value\nDEP-75;0,93\n", encoding="utf-8")
    (result,) = json.loads(sarif_report([comma(line=2)], root))["runs"][0]["results"]
    region = result["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]
    assert (region["startColumn"], region["endColumn"]) == (8, 12)


def test_sarif_fingerprint_outlives_the_line() -> None:
    def mark(found: Sequence[Problem]) -> list[str]:
        results = json.loads(sarif_report(found))["runs"][0]["results"]
        return [result["partialFingerprints"]["problem/v1"] for result in results]

    assert mark([comma(line=3)]) == mark([comma(line=9)])
    assert mark([comma(line=3)]) != mark([comma("0,94", line=3)])
    assert len(set(mark([comma(line=3), comma(line=4)]))) == 2


def test_sarif_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 10)
    (run,) = json.loads(sarif_report(MANY))["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert len(run["results"]) == 10
    assert plain(note["message"]["text"]) == "83 problèmes sur 93 ne sont pas dans ce fichier."


# Markdown


def test_markdown_sums_up_then_counts_then_shows() -> None:
    report = plain(markdown_report([comma(line=3), comma(line=8, cell="D8"), comma(line=9, correction="")]))
    assert report == (
        "**3 erreurs dans 1 fichier. Chaque problème est expliqué dans docs/problems.md.**\n\n"
        "| Fichier | Problème | Colonne | Gravité | Nombre |\n"
        "|---|---|---|---|---:|\n"
        "| datasets/couverture&#95;fibre.csv | Virgule décimale | obs&#95;value | erreur | 3 |\n\n"
        "#### Virgule décimale : datasets/couverture&#95;fibre.csv, colonne obs&#95;value\n\n"
        "- **ligne 3** : « 0,93 » n'est pas un nombre. Écrivez x : point décimal, sans unité ni espace. "
        "→ <ins>0.93</ins>\n"
        "- **cellule D8** : « 0,93 » n'est pas un nombre. Écrivez x : point décimal, sans unité ni espace. "
        "→ <ins>0.93</ins>\n"
        "- **ligne 9** : « 0,93 » n'est pas un nombre. Écrivez x : point décimal, sans unité ni espace. "
        "→ cellule vide\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>", "a|b", "`code`", "*a* _b_ ~c~", "[x](y)", "![x](y)", "@lead", "#12", "https://e.org", "WWW.e.org",
        "::error::x", "<!-- c -->", "&lt;", "GH-12", "a@b.org", "$x$", "\\<", "a\nb\r\nc", "--- x",
    ],
)  # fmt: skip
def test_markdown_shows_the_text_and_nothing_of_it_is_live(text: str) -> None:
    written = escaped(text)
    live = r"[<>|`*_\[\]~\\!$]|&(?!#\d+;)|::|--|@\w|(?<!&)#\w|://|(?i:www\.|\bGH-)|\n"
    assert re.search(live, written) is None
    shown = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), written).replace("\u2060", "")
    assert shown == " ".join(text.split())


def test_markdown_shows_no_more_than_the_limit() -> None:
    assert escaped("a" * 50, 10) == "a" * 9 + "…"


def test_markdown_is_bounded_and_says_what_it_leaves_out() -> None:
    hostile = "|<@" * 70
    found = [problem("blank-row", f"datasets/{n}{hostile}.csv", 2) for n in range(3000)]
    report = plain(markdown_report(found))
    assert BOUND * 0.8 < len(report) <= BOUND
    shown = report.count("#### ")
    assert report.endswith(f"_{3000 - shown:,} problèmes ne sont pas montrés ici._\n".replace(",", " "))
    assert re.search(r"\| … \| 2 \d\d\d autres sortes \|", report)


def test_markdown_leaves_out_the_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports_markdown, "EXAMPLES", 2)
    assert plain(markdown_report(MANY)).endswith("\n\n_85 problèmes ne sont pas montrés ici._\n")


# HTML


class Reader(HTMLParser):
    """Tags, identifiers, links and text of a page; refuses a tag closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("write", [html_report, html_page])
def test_html_is_well_formed_and_a_cell_cannot_inject(write: Callable[[Sequence[Problem]], str]) -> None:
    entry = Problem("decimal-comma", "error", HOSTILE, HOSTILE, 3, HOSTILE, mending=HOSTILE, correction=HOSTILE)
    found = Reader(write([entry]))
    assert found.all("script") == []
    assert {name for name, _ in found.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "div", "section", "h1", "h2", "h3", "p", "table"),
        *("caption", "thead", "tbody", "tr", "th", "td", "span", "code", "ins", "a", "b"),
    }


def test_html_report_has_headings_captions_and_scopes() -> None:
    found = Reader(html_report(MANY))
    assert [attributes["id"] for attributes in found.all("h2")] == ["rapport"]
    assert len(found.all("caption")) == len(found.all("table")) == 3
    assert all(attributes.get("scope") in ("col", "row", "rowgroup") for attributes in found.all("th"))
    assert {attributes["href"] for attributes in found.all("a")} == {
        f"/aide/erreurs#{code}" for code in ("blank-row", "decimal-comma", "jump", "byte-order-mark", "file-empty")
    }


def test_html_report_shows_place_finding_mending_and_corrected_value() -> None:
    report = plain(
        html_report([comma(), comma(line=9), comma(correction=""), comma(correction=None), comma("0,94", cell="D9")])
    )
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>\n.*?Trouvé">(.*?)</td>\n.*\n<td [^>]*>(.*?)</td>', report)
    said = "« 0,93 » n&#39;est pas un nombre."
    assert rows == [
        ("Lignes 8, 9", said, "<ins>0.93</ins>"),
        ("Ligne 8", said, '<ins class="empty">cellule vide</ins>'),
        ("Ligne 8", said, '<span aria-hidden="true">–</span><span class="hidden">aucune</span>'),
        ("Cellule D9", "« 0,94 » n&#39;est pas un nombre.", "<ins>0.94</ins>"),
    ]


def test_html_report_says_once_what_is_the_same_and_counts_the_others() -> None:
    report = plain(html_report(MANY[:38]))
    assert re.findall(r'<th scope="row">(.*?)</th>', report) == [f"Lignes 2 à {1 + REPEATED}"]
    assert "… et 18 autres semblables, jusqu’à : Ligne 39." in report


def test_html_report_names_places_briefly() -> None:
    lines = (12, 3, 4, 5, 8, 9, 11)
    report = plain(html_report([problem("blank-row", "a.csv", line) for line in lines]))
    assert re.findall(r'<th scope="row">(.*?)</th>', report) == ["Lignes 3 à 5, 8, 9, 11, 12"]
    assert '<th scope="row">Fichier entier</th>' in html_report([problem("file-empty", "a.csv")])


def test_html_page_stands_alone_and_explains_what_it_names() -> None:
    page = html_page(MANY)
    found = Reader(page)
    assert found.all("link") == found.all("img") == []
    assert not re.search(r"url\(|@import|https?:", page)
    anchors = {f"#{attributes['id']}" for attributes in found.all("h3")}
    assert {attributes["href"] for attributes in found.all("a")} == anchors
    assert '<html lang="fr">' in page and "--accent:" in page
