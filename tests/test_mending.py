"""Mending: what is certain is written, all of it and nothing else; the original stays as it was."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import ELIGIBILITY, FIBRE, copy_site, edit

from observatory.catalogue import read_catalogue
from observatory.checks import Judged
from observatory.fixing import NotMended, Unreadable, fix
from observatory.mending import REWRITTEN, Mended, mend, write_csv
from observatory.model import Dataset
from observatory.validation import judge

INITIATIVES = "datasets/initiatives.csv"


def dataset(root: Path, name: str) -> Dataset:
    return next(known for known in read_catalogue(root)[0] if known.name == name)


def judged(path: Path, root: Path, name: str) -> Judged:
    return judge(path, dataset(root, name), root)


def mended(path: Path, root: Path, name: str) -> Mended:
    found = judged(path, root, name)
    return mend(found.table, found.problems)


def changes(found: Mended) -> list[tuple[int | None, str, str, str]]:
    return [(change.line, change.column, change.before, change.after) for change in found.changes]


# What is changed


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("ref_area", "Mulhouse", "COM-68224"),
        ("ref_area", "D01", "DEP-01"),
        ("ref_area", "R84", "REG-84"),
        ("ref_area", "FRANCE", "FRA"),
        ("ref_area", "68224", "COM-68224"),
        ("ref_area", "200066009", "EPCI-200066009"),
        ("ref_area", "216802249", "COM-68224"),
        ("ref_area", "com_68224", "COM-68224"),
        ("ref_area", "COM-1004", "COM-01004"),
        ("ref_area", "\u200bCOM-68224 ", "COM-68224"),
        ("ref_area", "CC de la Plaine de l'Ain", "EPCI-240100883"),
        ("ref_area", "Communauté de communes de la plaine de l’Ain", "EPCI-240100883"),
        ("ref_area", "6.8224E+04", "COM-68224"),
        ("debut", "31/12/2022", "2022-12-31"),
        ("debut", "2022-12-31 00:00:00", "2022-12-31"),
        ("debut", "2022/12/31", "2022-12-31"),
        ("debut", "1er janvier 2022", "2022-01-01"),
        ("debut", "05/05/2022", "2022-05-05"),
        ("debut", "12/31/2022", "2022-12-31"),
        ("debut", "n.d.", ""),
        ("budget", "0,93", "0.93"),
        ("budget", "-0,5", "-0.5"),
        ("budget", "1\u202f234,50", "1234.50"),
        ("budget", "1.234,56", "1234.56"),
        ("budget", "1,234.56", "1234.56"),
        ("budget", "1'234'567", "1234567"),
        ("budget", "120 000 €", "120000"),
        ("budget", "−12", "-12"),
        ("agents", "4 agents", "4"),
        ("agents", "12,0", "12"),
        ("agents", "99%", "99"),
        ("agents", " 4", "4"),
        ("agents", "NC", ""),
        ("ouverte", "VRAI", "oui"),
        ("ouverte", "Non", "non"),
        ("ouverte", "X", "oui"),
        ("etat", "En cours", "en-cours"),
        ("etat", "-", ""),
        ("titre", "Jumeau\u200b numé\u00adrique bis", "Jumeau numérique bis"),
        ("titre", "\u2066Jumeau\u2069 numérique", "Jumeau numérique"),
    ],
)
def test_what_is_certain_is_written(root: Path, column: str, before: str, after: str) -> None:
    write_cell(root / INITIATIVES, column, before)
    found = mended(root / INITIATIVES, root, "initiatives")
    assert changes(found) == [(2, column, before, after)]
    assert found.left == [] and found.rows[0][found.header.index(column)] == after


@pytest.mark.parametrize(
    ("column", "before"),
    [
        ("ref_area", "Mulhousse"),
        ("ref_area", "COM-68225"),
        ("ref_area", "Bellegarde"),
        ("ref_area", "2.0E+08"),
        ("debut", "05/04/2022"),
        ("debut", "31/02/2022"),
        ("debut", "01/02/22"),
        ("debut", "2022-12-31 10:30:00"),
        ("debut", "septembre 2022"),
        ("budget", "1,234"),
        ("budget", "3 M€"),
        ("budget", "12 km"),
        ("budget", "5‰"),
        ("budget", "#DIV/0!"),
        ("agents", "1,000"),
        ("agents", "12,5"),
        ("agents", "-4 agents"),
        ("agents", "2 000 agents"),
        ("ouverte", "peut-être"),
        ("ouverte", "?"),
        ("etat", "encours"),
        ("titre", "Lab"),
        ("titre", "=1+1"),
        ("titre", "Jumeau \u202eeuqirémun"),  # which way was it read?
        ("titre", "Jumeau\u2028numérique"),  # two words
        ("titre", "L\x92initiative"),  # a quote, of another encoding
        ("titre", "L\u200bab"),  # too short without it
        ("titre", "contact@\u200bexample.org"),  # an address, without it
    ],
)
def test_what_is_not_certain_is_left(root: Path, column: str, before: str) -> None:
    write_cell(root / INITIATIVES, column, before)
    found = mended(root / INITIATIVES, root, "initiatives")
    assert changes(found) == []
    assert [entry.column for entry in found.left] == [column]
    assert found.rows[0][found.header.index(column)] == before


def write_cell(path: Path, column: str, text: str, row: int = 0) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    rows[row + 1][rows[0].index(column)] = text
    write_rows(path, rows)


def write_rows(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["05/04/2022", "31/12/2022", "2022-01-01"], ["2022-04-05", "2022-12-31", "2022-01-01"]),
        (["05/04/2022", "12/31/2022", ""], ["2022-05-04", "2022-12-31", ""]),
        (["05/04/2022", "12/31/2022", "31/12/2022"], ["05/04/2022", "2022-12-31", "2022-12-31"]),
        (["05/04/2022", "06/07/2022", "2022-01-01"], ["05/04/2022", "06/07/2022", "2022-01-01"]),
    ],
)
def test_the_column_proves_the_order_of_its_dates(root: Path, dates: list[str], expected: list[str]) -> None:
    for row, text in enumerate(dates):
        write_cell(root / INITIATIVES, "debut", text, row)
    found = judged(root / INITIATIVES, root, "initiatives")
    assert [row[3] for row in mend(found.table, found.problems).rows] == expected
    if expected[0] == "2022-05-04":
        assert "dans cette colonne, le mois précède le jour (comme dans 12/31/2022)" in found.problems[0].mending


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["1,234", "0,5", ""], ["1.234", "0.5", ""]),
        (["1,234", "1,234,567", ""], ["1234", "1234567", ""]),
        (["1,234", "0,5", "1,234,567"], ["1,234", "0.5", "1234567"]),
        (["99%", "0.5", "1"], ["99%", "0.5", "1"]),
        (["99%", "0,5", "1"], ["99%", "0.5", "1"]),
        (["99%", "50", "1"], ["99", "50", "1"]),
    ],
)
def test_the_column_tells_decimals_from_thousands(root: Path, numbers: list[str], expected: list[str]) -> None:
    for row, text in enumerate(numbers):
        write_cell(root / INITIATIVES, "budget", text, row)
    assert [row[4] for row in mended(root / INITIATIVES, root, "initiatives").rows] == expected


def test_two_rows_are_never_given_one_key(root: Path) -> None:
    """Which of two figures is the commune's? Neither is written over the other."""
    (root / ELIGIBILITY).write_text(
        "code_commune,locaux,locaux_1_gbits\n01033,6700,0\n1033,1770,0\n1004,10197,5091\n", encoding="utf-8"
    )
    found = judged(root / ELIGIBILITY, root, "eligibilite_fixe")
    lost = [entry for entry in found.problems if entry.code == "lost-zero"]
    assert [(entry.line, entry.correction) for entry in lost] == [(3, None), (4, "01004")]
    assert lost[0].mending.endswith("Mais la ligne 2 aurait alors la même clé : vérifiez les deux.")
    assert changes(mend(found.table, found.problems)) == [(4, "code_commune", "1004", "01004")]


def test_figures_of_a_part_are_never_given_to_the_whole(root: Path) -> None:
    """01091 became a part of 01033: written for it, its figures would be taken for those of all."""
    edit(root / "datasets/eligibilite_fixe.resource.yaml", 'cog: "2018"', 'cog: "2024"')
    (root / ELIGIBILITY).write_text("code_commune,locaux,locaux_1_gbits\n01091,1770,0\n", encoding="utf-8")
    found = mended(root / ELIGIBILITY, root, "eligibilite_fixe")
    assert changes(found) == [] and found.rows == [["01091", "1770", "0"]]
    assert "dont il n'est qu'une partie : additionnez les communes réunies" in found.left[0].mending


def test_what_stands_in_a_vanished_territory_stands_in_its_heir(root: Path) -> None:
    write_cell(root / INITIATIVES, "ref_area", "COM-01091")
    assert changes(mended(root / INITIATIVES, root, "initiatives")) == [(2, "ref_area", "COM-01091", "COM-01033")]


def test_a_row_given_twice_is_kept_once(root: Path) -> None:
    text = (root / ELIGIBILITY).read_text(encoding="utf-8")
    (root / ELIGIBILITY).write_text(text + '1004,"10 197",5091\n01033,6700,1\n', encoding="utf-8")
    found = mended(root / ELIGIBILITY, root, "eligibilite_fixe")
    assert [change.reason for change in found.changes] == ["ligne identique à la ligne 2"]
    assert [(entry.code, entry.line) for entry in found.left] == [("duplicate-key", 12)]
    assert len(found.rows) == 10


def test_form_is_mended(root: Path) -> None:
    table = [
        ["Éligibilité", "", "", "", ""],
        ["locaux_1_gbits", "Code de la commune", "", "lосаux", "note"],
        ["5091", "01004", "", "10197", "lu"],
        ["", "", "", "", ""],
        ["locaux_1_gbits", "Code de la commune", "", "lосаux", "note"],
        ["0", "01033", "", "6 700", "lu"],
    ]
    edit(root / "schemas/eligibilite_fixe.schema.json", '"name": "code_commune",', '"name": "code_commune",')
    path = root / "Nombres.csv"
    path.write_bytes("\r\n".join(";".join(row) for row in table).encode("utf-8-sig"))
    found = judged(path, root, "eligibilite_fixe")
    result = mend(found.table, found.problems)
    assert result.header == ["code_commune", "locaux", "locaux_1_gbits", "note"]
    assert result.rows == [["01004", "10197", "5091", "lu"], ["01033", "6700", "0", "lu"]]
    assert [entry.code for entry in result.left] == ["extra-column"]
    homoglyph = next(entry for entry in found.problems if entry.correction == "locaux")
    assert "elle contient un caractère qui n'est pas latin (« о », U+043E)" in homoglyph.message


# What is never done


def test_rows_that_cannot_be_read_are_not_lost(root: Path) -> None:
    edit(root / ELIGIBILITY, "01033,6700,0", "01033,6700,0,5")
    edit(root / ELIGIBILITY, "01004,", "1004,")
    with pytest.raises(Unreadable, match="la ligne 3 ne peut pas être lue : corrigez d'abord cela à la main"):
        fix(root / ELIGIBILITY, judged(root / ELIGIBILITY, root, "eligibilite_fixe"))
    assert sorted(path.name for path in root.rglob("*.corri*")) == []


def test_the_original_and_what_is_there_stay(root: Path) -> None:
    edit(root / FIBRE, ",97\n", ',"0,93"\n')
    before = (root / FIBRE).read_bytes()
    fixed = fix(root / FIBRE, judged(root / FIBRE, root, "couverture_fibre"))
    assert fixed.path == root / "datasets/couverture_fibre.corrige.csv"
    assert (root / FIBRE).read_bytes() == before
    assert fixed.path.read_bytes() == before.replace(b'"0,93"', b"0.93")
    with pytest.raises(NotMended, match=r"couverture_fibre.corrige.csv » existe déjà"):
        fix(root / FIBRE, judged(root / FIBRE, root, "couverture_fibre"))
    fixed.path.unlink()
    with pytest.raises(NotMended, match=r"couverture_fibre.corrections.csv » existe déjà"):
        fix(root / FIBRE, judged(root / FIBRE, root, "couverture_fibre"))
    assert not fixed.path.exists()


def test_the_list_of_changes_runs_nothing(root: Path) -> None:
    write_cell(root / INITIATIVES, "etat", "-")
    write_cell(root / INITIATIVES, "ref_area", "Mulhouse")
    fixed = fix(root / INITIATIVES, judged(root / INITIATIVES, root, "initiatives"))
    assert fixed.changes is not None
    rows = list(csv.DictReader(io.StringIO(fixed.changes.read_text(encoding="utf-8"))))
    assert [(row["ligne"], row["colonne"], row["avant"], row["apres"]) for row in rows] == [
        ("2", "etat", "-", ""),
        ("2", "ref_area", "Mulhouse", "COM-68224"),
    ]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_more_faults_than_are_told_one_by_one_are_all_mended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.sheets.FLOOD", 3)
    text = "".join(f'DEP-{n:02},couverture-fibre,{2000 + n}-Q3,"{n % 4},5"\n' for n in range(1, 40))
    (root / FIBRE).write_text("ref_area,indicator,time_period,obs_value\n" + text, encoding="utf-8")
    found = mended(root / FIBRE, root, "couverture_fibre")
    values = [row[3] for row in found.rows]
    assert values[:3] == ["1.5", "2.5", "3.5"] and values.count("1.5") == 10


# For any file

DAMAGES = {
    "ref_area": ["Mulhouse", "com-68224", "68224", " COM-2A004", "D01", "Ailleurs", "COM-99999", "1004"],
    "titre": ["Autre « titre »", "Un titre, long", "=1+1", "Lab"],
    "debut": ["31/12/2022", "05/04/2022", "12/31/2022", "n.d.", "hier", "2022-1-5", "2022-12-31 00:00:00"],
    "budget": ["0,93", "1 234", "1,234", "3 M€", "120 €", "NA", "beaucoup", "1,234,567", "12"],
    "agents": ["4.0", "12 agents", "99%", "-", "2000", "trois", " 4 "],
    "ouverte": ["VRAI", "non ", "X", "?", "oui"],
    "etat": ["En cours", "terminée", "archivé", "-"],
}
cell = st.sampled_from(sorted(DAMAGES)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(DAMAGES[name]), st.integers(0, 2))
)
form = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t"),
        "codec": st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
        "blank": st.booleans(),
        "again": st.booleans(),
        "twice": st.booleans(),
        "title": st.booleans(),
        "order": st.permutations(range(9)),
    }
)


@pytest.fixture(scope="module", name="site")
def copy_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_site(tmp_path_factory.mktemp("mending") / "site")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(cell, max_size=6), shape=form)
def test_a_mended_file_has_nothing_certain_left(
    site: Path, cells: list[tuple[str, str, int]], shape: dict[str, object], tmp_path: Path
) -> None:
    path, corrected = tmp_path / "donnees.csv", tmp_path / "donnees.corrige.csv"
    corrected.unlink(missing_ok=True)
    original = damaged(site, path, cells, shape)
    first = judged(path, site, "initiatives")
    result = mend(first.table, first.problems)
    write_csv(result, corrected)
    again = judged(corrected, site, "initiatives")
    certain = [p for p in again.problems if p.correction is not None or p.code in REWRITTEN]
    assert certain == []
    second = mend(again.table, again.problems)
    assert (second.changes, second.header, second.rows) == ([], result.header, result.rows)
    faulty = {(entry.line, entry.column) for entry in first.problems}
    dropped = {change.line for change in result.changes if change.reason.startswith("ligne identique")}
    lines = [line for line in first.table.sheet.lines if line not in dropped]
    untouched = dict(zip(first.table.sheet.lines, original, strict=True))
    for line, row in zip(lines, result.rows, strict=True):
        for name, text in zip(result.header, row, strict=True):
            if (line, name) not in faulty:
                assert text == untouched[line][name]


def damaged(
    site: Path, path: Path, cells: list[tuple[str, str, int]], shape: dict[str, object]
) -> list[dict[str, str]]:
    """Write a damaged copy of the initiatives; gives its rows as they are written."""
    rows = list(csv.DictReader(io.StringIO((site / INITIATIVES).read_text(encoding="utf-8"))))
    for name, text, row in cells:
        rows[row][name] = text
    if shape["twice"]:
        rows.append(dict(rows[0]))
    names = list(rows[0])
    header = [names[place] for place in shape["order"]]  # type: ignore[attr-defined]
    lines = [[row[name] for name in header] for row in rows]
    if shape["blank"]:
        lines.insert(1, [""] * 9)
    if shape["again"]:
        lines.insert(2, header)
    top = [["Initiatives", *[""] * 8]] if shape["title"] else []
    text = io.StringIO()
    csv.writer(text, delimiter=str(shape["delimiter"]), lineterminator="\n").writerows([*top, header, *lines])
    path.write_bytes(text.getvalue().encode(str(shape["codec"])))
    return rows


@pytest.mark.parametrize("name", ["couverture_fibre", "eligibilite_fixe", "france_services", "initiatives"])
def test_a_valid_file_mends_to_itself(site: Path, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    shutil.copy(site / "datasets" / f"{name}.csv", path)
    result = mended(path, site, name)
    assert (result.changes, result.left) == ([], [])
    write_csv(result, tmp_path / "result.csv")
    assert (tmp_path / "result.csv").read_bytes() == path.read_bytes()
    assert fix(path, judged(path, site, name)).path is None
