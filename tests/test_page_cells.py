"""Tables of pages as values: what a reader reads in a cell, numbers, units, codes of territories, pages of a table."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from datasette.app import Datasette
from jinja2 import ChoiceLoader, DictLoader
from repositories import ROOT
from sites import PAGES, VARIANTS

from observatory import languages, page_tables

REAL = ROOT / "donnees.db"
real = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")
DECIMAL = re.compile("[+−-]?[0-9\u202f]+,[0-9]+(?:[\u202f\u00a0]%)?")


def table(heads: str, *rows: str, about: str = "") -> page_tables.Table:
    """The table of those headings, a `|` between two, and of those rows of cells."""
    head = "".join(f"<th>{one}</th>" for one in heads.split("|"))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    html = f'<div class="scroll" aria-label="T" {about}><table><thead><tr>{head}</tr></thead>{body}</table></div>'
    return page_tables.tables(html)[0]


def column(*cells: str, head: str = "A", attributes: str = "") -> dict[str, list[Any]]:
    """The columns made of those cells of one column."""
    heads, columns = table(head, *(f"<td{attributes}>{cell}</td>" for cell in cells)).columns()
    return dict(zip(heads, columns, strict=True))


@pytest.fixture
async def folded(site: Datasette) -> AsyncIterator[Datasette]:
    """The site, on which the indicators of a domain go in a fold from the second."""
    env = site.jinja_env
    before, text = env.loader, (ROOT / "templates/_territory_values.html").read_text()
    env.loader = ChoiceLoader(
        [
            DictLoader(
                {"_territory_values.html": text.replace("rows[:3]", "rows[:1]").replace("rows[3:]", "rows[1:]")}
            ),
            before,
        ]
    )
    env.cache.clear()
    yield site
    env.loader = before
    env.cache.clear()


async def test_indicators_in_a_fold_are_a_table_of_their_own_name(folded: Datasette) -> None:
    html = (await folded.client.get("/territoires/DEP-68")).text
    labels = [one.label for one in page_tables.tables(html)]
    assert any(label.endswith(", autres indicateurs") for label in labels)
    assert len(set(labels)) == len(labels)
    fold = next(one for one in page_tables.tables(html) if one.label.endswith(", autres indicateurs"))
    link = next(unescape(found) for found in re.findall(r'href="(/tableaux\.json[^"]+)"', html) if "autres" in found)
    given = json.loads((await folded.client.get(link)).content)["rows"]
    assert given[0]["Indicateur"] == fold.rows[0].cells[0].lead


@pytest.mark.parametrize("page", [page for page in [*PAGES.values(), *VARIANTS] if not page.startswith("/integrer")])
async def test_no_two_tables_of_a_page_share_a_name_nor_two_columns(folded: Datasette, page: str) -> None:
    html = (await folded.client.get(page, follow_redirects=True)).text
    found = page_tables.tables(html)
    assert len({one.label for one in found}) == len(found)
    for one in found:
        heads, columns = one.columns()
        assert len(set(heads)) == len(heads) == len(columns)
        for head, values in zip(heads, columns, strict=True):
            texts = [value for value in values if isinstance(value, str)]
            assert not [text for text in texts if DECIMAL.fullmatch(text)], (one.label, head)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("83,1", 83.1),
            ("2\u202f843", 2843),
            ("1\u00a0234\u202f567,5", 1234567.5),
            ("\u22120,5", -0.5),
            ("+\u202f3", 3),
            ("\u2212\u202f34", -34),
            ("0", 0),
        ],
    )
    def test_french(self, text: str, value: float) -> None:
        assert column(text) == {"A": [value]}
        assert type(column(text)["A"][0]) is type(value)

    @pytest.mark.parametrize(("text", "value"), [("83.1", 83.1), ("2,843", 2843), ("12,345.5", 12345.5)])
    def test_english(self, text: str, value: float) -> None:
        with languages.speaking("en"):
            assert column(text) == {"A": [value]}
            assert column(f"{text}%") == {"A (%)": [value]}
            assert column("1st", "22nd", "1,003rd") == {"A": [1, 22, 1003]}

    def test_ranks_are_numbers_and_what_is_beside_is_apart(self) -> None:
        shown = column("1ᵉʳ", '2ᵉ <span class="small">ex æquo</span>', "1\u202f003ᵉ")
        assert shown == {"A": [1, 2, 1003], "A, précisions": [None, "ex æquo", None]}

    @pytest.mark.parametrize(
        "cells",
        [
            ["2022", "2023"],
            ["01004", "2A004"],
            ["15\u00a0octobre 2026"],
            ["3ᵉ trimestre 2022"],
            ["2026.1"],
            ["5 · Exemplaire"],
            ["18 sur 18"],
            ["200066009"],
        ],
    )
    def test_years_codes_and_dates_stay_texts(self, cells: list[str]) -> None:
        assert column(*cells) == {"A": cells}
        with languages.speaking("en"):
            assert column(*cells) == {"A": cells}

    def test_codes_of_few_digits_stay_texts(self) -> None:
        assert column("68", "67", head="Code du département") == {"Code du département": ["68", "67"]}

    def test_values_of_a_dataset_are_numbers_but_years(self) -> None:
        assert column("36.5", "12394", "2020", attributes=' class="num"') == {"A": [36.5, 12394, 2020]}
        assert column("2020", "2021", attributes=' class="num"') == {"A": ["2020", "2021"]}

    def test_the_missing_mark_is_empty(self) -> None:
        assert column("—", "3", "–", "") == {"A": [None, 3, None, None]}
        assert column("—") == {"A": [None]}
        assert column("—", "oui") == {"A": [None, "oui"]}
        assert column('<span class="small" data-empty>vide</span>', "3") == {"A": [None, 3]}

    def test_units_of_their_own_have_their_column(self) -> None:
        heads, columns = table(
            "Chiffre|Ain|Vendée",
            "<th>Indice</th><td>65,2</td><td>—</td>",
            "<th>Fibre</th><td>86,0\u202f%</td><td>70,0\u202f%</td>",
        ).columns()
        assert heads == ["Chiffre", "Unité", "Ain", "Vendée (%)"]
        assert columns[1:] == [[None, "%"], [65.2, 86.0], [None, 70.0]]
        heads, columns = table(
            "Ain|Écart", "<td>1</td><td>2,0 points</td>", "<td>3\u202f%</td><td>1</td>", "<td>—</td><td>1 point</td>"
        ).columns()
        assert heads == ["Ain", "Ain, unité", "Écart", "Écart, unité"]
        assert columns[1] == [None, "%", None] and columns[3] == ["points", None, "points"]

    def test_a_yes_among_numbers_is_apart(self) -> None:
        shown = column("86,0\u202f%", "oui", attributes=' class="num"')
        assert shown == {"A (%)": [86.0, None], "A, précisions": [None, "oui"]}
        assert column("86,0\u202f%", "oui") == {"A": ["86,0\u202f%", "oui"]}


class TestRead:
    def test_a_score_is_a_number_and_its_bounds_are_beside(self) -> None:
        shown = column('<strong>44,0</strong><br><span class="small">de 44,0 à 44,1</span>', "65,8")
        assert shown == {"A": [44.0, 65.8], "A, précisions": ["de 44,0 à 44,1", None]}

    def test_what_is_only_small_is_no_number(self) -> None:
        assert column('<span class="small">1\u00a0valeur</span>') == {"A": ["1\u00a0valeur"]}

    @pytest.mark.parametrize(
        "extra",
        [
            "<svg><title>no</title></svg>",
            ' <a class="noprint nowrap" href="/x">citer</a>',
            " <span hidden>no</span><br hidden>",
            ' <span aria-hidden="true">★</span>',
            "<details><summary></summary><p>no <b>no</b></p></details>",
        ],
    )
    def test_drawings_actions_and_folds_are_not_read(self, extra: str) -> None:
        assert column(f"<p>Fibre{extra}</p>") == {"A": ["Fibre"]}

    def test_the_title_of_a_fold_is_read(self) -> None:
        cell = '<details><summary><span class="level">5 · Exemplaire</span></summary><p>Portrait</p></details> fin'
        assert column(cell) == {"A": ["5 · Exemplaire fin"]}

    def test_headings_do_not_say_the_sort(self) -> None:
        assert list(column("3", head='<a href="x">Valeur</a> <span aria-hidden="true">↓</span>')) == ["Valeur"]
        assert list(column("3\u202f%", head="Valeur ▲")) == ["Valeur (%)"]

    def test_columns_of_drawings_are_left_out_but_not_those_of_missing_values(self) -> None:
        heads, _columns = table("A|De 0 à 100|B", "<td>1</td><td><svg></svg></td><td>—</td>").columns()
        assert heads == ["A", "B"]
        assert table("A|B").columns()[0] == ["A", "B"]

    def test_a_sentence_over_several_columns_is_a_remark(self) -> None:
        heads, columns = table(
            "A|B|C", "<th>x</th><td>1</td><td>2</td>", '<th>y</th><td colspan="2">Pas de valeur</td>'
        ).columns()
        assert heads == ["A", "B", "C", "Remarque"]
        assert columns[1:] == [[1, None], [2, None], [None, "Pas de valeur"]]

    def test_names_of_columns_are_told_apart(self) -> None:
        assert table("A|A||", "<td>1</td><td>2</td><td>3</td><td>4</td>").columns()[0] == [
            "A",
            "A (n° 2)",
            "Colonne 3",
            "Colonne 4",
        ]


class TestTerritories:
    def test_the_code_of_the_territory_of_a_row_comes_first(self) -> None:
        heads, columns = table(
            "Rang|Territoire",
            '<td>1ᵉʳ</td><th><a href="/territoires/DEP-68?x=1">Haut-Rhin</a> <span class="tag">contesté</span></th>',
            '<td>2ᵉ</td><th><a href="/en/territoires/COM-2A004">Ajaccio</a></th>',
            "<td>3ᵉ</td><th>Ici</th>",
        ).columns()
        assert heads == ["ref_area", "Rang", "Territoire", "Territoire, précisions"]
        assert columns == [
            ["DEP-68", "COM-2A004", None],
            [1, 2, 3],
            ["Haut-Rhin", "Ajaccio", "Ici"],
            ["contesté", None, None],
        ]

    def test_a_link_beside_says_no_territory(self) -> None:
        row = '<th>Fibre</th><td><a href="/territoires/DEP-68">Haut-Rhin</a></td>'
        assert table("A|B", row).columns()[0] == ["A", "B"]
        two = '<th><a href="/territoires/DEP-68">x</a> <a href="/territoires/DEP-67">y</a></th>'
        assert table("A", two).columns()[0] == ["A"]
        assert table("A", '<th><a href="/territoires/DEP-68/score">x</a></th>').columns()[0] == ["A"]

    @pytest.mark.parametrize("page", ["/classements/departement", "/en/classements/departement", "/simulation"])
    async def test_rankings_can_be_joined(self, site: Datasette, page: str) -> None:
        html = (await site.client.get(page)).text
        ranking = page_tables.tables(html)[-1]
        with languages.speaking("en" if page.startswith("/en") else "fr"):
            heads, columns = ranking.columns()
        assert heads[0] == "ref_area" and all(re.fullmatch(r"DEP-\w{2,3}", area) for area in columns[0])
        score = next(place for place, head in enumerate(heads) if head.startswith("Score"))
        assert all(isinstance(value, float) for value in columns[score])

    @real
    async def test_the_territory_itself_among_those_like_it(self, published: Datasette) -> None:
        html = (await published.client.get("/territoires/EPCI-200066009")).text
        heads, columns = next(
            one for one in page_tables.tables(html) if one.label == "Territoires semblables"
        ).columns()
        assert heads[0] == "ref_area" and None not in columns[0] and "EPCI-200066009" in columns[0]


class TestPaged:
    PAGED = 'data-first="26" data-total="101" data-whole="/donnees/t.csv"'

    def test_which_rows_are_on_screen(self) -> None:
        shown = table("A", *["<td>1</td>"] * 25, about=self.PAGED)
        assert shown.extent() == {"first": 26, "last": 50, "total": 101}
        assert shown.said()[0] == ("Lignes à l’écran", "lignes 26 à 50 sur 101")
        assert table("A", "<td>1</td>").said() == [] and table("A", "<td>1</td>").about() == {}

    @real
    async def test_files_and_their_page_say_it_and_lead_to_all_the_rows(self, published: Datasette) -> None:
        site, page = published, "/jeux-de-donnees/couverture_fibre"
        html = (await site.client.get(page)).text
        label = "Premières lignes du jeu de données"
        found = next(one for one in page_tables.tables(html) if one.label == label)
        total = found.extent()["total"]
        assert f"Lignes 1 à 10 sur {total}. " in html.replace("\u202f", "") and found.whole in unescape(html)
        whole = await site.client.get(found.whole)
        assert len(whole.text.splitlines()) == total + 1
        given = {"page": page, "tableau": label}
        answer = await site.client.get("/tableaux.json", params=given)
        about = json.loads(answer.content)["about"]
        assert about["extent"] == {"first": 1, "last": 10, "total": total}
        assert about["whole"].startswith("http") and about["whole"].endswith(found.whole)
        csv = await site.client.get("/tableaux.csv", params=given)
        assert csv.headers["content-range"] == f"rows 0-9/{total}"

    @real
    @pytest.mark.parametrize(
        ("page", "first"),
        [
            ("/indicateurs/eligibilite-1-gbits?page=2", 26),
            ("/classements/agglomeration?page=2", 151),
            ("/classements/agglomeration?page=2&poids.mediation=3", 151),
            ("/simulation?categorie=agglomeration&page=2", 151),
        ],
    )
    async def test_each_paged_table_of_the_portal(self, published: Datasette, page: str, first: int) -> None:
        html = (await published.client.get(page)).text
        found = [one for one in page_tables.tables(html) if one.extent()]
        assert [one.first for one in found] == [first]
        extent = found[0].extent()
        assert extent["last"] == first + len(found[0].rows) - 1 <= extent["total"]
        whole = await published.client.get(found[0].whole)
        assert len(whole.text.splitlines()) > extent["total"]


@real
@pytest.mark.parametrize("page", ["/territoires/DEP-68", "/territoires/COM-68224", "/en/territoires/DEP-68"])
async def test_tables_of_real_territories_have_a_name_each(published: Datasette, page: str) -> None:
    found = page_tables.tables((await published.client.get(page)).text)
    assert len({one.label for one in found}) == len(found)
    text = json.dumps([one.columns()[0] + one.columns()[1] for one in found], ensure_ascii=False)
    assert not re.search(r"les lignes|citer|Portrait type|the rows|Typical portrait", text)
