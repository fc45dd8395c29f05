"""What a visitor types, turned into a query of the full-text index (SQLite FTS5), identifiers or near names."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

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


def expanded(text: str) -> str:
    """`text` as comparisons see it, with « St » and « Ste » in full, as the names of communes are written."""
    words = french.key(text).split()
    return " ".join(ALTERNATIVES[word] if word in ("st", "ste") else word for word in words)


def five_digits(text: str) -> bool:
    """Whether `text` may be a postcode as well as the code of a commune: most visitors mean the postcode."""
    return len(text) == 5 and text.isascii() and text.isdigit()


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


def reduced(names: Sequence[str]) -> list[str]:
    """`french.key` of many names of territories at once, twenty times faster; no name holds a line feed."""
    text = unicodedata.normalize("NFKD", "\n".join(names).casefold().replace("œ", "oe"))
    bare = re.sub(r"[^\w\n]+|_+", " ", re.sub(r"[\u0300-\u036f]", "", text))
    return [" ".join(line.split()) for line in bare.split("\n")] if names else []


def nearest(text: str, known: Mapping[str, str], most: int = 5) -> list[str]:
    """Identifiers of the names of `known` (see `reduced`) that are most like `text`, nearest first; at most `most`."""
    asked = french.key(text[:LONGEST])
    if len(asked) < 4:
        return []
    found = process.extract(asked, known, scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=most)
    return [identifier for _, _, identifier in found]


class Thing(NamedTuple):
    """Something else than a territory that a search finds: its kind, its address, its title and what it is about."""

    kind: str
    url: str
    title: str
    about: str
    heading: frozenset[str]
    words: frozenset[str]


# Words that say nothing of what is sought, in both languages.
EMPTY = frozenset(re.findall("[a-z]+", "a au aux d de des du en et l la le les of on s sur the un une and for in"))
# A word of four letters or more may have a fault; below this likeness it is another word.
WORD_LIKENESS = 82


def thing(kind: str, url: str, title: str, about: str, *others: str) -> Thing:
    """A thing that is found by its title and its address, then by what it is about and by other texts."""
    heading = words(title, url.rpartition("/")[2])
    return Thing(kind, url, title, about, heading, heading | words(about, *others))


def words(*texts: str) -> frozenset[str]:
    """The words of texts of any length, reduced as names are."""
    return frozenset(word for text in texts for part in text.split() for word in french.key(part).split())


def matching(text: str, things: Iterable[Thing], most: int = 10) -> list[Thing]:
    """The things that every word of `text` is about, best first: words of the title weigh more, misspelt ones less."""
    asked = [word for word in french.key(text[:LONGEST]).split()[:MOST_WORDS] if word not in EMPTY]
    if not asked:
        return []
    weighed: list[tuple[int, int, Thing]] = []
    for one in things:
        weights = [_weight(word, one) for word in asked]
        if all(weights):
            weighed.append((-sum(weights), len(weighed), one))
    return [one for _, _, one in sorted(weighed, key=lambda found: found[:2])[:most]]


def _weight(word: str, one: Thing) -> int:
    if word in one.heading:
        return 5
    if any(known.startswith(word) for known in one.heading):
        return 4
    if len(word) > 2 and any(known.startswith(word) for known in one.words):
        return 2
    like = len(word) > 3 and process.extractOne(word, one.heading, scorer=fuzz.ratio, score_cutoff=WORD_LIKENESS)
    return 1 if like else 0


def reason(text: str, name: str, aliases: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The (type, alias) by which `text` finds a territory, the alias that it is before one that holds its words.

    None when the name itself holds them.
    """
    asked = french.key(text[:LONGEST])
    words = asked.split()
    if not words or _held(words, name):
        return None
    known = [(kind, alias) for kind, alias in aliases if _held(words, alias)]
    # A postcode says more than the code of a commune that is no more.
    return min(known, key=lambda one: (french.key(one[1]) != asked, one[0] == "former-code"), default=None)


def _held(words: list[str], name: str) -> bool:
    names = french.key(name).split()
    known = {*names, *(ALTERNATIVES.get(one, one) for one in names)}
    return all(any(one.startswith((word, ALTERNATIVES.get(word, word))) for one in known) for word in words)


def standing(text: str, name: str, why: tuple[str, str] | None) -> int:
    """How well a name answers `text`: 0 it is that name, 1 another name of its is, 2 it holds it, 3 otherwise."""
    asked, known = french.key(text[:LONGEST]), french.key(name)
    if known == asked:
        return 0
    if why is not None and french.key(why[1]) == asked:
        return 1
    return 2 if known.startswith(asked) or f" {asked} " in f" {known} " else 3


def titled(text: str, one: Thing) -> bool:
    """Whether the title of a thing holds every word of `text`."""
    asked = words(text[:LONGEST]) - EMPTY
    return bool(asked) and all(any(known.startswith(word) for known in one.heading) for word in asked)
