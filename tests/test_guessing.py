"""What is guessed of a table's layout and of its columns: only what the file proves, and the reason is told."""

from pathlib import Path

import pytest
from repositories import ELIGIBILITY, FIBRE, edit

from observatory import dates, footnotes, guessing
from observatory.catalogue import read_catalogue
from observatory.fixing import Unreadable, fix
from observatory.headers import headings, level_named
from observatory.problems import Problem
from observatory.reading import SchemaFault, check_properties, table_schema
from observatory.validation import judge


def judged(root: Path, name: str, text: str) -> list[Problem]:
    path = root / "donnees.csv"
    path.write_text(text, encoding="utf-8")
    dataset = next(known for known in read_catalogue(root)[0] if known.name == name)
    return judge(path, dataset, root).problems


# The delimiter


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a;b;c", "1,5;2,5;3", "1;2;3,5"], ";"),
        (["Titre, en un mot, de la table", "a;b", "1;2,5", "3;4,5", "5;6,5", "7;8"], ";"),
        (["a\tb", "1,5\t2"], "\t"),
        (["a|b|c", "1|2|3"], "|"),
        (["a,b", "1,2"], ","),
        (['"a;b",c', '"1;2",3'], ","),
        (["un mot", "un autre"], ","),
        (["a;b", "c", "d", "e", "f"], ","),
        ([], ","),
    ],
)
def test_the_delimiter_is_the_sign_that_cuts_most_lines_alike(lines: list[str], expected: str) -> None:
    assert guessing.likeliest_delimiter(lines, ",", ";\t|") == expected


def test_a_table_without_any_name_of_ours_is_cut_and_the_reason_told(root: Path) -> None:
    found = judged(root, "eligibilite_fixe", "Extrait, version bêta\nINSEE_C;POPLOG;G1\n01004;10197;5091\n01033;1;2\n")
    assert [(entry.line, entry.code) for entry in found[:2]] == [(1, "preamble"), (2, "wrong-delimiter")]
    assert "qui se trouve en ligne 2 : c'est la première de 3 cellules, comme celles qui la suivent" in found[0].message
    assert "(75\u202f% des premières lignes ont alors 3 colonnes)" in found[1].message
    assert {entry.code for entry in found} & {"missing-cell", "extra-cell"} == set()


# The header


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([["Titre"], ["a", "b", "c"], ["1", "2", "3"]], 1),
        ([["Titre", "", ""], ["", "", ""], ["a", "b", "c"], ["1", "2", "3"]], 2),
        ([["a", "b", "c"], ["1", "2", "3"]], 0),
        ([["a", "b", "c"], ["1", "2", "3", "4"], ["1", "2", "3", "4"]], 0),
        ([["Titre"], ["1", "2", "3"], ["4", "5", "6"]], 0),
        ([["Titre"], ["a", "", ""], ["x", "y", "z"]], 2),
        ([["mot"], ["mot"]], 0),
        ([], 0),
    ],
)
def test_the_header_is_the_first_record_as_wide_as_the_others(records: list[list[str]], expected: int) -> None:
    assert guessing.header_place(records) == expected


# What is under the table


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Source : Arcep", "", ""], "footnote"),
        (["Source : Arcep", " 2019"], "footnote"),
        (["* données provisoires"], "footnote"),
        (["(1) hors Mayotte"], "footnote"),
        (["", "Note de lecture : en 2019"], "footnote"),
        (["Total", "12", "34"], "total-row"),
        (["", "TOTAL GÉNÉRAL", "34"], "total-row"),
        (["Ensemble", "", ""], "total-row"),
        (["Sources", "12", "34"], ""),
        (["Totalement", "12", "34"], ""),
        (["Source-Seine : mairie", "12", "34"], ""),
        (["01004", "", ""], ""),
        (["", "", ""], ""),
    ],
)
def test_notes_and_totals_are_known(cells: list[str], expected: str) -> None:
    assert footnotes.kind(cells, 3) == expected


def test_only_the_last_rows_are_taken_out(root: Path) -> None:
    text = (root / ELIGIBILITY).read_text(encoding="utf-8").replace("01033,6700,0", "Total,1,1\n01033,6700,0")
    found = judged(root, "eligibilite_fixe", text + "Total,9,9\n")
    assert [(entry.line, entry.code) for entry in found] == [(3, "unknown-territory"), (12, "total-row")]


# The columns


@pytest.mark.parametrize(
    ("name", "level"),
    [("code_insee", "COM"), ("Code département", "DEP"), ("REGCODE", "REG"), ("siren EPCI", "EPCI"), ("valeur", "")],
)
def test_the_name_of_a_column_tells_a_level(name: str, level: str) -> None:
    assert level_named(name) == level


@pytest.mark.parametrize(
    ("name", "expected"), [("code_territoire", ["REG-84", "DEP-01"]), ("code_region", ["REG-84", None])]
)
def test_the_level_that_a_column_tells_rules_out_the_others(root: Path, name: str, expected: list[str | None]) -> None:
    rows = "".join(f"{code},couverture-fibre,2022-Q3,72\n" for code in ("84", "01"))
    found = judged(root, "couverture_fibre", f"{name},indicator,time_period,obs_value\n{rows}")
    assert [entry.correction for entry in found if entry.code == "not-a-ref-area"] == expected


def test_of_two_columns_the_one_whose_cells_suit_is_taken(root: Path) -> None:
    text = "ref_area,indicateur,id_indicateur,time_period,obs_value\n"
    text += "DEP-01,Couverture en fibre (%),couverture-fibre,2022-Q3,7\n"
    found = judged(root, "couverture_fibre", text)
    assert [(entry.code, entry.value) for entry in found] == [
        ("renamed-column", "id_indicateur"), ("extra-column", "indicateur"),
    ]  # fmt: skip


def test_a_column_of_that_very_name_is_never_replaced(root: Path) -> None:
    text = (root / FIBRE).read_text(encoding="utf-8").replace("ref_area,", "code_departement,ref_area,", 1)
    text = text.replace("\nDEP", "\n01,DEP").replace("\nREG", "\n84,REG")
    assert [(e.code, e.value) for e in judged(root, "couverture_fibre", text)] == [("extra-column", "code_departement")]


def test_aliases_are_a_list_of_names(root: Path) -> None:
    schema = next(known for known in read_catalogue(root)[0] if known.name == "eligibilite_fixe").schema
    assert "nbr" in headings(table_schema(schema)).words
    schema["fields"][1]["aliases"] = "nbr"
    with pytest.raises(SchemaFault, match="aliases de « locaux » : attendu une liste de noms"):
        check_properties(schema)


def test_a_schema_whose_aliases_are_wrong_is_a_problem(root: Path) -> None:
    edit(root / "schemas/eligibilite_fixe.schema.json", '["nbr", "nb_locaux"]', '"nbr"')
    assert [entry.code for entry in read_catalogue(root)[1]] == ["invalid-schema"]


def test_a_table_without_header_says_only_that_and_is_not_written(root: Path) -> None:
    path = root / "donnees.csv"
    found = judged(root, "eligibilite_fixe", "01004;10197;5091\n01033;6700;0\n68224;1;1\n75056;2\n")
    assert [entry.code for entry in found] == ["wrong-delimiter", "missing-header"]
    dataset = next(known for known in read_catalogue(root)[0] if known.name == "eligibilite_fixe")
    with pytest.raises(Unreadable):
        fix(path, judge(path, dataset, root))


def test_of_a_crossed_table_the_periods_are_said_once(root: Path) -> None:
    text = "ref_area,indicator,2022-Q2,T3 2022,2022\nDEP-01,couverture-fibre,1,2,3\n"
    found = judged(root, "couverture_fibre", text)
    assert [(entry.code, entry.value) for entry in found] == [("crossed-table", "« 2022-Q2 », « T3 2022 », « 2022 »")]
    one = judged(root, "couverture_fibre", text.replace(",T3 2022,2022", "").replace(",2,3", ""))
    assert [entry.code for entry in one] == ["missing-column", "missing-column", "extra-column"]


@pytest.mark.parametrize(("text", "sure"), [("-", True), ("n.d.", True), ("NC", False)])
def test_a_territory_that_is_not_known_may_stay_empty_where_the_column_lets_it(
    root: Path, text: str, sure: bool
) -> None:
    edit(
        root / "schemas/initiatives.schema.json",
        """porte l'initiative.",
      "example": "EPCI-200066009",
      "territory": "ref_area",
      "constraints": {"required": true}""",
        '''porte l'initiative.",
      "example": "EPCI-200066009",
      "territory": "ref_area"''',
    )
    text = (root / "datasets/initiatives.csv").read_text(encoding="utf-8").replace("COM-75056", text)
    found = judged(root, "initiatives", text)
    assert [(entry.code, entry.correction) for entry in found] == [
        ("missing-marker", "") if sure else ("not-a-ref-area", None)
    ]


# Periods and codes


@pytest.mark.parametrize(
    ("day", "grain", "expected"),
    [
        ("2022-06-30", "quarter", ("2022-Q2", True)),
        ("2022-05-31", "quarter", ("2022-Q2", False)),
        ("2022-12-31", "quarter", ("2022-Q4", True)),
        ("2024-02-29", "month", ("2024-02", True)),
        ("2024-02-28", "month", ("2024-02", False)),
        ("2022-12-31", "year", ("2022", True)),
        ("2022-09-30", "year", ("2022", False)),
    ],
)
def test_a_day_is_the_period_that_it_ends(day: str, grain: str, expected: tuple[str, bool]) -> None:
    assert tuple(dates.period_that_ends(day, grain)) == expected


def test_codes_written_as_numbers_are_codes_again(root: Path) -> None:
    text = (
        (root / ELIGIBILITY).read_text(encoding="utf-8").replace("\n01004,", "\n1004.0,").replace("68224,", "68224.0,")
    )
    found = judged(root, "eligibilite_fixe", text.replace("75056,", "99999.0,"))
    assert [(entry.value, entry.code, entry.correction) for entry in found] == [
        ("1004.0", "scientific-notation", "01004"),
        ("68224.0", "scientific-notation", "68224"),
        ("99999.0", "unknown-territory", None),
    ]
