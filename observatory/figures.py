"""Numbers as people write them, turned into numbers as data files write them, and how sure that is.

`sure` is False when the text can be read in two ways: « 1,234 » may be a decimal or an English thousand. What the
rest of the column says of it is for evidence.py.
"""

import re
from typing import NamedTuple

SPACES = " \u00a0\u202f\u2009"
NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
INTEGER = re.compile(r"[-+]?[0-9]+")
GROUPED = re.compile(rf"([-+]?[0-9]{{1,3}}(?:[{SPACES}'’][0-9]{{3}})+)(?:[.,]([0-9]+))?")
DOTTED = re.compile(r"([-+]?[0-9]{1,3}(?:(?:\.[0-9]{3})+(?=,)|(?:\.[0-9]{3}){2,}))(?:,([0-9]+))?")
ENGLISH = re.compile(r"([-+]?[0-9]{1,3}(?:(?:,[0-9]{3})+(?=\.)|(?:,[0-9]{3}){2,}))(?:\.([0-9]+))?")
COMMA = re.compile(r"([-+]?[0-9]*),([0-9]+)")
TWO_WAYS = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")
WITH_UNIT = re.compile(
    rf"([-+]?[0-9](?:[0-9{SPACES}'’]*[0-9])?(?:[.,][0-9]+)?)[{SPACES}]*([^\W\d_][^\W\d]*\.?|€)", re.UNICODE
)
SCALED_UNIT = re.compile(rf"([-+]?[0-9][0-9{SPACES}'’]*(?:[.,][0-9]+)?)[{SPACES}]*([^\W\d_]|[µ°$£€]).{{0,20}}")
EXPONENT = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})")
# Units that are never told in thousands or millions by a prefix of their own.
COUNTED = {
    *("€", "euro", "euros", "eur", "hab", "habitant", "habitants", "ligne", "lignes", "agent", "agents", "local"),
    *("locaux", "logement", "logements", "commune", "communes", "borne", "bornes", "lieu", "lieux", "site", "sites"),
    *("personne", "personnes", "entreprise", "entreprises", "point", "points", "unité", "unités", "etp", "an", "ans"),
}


class Figure(NamedTuple):
    """A number as data files write it, and whether no one could read the original otherwise."""

    text: str
    sure: bool = True


def plain(text: str, type_: str) -> Figure | None:
    """The number that the text writes, for a column of that type (number or integer); None when it is no number."""
    text = text.strip(SPACES).replace("−", "-")
    sure = not TWO_WAYS.fullmatch(text)
    if grouped := GROUPED.fullmatch(text) or DOTTED.fullmatch(text) or ENGLISH.fullmatch(text):
        digits = re.sub(rf"[{SPACES}'’.,]", "", grouped[1])
        text = f"{digits}.{grouped[2]}" if grouped[2] else digits
    elif comma := COMMA.fullmatch(text):
        thousands = type_ == "integer" and not sure
        text = comma[1] + comma[2] if thousands else f"{comma[1] + '0' if comma[1] in '-+' else comma[1]}.{comma[2]}"
    if type_ == "integer" and re.fullmatch(r"[-+]?[0-9]+\.0+", text):
        # « 12.000 » may be a thousand of another country.
        sure, text = sure and not text.endswith(".000"), text.partition(".")[0]
    wanted = INTEGER if type_ == "integer" else NUMBER
    return Figure(text, sure) if wanted.fullmatch(text) else None


def without_unit(text: str, type_: str, words: str) -> Figure | None:
    """The number of a text that ends with a unit; `words` are those of the column's title and name.

    Sure only when the unit cannot change the number: a thing counted, or the word of the column itself.
    """
    if (found := WITH_UNIT.fullmatch(text)) and (figure := plain(found[1], type_)):
        unit = found[2].rstrip(".").lower()
        own = len(unit) > 3 and unit in re.findall(r"[^\W\d_]+", words.lower())
        return Figure(figure.text, figure.sure and (unit in COUNTED or own))
    scaled = SCALED_UNIT.fullmatch(text)
    figure = plain(scaled[1], type_) if scaled else None
    return Figure(figure.text, False) if figure else None


def digits(text: str) -> str:
    """The digits that a spreadsheet turned into scientific notation, « » when it lost some: 6.8224E+04 → 68224."""
    found = EXPONENT.fullmatch(text)
    if not found:
        return ""
    written = found[1] + (found[2] or "")
    return written if len(written) == int(found[3]) + 1 else ""
