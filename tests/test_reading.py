"""Reading tables: types, quotes, lines, agreement with Frictionless, damaged files."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from frictionless import Dialect, Resource, Schema, formats, system
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import ELIGIBILITY, FIBRE, ROOT, SITE, copy_demonstration, copy_site, edit

from observatory.catalogue import read_catalogue
from observatory.cells import faults
from observatory.csvfiles import read_sheet
from observatory.judges import IndicatorJudge, PeriodJudge
from observatory.places import Gazetteer, TerritoryJudge
from observatory.plain import ADDRESS, plain_reader
from observatory.problems import Problem
from observatory.reading import SchemaFault, read_rows, read_table, table_schema
from observatory.refusals import refused
from observatory.sheets import Dialect as WrittenDialect
from observatory.territories import read_territories
from observatory.validation import validate
from observatory.yamlfiles import read_document


def codes(problems: list[Problem]) -> list[str]:
    return [entry.code for entry in problems]


# Reading


def test_rows_are_typed_as_the_schema_says(root: Path) -> None:
    datasets, problems = read_catalogue(root)
    assert problems == []
    rows = {dataset.name: list(read_rows(dataset)) for dataset in datasets}
    first = rows["eligibilite_fixe"][0]
    assert first == {"code_commune": "01004", "locaux": 10197, "locaux_1_gbits": 5091}
    lab = rows["initiatives"][1]
    assert lab["titre"] == "Le « Lab »\nd'Ajaccio"
    assert (str(lab["debut"]), lab["budget"], lab["agents"], lab["ouverte"]) == ("2022-09-15", None, 2, False)
    assert float(str(rows["couverture_fibre"][1]["obs_value"])) == 61.5


def test_reading_an_invalid_dataset_says_where(root: Path) -> None:
    edit(root / ELIGIBILITY, "6700,0", "6700,beaucoup")
    dataset = next(d for d in read_catalogue(root)[0] if d.name == "eligibilite_fixe")
    with pytest.raises(ValueError, match=r"eligibilite_fixe.csv:3: « beaucoup » n'est pas un nombre entier"):
        list(read_rows(dataset))


def test_a_declared_semicolon_is_read(root: Path) -> None:
    text = (root / FIBRE).read_text(encoding="utf-8").replace(",", ";")
    (root / FIBRE).write_text(text, encoding="utf-8")
    edit(root / "datasets/couverture_fibre.resource.yaml", "form: long", "form: long\ndialect: {delimiter: ;}")
    assert validate(root) == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_do_not_matter(root: Path, ending: str) -> None:
    text = (root / ELIGIBILITY).read_text(encoding="utf-8").replace("6700,0", "6700,-1")
    (root / ELIGIBILITY).write_bytes(text.replace("\n", ending).encode())
    assert [(entry.line, entry.code) for entry in validate(root)] == [(3, "out-of-range")]


def test_a_number_beyond_an_alternative_pattern_is_refused(root: Path) -> None:
    """Frictionless compiles ^a|b$: « 01001ZZZ » would pass [0-9]{5}|2[AB][0-9]{3}."""
    edit(root / "schemas/eligibilite_fixe.schema.json", '"territory": "COM",', "")
    edit(root / ELIGIBILITY, "01004", "01004ZZZ")
    assert codes(validate(root)) == ["pattern-mismatch"]


# What no text may hold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contact@ville.example.fr", "personal-data"),
        ("mailto:jeanne.martin+x@example.org", "personal-data"),
        ("Tél. 03 89 12 34 56", "personal-data"),
        ("0389123456", "personal-data"),
        ("03.89.12.34.56, poste 2", "personal-data"),
        ("01-42-76-40-40", "personal-data"),
        ("Joindre : +33 3 89 12 34 56", "personal-data"),
        ("+33(0)389123456", "formula-cell"),
        ("<script>alert(1)</script>", "html-tag"),
        ("Fin </p>", "html-tag"),
        ("<!-- caché", "html-tag"),
        ("Compte @mairie sur un réseau", None),
        ("moins de 5 < 10 > 3, x<y", None),
        ("SIRET 21680224000013", None),
        ("SIREN 200066009 et 0.123456789", None),
        ("https://example.org/0389123456", None),
        ("2023-02-01 10:20:30", None),
    ],
)
def test_texts_hold_neither_personal_data_nor_html(root: Path, text: str, expected: str | None) -> None:
    path = root / "datasets/initiatives.csv"
    edit(path, '"Jumeau numérique, première étape"', f'"{text}"')
    found = validate(root, [path])
    assert codes(found) == ([expected] if expected else [])
    assert "389" not in " ".join(entry.message for entry in found if entry.code == "personal-data")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"SQLite format 3\0" + bytes(4000), "format-refused"),
        (bytes(range(256)) * 20, "binary-file"),
        (b"\x89PNG\r\n\x1a\n" * 30, "binary-file"),
    ],
)
def test_a_binary_file_gets_one_message(root: Path, data: bytes, code: str) -> None:
    (root / FIBRE).write_bytes(data)
    (found,) = validate(root)
    assert (found.code, found.line) == (code, None)


# Quotes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,b\n1,"x\n2,y\n3,z\n', [(2, "unclosed-quote")]),
        ('a,b\n1,"x\n2,"y"\n3,z\n', [(2, "unclosed-quote")]),
        ('a,b\n1,"x" y\n2,y\n', [(2, "stray-quote")]),
        ('a,b\n1,"x\ny"\n2,z\n', []),
        ('a,b\n1,"x\n2,y"\n3\n', [(4, "missing-cell")]),
        ('a,b\n"1,x\n2,"\n3,z\n', [(2, "unclosed-quote")]),
        ('a,b\n1,say "hi"\n', []),
    ],
)
def test_quotes(tmp_path: Path, text: str, expected: list[tuple[int, str]]) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    sheet = read_sheet(path, "x.csv", WrittenDialect(), ["a", "b"])
    assert [(entry.line, entry.code) for entry in sheet.problems] == expected


def test_rows_after_an_unclosed_quote_are_still_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n1,"x\n2,y\n3,z\n', encoding="utf-8")
    sheet = read_sheet(path, "x.csv", WrittenDialect(), ["a", "b"])
    assert list(zip(sheet.lines, sheet.rows, strict=True)) == [(2, ["1", "x"]), (3, ["2", "y"]), (4, ["3", "z"])]


def test_each_row_with_a_wrong_text_is_told_at_its_own_line(root: Path) -> None:
    edit(root / ELIGIBILITY, "6700,0", "6700,peu")
    edit(root / ELIGIBILITY, "620,12", "620,peu")
    found = validate(root)
    assert [(entry.line, entry.column, entry.code) for entry in found] == [
        (3, "locaux_1_gbits", "not-an-integer"),
        (5, "locaux_1_gbits", "not-an-integer"),
    ]
    assert found[0].message == found[1].message


def test_reading_tells_how_far_it_is(root: Path) -> None:
    dataset = next(d for d in read_catalogue(root)[0] if d.name == "eligibilite_fixe")
    told: list[tuple[str, int, int]] = []
    read_table(dataset, root, tell=lambda part, done, total: told.append((part, done, total)))
    assert told[0] == ("lecture", 1, 4)
    assert sorted(name for name, _, _ in told[1:]) == ["code_commune", "locaux", "locaux_1_gbits"]
    assert [done for _, done, _ in told] == [1, 2, 3, 4]


# Plain cells, which Frictionless need not read


PLAIN = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(
        ["0", "-0", "00", "01", "1.", ".5", "1e3", "1,5", " 1", "1\n", "１", "-", "", "NaN", "0.0", "100", "-1"]
    ),
)


@given(raw=PLAIN, type_=st.sampled_from(["number", "integer"]), low=st.sampled_from([None, 0, -5]))
def test_a_plain_number_is_what_frictionless_reads(raw: str, type_: str, low: int | None) -> None:
    rules = {"required": True, "maximum": 100} | ({} if low is None else {"minimum": low})
    entry = table_schema({"fields": [{"name": "a", "type": type_, "constraints": rules}]}).get_field("a")
    reader = plain_reader(entry)
    assert reader is not None
    if (value := reader(raw)) is not None:
        assert entry.create_cell_reader()(raw) == (value, None) and faults(raw, entry, None) == []


@given(raw=st.from_regex(ADDRESS, fullmatch=True))
def test_a_plain_address_is_what_frictionless_reads(raw: str) -> None:
    entry = table_schema({"fields": [{"name": "a", "type": "string", "format": "uri"}]}).get_field("a")
    assert entry.create_cell_reader()(raw) == (raw, None)
    assert faults(raw, entry, None) == [] and refused(raw, entry) is None


@pytest.mark.parametrize(
    "field",
    [
        {"type": "number", "decimalChar": ","},
        {"type": "number", "floatNumber": True},
        {"type": "integer", "bareNumber": False},
        {"type": "integer", "constraints": {"enum": ["1", "2"]}},
        {"type": "number", "missingValues": ["0"]},
        {"type": "string", "format": "uri", "constraints": {"pattern": "https://a.fr/.*"}},
        {"type": "string"},
        {"type": "date"},
    ],
)
def test_a_field_that_asks_for_more_is_left_to_frictionless(field: dict[str, Any]) -> None:
    assert plain_reader(Schema.from_descriptor({"fields": [{"name": "a", **field}]}).get_field("a")) is None


# Agreement with Frictionless


def frictionless_says(path: Path, root: Path) -> list[str]:
    resource_descriptor = read_document(path.with_suffix(".resource.yaml"), root).value
    descriptor = json.loads((path.parent / resource_descriptor["schema"]).read_bytes())
    dialect = Dialect(controls=[formats.CsvControl(delimiter=",")])
    with system.use_context(trusted=True):
        resource = Resource(
            path=str(path), schema=Schema.from_descriptor(descriptor), dialect=dialect, encoding="utf-8"
        )
        report = resource.validate(limit_errors=100_000)
    return [error.type for task in report.tasks for error in task.errors]


TOUCHED = sorted((ROOT / "tests" / "fixtures" / "problems").glob("*/datasets/*.csv"))


@pytest.mark.parametrize("path", TOUCHED, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_whatever_frictionless_refuses_is_refused(path: Path, tmp_path: Path) -> None:
    """Frictionless has the last word: no fixture that it calls invalid may pass."""
    spec = yaml.safe_load((path.parents[1] / "expected.yaml").read_text(encoding="utf-8"))
    root = (copy_demonstration if spec.get("site") else copy_site)(tmp_path / "site")
    shutil.copytree(path.parents[1], root, dirs_exist_ok=True)
    target = root / "datasets" / path.name
    invalid = frictionless_says(target, root)
    ours = [entry for entry in validate(root) if entry.severity == "error"]
    if invalid and path.parts[-3] != "byte-order-mark":
        assert ours, invalid


CELLS = st.sampled_from(
    [*"01x=@-é", "-1", "0.5", "1,5", "1e3", "1_000", "１２", "NaN", "sNaN", "inf", "01004", "2A004", "1004", "75"]
    + ["=1", "DEP-01", "2022-Q3", "", " ", " 1", "1\n", '"', "a,b", "\u00a0", "\t"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=4))
def test_random_cells_agree_with_frictionless(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    root = shared_root(tmp_path_factory)
    text = "code_commune,locaux,locaux_1_gbits\n" + "".join(",".join(row) + "\n" for row in rows)
    (root / ELIGIBILITY).write_bytes(text.encode())
    ours = [entry for entry in validate(root, [root / ELIGIBILITY]) if entry.file == ELIGIBILITY]
    if not any(entry.severity == "error" for entry in ours) and "sNaN" not in text:
        assert frictionless_says(root / ELIGIBILITY, root) == []


SHARED: list[Path] = []


def shared_root(factory: pytest.TempPathFactory) -> Path:
    if not SHARED:
        SHARED.append(copy_site(factory.mktemp("shared") / "site"))
    return SHARED[0]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_never_crash(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = shared_root(tmp_path_factory)
    name = data.draw(st.sampled_from(["couverture_fibre.csv", "initiatives.csv", "initiatives.resource.yaml"]))
    whole = (SITE / "datasets" / name).read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    damaged = whole[:start] + data.draw(st.binary(max_size=12)) + whole[end:]
    (root / "datasets" / name).write_bytes(damaged)
    try:
        for entry in validate(root, [root / "datasets" / name]):
            assert entry.sentence.isprintable() or "\u00a0" in entry.sentence or "\u202f" in entry.sentence
    finally:
        (root / "datasets" / name).write_bytes(whole)


@pytest.mark.parametrize("pattern", ["(a+)+", "(?:[a-z]*)*", "x(.+){2,}", r"(\d+)*"])
def test_patterns_that_may_never_end_are_refused(pattern: str) -> None:
    fields = [{"name": "a", "type": "string", "constraints": {"pattern": pattern}}]
    with pytest.raises(SchemaFault, match="répète une répétition"):
        table_schema({"fields": fields})


def test_a_repeated_group_with_a_separator_is_fine() -> None:
    fields = [{"name": "a", "type": "string", "constraints": {"pattern": "[a-z]+(-[a-z]+)*"}}]
    assert table_schema({"fields": fields}).field_names == ["a"]


def test_foreign_keys_that_nobody_would_judge_are_refused() -> None:
    schema = {"fields": [{"name": "a", "type": "string"}], "foreignKeys": []}
    with pytest.raises(SchemaFault, match="foreignKeys"):
        table_schema(schema)


# Floods


@pytest.mark.parametrize(
    ("column", "cell", "right"),
    [
        ("ref_area", "X{}Y", "DEP-68"),
        ("indicator", "couverture-fibr-{}", "couverture-fibre"),
        ("time_period", "2022-Z{}", "2022-Q3"),
        ("obs_value", "n{}", "81.5"),
        ("obs_value", "\u0663{}", "81.5"),
    ],
)
def test_past_so_many_wrong_texts_the_others_are_counted_exactly(
    root: Path, monkeypatch: pytest.MonkeyPatch, column: str, cell: str, right: str
) -> None:
    monkeypatch.setattr("observatory.sheets.FLOOD", 10)
    names = ["ref_area", "indicator", "time_period", "obs_value"]
    cells = ["DEP-68", "couverture-fibre", "2022-Q3", "81.5"]
    place = names.index(column)
    texts = [cell.format(n) for n in range(35)] + [cell.format(3), cell.format(30), right, cell.format(31)]
    rows = [",".join([*cells[:place], text, *cells[place + 1 :]]) for text in texts]
    (root / FIBRE).write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")
    found = [entry for entry in validate(root, [root / FIBRE]) if entry.column == column]
    told = [entry for entry in found if entry.code != "many-more"]
    others = [entry for entry in found if entry.code == "many-more"]
    assert 10 <= len(told) <= 20 and 40 not in {entry.line for entry in told}
    counted = sum(int(str(entry.value)) for entry in others)
    assert len(told) + counted == len(texts) - 1
    assert any("« Cellule fausse »" in entry.message and "la ligne 40" in entry.message for entry in others)


def test_a_judge_says_as_quickly_that_a_cell_is_right_as_it_says_why_it_is_not(root: Path) -> None:
    places = TerritoryJudge(Gazetteer(read_territories(root), root / "codelists/territory_aliases.csv"), "ref_area", "")
    periods = PeriodJudge({"start": "2020-01-01", "end": "2022-12-31"})
    indicators = IndicatorJudge({"fibre": "a.md", "prevu": "b.md"}, {"prevu"})
    texts = ["DEP-68", "dep-68", " DEP-68", " ", "-", "68", "COM-1004.0", "FRA", "fibre", "Fibre", "prevu", "fibre "]
    texts += ["2022", "2022-Q3", "2022-13", "2023-Q1", " 2022", "2019", "REG-84", "COM-01004", "x", "\u200b"]
    for judge in (places, periods, indicators):
        assert [judge.holds(text) for text in texts] == [judge(text) is None for text in texts]


# Giant cells


def read_text(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_sheet(path, "x.csv", WrittenDialect(), ["code", "titre"])


@pytest.mark.parametrize(
    "inside", ["a\n", 'a""', '""', "x", "é,\n"], ids=["lines", "pairs", "quotes", "one", "accents"]
)
def test_a_giant_quoted_cell_is_refused_before_it_is_read(tmp_path: Path, inside: str) -> None:
    giant = inside * (1_200_000 // len(inside))
    sheet = read_text(tmp_path, f'code,titre\n1,un\n2,"{giant}"\n3,trois\n')
    (found,) = sheet.problems
    assert (found.code, found.line) == ("cell-too-long", 3) and not sheet.rows
    assert "la cellule compte 1\u202f200\u202f002 caractères" in found.message


def test_a_quote_never_closed_over_very_many_lines_is_told_at_once(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, 'code,titre\n1,"un\n' + "2,deux\n" * 300_000)
    (found,) = sheet.problems
    assert (found.code, found.line) == ("unclosed-quote", 2) and "300001 lignes" in found.message


def test_much_text_without_a_giant_cell_is_read(tmp_path: Path) -> None:
    rows = [f'{n},"a ""b"" c"' if n % 2 else f"{n},texte" for n in range(120_000)]
    sheet = read_text(tmp_path, "code,titre\n" + "\n".join(rows) + "\n")
    assert not sheet.problems and len(sheet.rows) == len(rows)


def test_a_quote_astray_before_much_text_is_still_told_as_such(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "code,titre\n" + '1,"un" bis\n' + "2,deux\n" * 200_000)
    assert [(entry.code, entry.line) for entry in sheet.problems] == [("stray-quote", 2)]
    assert len(sheet.rows) == 200_001
