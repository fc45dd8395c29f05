"""Files that are too much: bytes, rows, columns, cells, quotes."""

from functools import partial
from pathlib import Path

from attacks.recipes import GOOD_ROW, attack, family, fibre, initiative, long_fibre, raw_fibre
from repositories import FIBRE, HEADER, edit


@attack("file-too-large", "la limite est de 200 Mo")
def ten_sparse_gigabytes(root: Path) -> list[str]:
    with (root / FIBRE).open("wb") as stream:
        stream.truncate(10**10)
    return [str(root / FIBRE)]


@attack("cell-too-long", "la limite est de 10 000")
def cell_of_two_hundred_kilobytes(root: Path) -> list[str]:
    return initiative(root, "x" * 200_000)


@attack("cell-too-long", "la limite est de 10 000")
def number_of_two_hundred_kilobytes(root: Path) -> list[str]:
    return fibre(root, f"DEP-68,couverture-fibre,2022-Q3,{'9' * 200_000}\n")


@attack("cell-too-long", "la limite est de 10 000")
def code_of_two_hundred_kilobytes(root: Path) -> list[str]:
    return fibre(root, f"DEP-{'6' * 200_000},couverture-fibre,2022-Q3,81.5\n")


@attack("line-too-long", "une ligne compte plus de 10 000 000 octets")
def one_line_of_ninety_megabytes(root: Path) -> list[str]:
    return long_fibre(root, iter([HEADER.encode(), b"DEP-68,", b"x" * 90_000_000, b",2022-Q3,81.5\n"]))


@attack("too-many-columns", "la limite est de 1 000")
def column_named_ten_thousand_times(root: Path) -> list[str]:
    return fibre(root, "", "ref_area," * 10_000 + "\n")


@attack("extra-column", "n'est pas dans le schéma")
def heading_of_ten_thousand_letters(root: Path) -> list[str]:
    return fibre(root, "DEP-68,couverture-fibre,2022-Q3,81.5,1\n", HEADER.strip() + f",{'obs_value' * 1_100}\n")


family(
    "too-many-columns",
    "la limite est de 1 000",
    {
        "ten_thousand_columns": lambda root: fibre(
            root, ",".join(map(str, range(10_000))) + "\n", ",".join(f"c{n}" for n in range(10_000)) + "\n"
        ),
        "two_hundred_thousand_columns": lambda root: fibre(
            root, "1" + ",1" * 199_999 + "\n", ",".join(f"c{n}" for n in range(200_000)) + "\n"
        ),
        "eight_million_columns": lambda root: long_fibre(root, iter([b"," * 8_000_000, b"\n"])),
    },
)


@attack("line-too-long", "une ligne compte plus de 10 000 000 octets")
def fifty_million_columns(root: Path) -> list[str]:
    return long_fibre(root, iter([b"," * 50_000_000, b"\n"]))


@attack("too-many-rows", "plus de 5 000 000 lignes")
def five_million_and_one_rows_of_a_comma(root: Path) -> list[str]:
    return long_fibre(root, iter([HEADER.encode(), *[b",,,\n" * 100_000] * 50, b",,,\n"]))


@attack("too-many-rows", "plus de 5 000 000 lignes")
def fifty_million_empty_lines(root: Path) -> list[str]:
    return long_fibre(root, iter([HEADER.encode(), *[b"\n" * 1_000_000] * 50]))


@attack("unclosed-quote", "n'est pas refermé")
def quote_left_open_on_every_line(root: Path) -> list[str]:
    return fibre(root, f'"{GOOD_ROW}' * 20_000)


@attack("unclosed-quote", "n'est pas refermé")
def quote_left_open_on_every_long_line(root: Path) -> list[str]:
    return fibre(root, f'"{"x" * 9_000},{GOOD_ROW}' * 2_000)


@attack("stray-quote", "n'est pas attendu")
def quote_astray_on_every_line(root: Path) -> list[str]:
    return fibre(root, '"DEP"-68,couverture-fibre,2022-Q3,81.5\n' * 20_000)


@attack("unclosed-quote", "n'est pas refermé")
def quotes_by_the_million(root: Path) -> list[str]:
    return raw_fibre(root, HEADER.encode() + b'"' * 5_000_001)


@attack("many-more", "480 000 autres lignes ont le même problème (« Trop peu de cellules »)")
def half_a_million_lines_without_comma(root: Path) -> list[str]:
    return long_fibre(root, iter([HEADER.encode(), b"x\n" * 500_000]))


@attack("unknown-territory", "n'est celui d'aucun")
def thirty_thousand_wrong_codes(root: Path) -> list[str]:
    return fibre(root, "".join(f"DEP-{n:05},couverture-fibre,2022-Q3,81.5\n" for n in range(30_000)))


@attack("unknown-indicator", "est inconnu")
def thirty_thousand_wrong_indicators(root: Path) -> list[str]:
    return fibre(root, "".join(f"DEP-68,couverture-fibr-{n},2022-Q3,81.5\n" for n in range(30_000)))


@attack("not-a-number", "n'est pas un nombre")
def thirty_thousand_wrong_numbers(root: Path) -> list[str]:
    return fibre(root, "".join(f"DEP-68,couverture-fibre,2022-Q3,valeur {n}\n" for n in range(30_000)))


# Long cells against every expression of ours that reads them: time must stay in proportion to their length.
def stretched(root: Path, column: int, sign: str, end: str = "") -> list[str]:
    row = GOOD_ROW.strip().split(",")
    row[column] = (sign * 9_990)[: 9_990 - len(end)] + end
    return fibre(root, (",".join(row) + "\n") * 3 + "".join(f"{','.join(row)}{n}\n" for n in range(200)))


@attack("number-with-unit", "il porte une unité")
def digits_and_a_letter(root: Path) -> list[str]:
    return stretched(root, column=3, sign="1", end="x1")


family(
    "not-a-number",
    "n'est pas un nombre",
    {
        "groups_of_digits": partial(stretched, column=3, sign="1 111 ", end="!"),
        "groups_and_apostrophes": partial(stretched, column=3, sign="'111", end="!"),
        "spaces_and_digits": partial(stretched, column=3, sign="\u00a01", end="!"),
        "unit_without_end": partial(stretched, column=3, sign="1e", end="²!"),
        "points_without_end": partial(stretched, column=3, sign=".", end="1"),
        "signs_without_end": partial(stretched, column=3, sign="-+", end="1"),
    },
)


def title(root: Path, text: str) -> list[str]:
    edit(root / "schemas/initiatives.schema.json", '"maxLength": 60', '"maxLength": 20000')
    path = root / "datasets/initiatives.csv"
    rows = "".join(
        f'z{n},COM-75056,"{text[: 9_990 - len(str(n))]}{n}",2011-01-27,1,,oui,en-cours,\n' for n in range(150)
    )
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write(rows + 'zz,COM-75056,"<b>Le labo</b>",2011-01-27,1,,oui,en-cours,\n')
    return [str(path)]


family(
    "html-tag",
    "« <b> » est une balise HTML",
    {
        "text_of_almost_addresses": partial(title, text="a@" * 5_000),
        "text_of_dots_before_an_at": partial(title, text="a." * 4_990 + "@"),
        "text_of_domains": partial(title, text="a@" + "b." * 5_000),
        "text_of_hyphens_after_an_at": partial(title, text="a@" + "b-" * 5_000),
        "text_of_almost_numbers": partial(title, text="01 23 45 67 8 " * 700),
        "text_of_prefixes": partial(title, text="+33 (0) " * 1_200),
        "text_of_digits": partial(title, text="0" * 9_990),
        "text_of_open_tags": partial(title, text="<a" * 5_000),
        "text_of_open_attributes": partial(title, text="<a " * 3_300),
        "text_of_one_open_tag": partial(title, text="<a " + "b " * 5_000),
    },
)


def giant(root: Path, start: bytes = b'"', end: bytes = b'"\n') -> list[str]:
    return long_fibre(root, iter([HEADER.encode(), start, *[b"a\n" * 1_000_000] * 40, end]))


family(
    "cell-too-long",
    "la cellule compte 80 000 002 caractères",
    {
        "quoted_cell_of_eighty_megabytes": giant,
        "quoted_cell_of_eighty_megabytes_in_a_row": partial(giant, end=b'",couverture-fibre,2022-Q3,81.5\n'),
    },
)


@attack("unclosed-quote", "il avale les 40000")
def quote_left_open_over_eighty_megabytes(root: Path) -> list[str]:
    return giant(root, end=b"")


def flood(root: Path, row: str, count: int) -> list[str]:
    return long_fibre(root, iter([HEADER.encode(), *((row % n).encode() for n in range(count))]))


family(
    "many-more",
    "autres lignes ont le même problème (« Cellule fausse »), en plus des 20 000 listées",
    {
        "a_million_wrong_identifiers": partial(flood, row="X%dY,couverture-fibre,2022-Q3,81.5\n", count=1_000_000),
        "a_million_names_for_codes": partial(flood, row="Commune %d,couverture-fibre,2022-Q3,81.5\n", count=1_000_000),
    },
)
