"""Workbooks are read as people see them, whoever wrote them, and a hostile one is refused before it costs anything."""

import datetime as dt
import io
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import odfdo
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spreadsheets import TABLE_TYPE, grid, ods, ods_cell, ods_number, ods_row, row, write, xlsx, zipped

from observatory import workbooks
from observatory.csvfiles import read_sheet
from observatory.numberformats import number_text, read_format, shown_number
from observatory.sheets import Dialect, Sheet

NAMES = ["code", "valeur", "date"]
HEADER = ["code", "valeur", "date"]


def read(tmp_path: Path, data: bytes, wanted: str = "", name: str = "x.xlsx") -> Sheet:
    return read_sheet(write(tmp_path / name, data), name, Dialect(sheet=wanted), NAMES)


def column(sheet: Sheet, name: str) -> list[str]:
    place = sheet.header.index(name)
    return [cells[place] for cells in sheet.rows]


def codes(sheet: Sheet) -> list[str]:
    return [entry.code for entry in sheet.problems if entry.code != "spreadsheet-read"]


def saved(*rows: list[Any], formats: dict[int, str] | None = None) -> bytes:
    """An XLSX that openpyxl writes: these rows under the header, with formats by column."""
    book = openpyxl.Workbook()
    for cells in (HEADER, *rows):
        book.active.append(cells)
    for number, form in (formats or {}).items():
        for cells in book.active.iter_rows(min_row=2, min_col=number, max_col=number):
            cells[0].number_format = form
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("General", 3.0, "3"),
        ("General", 0.1 + 0.2, "0.3"),
        ("General", 1e-7, "0.0000001"),
        ("General", 21310555500016.0, "21310555500016"),
        ("# ##0.00", 1234.5678, "1234.5678"),
        ("00000", 1001.0, "01001"),
        ("00", 1.0, "01"),
        ("0", 12.7, "12.7"),
        ('"DEP-"00', 1.0, "DEP-01"),
        (r"000\ 000\ 000", 200066009.0, "200066009"),
        ("[$-40C]00000", 1001.0, "01001"),
        ("00000", -1.0, "-1"),
        ("0%", 0.35, "35"),
        ("0.0 %", 0.356, "35.6"),
        ('0"%"', 35.0, "35"),
        ("dd/mm/yyyy", 44958.0, "2023-02-01"),
        ("d mmmm yyyy;@", 44958.75, "2023-02-01"),
        ("[$-40C]mmm\\ yyyy", 44958.0, "2023-02"),
        ("yyyy", 44958.0, "2023"),
        ("d-mmm", 44958.0, "2023-02-01"),
        ("dd/mm/yyyy hh:mm", 44958.5, "2023-02-01T12:00:00"),
        ("h:mm", 0.75, "18:00:00"),
        ("[h]:mm", 1.5, "36:00:00"),
        ("dd/mm/yyyy", -5.0, "-5"),
        ("dd/mm/yyyy", 59.0, "1900-02-28"),
        ("dd/mm/yyyy", 61.0, "1900-03-01"),
        ('0.00 "habitants"', 3.5, "3.5"),
        ("Standard", 5.0, "5"),
        ("@", 1001.0, "1001"),
    ],
)
def test_numbers_read_as_people_see_them(form: str, value: float, text: str) -> None:
    assert shown_number(value, read_format(form)) == text


def test_dates_of_old_macs_count_from_1904(tmp_path: Path) -> None:
    rows = row(*HEADER) + row("01001", "1", '<c s="1"><v>43496</v></c>')
    data = xlsx({"a": rows}, styles="yyyy-mm-dd", book='<workbookPr date1904="1"/>')
    assert column(read(tmp_path, data), "date") == ["2023-02-01"]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e15 + 1, 123456789.123456, 5e-324, 1.7e307, -2.5])
def test_fifteen_digits_are_kept(value: float) -> None:
    assert float(number_text(value)) == pytest.approx(value, rel=1e-14)
    assert "e" not in number_text(value)


def test_a_file_of_openpyxl(tmp_path: Path) -> None:
    data = saved([1001, 0.1 + 0.2, dt.date(2023, 2, 1)], [27229, 3.0, dt.date(2024, 12, 31)], formats={1: "00000"})
    sheet = read(tmp_path, data)
    assert list(sheet.rows) == [["01001", "0.3", "2023-02-01"], ["27229", "3", "2024-12-31"]]
    assert list(sheet.lines) == [2, 3]
    assert sheet.address(3, "date") == "C3"


def test_midnight_is_left_out_of_a_column_of_days_only(tmp_path: Path) -> None:
    days = [["a", 1, dt.datetime(2023, 2, 1)], ["b", 2, dt.datetime(2023, 2, 2)]]
    form = {3: "yyyy-mm-dd hh:mm:ss"}
    assert column(read(tmp_path, saved(*days, formats=form)), "date") == ["2023-02-01", "2023-02-02"]
    hours = [*days, ["c", 3, dt.datetime(2023, 2, 3, 8, 30)]]
    assert column(read(tmp_path, saved(*hours, formats=form)), "date")[0] == "2023-02-01T00:00:00"


def test_texts_that_look_like_numbers_stay_as_typed(tmp_path: Path) -> None:
    strings = (
        "<si><t>01001</t></si><si><r><t>12</t></r><rPh><t>x</t></rPh><r><t>,5</t></r></si><si><t>a_x000D_\nb</t></si>"
    )
    rows = row(*HEADER) + "".join(row(f'<c t="s"><v>{n}</v></c>', "", "") for n in range(3))
    sheet = read(tmp_path, xlsx({"a": rows}, strings=strings))
    assert column(sheet, "code") == ["01001", "12,5", "a\nb"]


def test_booleans_results_and_errors(tmp_path: Path) -> None:
    cells = ['<c t="b"><v>1</v></c>', '<c t="str"><f>A1</f><v>lu</v></c>', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>']
    sheet = read(tmp_path, xlsx({"a": row(*HEADER) + row(*cells) + row("x", "<c><f>NOW()</f></c>", "")}))
    assert list(sheet.rows) == [["true", "lu", ""], ["x", "", ""]]
    assert codes(sheet) == ["formula-error", "formula-without-value", "formula-read"]
    assert [entry.cell for entry in sheet.problems[:2]] == ["C2", "B3"]
    assert [entry.column for entry in sheet.problems[:2]] == ["date", "valeur"]


def test_dates_that_are_written_as_such(tmp_path: Path) -> None:
    written = ["2023-02-01", "2023-02-01T00:00:00Z", "2023-02-01T00:00:00", "2023-02-01T08:30:00Z"]
    rows = "".join(row("a", "1", f'<c t="d"><v>{text}</v></c>') for text in written)
    sheet = read(tmp_path, xlsx({"a": row(*HEADER) + rows}))
    assert column(sheet, "date") == ["2023-02-01"] * 3 + ["2023-02-01T08:30:00"]


def test_a_formula_that_gives_an_empty_text_has_its_value(tmp_path: Path) -> None:
    cells = ("x", '<c t="str"><f>IF(1,"","a")</f><v></v></c>', '<c t="n"><f>A1</f><v></v></c>')
    sheet = read(tmp_path, xlsx({"a": row(*HEADER) + row(*cells)}))
    assert [(entry.code, entry.cell) for entry in sheet.problems if entry.cell] == [("formula-without-value", "C2")]
    assert list(sheet.rows) == [["x", "", ""]]


def test_a_sheet_declared_elsewhere_is_not_one(tmp_path: Path) -> None:
    """The first one is said to stand outside, by a path that the archive happens to hold."""
    relation = '<Relationship Id="{0}" Type="x/worksheet" Target="worksheets/sheet{0}.xml"{1}/>'
    sheets = "".join(f'<sheet name="{name}" r:id="{n}"/>' for n, name in ((1, "dehors"), (2, "dedans")))
    relations = relation.format(1, ' TargetMode="External"') + relation.format(2, "")
    parts = {f"xl/worksheets/sheet{n}.xml": f"<x>{row(*HEADER)}{row(f'0100{n}', '1', '2023')}</x>" for n in (1, 2)}
    book = f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>'
    data = zipped({"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": f"<r>{relations}</r>", **parts})
    assert column(read(tmp_path, data), "code") == ["01002"]
    assert "sheet-missing" not in codes(read(tmp_path, data, "dedans"))


def test_a_table_that_begins_elsewhere_keeps_its_addresses(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="B1" t="inlineStr"><is><t>Titre</t></is></c></row>'
    for line, cells in ((4, HEADER), (5, ["01001", "1", "2023"]), (9, ["01002", "2", "2023"])):
        inside = "".join(
            f'<c r="{letter}{line}" t="inlineStr"><is><t>{text}</t></is></c>'
            for letter, text in zip("CDE", cells, strict=True)
        )
        rows += f'<row r="{line}">{inside}</row>'
    sheet = read(tmp_path, xlsx({"a": rows}))
    assert sheet.header_line == 4 and list(sheet.lines) == [5, 9]
    assert sheet.address(9, "valeur") == "D9"
    assert codes(sheet) == ["preamble", "blank-row"]


def test_hidden_rows_columns_and_merges_are_told(tmp_path: Path) -> None:
    rows = grid([HEADER, ["a", "1", "x"], ["", "2", "x"], ["c", "3", "x"]]).replace("<row>", '<row hidden="1">', 4)
    rows = rows.replace('<row hidden="1">', "<row>", 2)
    whole = (
        f'<cols><col min="3" max="3" hidden="1"/></cols><sheetData>{rows}</sheetData>'
        '<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="G1:H1"/></mergeCells>'
    )
    sheet = read(tmp_path, xlsx({"a": whole}))
    assert codes(sheet) == ["merged-cells", "hidden-cells"]
    assert "les lignes 3 à 4 et la colonne C" in sheet.problems[1].message
    assert "A2:A3" in sheet.problems[0].message and sheet.problems[0].cell == "A2"


def test_percentages_are_read_as_shown_and_told(tmp_path: Path) -> None:
    sheet = read(tmp_path, xlsx({"a": row(*HEADER) + row("a", '<c s="1"><v>0.35</v></c>', "")}, styles="0 %"))
    assert column(sheet, "valeur") == ["35"]
    assert codes(sheet) == ["percent-format"] and sheet.problems[0].cell == "B2"


@pytest.mark.parametrize(
    ("sheets", "wanted", "expected"),
    [
        ({"Lisez-moi": [["bonjour"]], "Données": [HEADER, ["a", "1", ""]]}, "", "Données"),
        ({"~Cachée": [HEADER, ["b", "1", ""]], "Données": [["titre"], HEADER, ["a", "1", ""]]}, "", "Données"),
        ({"2021": [HEADER, ["a", "1", ""]], "2022": [HEADER, ["b", "1", ""]]}, " 2022", "2022"),
        ({"Vide": [], "Autre": [["x", "y"], ["1", "2"]]}, "", "Autre"),
        ({"2021": [HEADER], "2022": [HEADER]}, "", "sheet-to-choose"),
        ({"2021": [["x"]], "2022": [["y"]]}, "", "sheet-to-choose"),
        ({"2021": [HEADER]}, "2023", "sheet-to-choose"),
    ],
)
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_the_sheet_meant(
    tmp_path: Path, form: str, sheets: dict[str, list[list[str]]], wanted: str, expected: str
) -> None:
    tables = {name: "".join(ods_row(*cells) for cells in rows) for name, rows in sheets.items()}
    data = ods(tables) if form == "ods" else xlsx({name: grid(rows) for name, rows in sheets.items()})
    found = read(tmp_path, data, wanted).problems
    if expected == "sheet-to-choose":
        assert [entry.code for entry in found] == [expected] and "« 2021 »" in found[0].message
    else:
        assert f"« {expected} »" in next(e.message for e in found if e.code == "spreadsheet-read")


STYLES = (
    '<number:date-style style:name="N1"><number:month/><number:year/></number:date-style>'
    '<style:style style:name="month" style:data-style-name="N1"/>'
)


def test_an_ods_reads_like_an_xlsx(tmp_path: Path) -> None:
    date = '<table:table-cell office:value-type="date" office:date-value="2023-02-01"{}/>'
    note = "<office:annotation><text:p>à ne pas lire</text:p></office:annotation>"
    spaced = f"<table:table-cell>{note}<text:p>a<text:s text:c='2'/>b</text:p><text:p>c</text:p></table:table-cell>"
    rows = (
        ods_row(*HEADER)
        + ods_row(ods_number("1001", "01001"), ods_number("0.30000000000000004", "0,3"), date.format(""))
        + ods_row(spaced, ods_number("0.35", "35 %", "percentage"), date.format(' table:style-name="month"'))
        + ods_row('<table:table-cell table:number-columns-repeated="16384"/>', repeated="1048570")
    )
    sheet = read(tmp_path, ods({"Feuille1": rows}, STYLES), name="x.ods")
    assert list(sheet.rows) == [["01001", "0.3", "2023-02-01"], ["a  b\nc", "35", "2023-02"]]
    assert codes(sheet) == ["percent-format"]


def test_ods_repeats_formulas_and_merges(tmp_path: Path) -> None:
    error = ods_cell("#DIV/0!", 'table:formula="of:=1/0" calcext:value-type="error"')
    empty = '<table:table-cell table:formula="of:=A1"/>'
    wide = ods_cell("v", 'table:number-columns-spanned="2"')
    done = ods_cell("1", 'table:formula="of:=1" office:value-type="float" office:value="1"')
    rows = ods_row(*HEADER) + ods_row("a", "1", "x", repeated="3") + ods_row(error, empty, done)
    sheet = read(tmp_path, ods({"a": rows + ods_row(wide, "<table:covered-table-cell/>", "z")}))
    assert column(sheet, "code") == ["a", "a", "a", "", "v"] and list(sheet.lines) == [2, 3, 4, 5, 6]
    assert codes(sheet) == ["formula-error", "formula-without-value", "merged-cells", "formula-read"]
    assert [entry.cell for entry in sheet.problems[:3]] == ["A5", "B5", "A6"]


def bomb(body: str) -> bytes:
    return xlsx({"a": f"<?xml version='1.0'?>{body}"})


ROW = "<row><c><v>1</v></c></row>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
ATTACKS = {
    "mille rires": (bomb(f"<!DOCTYPE w [{LAUGHS}]><w>&l9;</w>"), "workbook-refused"),
    "entité externe": (bomb('<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'), "workbook-refused"),
    "DTD distante": (bomb('<!DOCTYPE w SYSTEM "http://example.org/x.dtd"><w/>'), "workbook-refused"),
    "UTF-16 caché": (
        zipped({"xl/workbook.xml": "<!DOCTYPE w [<!ENTITY a 'b'>]><w/>".encode("utf-16")}),
        "workbook-refused",
    ),
    "balises sans fin": (bomb("<a>" * 200_000), "workbook-refused"),
    "bombe": (xlsx({"a": "<!--" + " " * 40_000_000 + "-->"}), "workbook-refused"),
    "XML coupé": (bomb("<worksheet><sheetData><row>"), "workbook-refused"),
    "cellule immense": (xlsx({"a": grid([HEADER, ["x" * 250_000, "", ""]])}), "workbook-refused"),
    "colonne au bout": (xlsx({"a": grid([HEADER]) + '<row><c r="XFD2"><v>1</v></c></row>'}), "sheet-too-large"),
    "mille feuilles": (xlsx({f"f{n}": ROW for n in range(101)}), "sheet-too-large"),
    "feuille absente": (zipped({"xl/workbook.xml": "<workbook><sheets/></workbook>"}), "workbook-refused"),
    "lignes répétées": (ods({"a": ods_row(*HEADER) + ods_row("a", "b", "c", repeated="1000000")}), "sheet-too-large"),
    "cellules répétées": (
        ods({"a": ods_row(ods_cell("a", 'table:number-columns-repeated="9999999"'))}),
        "sheet-too-large",
    ),
    "rires en ODS": (
        zipped({"mimetype": TABLE_TYPE, "content.xml": f"<!DOCTYPE w [{LAUGHS}]><w>&l9;</w>"}),
        "workbook-refused",
    ),
    "ODS chiffré": (ods({"a": ods_row("a")}, **{"META-INF/manifest.xml": "encryption-data"}), "workbook-refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_workbook_is_refused_at_little_cost(tmp_path: Path, name: str) -> None:
    data, code = ATTACKS[name]
    tracemalloc.start()
    sheet = read(tmp_path, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [entry.code for entry in sheet.problems] == [code] and not sheet.rows
    assert peak < 100_000_000


def test_a_sheet_that_lies_about_its_size_costs_what_it_holds(tmp_path: Path) -> None:
    rows = grid([HEADER, ["a", "1", "x"]]) + '<row r="1048576"><c r="A1048576"><v>5</v></c></row>'
    sheet = read(tmp_path, xlsx({"a": f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData>'}))
    assert column(sheet, "code") == ["a", "5"]
    assert list(sheet.lines) == [2, 1_048_576]


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 5)
    assert [entry.code for entry in read(tmp_path, xlsx({"a": grid([HEADER] * 2)})).problems] == ["sheet-too-large"]


def test_other_workbooks_are_never_opened(tmp_path: Path) -> None:
    rows = row(*HEADER) + row("a", "<c><f>[1]Feuille!A1</f><v>7</v></c>", "")
    sheet = read(tmp_path, xlsx({"a": rows}, more="xl/externalLinks/externalLink1.xml"))
    assert column(sheet, "valeur") == ["7"]
    assert codes(sheet) == ["external-link", "formula-read"]


def test_a_sheet_cannot_stand_outside_of_its_workbook(tmp_path: Path) -> None:
    data = zipped(
        {
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<r><Relationship Id="1" Type="x/worksheet" Target="../../etc/passwd"/></r>',
        }
    )
    assert [entry.code for entry in read(tmp_path, data).problems] == ["workbook-refused"]


@pytest.mark.conformance
def test_the_real_inventory_reads_like_its_published_copy() -> None:
    path = Path(__file__).resolve().parents[2] / "shared" / "sources" / "odater" / "odater-v2.xlsx"
    if not path.exists():
        pytest.skip("fichiers d'origine absents")
    sheet = read_sheet(path, "odater.xlsx", Dialect(), ["siren", "nom", "type"])
    assert len(sheet.rows) == 763
    assert all(len(siren) == 9 for siren in column(sheet, "siren")[:1])


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20)
CELLS = st.one_of(
    TEXTS.filter(lambda text: text.strip() and not text.startswith("=") and "_x" not in text),
    st.integers(-(10**14), 10**14),
    # openpyxl writes sixteen digits, of which fifteen are kept.
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda value: float(f"{value:.12g}")),
    st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)),
)


def expected(value: Any) -> str:
    """What people see of a value that a program wrote."""
    if isinstance(value, float):
        return number_text(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
@settings(max_examples=40)
def test_what_openpyxl_writes_is_read_as_written(rows: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = read(Path(folder), saved(*map(list, rows)))
    assert [list(cells) for cells in sheet.rows] == [list(map(expected, cells)) for cells in rows]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
@settings(max_examples=30)
def test_what_odfdo_writes_is_read_as_written(rows: list[tuple[Any, ...]]) -> None:
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    table = odfdo.Table("Données")
    for cells in ([*HEADER], *rows):
        line = odfdo.Row()
        line.set_values(list(cells))
        table.append_row(line)
    document.body.append(table)
    target = io.BytesIO()
    document.save(target)
    with tempfile.TemporaryDirectory() as folder:
        sheet = read(Path(folder), target.getvalue(), name="x.ods")
    assert [list(cells) for cells in sheet.rows] == [list(map(expected, cells)) for cells in rows]


SOUND = xlsx(
    {"a": f"<sheetData>{grid([HEADER, ['a', '1', 'x']])}</sheetData><mergeCells><mergeCell ref='A2:A3'/></mergeCells>"},
    styles="00000\nyyyy",
    strings="<si><t>a</t></si>",
)


@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=4), st.booleans())
@settings(max_examples=150)
def test_a_damaged_workbook_never_breaks_the_reader(place: int, put: bytes, cut: bool) -> None:
    data = SOUND[:place] if cut else SOUND[:place] + put + SOUND[place + len(put) :]
    with tempfile.TemporaryDirectory() as folder:
        sheet = read(Path(folder), data)
    assert sheet.problems or len(sheet.rows) == 1


ODD_CELLS = st.sampled_from(
    [
        "<c/>", '<c t="s"><v>7</v></c>', '<c t="s"><v>x</v></c>', '<c t="e"><v/></c>', '<c t="e"><f>1</f></c>',
        '<c r="ZZZZ1" s="9"><v>1</v></c>', '<c r="é" s="1"><v>-1</v></c>', "<c><v>9e999</v></c>", "<c><v>nan</v></c>",
        '<c s="2"><v>1e300</v></c>', '<c s="2"><v>-40000.5</v></c>', '<c s="3"><v>0.5</v></c>', "<c><v>texte</v></c>",
        '<c t="inlineStr"><is><rPh><t>z</t></rPh><t>_xD800_</t></is></c>', '<c t="inlineStr"><v>1</v></c>', "<v>1</v>",
        '<c t="d"><v>2023-02-01T00:00:00Z</v></c>', '<c t="b"><v>maybe</v></c>', "<c><f/><v>1</v></c>", "<t>seul</t>",
        '<col min="1" max="9999999" hidden="1"/>', '<mergeCell ref="ZZZ9999999:A1"/>', '<mergeCell ref="A1:B2"/>',
    ]
)  # fmt: skip
ODD_ROWS = st.sampled_from(['<row r="1">', '<row r="9" hidden="1">', '<row r="x">', "<row>", '<row r="-3">'])


@given(st.lists(st.tuples(ODD_ROWS, st.lists(ODD_CELLS, max_size=5)), max_size=4))
@settings(max_examples=150)
def test_whatever_the_markup_the_reader_answers(rows: list[tuple[str, list[str]]]) -> None:
    inside = "".join(f"{start}{''.join(cells)}</row>" for start, cells in rows)
    with tempfile.TemporaryDirectory() as folder:
        sheet = read(Path(folder), xlsx({"a": inside}, styles="00000\nyyyy-mm-dd hh:mm\n0%"))
    assert {"spreadsheet-read", "sheet-too-large"} & {entry.code for entry in sheet.problems}
    assert all(cell.encode() is not None for cells in sheet.rows for cell in cells)
