"""Names of columns: which one a strange name means, and which no file may bear."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from observatory import dates, guessing, refusals
from observatory.french import key
from observatory.model import Dataset
from observatory.problems import nearest, shown
from observatory.sheets import Sheet

# Letters of other alphabets that look like Latin ones.
LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһьԛԝвкмнтАВЕКМНОРСТХІЈЅαορνικτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɡ",
    "aeopcyxijsdhbqwbkmhtABEKMHOPCTXIJSaopviktuxABEZHIKMNOPTYXig",
)
# Words that tell a column about people, whatever the others in its name.
PERSONAL = {
    *("prenom", "prenoms", "contact", "contacts", "mail", "mails", "email", "emails", "courriel", "courriels", "mel"),
    *("telephone", "telephones", "tel", "responsable", "responsables", "referent", "referente", "interlocuteur"),
    *("interlocutrice", "naissance", "civilite"),
}
# What national files call the column of their territory; which one it is also tells the level of bare codes.
ALIASES = {
    "COM": (
        *("code_insee", "insee", "insee_com", "codgeo", "code_com", "depcom", "code_insee_commune", "code_commune"),
        *("code_commune_insee", "codeinsee", "com", "insee_commune", "com_insee", "codecommune", "commune"),
    ),
    "DEP": (
        *("code_dep", "insee_dep", "code_departement", "dep", "depcode", "num_dep", "numero_departement"),
        *("code_insee_departement", "departement"),
    ),
    "REG": ("code_reg", "insee_reg", "code_region", "reg", "regcode", "code_insee_region", "region"),
    "EPCI": ("siren_epci", "code_epci", "epci", "insee_epci"),
}
COORDINATES = {"latitude": ("lat",), "longitude": ("lon", "lng", "long")}
PERSONAL_NAMES = {"nom", "noms", "nom_prenom", "nom_de_famille", "nom_complet", "personne", "maire", "elu", "e_mail"}
MOST = 1_000  # cells of a line among which headings are sought
LONGEST = 100  # characters that a heading may have to be recognised
SAMPLE = 200  # distinct cells that tell what a column holds
LOOKED_AT = 1_000  # characters of a cell
CODE = re.compile(r"[0-9][0-9A-Za-z]*(?:\.0)?")
ADDRESSES = {"page", "url", "site", "web", "lien", "formulaire"}  # a page of contact is nobody's


class Headings(tuple[str, ...]):
    """Names of the columns of a schema, with the other words by which people head them."""

    words: dict[str, str]  # skeleton of a name, title or alias → name


def headings(schema: Any) -> Headings:
    """What may head the columns of the schema."""
    found = Headings(schema.field_names)
    found.words = _words(schema.fields, schema.fields)
    return found


def matched(cells: Sequence[str], names: Sequence[str]) -> int:
    """How many of the columns the cells head; by their titles too, when `names` are Headings."""
    bare = {cell.strip(' "\r') for cell in cells[:MOST]}
    exact = len(bare & set(names))
    if exact == len(names):
        return exact
    words = names.words if isinstance(names, Headings) else {skeleton(name): name for name in names}
    seen = {words.get(skeleton(cell)) for cell in bare if len(cell) <= LONGEST}
    return max(exact, len(seen - {None}))


def skeleton(name: str) -> str:
    """The name without what the eye does not tell: alphabet, width, case, accents, invisible signs, separators."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    return key(seen.translate(LOOKALIKES)).replace(" ", "_")


class Meant(NamedTuple):
    """The columns of the schema that a file names otherwise: {name in the file: name in the schema}, and in `doubtful`
    {name in the schema: names in the file, several of which may be it}."""

    certain: dict[str, str]
    doubtful: dict[str, list[str]]


def meant(sheet: Sheet, schema: Any) -> Meant:
    """What the strange names of the header mean, by the name, the title and the aliases of each missing column.

    Of several columns that may be one, the only one whose cells suit it is; its very name wins over all others.
    """
    missing = [entry for entry in schema.fields if entry.name not in sheet.header]
    words = _words(missing, schema.fields)
    found: dict[str, list[str]] = {}
    strange = [name for name in dict.fromkeys(sheet.header) if name.strip() and not schema.has_field(name)]
    strange = [name for name in strange if sheet.header.count(name) == 1]
    for entry in missing:
        same = [name for name in strange if skeleton(name) == skeleton(entry.name)]
        found[entry.name] = same or [name for name in strange if words.get(skeleton(name)) == entry.name]
    certain: dict[str, str] = {}
    doubtful: dict[str, list[str]] = {}
    for entry in missing:
        names = found[entry.name]
        suited = [name for name in names if _suits(sheet, name, entry)] if len(names) > 1 else names
        if len(suited) == 1:
            certain[suited[0]] = entry.name
        elif names:
            doubtful[entry.name] = names
    return Meant(certain, doubtful)


def _words(wanted: Sequence[Any], fields: Sequence[Any]) -> dict[str, str]:
    """{skeleton of a name, title or alias: the only column of those wanted that bears it}."""
    territories = sum("territory" in entry.custom for entry in fields)
    others = {entry.name: _other_names(entry, territories == 1) for entry in wanted}
    times = Counter(name for names in others.values() for name in names)
    words = {name: right for right, names in others.items() for name in names if times[name] == 1}
    return words | {skeleton(entry.name): entry.name for entry in fields}  # a name wins over a title


def _other_names(entry: Any, alone: bool) -> set[str]:
    """Skeletons of the title and aliases of a column; that of territories, when it is alone, has some everywhere."""
    names = {skeleton(name) for name in [entry.title or "", *entry.custom.get("aliases", ())] if name}
    names.update(COORDINATES.get(entry.name, ()))
    level = entry.custom.get("territory")
    if level and alone:
        levels = [level] if level in ALIASES else list(ALIASES)
        names.update(name for found in levels for name in ALIASES[found])
    return names


def level_named(name: str) -> str:
    """The level of territory that the name of a column tells: « insee_dep » → DEP; empty when it tells none."""
    bare = skeleton(name)
    return next((level for level, names in ALIASES.items() if bare in names), "")


def _suits(sheet: Sheet, name: str, entry: Any) -> bool:
    """Whether the first distinct cells of a column could be those of that column of the schema."""
    cells = [text.strip() for text in islice(sheet.column(sheet.header.index(name)).shown(), SAMPLE) if text.strip()]
    if "territory" in entry.custom:
        return bool(cells) and all(CODE.fullmatch(cell) for cell in cells)
    reader = entry.create_cell_reader()
    return bool(cells) and all(reader(cell)[1] is None for cell in cells)


def report_headless(sheet: Sheet, known: Sequence[str]) -> bool:
    """Reports a header that is a row of figures: such a table has no columns, and nothing more is to be said of it."""
    if not any(guessing.is_figure(name) for name in sheet.header):
        return False
    sheet.forget_rows()
    first = ", ".join(f"« {shown(name)} »" for name in sheet.header[:3])
    sheet.report("missing-header", sheet.header_line, value=first, expected=", ".join(known))
    sheet.header = []
    return True


def report_crossed(sheet: Sheet, strange: Sequence[str], missing: list[str]) -> list[str]:
    """Reports the columns that are periods, each of which should be rows; takes from `missing` what they stand for."""
    periods = [name for name in strange if (found := dates.read_period(name)) and found.sure]
    if "time_period" not in missing or len(periods) < 2:
        return []
    quoted = ", ".join(f"« {shown(name)} »" for name in periods[:3]) + (", …" if len(periods) > 3 else "")
    sheet.report("crossed-table", sheet.header_line, value=quoted)
    missing[:] = [name for name in missing if name not in ("time_period", "obs_value")]
    return periods


def report_misspelled(sheet: Sheet, name: str, right: Any) -> None:
    """Reports a column whose right name is certain."""
    details = {"value": name, "suggestion": right.name, "correction": right.name}
    if skeleton(name) == skeleton(right.name):
        sheet.report("misspelled-column", sheet.header_line, reason=_reason(name), **details)
    else:
        sheet.report("renamed-column", sheet.header_line, field_title=right.title or right.name, **details)


def report_doubtful(sheet: Sheet, entry: Any, names: Sequence[str]) -> None:
    """Reports a column of the schema that several of the file may be, with what each of them holds."""
    quoted = " ou ".join(f"« {shown(name)} »{_example(sheet, name)}" for name in names)
    texts = {"field_title": entry.title or entry.name, "suggestion": quoted, "expected": described(entry)}
    sheet.report("ambiguous-column", sheet.header_line, value=entry.name, **texts)


def _example(sheet: Sheet, name: str) -> str:
    cell = next((text for text in sheet.column(sheet.header.index(name)).shown() if text.strip()), "")
    return f" (par exemple « {shown(cell)} »)" if cell else ""


def described(entry: Any) -> str:
    """What a column holds, as its schema says it."""
    return str(entry.description or f"{entry.title or entry.name}.")


def report_stranger(sheet: Sheet, name: str, missing: list[str], dataset: Dataset) -> None:
    """Reports a column that the schema has not; takes from `missing` the one that it misspells."""
    if personal(name) or _holds_personal_data(sheet, name):
        what = "est faite pour" if personal(name) else "contient"
        sheet.report("personal-column", sheet.header_line, name, value=name, what=what)
        return
    near = nearest(skeleton(name), missing)
    if near:
        missing.remove(near[0])
        sheet.report("misspelled-column", sheet.header_line, value=name, suggestion=near[0], reason=_reason(name))
    else:
        schema = str(dataset.descriptor.get("schema", "")).removeprefix("../")
        sheet.report("extra-column", sheet.header_line, value=name, schema=schema)


def personal(name: str) -> bool:
    """Whether the name of a column says that it is about people."""
    words = set(skeleton(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).split("_"))
    return skeleton(name) in PERSONAL_NAMES or (bool(words & PERSONAL) and not words & ADDRESSES)


def _holds_personal_data(sheet: Sheet, name: str) -> bool:
    """Whether most of the first distinct cells of a column are addresses or telephones of people."""
    cells = [text for text in islice(sheet.column(sheet.header.index(name)).shown(), SAMPLE) if text.strip()]
    return 2 * sum(1 for text in cells if refusals.personal(text[:LOOKED_AT])) > len(cells)


def _reason(name: str) -> str:
    """Why a name that looks right is not: the first sign that is no plain Latin one."""
    for sign in name:
        if unicodedata.category(sign) == "Cf":
            return f" : elle contient un caractère invisible (U+{ord(sign):04X})"
        if ord(sign) > 0x24F and sign.isalnum():
            return f" : elle contient un caractère qui n'est pas latin (« {sign} », U+{ord(sign):04X})"
    return ""
