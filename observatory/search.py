"""What a visitor types, turned into a query of the full-text index (SQLite FTS5), identifiers or near names."""

import re
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

from observatory import french

# What French addresses abbreviate, in both directions.
ALTERNATIVES = {"st": "saint", "ste": "sainte", "cc": "communaute", "ca": "communaute", "dept": "departement"}
LONGEST = 100
MOST_WORDS = 8
LEVELS = ("FRA", "REG", "DEP", "EPCI", "COM")
CODE = re.compile(r"[0-9A-Z]{1,9}")
# Below this likeness (rapidfuzz, 0 to 100) a name is another name, not a misspelling.
LIKENESS = 78


def match_expression(text: str) -> str:
    """An FTS5 expression that asks for every word of `text`, the last one as a prefix; empty when there is none.

    Words are reduced to letters and digits, so that no operator of FTS5 can be typed by a visitor.
    """
    words = french.key(text[:LONGEST]).split()[:MOST_WORDS]
    if not words:
        return ""
    terms = [f'"{word}"' for word in words[:-1]] + [f'"{words[-1]}"*']
    return " AND ".join(_either(word, term) for word, term in zip(words, terms, strict=True))


def _either(word: str, term: str) -> str:
    # The index keeps « œ » as one letter, the visitor may type it as two.
    others = [f'"{ALTERNATIVES[word]}"'] if word in ALTERNATIVES else []
    if "oe" in word:
        others.append(term.replace("oe", "œ"))
    return f"({' OR '.join([term, *others])})" if others else term


def same(text: str, name: str) -> bool:
    """Whether `text` names `name` exactly, accents, case and hyphens aside."""
    return french.key(text) == french.key(name)


def identifiers(text: str) -> list[str]:
    """Identifiers that `text` may stand for: "dep-84" → DEP-84; "1001" → COM-1001, COM-01001 …; empty for a name."""
    asked = text.strip().upper()
    level, _, code = asked.rpartition("-")
    if level not in LEVELS:
        level, code = "", asked
    if not CODE.fullmatch(code):
        return []
    codes = {"": code, "COM": code.zfill(5), "DEP": code.zfill(2), "REG": code.zfill(2)}
    levels = (level,) if level else LEVELS[1:]
    found = [f"{one}-{c}" for one in levels for c in dict.fromkeys((code, codes.get(one, code)))]
    return ["FRA", *found] if code == "FRA" else found


def keys(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The (identifier, name) pairs as identifier → name reduced for comparison."""
    return {identifier: french.key(name) for identifier, name in names}


def nearest(text: str, known: Mapping[str, str], most: int = 5) -> list[str]:
    """Identifiers of the names of `known` (see `keys`) that are most like `text`, nearest first; at most `most`."""
    asked = french.key(text[:LONGEST])
    if len(asked) < 4:
        return []
    found = process.extract(asked, known, scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=most)
    return [identifier for _, _, identifier in found]
