"""Whatever the encoding and the wrapping, the text comes out right, and what was guessed is said."""

import csv
import gzip
import io
import warnings
import zipfile
from pathlib import Path

import pytest
from repositories import ROOT
from spreadsheets import write, zipped

from observatory import archives, decoding
from observatory.csvfiles import read_sheet
from observatory.encodings import CANDIDATES, likeliest
from observatory.sheets import Dialect, Sheet

TEXT = "code,titre\n1,Évreux\n2,cœur de ville\n3,« déjà » l’été à Noël\n4,Besançon\n5,Saint-Étienne\n"


def read(tmp_path: Path, data: bytes, wanted: str = "") -> Sheet:
    return read_sheet(write(tmp_path / "x.csv", data), "x.csv", Dialect(sheet=wanted), ["code", "titre"])


def titles(sheet: Sheet) -> list[str]:
    return [cells[1] for cells in sheet.rows]


def codes(sheet: Sheet) -> list[str]:
    return [entry.code for entry in sheet.problems]


EXPECTED = ["Évreux", "cœur de ville", "« déjà » l’été à Noël", "Besançon", "Saint-Étienne"]


@pytest.mark.parametrize(
    ("codec", "code", "words"),
    [
        ("utf-8-sig", "byte-order-mark", "BOM"),
        ("cp1252", "wrong-encoding", "lu en cp1252, on y trouve « Évreux »"),
        ("mac-roman", "wrong-encoding", "lu en Mac Roman, on y trouve « Évreux »"),
        ("utf-16", "wrong-encoding", "le fichier est en UTF-16"),
        ("utf-16-le", "unmarked-utf", "UTF-16-LE"),
        ("utf-16-be", "unmarked-utf", "UTF-16-BE"),
    ],
)
def test_every_encoding_is_read_and_told(tmp_path: Path, codec: str, code: str, words: str) -> None:
    sheet = read(tmp_path, TEXT.encode(codec))
    assert codes(sheet) == [code] and words in sheet.problems[0].message
    assert titles(sheet) == EXPECTED


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1252", "1,cœur"),
        ("iso8859-15", "1,cœur à 5 €"),
        ("iso8859-15", "1,Œuilly"),
        ("cp850", "1,été 2023 à Nîmes"),
        ("cp850", "1,MÂCON"),
        ("mac-roman", "1,l’Île-d’Yeu"),
        ("cp1252", "1,L'Haÿ-les-Roses"),
    ],
)
def test_one_word_is_enough(tmp_path: Path, codec: str, text: str) -> None:
    sheet = read(tmp_path, f"code,titre\n{text}\n".encode(codec))
    assert titles(sheet) == [text[2:]] and codes(sheet) == ["wrong-encoding"]
    assert sheet.problems[0].line == 2


@pytest.mark.parametrize(
    ("codec", "least"), [("cp1252", 0.999), ("iso8859-15", 0.999), ("mac-roman", 0.99), ("cp850", 0.97)]
)
def test_names_of_communes_come_out_right_alone(codec: str, least: float) -> None:
    with (ROOT / "codelists" / "territories.csv").open(encoding="utf-8", newline="") as stream:
        names = {row["name"] for row in csv.DictReader(stream) if not row["name"].isascii()}
    coded = [name.encode(codec) for name in names if name.encode(codec, "ignore").decode(codec) == name]
    right = sum(data.decode(likeliest([data]), "replace") == data.decode(codec) for data in coded)
    assert len(coded) > 5_000 and right >= least * len(coded)


@pytest.mark.parametrize("codec", CANDIDATES)
def test_all_names_together_leave_no_doubt(codec: str) -> None:
    data = "\n".join(EXPECTED).replace("œ", "oe").replace("’", "'").encode(codec)
    assert data.decode(likeliest([data])) == data.decode(codec)


def test_two_encodings_in_one_file(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    data = b"\n".join(line.encode("cp1252" if n in (2, 5) else "utf-8") for n, line in enumerate(lines)) + b"\n"
    sheet = read(tmp_path, data)
    assert titles(sheet) == EXPECTED
    (found,) = sheet.problems
    assert (found.code, found.line) == ("mixed-encoding", 3)
    assert "3 lignes en UTF-8, et 2 lignes en cp1252, où l'on trouve « cœur »" in found.message


def test_what_is_declared_and_true_is_no_problem(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", TEXT.encode("cp1252"))
    sheet = read_sheet(path, "x.csv", Dialect(encoding="cp1252"), ["code", "titre"])
    assert titles(sheet) == EXPECTED and not sheet.problems


GOOD = TEXT.encode()


@pytest.mark.parametrize(
    ("data", "wanted", "words"),
    [
        (zipped({"x.csv": GOOD}), "", "archive ZIP ; « x.csv »"),
        (zipped({"dossier/x.CSV": GOOD, "lisez-moi.txt": "bonjour", "__MACOSX/._x.csv": "?"}), "", "« dossier/x.CSV »"),
        (zipped({"a.csv": "code,titre\n9,non\n", "b/c.csv": GOOD}), "c.csv", "« b/c.csv »"),
        (gzip.compress(GOOD, mtime=0), "", "archive GZIP"),
    ],
)
def test_a_packed_csv_is_read_through(tmp_path: Path, data: bytes, wanted: str, words: str) -> None:
    sheet = read(tmp_path, data, wanted)
    assert codes(sheet) == ["zipped-file"] and words in sheet.problems[0].message
    assert titles(sheet) == EXPECTED
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def encrypted() -> bytes:
    data = bytearray(zipped({"x.csv": GOOD}))
    data[6] |= 1  # the flag of the member itself
    data[data.rfind(b"PK\x01\x02") + 8] |= 1  # and that of the list of members
    return bytes(data)


def namesakes(*members: tuple[str, bytes]) -> bytes:
    """A ZIP whose members may bear one name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


PACKED = gzip.compress(GOOD, mtime=0)
BOMB = GOOD + b" " * 20_000_000
REFUSED = {
    "deux fichiers": (zipped({"a.csv": GOOD, "b.csv": GOOD}), "archive-to-choose", "« a.csv », « b.csv »"),
    "sans données": (zipped({"a.jpg": b"x"}), "archive-refused", "aucun fichier CSV"),
    "imbriquée": (zipped({"a.zip": zipped({"a.csv": GOOD})}), "archive-refused", "une autre archive"),
    "imbriquée, renommée": (zipped({"a.csv": zipped({"a.csv": GOOD})}), "format-refused", "dans une archive"),
    "classeur rangé": (zipped({"a.xlsx": b"PK"}), "archive-refused", "classeur"),
    "bombe": (zipped({"a.csv": BOMB}), "archive-refused", "plus de 100 fois"),
    "bombe gz": (gzip.compress(BOMB, mtime=0), "archive-refused", "pèserait plus de"),
    "gz suivi d'autre chose": (PACKED + b"code,titre\n", "archive-refused", "autre chose y suit le contenu"),
    "gz dont la seconde partie est coupée": (PACKED + PACKED[:-5], "archive-refused", "abîmé"),
    "bombe gz en deux": (PACKED + gzip.compress(BOMB, mtime=0), "archive-refused", "pèserait plus de"),
    "gz en trop de parties": (gzip.compress(b"", mtime=0) * 10_001, "archive-refused", "mises bout à bout"),
    "homonymes": (
        namesakes(("data.csv", GOOD), ("data.csv", GOOD + b"9,x,y\n")),
        "archive-refused",
        "2 fichiers y portent le nom « data.csv »",
    ),
    "homonymes à la casse près": (
        namesakes(("data.csv", GOOD), ("DATA.csv", GOOD)),
        "archive-to-choose",
        "« data.csv », « DATA.csv »",
    ),
    "feuilles homonymes": (
        namesakes(("xl/workbook.xml", b"<workbook/>"), ("XL/Workbook.xml", b"<workbook/>")),
        "workbook-refused",
        "2 fichiers y portent le nom",
    ),
    "gz coupé": (gzip.compress(GOOD * 100, mtime=0)[:-20], "archive-refused", "abîmé"),
    "zip coupé": (zipped({"a.csv": GOOD})[:-30], "archive-refused", "abîmé"),
    "chiffré": (encrypted(), "archive-refused", "mot de passe"),
    "trop de fichiers": (zipped({f"{n}.csv": b"a" for n in range(21)}), "archive-refused", "limite de 20"),
    "Word": (zipped({"word/document.xml": "<w/>"}), "format-refused", "un document Word"),
    "Numbers": (zipped({"Index/Document.iwa": b"x"}), "format-refused", "un classeur Numbers"),
    "XLSB": (zipped({"xl/workbook.bin": b"x"}), "format-refused", "XLSB"),
    "texte ODT": (zipped({"mimetype": "application/x-odt", "content.xml": ""}), "format-refused", "OpenDocument"),
    "XLS": (decoding.OLE + bytes(1000), "format-refused", "avant 2007"),
    "XLSX chiffré": (decoding.OLE + bytes(900) + decoding.ENCRYPTED, "format-refused", "mot de passe"),
    "page": (b"\n<!DOCTYPE html>\n<html><table>", "format-refused", "page HTML"),
    "PDF": (b"%PDF-1.7\n", "format-refused", "PDF"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\0", "format-refused", "7z"),
    "SQLite": (b"SQLite format 3\0" + bytes(100), "format-refused", "SQLite"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 8, "binary-file", "pas un fichier texte"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str) -> None:
    data, code, words = REFUSED[name]
    sheet = read(tmp_path, data)
    assert not sheet.rows and codes(sheet)[-1] == code
    assert words in sheet.problems[-1].message


def test_all_the_parts_of_a_gzip_are_read(tmp_path: Path) -> None:
    second = gzip.compress(b"6,Saint-Malo\n7,faute,de trop\n", mtime=0)
    sheet = read(tmp_path, PACKED + second + bytes(512))
    assert titles(sheet) == [*EXPECTED, "Saint-Malo"]
    assert codes(sheet) == ["zipped-file", "extra-cell"] and sheet.problems[1].line == 8


def test_of_two_members_whose_case_alone_differs_the_one_asked_for_is_read(tmp_path: Path) -> None:
    data = namesakes(("data.csv", GOOD), ("DATA.csv", GOOD + b"7,faute,de trop\n"))
    assert codes(read(tmp_path, data, "data.csv")) == ["zipped-file"]
    sheet = read(tmp_path, data, "DATA.csv")
    assert codes(sheet) == ["zipped-file", "extra-cell"] and sheet.problems[1].line == 7


def test_the_whole_path_of_a_member_chooses_it(tmp_path: Path) -> None:
    data = zipped({"x.csv": GOOD, "b/x.csv": GOOD + b"6,Saint-Malo\n"})
    assert titles(read(tmp_path, data, "x.csv")) == EXPECTED
    assert titles(read(tmp_path, data, "b/x.csv")) == [*EXPECTED, "Saint-Malo"]


def test_a_list_of_a_million_members_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1_000)
    monkeypatch.delattr(zipfile.ZipFile, "_RealGetContents")
    sheet = read(tmp_path, zipped({f"{n}.csv": b"" for n in range(50)}))
    assert codes(sheet) == ["archive-refused"]


def test_a_large_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as stream:
        stream.truncate(10_000_000_000)
    sheet = read_sheet(path, "x.csv", Dialect(), ["code"])
    assert codes(sheet) == ["file-too-large"]
