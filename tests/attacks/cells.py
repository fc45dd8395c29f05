"""Cells and headings that attack who opens the file, reads the report or is named in it."""

from functools import partial
from pathlib import Path

from attacks.recipes import GOOD_ROW, attack, family, fibre, initiative
from repositories import HEADER

COLUMNS = HEADER.strip()


def title(root: Path, text: str) -> list[str]:
    return initiative(root, text)


def value(root: Path, text: str) -> list[str]:
    return fibre(root, GOOD_ROW.replace("81.5", text))


def period(root: Path, text: str) -> list[str]:
    return fibre(root, GOOD_ROW.replace("2022-Q3", text))


def heading(root: Path, name: str) -> list[str]:
    return fibre(root, GOOD_ROW.strip() + ",1\n", f"{COLUMNS},{name}\n")


family(
    "formula-cell",
    "un tableur l'exécuterait comme une formule",
    {
        "formula_equals": partial(title, text='=HYPERLINK("http://127.0.0.1";"ici")'),
        "formula_plus": partial(title, text="+1+cmd|' /C calc'!A0"),
        "formula_minus": partial(title, text="-2+3+cmd|' /C calc'!A0"),
        "formula_at": partial(title, text="@SUM(1+1)*cmd|' /C calc'!A0"),
        "formula_after_a_tab": partial(title, text="\t=1+1 tabulée"),
        "formula_after_a_return": partial(title, text="\r=1+1 retournée"),
        "formula_after_a_line_feed": partial(title, text="\n=1+1 en dessous"),
        "formula_dde": partial(title, text="=DDE('cmd';'/C calc';'a')"),
        "formula_full_width": partial(title, text="＝cmd|' /C calc'!A0"),
        "formula_full_width_at": partial(title, text="＠SUM(1+1)"),
    },
)
family(
    "html-tag",
    "est une balise HTML",
    {
        "script": partial(title, text="<script>alert(1)</script>"),
        "image_that_fails": partial(title, text="<img src=x onerror=alert(1)>"),
        "vector_image": partial(title, text="<svg/onload=alert(1)>"),
        "frame_left_open": partial(title, text="Labo <iframe src=//127.0.0.1 "),
        "comment": partial(title, text="Labo <!-- caché -->"),
        "markdown_that_hides_a_script": partial(title, text="[x](<script>alert(1)</script>)"),
    },
)
family(
    "hidden-character",
    "caractère",
    {
        "terminal_cleared": partial(title, text="Labo \x1b[2J\x1b]0;pris\x07"),
        "right_to_left_override": partial(title, text="Labo \u202elmth.exe"),
        "isolate_left_open": partial(title, text="Labo \u2066caché"),
        "zero_width_inside_a_word": partial(title, text="La\u200bbo numérique"),
        "tag_characters": partial(title, text="Labo" + "".join(chr(0xE0000 + ord(s)) for s in "ignore tout")),
    },
)
family(
    "personal-data",
    "est une donnée personnelle",
    {
        "mail": partial(title, text="Labo jeanne.dupont@example.org"),
        "mail_in_full_width": partial(title, text="Labo jeanne.dupont＠example.org"),
        "telephone": partial(title, text="Labo 06 12 34 56 78"),
        "telephone_from_abroad": partial(title, text="Labo +33 (0)6.12.34.56.78"),
        "telephone_in_other_digits": partial(title, text="Labo ٠٦ ١٢ ٣٤ ٥٦ ٧٨"),
        "telephone_after_a_nbsp": partial(title, text="Labo\u00a006\u00a012\u00a034\u00a056\u00a078"),
    },
)
family(
    "personal-column",
    "personne",
    {
        "column_of_first_names": partial(heading, name="prénom"),
        "column_of_mails": partial(heading, name="E-mail"),
        "column_of_telephones": partial(heading, name="téléphone du référent"),
        "column_of_births": partial(heading, name="date_naissance"),
        "column_of_mails_in_cyrillic": partial(heading, name="еmаil"),
    },
)
family(
    "misspelled-column",
    "n'est pas dans le schéma",
    {
        "heading_with_a_cyrillic_letter": lambda root: fibre(root, GOOD_ROW, HEADER.replace("obs", "оbs")),
        "heading_with_a_zero_width_space": lambda root: fibre(root, GOOD_ROW, HEADER.replace("obs", "o\u200bbs")),
        "heading_in_full_width": lambda root: fibre(root, GOOD_ROW, HEADER.replace("obs_value", "ｏｂｓ_value")),
    },
)
family(
    "extra-column",
    "n'est pas dans le schéma",
    {
        "heading_that_is_a_command_of_the_forge": partial(heading, name='"x\n::error file=a::pris"'),
        "heading_that_writes_on_the_terminal": partial(heading, name="\x1b[31mrouge"),
        "heading_that_is_a_script": partial(heading, name="<script>alert(1)</script>"),
        "heading_that_is_a_template": partial(heading, name="{value.__class__} %s {{7*7}}"),
    },
)
family(
    "not-a-number",
    "n'est pas un nombre",
    {
        "number_of_arabic_digits": partial(value, text="٨١"),
        "number_of_a_thousand_exponents": partial(value, text="1e" + "9" * 50),
        "number_with_underscores": partial(value, text="8_1"),
        "value_that_is_a_query": partial(value, text="1); DROP TABLE scores; --"),
        "value_that_is_a_command_of_the_forge": partial(value, text="%0A::error::pris"),
        "value_that_is_markdown": partial(value, text="](javascript:alert) | <b>"),
    },
)
family(
    "out-of-range",
    "est hors bornes",
    {"number_beyond_floats": partial(value, text="1e400"), "number_below_floats": partial(value, text="-1e400")},
)
family("number-with-unit", "il porte une unité", {"number_in_hexadecimal": partial(value, text="0x51")})
family(
    "missing-marker",
    "n'est pas un nombre",
    {"not_a_number": partial(value, text="NaN"), "minus_infinity": partial(value, text="-inf")},
)


@attack("wrong-time-period", "n'est pas une période")
def year_99999(root: Path) -> list[str]:
    return period(root, "99999")


@attack("pattern-mismatch", "n'a pas la forme attendue")
def year_of_full_width_digits(root: Path) -> list[str]:
    return period(root, "２０２２")


@attack("outside-temporal", "est après la fin de la couverture")
def year_2999(root: Path) -> list[str]:
    return period(root, "2999-Q4")


@attack("not-a-date", "n'est pas une date")
def day_of_the_year_99999(root: Path) -> list[str]:
    path = root / "datasets/initiatives.csv"
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write("zzz,COM-75056,Labo municipal,99999-12-31,1,,oui,en-cours,\n")
    return [str(path)]


@attack("not-a-ref-area", "n'est pas un identifiant de territoire")
def code_that_is_a_path(root: Path) -> list[str]:
    return fibre(root, GOOD_ROW.replace("DEP-68", "../../../etc/passwd"))


@attack("unknown-territory", "n'est celui d'aucun")
def name_of_nine_thousand_letters(root: Path) -> list[str]:
    return fibre(root, "".join(f"DEP-{'A' * 9_000}{n},couverture-fibre,2022-Q3,81.5\n" for n in range(50)))


@attack("unknown-indicator", "est inconnu")
def indicator_of_nine_thousand_letters(root: Path) -> list[str]:
    return fibre(root, "".join(f"DEP-68,{'couverture-' * 800}{n},2022-Q3,81.5\n" for n in range(50)))
