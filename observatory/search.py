"""What a visitor types, turned into a query of the full-text index (SQLite FTS5)."""

from observatory import french

# What French addresses abbreviate, in both directions.
ALTERNATIVES = {"st": "saint", "ste": "sainte", "cc": "communaute", "ca": "communaute", "dept": "departement"}
LONGEST = 100
MOST_WORDS = 8


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
    return f'({term} OR "{ALTERNATIVES[word]}")' if word in ALTERNATIVES else term


def same(text: str, name: str) -> bool:
    """Whether `text` names `name` exactly, accents, case and hyphens aside."""
    return french.key(text) == french.key(name)
