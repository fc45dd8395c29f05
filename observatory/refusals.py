"""What no text of a table may hold, however well formed: hidden characters, HTML, personal data."""

import re
import unicodedata
from typing import Any

from observatory.cells import Fault
from observatory.problems import shown
from observatory.shapes import HTML

# Bounded, so that no text makes them slow: the parts of an address are never longer.
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[a-zA-Z]{2,24}")
PHONE = re.compile(r"(?<![\w+=/.-])(?:0|(?:\+|00)33\s?(?:\(0\))?\s?)[1-9]([\s.-]?)\d{2}(?:\1\d{2}){3}(?![\w=/]|[.-]\d)")
# Controls but tab and ends of lines, invisible signs, reversals of direction, private signs; the joiner that makes
# one drawing of two is left alone.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e0fff]|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
)


def refused(raw: str, entry: Any) -> Fault | None:
    """Why the text may not be published, in a column of that Frictionless field; personal data are not repeated."""
    if found := HIDDEN.search(raw):
        return Fault("hidden-character", {"value": f"U+{ord(found[0]):04X}", "place": str(found.start() + 1)})
    if found := HTML.search(raw):
        return Fault("html-tag", {"value": shown(found[0])})
    seen = raw if raw.isascii() else plain(raw)
    if "@" in seen and EMAIL.search(seen):
        return Fault("personal-data", {"what": "une adresse électronique"})
    # Ten digits in a row may be a code, when the schema gives the column a form.
    if (phone := PHONE.search(seen)) and not (phone[0].isdigit() and "pattern" in entry.constraints):
        return Fault("personal-data", {"what": "un numéro de téléphone"})
    return None


def plain(text: str) -> str:
    """The text in the plain signs that a reader takes it for: full-width letters, digits of other scripts."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(sign, sign)) if sign.isdigit() else sign for sign in text)
