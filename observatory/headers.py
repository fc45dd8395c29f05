"""Names of columns: which one a strange name means, and which no file may bear."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from observatory.french import key
from observatory.model import Dataset
from observatory.problems import nearest
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
PERSONAL_NAMES = {"nom", "noms", "nom_prenom", "nom_de_famille", "nom_complet", "personne", "maire", "elu", "e_mail"}
ADDRESSES = {"page", "url", "site", "web", "lien", "formulaire"}  # a page of contact is nobody's


def skeleton(name: str) -> str:
    """The name without what the eye does not tell: alphabet, width, case, accents, invisible signs, separators."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    return key(seen.translate(LOOKALIKES)).replace(" ", "_")


def meant(header: Sequence[str], schema: Any) -> dict[str, str]:
    """{name in the file: name in the schema} of the misspelled columns that can mean only one missing column."""
    missing = [entry for entry in schema.fields if entry.name not in header]
    named = {skeleton(entry.name): entry.name for entry in missing}
    titled = Counter(skeleton(entry.title) for entry in missing if entry.title)
    named |= {skeleton(entry.title): entry.name for entry in missing if titled[skeleton(entry.title or "")] == 1}
    named |= {skeleton(entry.name): entry.name for entry in missing}  # a name wins over a title
    found = {name: named[skeleton(name)] for name in header if name.strip() and skeleton(name) in named}
    found = {name: right for name, right in found.items() if not schema.has_field(name)}
    times = Counter(found[name] for name in header if name in found)
    return {name: right for name, right in found.items() if times[right] == 1}


def report_misspelled(sheet: Sheet, name: str, right: str) -> None:
    """Reports a column whose right name is certain."""
    sheet.report(
        "misspelled-column", sheet.header_line, value=name, suggestion=right, reason=_reason(name), correction=right
    )


def report_stranger(sheet: Sheet, name: str, missing: list[str], dataset: Dataset) -> None:
    """Reports a column that the schema has not; takes from `missing` the one that it misspells."""
    if personal(name):
        sheet.report("personal-column", sheet.header_line, name, value=name)
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


def _reason(name: str) -> str:
    """Why a name that looks right is not: the first sign that is no plain Latin one."""
    for sign in name:
        if unicodedata.category(sign) == "Cf":
            return f" : elle contient un caractère invisible (U+{ord(sign):04X})"
        if ord(sign) > 0x24F and sign.isalnum():
            return f" : elle contient un caractère qui n'est pas latin (« {sign} », U+{ord(sign):04X})"
    return ""
