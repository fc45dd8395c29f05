"""The page /comparer and its twins: verdict first, no mark on what is refused, files that say what is shown."""

import csv
import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from httpx import Response
from openpyxl import load_workbook

from observatory.comparability import Verdict
from observatory.comparability_rules import REFUSED, Reason
from observatory.comparing import Line, best, chosen, indicator_lines, less_covered, overlaps, screen
from observatory.comparing_asked import Asked, Found, meaning, written
from observatory.comparing_facts import connected, facts
from observatory.comparing_files import grade_title
from observatory.comparing_trend import APART, graduation, trend
from observatory.resolving import Resolved


def words(page: Response) -> str:
    """What the page says, in one line, no-break spaces as spaces."""
    text = unescape(re.sub(r"<[^>]+>", " ", page.text[page.text.index("<main") : page.text.index("</main>")]))
    return re.sub(r"\s+", " ", text)


async def get(site: Datasette, url: str, status: int = 200) -> Response:
    found = await site.client.get(url)
    assert found.status_code == status, url
    return found


async def test_verdict_comes_before_every_figure(site: Datasette) -> None:
    page = (await get(site, "/comparer?t=DEP-68&t=DEP-85")).text
    order = [page.index(f'id="{one}"') for one in ("verdict", "domaines", "indicateurs", "evolution", "telecharger")]
    assert order == sorted(order)
    assert page.index('id="verdict"') < page.index("<table")


async def test_refused_comparison_has_no_scores_nor_best_value_and_proposes_others(site: Datasette) -> None:
    page = await get(site, "/comparer?t=COM-68224&t=REG-44&t=COM-68154")
    assert "Comparaison refusée" in words(page)
    assert 'id="domaines"' not in page.text
    assert "★" not in page.text and "polyline" not in page.text
    assert "Ce qui se compare à la place" in words(page)
    assert "/comparer?t=COM-68224&amp;t=COM-68154" in page.text
    assert re.search(r"observations\?ref_area=COM-68224&amp;indicator=eligibilite-1-gbits", page.text)


async def test_json_gives_the_verdict_of_the_page(site: Datasette) -> None:
    for query in ("t=DEP-68&t=DEP-85", "t=COM-68224,REG-44", "t=DEP-68,DEP-6AE,DEP-01&tri=ecart"):
        said = (await get(site, f"/comparer.json?{query}")).json()
        page = words(await get(site, f"/comparer?{query}"))
        for reason in said["verdict"]["reasons"]:
            assert re.sub(r"\s+", " ", reason["said"]).replace("'", "’") in page.replace("'", "’")
        grades = {"comparable": "Comparables", "reserve": "Comparables avec réserve", "refused": "Comparaison refusée"}
        assert grades[said["verdict"]["grade"]] in page
        assert [row["title"] for row in said["indicators"]] == sorted(
            (row["title"] for row in said["indicators"]), key=lambda title: page.index(title, page.index("Indicateurs"))
        )
        assert all(not row["best"] and row["gap"] is None for row in said["indicators"] if _grade(row) == "refused")


def _grade(row: dict[str, Any]) -> str:
    return str(row["verdict"]["grade"])


@pytest.mark.parametrize("filters", ["", "&tri=ecart", "&differences=1", "&comparables=1&tri=ecart"])
async def test_csv_has_the_rows_of_the_screen_in_their_order(site: Datasette, filters: str) -> None:
    query = f"t=DEP-68&t=DEP-01&t=DEP-85{filters}"
    page = (await get(site, f"/comparer?{query}")).text
    shown = re.findall(r'<th scope="row"><a href="/indicateurs/([a-z0-9-]+)', page)
    rows = list(csv.DictReader(io.StringIO((await get(site, f"/comparer.csv?{query}")).text)))
    assert [row["Code"] for row in rows] == shown
    assert shown or "&comparables" in filters
    assert f"/comparer.csv?{query}".replace("&", "&amp;") in page or filters.startswith("&comparables")


async def test_csv_for_a_spreadsheet(site: Datasette) -> None:
    plain = (await get(site, "/comparer.csv?t=DEP-68&t=DEP-85")).content
    sheet = (await get(site, "/comparer.csv?t=DEP-68&t=DEP-85&tableur=1")).content
    assert sheet.startswith(b"\xef\xbb\xbf") and not plain.startswith(b"\xef\xbb\xbf")
    own = list(csv.DictReader(io.StringIO(plain.decode())))
    other = list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig")), delimiter=";"))
    assert [row["Code"] for row in own] == [row["Code"] for row in other]
    values = [name for name in own[0] if name.endswith("valeur")]
    assert [[row[n].replace(".", ",") for n in values] for row in own] == [[row[n] for n in values] for row in other]


async def test_one_territory_is_asked_for_a_second(site: Datasette) -> None:
    page = await get(site, "/comparer?t=DEP-68")
    assert "Avec quel territoire le comparer" in words(page)
    assert re.search(r'href="/comparer\?t=DEP-68&amp;t=DEP-\d', page.text)
    assert (await get(site, "/comparer.json?t=DEP-68", 400)).json()["ok"] is False


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_file_without_two_territories_is_refused_in_words_with_a_way_out(site: Datasette, kind: str) -> None:
    for query, said in (
        ("t=DEP-68", "Reconnus : Haut-Rhin (DEP-68)."),
        ("t=DEP-68&t=zzqqzz", "« zzqqzz » n’est le nom ni le code d’aucun territoire."),
        ("t=DEP-68&t=Paris", "« Paris » peut être : "),
        ("t=COM-01091", "« COM-01091 » n’existe plus ; ce qui lui succède : COM-01033."),
        ("", "deux à six"),
    ):
        text = await get(site, f"/comparer.{kind}?{query}", 400)
        assert text.headers["content-type"] == "application/problem+json" and said in text.json()["detail"], query
        assert "Une comparaison demande de deux à six territoires." in text.json()["detail"]
        (page,) = re.findall(r"http://localhost/comparer\S*", text.json()["detail"])
        await get(site, page.removeprefix("http://localhost"))
    text = (await get(site, f"/en/comparer.{kind}?t=DEP-68", 400)).text
    assert "A comparison" in text and "/en/comparer?t=DEP-68" in text


async def test_workbook_has_the_table_of_the_screen_and_what_must_be_known_of_it(site: Datasette) -> None:
    query = "t=DEP-68&t=DEP-85&tri=ecart"
    page = await get(site, f"/comparer?{query}")
    assert f"/comparer.xlsx?{query}".replace("&", "&amp;") in page.text
    book = load_workbook(io.BytesIO((await get(site, f"/comparer.xlsx?{query}")).content))
    heads, *rows = [list(row) for row in book.worksheets[0].values]
    table = list(csv.reader(io.StringIO((await get(site, f"/comparer.csv?{query}")).text)))
    assert heads == table[0]
    assert [[_as_text(cell) for cell in row] for row in rows] == table[1:]
    assert any(isinstance(cell, float) for row in rows for cell in row)
    notes: dict[str, list[str]] = {}
    for name, text, *_rest in book.worksheets[1].values:
        notes.setdefault(str(name), []).append(str(text))
    said = (await get(site, f"/comparer.json?{query}")).json()["verdict"]
    assert "Comparaison : Haut-Rhin (DEP-68), Vendée (DEP-85)" in notes
    assert notes["Raison"] == [reason["said"] for reason in said["reasons"]]
    assert notes["Lignes"] == [str(len(rows))] and notes["Adresse"][0].endswith(f"/comparer.xlsx?{query}")
    assert len(notes["Licence"]) == len(notes["Jeu de données"]) > 1 and notes["Verdict"]


def _as_text(cell: Any) -> str:
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell or "") if cell != 0 else "0"


async def test_more_than_six_keep_the_first_six(site: Datasette) -> None:
    asked = ["COM-68224", "COM-68154", "COM-01004", "COM-01033", "COM-2A004", "COM-75056", "COM-85084"]
    page = await get(site, "/comparer?t=" + ",".join(asked), 400)
    assert "six territoires au plus" in words(page)
    (link,) = re.findall(r'<p><a href="(/comparer\?t=[^"]+)"', page.text)
    assert unescape(link) == "/comparer?" + "&".join(f"t={area}" for area in asked[:6])
    await get(site, unescape(link))
    await get(site, "/comparer.csv?t=" + ",".join(asked), 400)


async def test_repeated_lower_case_and_comma_separated_are_one(site: Datasette) -> None:
    said = (await get(site, "/comparer.json?t=dep-68,DEP-85&t=DEP-68&t=&t=%20")).json()
    assert [row["ref_area"] for row in said["territories"]] == ["DEP-68", "DEP-85"]


async def test_names_are_read_and_ambiguous_ones_offered(site: Datasette) -> None:
    page = await get(site, "/comparer?t=mulhouse&t=Paris")
    assert "« Paris » peut désigner plusieurs territoires" in words(page)
    for area in ("COM-75056", "DEP-75"):
        assert f'href="/comparer?t=COM-68224&amp;t={area}"' in page.text


async def test_vanished_commune_offers_its_successor(site: Datasette) -> None:
    page = await get(site, "/comparer?t=COM-01091&t=COM-68224")
    assert "Châtillon-en-Michaille (COM-01091) n’existe plus depuis le" in words(page)
    assert 'href="/comparer?t=COM-68224&amp;t=COM-01033"' in page.text


async def test_unknown_one_is_said_and_the_others_kept(site: Datasette) -> None:
    page = await get(site, "/comparer?t=DEP-68&t=DEP-999&t=DEP-85")
    assert "Aucun territoire ne correspond à « DEP-999 »" in words(page)
    assert 'id="domaines"' in page.text
    await get(site, "/comparer?t=DEP-999", 404)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "t=<script>alert(1)</script>&t=DEP-68&t=DEP-85",
            "t='--&t=\"&t=*",
            "t=%00",
            "t=" + "x" * 5000,
            "t=" + "a," * 900,
        ),
        *(
            "t=DEP-68,DEP-85&tri=<b>&differences=2&indicateur='\"><script>",
            "t=FRA&t=DEP-68",
            "t=AND OR NOT (",
            "t=%F0%9F%98%80",
        ),
    ],
)
async def test_hostile_values_are_harmless(site: Datasette, query: str) -> None:
    for suffix in ("", ".json", ".csv"):
        found = await site.client.get(f"/comparer{suffix}?{query}")
        assert found.status_code in (200, 400, 404)
        assert suffix or "<script>" not in found.text


async def test_english_page_speaks_english_and_so_do_its_files(site: Datasette) -> None:
    page = await get(site, "/en/comparer?t=DEP-68&t=DEP-85&tri=ecart")
    assert "Can these territories be compared?" in words(page)
    assert not re.search(r"\b(Écart|Comparables|Avec réserve|meilleure|indicateurs?)\b", words(page))
    assert "/en/comparer.csv?" in page.text
    assert (await get(site, "/en/comparer.csv?t=DEP-68&t=DEP-85")).text.startswith("Domain,Indicator")


async def test_without_scripts_nor_inline_styles(site: Datasette) -> None:
    page = (await get(site, "/comparer?t=DEP-68&t=DEP-85")).text
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=", page)


def line(grade: str = "comparable", points: float | None = None, gap: float | None = None) -> Line:
    reasons = (Reason(grade, "x", "."),) if grade != "comparable" else ()
    cells = ({"ref_area": "A", "obs_value": 100.0}, {"ref_area": "B", "obs_value": 100.0 - (gap or 0)})
    return Line({"code": f"{grade}{points}{gap}"}, cells, Verdict(reasons), gap=gap, points=points)


def test_widest_gap_first_unmeasured_then_refused_last() -> None:
    rows = [line(REFUSED), line(gap=50), line(points=2, gap=2), line(points=9, gap=1)]
    assert chosen(rows, Asked(by_gap=True)) == [rows[3], rows[2], rows[1], rows[0]]
    assert chosen(rows, Asked()) == rows


def test_a_difference_is_beyond_the_tolerance_and_never_refused() -> None:
    rows = [line(points=1.0), line(points=1.01), line(gap=1.0), line(gap=1.1), line(REFUSED)]
    assert chosen(rows, Asked(differences=True)) == [rows[1], rows[3]]


def test_comparable_only_leaves_reserves_out() -> None:
    rows = [line(), line("reserve"), line(REFUSED)]
    assert chosen(rows, Asked(comparables=True)) == rows[:1]


@pytest.mark.parametrize(
    ("pairs", "direction", "expected"),
    [
        ([("A", 1.0), ("B", 2.0)], "higher", {"B"}),
        ([("A", 1.0), ("B", 2.0)], "lower", {"A"}),
        ([("A", 1.04), ("B", 1.01)], "higher", set()),
        ([("A", 2.04), ("B", 2.01), ("C", 1.0)], "higher", {"A", "B"}),
        ([("A", 1.0), ("B", 2.0)], None, set()),
    ],
)
def test_best_is_the_best_as_printed(pairs: list[tuple[str, float]], direction: str | None, expected: set[str]) -> None:
    assert best(pairs, direction, 1) == expected


def test_written_is_bounded_and_each_once() -> None:
    assert written(["DEP-1, dep-1 ,,b", "B", ""]) == ["DEP-1", "b"]
    assert len(written(["a" * 999])[0]) == 100
    assert len(written([",".join(map(str, range(999)))])) == 24


def test_a_comparison_takes_one_territory_of_today_or_says_what_to_choose() -> None:
    region, town, gone = ({"ref_area": a, "current": c, "name": a} for a, c in (("REG-44", 1), ("DEP-44", 1), ("x", 0)))
    assert meaning(Resolved("44", (region, town))) == Found("44", choices=("REG-44", "DEP-44"))
    assert meaning(Resolved("reg-44", (region,))) == Found("reg-44", area="REG-44")
    assert meaning(Resolved("x", (gone,))) == Found("x", vanished="x")
    assert meaning(Resolved("dep 4", near=(town,))) == Found("dep 4", choices=("DEP-44",), near=True)
    assert meaning(Resolved("zzz")) == Found("zzz")


def test_course_is_drawn_on_one_scale_with_a_row_a_period() -> None:
    drawn = trend({"A": [("2020", 10.0), ("2021", 20.0)], "B": [("2021", 20.5)], "C": []})
    assert drawn is not None
    assert drawn["rows"] == [("2020", [10.0, None, None]), ("2021", [20.0, 20.5, None])]
    first, second = drawn["lines"]
    assert first["points"] == [("2020", 10.0), ("2021", 20.0)] and second["points"] == [("2021", 20.5)]
    assert second["label"] - first["label"] >= APART * (drawn["ticks"][-1] - drawn["ticks"][0]) - 1e-9
    assert trend({"A": [("2020", 1.0)], "B": []}) is None


@pytest.mark.parametrize(("low", "high"), [(0, 100), (18, 86), (0.5156, 2.868), (5, 5), (0, 0), (-3, 12000)])
def test_graduation_holds_the_values(low: float, high: float) -> None:
    ticks = graduation(low, high)
    assert ticks[0] <= low and ticks[-1] >= high and 2 <= len(ticks) <= 6
    assert ticks == sorted(set(ticks))


def test_screen_holds_at_most_what_it_shows(database: Path) -> None:
    shown = screen(database, Asked(areas=("DEP-68", "DEP-01")))
    assert shown["ready"] and sum(shown["counts"].values()) == len(shown["lines"])
    assert {card["ref_area"] for card in shown["cards"]} == {"DEP-68", "DEP-01"}


def scored(area: str, score: float, low: float, high: float, coverage: float = 1.0) -> dict[str, Any]:
    return {"ref_area": area, "score": score, "score_low": low, "score_high": high, "coverage": coverage}


def test_no_score_is_the_best_when_intervals_meet_or_less_is_known_of_it() -> None:
    top = frozenset({"A"})
    assert overlaps([scored("A", 70, 60, 80), scored("B", 55, 50, 60)], top)
    assert not overlaps([scored("A", 70, 60.1, 80), None, scored("B", 55, 50, 60)], top)
    assert less_covered([scored("A", 70, 70, 70, 0.6), scored("B", 55, 55, 55, 0.9)], top)
    assert not less_covered([scored("A", 70, 70, 70, 0.9), scored("B", 55, 55, 55, 0.6)], top)


def test_numbers_of_things_have_no_best(database: Path) -> None:
    known = facts(connected(database), ["DEP-68", "DEP-01"])
    assert any(line.best for line in indicator_lines(known, Verdict()))
    for indicator in known.indicators.values():
        indicator["unit"] = "count"
    assert not any(line.best for line in indicator_lines(known, Verdict()))


async def test_a_row_is_never_surer_than_the_whole(site: Datasette) -> None:
    page = words(await get(site, "/comparer?t=DEP-68&t=DEP-75"))
    assert "Comparables avec réserve" in page and "Réserve ci-dessus" in page and "✓" not in page
    assert "Réserve ci-dessus" in (await get(site, "/comparer.csv?t=DEP-68&t=DEP-75")).text
    assert grade_title("comparable", above="comparable") == "Comparable"


async def test_what_is_known_is_compared_and_nothing_known_is_not_found(site: Datasette) -> None:
    assert "« zzz »" in words(await get(site, "/comparer?t=zzz&t=DEP-68"))
    await get(site, "/comparer?t=zzz&t=yyy", 404)
    await get(site, "/comparer?t=%27;drop table", 404)
