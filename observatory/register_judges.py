"""Judges of the cells of a register: what they name is known, their dates and links can be, their keys are right."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

from observatory.cells import Fault, surrounded
from observatory.french import key
from observatory.problems import did_you_mean, nearest, shown
from observatory.refusals import refused
from observatory.registers import SEPARATOR, items

PARTIAL = re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
SIREN = re.compile(r"[0-9]{9}")
SCHEMES = ("http", "https")
FEW = 20  # that fit in a sentence
LONGEST = 2000  # characters of a cell that names things
# Names for which one that is alike is looked for: a file of nothing but wrong names must not take hours.
GUESSES = 300


class One(Protocol):
    """What judges one code, as the judges of a column do."""

    def __call__(self, raw: str) -> Fault | None:
        """What is wrong with it, None when nothing is."""


class Items:
    """Judges a cell that names several things, each by the same judge; `faults` gives what is wrong with each."""

    def __init__(self, one: One) -> None:
        self.one = one

    def __call__(self, raw: str) -> Fault | None:
        found = self.faults(raw)
        return found[0] if found else None

    def holds(self, raw: str) -> bool:
        """Whether nothing is wrong with the cell."""
        return not self.faults(raw)

    def faults(self, raw: str) -> list[Fault]:
        """Everything wrong with the cell; the correction of one thing leaves the others as they are."""
        if len(raw) > LONGEST:  # its schema says so
            return []
        parts = raw.split(SEPARATOR)
        bare = SEPARATOR.join(items(raw))
        if bare and bare != raw and [part.strip() for part in parts] == bare.split(SEPARATOR):
            return [surrounded(raw, bare)]
        found = [self._in_cell(fault, parts, place) for place, part in enumerate(parts) if (fault := self._of(part))]
        seen = {part for place, part in enumerate(parts) if part and part in parts[:place]}
        once = SEPARATOR.join(dict.fromkeys(parts))
        return found + [Fault("repeated-item", {"value": shown(part), "correction": once}) for part in sorted(seen)]

    def _of(self, part: str) -> Fault | None:
        return self.one(part) if part else None

    def _in_cell(self, fault: Fault, parts: list[str], place: int) -> Fault:
        if "correction" not in fault.details:
            return fault
        corrected = [*parts[:place], fault.details["correction"], *parts[place + 1 :]]
        return Fault(fault.code, {**fault.details, "correction": SEPARATOR.join(corrected)})


class Named:
    """Judges the identifier of a thing of a list; `titles` are those of the things that it holds, by identifier."""

    def __init__(self, where: str, titles: Mapping[str, str]) -> None:
        self.where, self.titles, self.guesses = where, titles, GUESSES

    @cached_property
    def keys(self) -> Mapping[str, Sequence[str]]:
        """Identifiers by what comparisons see of them and of their titles."""
        found: dict[str, list[str]] = {}
        for one, title in self.titles.items():
            for same in {key(one), key(title)} - {""}:
                found.setdefault(same, []).append(one)
        return found

    def __call__(self, raw: str) -> Fault | None:
        if raw in self.titles:
            return None
        details = {"value": shown(raw), "where": self.where}
        same = self.keys.get(key(raw), ())
        if len(same) == 1:
            said = f" C'est « {same[0]} » ({self.titles[same[0]]})."
            return Fault("unknown-thing", {**details, "suggestion": said, "correction": same[0]})
        said = did_you_mean(self._like(raw))
        if not said and 0 < len(self.titles) <= FEW:
            said = f" Choix possibles : {', '.join(self.titles)}."
        return Fault("unknown-thing", {**details, "suggestion": said})

    def _like(self, raw: str) -> list[str]:
        if self.guesses <= 0:
            return []
        self.guesses -= 1
        return [one for found in nearest(key(raw), self.keys) for one in self.keys[found][:1]]


class Whole:
    """Judges a cell as a whole by a function that says what is wrong with it."""

    def holds(self, raw: str) -> bool:
        """Whether nothing is wrong with the cell."""
        return self(raw) is None

    def __call__(self, raw: str) -> Fault | None:
        raise NotImplementedError


class PartialDate(Whole):
    """Judges a year, a month or a day of the calendar (ISO 8601)."""

    def __call__(self, raw: str) -> Fault | None:
        if not raw or (PARTIAL.fullmatch(raw) and _exists(raw)):
            return None
        return Fault("wrong-date", {"value": shown(raw)})


class Siren(Whole):
    """Judges a SIREN, whose last digit is the key of the others (Luhn; ISO/IEC 7812-1)."""

    def __call__(self, raw: str) -> Fault | None:
        if not raw or (SIREN.fullmatch(raw) and luhn(raw)):
            return None
        return Fault("wrong-siren", {"value": shown(raw)})


class Links(Whole):
    """Judges links, each of which must be an address of the web that tells no personal datum."""

    def __call__(self, raw: str) -> Fault | None:
        if refusal := refused(raw):
            return Fault(refusal.code, refusal.details)
        wrong = [part for part in items(raw) if not is_link(part)]
        return Fault("not-a-link", {"value": shown(wrong[0])}) if wrong else None


def is_link(text: str) -> bool:
    """Whether the text is an absolute http or https address, without the name of a user.

    >>> [is_link(one) for one in ("https://a.fr/x", "ftp://a.fr", "www.a.fr", "https://me:pass@a.fr", "https:///x")]
    [True, False, False, False, False]
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    named = bool(parts.hostname) and "." in str(parts.hostname)
    return parts.scheme in SCHEMES and named and not parts.username and port != 0 and not re.search(r"\s", text)


def luhn(digits: str) -> bool:
    """Whether the sum of the digits, every other one doubled from the right, is a multiple of ten.

    >>> luhn("732829320"), luhn("732829321")
    (True, False)
    """
    doubled = [int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def disordered(dates: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs of names of columns whose dates, each a year, a month or a day, are certainly in the wrong order.

    >>> disordered([("start", "2017-04"), ("end", "2017")]), disordered([("start", "2017-04"), ("end", "2016")])
    ([], [('start', 'end')])
    """
    known = [(name, text) for name, text in dates if text]
    pairs = [(known[first], later) for later_place, later in enumerate(known) for first in range(later_place)]
    return [
        (before[0], after[0])
        for before, after in pairs
        if (size := min(len(before[1]), len(after[1]))) and before[1][:size] > after[1][:size]
    ]


def _exists(text: str) -> bool:
    try:
        Date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True
