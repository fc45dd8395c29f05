"""What no text that is published may hold, however well formed: hidden characters, HTML, personal data."""

import re
import unicodedata
from typing import NamedTuple

from observatory.problems import shown

HTML = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<(?:script|iframe|img|svg|object|embed|style)\b|<!--", re.I
)
# Bounded, so that no text makes them slow: the parts of an address are never longer.
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[a-zA-Z]{2,24}")
PHONE = re.compile(r"(?<![\w+=/.-])(?:0|(?:\+|00)33\s?(?:\(0\))?\s?)[1-9]([\s.-]?)\d{2}(?:\1\d{2}){3}(?![\w=/]|[.-]\d)")
# Controls but tab and ends of lines, invisible signs, reversals of direction, private signs; the joiner that makes
# one drawing of two is left alone.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e0fff]|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
)
# Those of them that stand for nothing that was written: without them, the text reads the same.
IDLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202c\u2060-\u206f\ufeff]")


class Refusal(NamedTuple):
    """Why a text may not be published: a code of the catalogue and the words for its braces."""

    code: str
    details: dict[str, str]


def refused(text: str, coded: bool = False) -> Refusal | None:
    """Why the text may not be published; `coded`: it is a code, which may well be ten digits. No datum is repeated."""
    if found := HIDDEN.search(text):
        return Refusal("hidden-character", {"value": f"U+{ord(found[0]):04X}", "place": str(found.start() + 1)})
    if found := HTML.search(text):
        return Refusal("html-tag", {"value": shown(found[0])})
    if what := personal(text, coded):
        return Refusal("personal-data", {"what": what})
    return None


def harmless(text: str) -> str | None:
    """The text without its hidden characters; None when one may hide a letter, a space or an order of reading."""
    bare = HIDDEN.sub(lambda found: "" if IDLE.fullmatch(found[0]) else found[0], text)
    return None if HIDDEN.search(bare) else bare


def personal(text: str, coded: bool = False) -> str | None:
    """The personal datum that the text holds, named in French."""
    seen = text if text.isascii() else plain(text)
    if "@" in seen and EMAIL.search(seen):
        return "une adresse électronique"
    phone = PHONE.search(seen)
    return "un numéro de téléphone" if phone and not (coded and phone[0].isdigit()) else None


def plain(text: str) -> str:
    """The text in the plain signs that a reader takes it for: full-width letters, digits of other scripts."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(sign, sign)) if sign.isdigit() else sign for sign in text)
