"""Numbers, dates, ranks and searched words as French readers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory import french, search

N, H = french.NARROW, french.HARD


@pytest.mark.parametrize(
    "value, decimals, text",
    [
        (12394, 0, f"12{N}394"),
        (1234567.891, 2, f"1{N}234{N}567,89"),
        (-3.5, 1, "−3,5"),
        (-0.01, 1, "0,0"),
        (None, 0, "—"),
    ],
)
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert french.number(value, decimals) == text


@pytest.mark.parametrize("value, text", [(50.0, "50"), (0.5, "0,5"), (66.67, "66,67"), (100, "100"), (None, "—")])
def test_compact(value: float | None, text: str) -> None:
    assert french.compact(value) == text


def test_quantity_and_percent() -> None:
    assert french.quantity(88.6, "%") == f"88,6{N}%"
    assert french.quantity(7.25, "pour 100 000 hab.", 1) == f"7,2{H}pour 100{N}000 hab."
    assert french.quantity(763, "", 0) == "763"
    assert french.percent(0.886) == f"89{N}%"
    assert french.percent(None) == "—"


@pytest.mark.parametrize("rank, text", [(1, "1ᵉʳ"), (2, "2ᵉ"), (1200, f"1{N}200ᵉ"), (None, "—")])
def test_ordinal(rank: int | None, text: str) -> None:
    assert french.ordinal(rank) == text


@pytest.mark.parametrize("value, text", [(0, "0 ligne"), (1, "1 ligne"), (2, "2 lignes"), (None, "0 ligne")])
def test_count(value: int | None, text: str) -> None:
    assert french.count(value, "ligne") == text.replace(" ", H)


@pytest.mark.parametrize(
    "iso, text",
    [
        ("2022-09-30", f"30{H}septembre 2022"),
        ("2025-01-01", f"1ᵉʳ{H}janvier 2025"),
        ("inconnue", "inconnue"),
        (None, "date inconnue"),
    ],
)
def test_date(iso: str | None, text: str) -> None:
    assert french.date(iso) == text


@pytest.mark.parametrize(
    "sdmx, text",
    [("2019", "2019"), ("2022-09", "septembre 2022"), ("2022-Q1", "1ᵉʳ trimestre 2022"), ("x", "x"), (None, "—")],
)
def test_period(sdmx: str | None, text: str) -> None:
    assert french.period(sdmx) == text


@pytest.mark.parametrize(
    "first, last, text",
    [
        ("2019", "2022", "de 2019 à 2022"),
        ("2019", "2019", "2019"),
        ("2017-Q1", "2022-Q3", "du 1ᵉʳ trimestre 2017 au 3ᵉ trimestre 2022"),
        ("2020-08", "2022-05", "d’août 2020 à mai 2022"),
        (None, None, "—"),
    ],
)
def test_span(first: str | None, last: str | None, text: str) -> None:
    assert french.span(first, last) == text


def test_alphabetical_order_ignores_accents() -> None:
    rows = [{"name": name} for name in ("Normandie", "Île-de-France", "Hauts-de-France")]
    assert [row["name"] for row in french.alphabetical(rows)] == ["Hauts-de-France", "Île-de-France", "Normandie"]


@pytest.mark.parametrize(
    "typed, held",
    [
        ("dep-84", "DEP-84"),
        ("84", "REG-84"),
        ("1001", "COM-01001"),
        ("EPCI-200066009", "EPCI-200066009"),
        ("fra", "FRA"),
    ],
)
def test_identifiers(typed: str, held: str) -> None:
    assert held in search.identifiers(typed)
    assert search.identifiers("L’Haÿ-les-Roses") == []


def test_nearest_names() -> None:
    known = dict(zip("ABC", search.reduced(["Strasbourg", "Marseille", "Lyon"]), strict=True))
    assert search.nearest("Strasboug", known) == ["A"]
    assert search.nearest("Marseile", known) == ["B"]
    assert search.nearest("zzzzzz", known) == search.nearest("ly", known) == []


def test_words() -> None:
    assert french.word("quarterly", "accrual_periodicity") == "trimestrielle"
    assert french.word("nouveau", "kind") == "nouveau"
    assert french.noun("Grandes villes (100 000 habitants ou plus)") == "grandes villes"
    assert french.capital("île") == "Île"
    assert french.key("L’Haÿ-les-Roses ") == "l hay les roses"
    assert french.key("Œuilly") == "oeuilly"


def test_search_expression() -> None:
    assert search.match_expression("St-Étienne") == '("st" OR "saint") AND "etienne"*'
    assert search.match_expression("cœur") == search.match_expression("coeur") == '("coeur"* OR "cœur"*)'
    assert search.match_expression(" - ") == ""
    assert search.same("saint-étienne", "Saint Etienne")


@given(st.text())
def test_search_expression_holds_only_words_and_our_operators(text: str) -> None:
    bare = search.match_expression(text).replace(" AND ", "").replace(" OR ", "")
    assert all(c.isalnum() or c in '"*() ' for c in bare)


def test_typeset_ties_french_punctuation() -> None:
    assert french.typeset("C'est « vrai » : pourquoi ?") == f"C’est «{N}vrai{N}»{H}: pourquoi{N}?"
    assert french.typeset(None) == ""
