"""How long may a regular expression look for a match? The automaton of its positions says so, without trying it.

A pattern that can read one text in two ways while it goes round (exponential), or that passes from one loop to another
over the same signs (polynomial), makes Python's backtracking matcher try them all when the cell does not match.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

parser: Any = re._parser  # type: ignore[attr-defined]  # the standard library's own reading of a pattern
EXACT = 4  # a repetition of more times than this is held to be a loop
CHAIN = 12  # copies kept of a part repeated a fixed number of times
EDGES = 200_000
TOO_LONG = "il est trop long pour que l'on prouve qu'il finit vite"
MOST = 400  # positions beyond which a pattern that loops is not examined
SAMPLES = [*map(chr, range(128)), "é", "١", "\u00a0", "€", "日"]
CATEGORIES = {name: re.compile(text) for name, text in (("SPACE", r"\s"), ("DIGIT", r"\d"), ("WORD", r"\w"))}
LOOPS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class Ambiguous(Exception):
    """The pattern cannot be proved to end soon; the message says why, in French."""


@dataclass
class Part:
    """Where a part of the pattern can begin and end, and whether it can be empty."""

    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    empty: bool = True


class Automaton:
    """The positions of a pattern, what each reads, and which may follow which (and in how many ways)."""

    def __init__(self, tree: Any) -> None:
        self.reads: list[tuple[str, Any]] = []
        self.edges: Counter[tuple[int, int]] = Counter()
        self.loops = False
        self._signs: dict[int, frozenset[str]] = {}
        near = (number + step for number in _numbers(tree) for step in (-1, 0, 1))
        self._samples = {*SAMPLES, *(chr(number) for number in near if 0 <= number <= sys.maxunicode)}
        self._sequence(tree, looped=False)

    def _sequence(self, items: Iterable[Any], looped: bool) -> Part:
        found = Part()
        for code, argument in items:
            found = self._then(found, self._part(str(code), argument, looped))
        return found

    def _then(self, before: Part, after: Part) -> Part:
        self._link(before.last, after.first)
        first = before.first + after.first if before.empty else before.first
        last = after.last + before.last if after.empty else after.last
        return Part(first, last, before.empty and after.empty)

    def _link(self, lasts: Sequence[int], firsts: Sequence[int]) -> None:
        if len(self.edges) + len(lasts) * len(firsts) > EDGES:
            raise Ambiguous(TOO_LONG)
        self.edges.update((last, first) for last in lasts for first in firsts)

    def _part(self, code: str, argument: Any, looped: bool) -> Part:
        if code in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self._leaf(code, argument)
        if code in LOOPS:
            low, high, tree = argument
            return self._repeat(low, high, tree, looped)
        if code == "SUBPATTERN":
            _, added, removed, tree = argument
            if added or removed:
                raise Ambiguous("il change d'options en chemin, comme (?i)")
            return self._sequence(tree, looped)
        if code == "ATOMIC_GROUP":
            return self._sequence(argument, looped)
        if code == "BRANCH":
            return self._branches([self._sequence(tree, looped) for tree in argument[1]], looped)
        if code == "AT":
            return Part()
        raise Ambiguous("il regarde ailleurs que là où il lit (renvoi, ou condition comme (?=…))")

    def _leaf(self, code: str, argument: Any) -> Part:
        place = len(self.reads)
        if self.loops and place >= MOST:
            raise Ambiguous(TOO_LONG)
        self.reads.append((code, argument))
        return Part([place], [place], empty=False)

    def _branches(self, parts: Sequence[Part], looped: bool) -> Part:
        if looped:
            starts = [{sign for place in part.first for sign in self.signs(place)} for part in parts]
            alike = any(one & other for n, one in enumerate(starts) for other in starts[:n])
            if alike or any(part.empty for part in parts):
                raise Ambiguous("il répète un choix dont deux branches commencent de même")
        return Part(
            [p for part in parts for p in part.first],
            [p for part in parts for p in part.last],
            any(part.empty for part in parts),
        )

    def _repeat(self, low: int, high: int, tree: Any, looped: bool) -> Part:
        narrowest, widest = tree.getwidth()
        if high <= 1:
            part = self._sequence(tree, looped)
            return Part(part.first, part.last, part.empty or low == 0)
        if narrowest == 0:
            raise Ambiguous("il répète une répétition ou une partie qui peut être vide")
        if high <= EXACT or (low == high and narrowest == widest):
            return self._copies(tree, min(low, CHAIN), min(high, CHAIN), looped)
        before = self._copies(tree, max(0, min(low, EXACT) - 1), max(0, min(low, EXACT) - 1), looped)
        self.loops = True
        part = self._sequence(tree, looped=True)
        self._link(part.last, part.first)
        return self._then(before, Part(part.first, part.last, low == 0))

    def _copies(self, tree: Any, low: int, high: int, looped: bool) -> Part:
        """The part `low` to `high` times, one after the other: x{1,3} is x(x(x)?)?."""
        found = Part()
        for _ in range(high - low):
            part = self._then(self._sequence(tree, looped), found)
            found = Part(part.first, part.last, empty=True)
        for _ in range(low):
            found = self._then(self._sequence(tree, looped), found)
        return found

    def signs(self, place: int) -> frozenset[str]:
        """The sample signs that a position reads; every range is sampled at its two ends and just outside."""
        if place not in self._signs:
            self._signs[place] = frozenset(sign for sign in self._samples if reads(*self.reads[place], sign))
        return self._signs[place]


def _numbers(node: Any) -> Iterator[int]:
    """Every number in the tree: those of signs, and a few others that do no harm."""
    if isinstance(node, int):
        yield node
    elif node is not None:
        for part in node:
            yield from _numbers(part)


def reads(code: str, argument: Any, sign: str) -> bool:
    """Whether that one-sign part of a pattern reads the sign."""
    if code == "ANY":
        return sign != "\n"
    if code != "IN":
        return bool(ord(sign) == argument) == (code == "LITERAL")
    negated = str(argument[0][0]) == "NEGATE"
    return negated != any(_holds(str(inner), value, sign) for inner, value in argument[negated:])


def _holds(code: str, value: Any, sign: str) -> bool:
    if code == "LITERAL":
        return ord(sign) == int(value)
    if code == "RANGE":
        return int(value[0]) <= ord(sign) <= int(value[1])
    _, _, name = str(value).partition("CATEGORY_")
    return bool(CATEGORIES[name.removeprefix("NOT_")].match(sign)) != name.startswith("NOT_")


def degree(tree: Any) -> int:
    """1 when the time to match grows as the text, 2 as its square, and so on; Ambiguous when it is past counting."""
    automaton = Automaton(tree)
    follow: dict[int, set[int]] = defaultdict(set)
    for before, after in automaton.edges:
        follow[before].add(after)
    if not automaton.loops:
        return 1
    if len(automaton.reads) > MOST:
        raise Ambiguous(TOO_LONG)
    loops = list(_loops(follow, len(automaton.reads)))
    signs = [automaton.signs(place) for place in range(len(automaton.reads))]
    for loop in loops:
        twice = any(automaton.edges[p, q] > 1 for p in loop for q in follow[p] & loop)
        if twice or _two_ways_round(loop, follow, signs):
            raise Ambiguous("il répète une répétition : un même texte s'y lit de plusieurs façons")
    return _longest(loops, follow, signs)


def _reach(starts: Iterable[Any], steps: Any) -> set[Any]:
    found, waiting = set(), list(starts)
    while waiting:
        for state in steps(waiting.pop()):
            if state not in found:
                found.add(state)
                waiting.append(state)
    return found


def _loops(follow: dict[int, set[int]], count: int) -> Iterator[set[int]]:
    """Sets of positions that lead to each other."""
    ahead = {place: _reach([place], lambda p: follow[p]) for place in range(count) if follow[place]}
    seen: set[int] = set()
    for place, reached in ahead.items():
        if place in reached and place not in seen:
            loop = {other for other in reached if place in ahead.get(other, ())}
            seen |= loop
            yield loop


def _two_ways_round(loop: set[int], follow: dict[int, set[int]], signs: Sequence[frozenset[str]]) -> bool:
    """Whether one text leads from a position back to itself by two ways."""
    steps: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    back: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for one in loop:
        for other in loop:
            for p in follow[one] & loop:
                for q in follow[other] & loop:
                    if signs[p] & signs[q]:
                        steps[one, other].add((p, q))
                        back[p, q].add((one, other))
    home = [(place, place) for place in loop]
    return any(
        one != other
        for place in home
        for one, other in _reach([place], steps.__getitem__) & _reach([place], back.__getitem__)
    )


def _longest(loops: Sequence[set[int]], follow: dict[int, set[int]], signs: Sequence[frozenset[str]]) -> int:
    """How many loops, at most, share a text one after the other."""
    after = {
        n: [m for m, other in enumerate(loops) if m != n and _shared(loop, other, follow, signs)]
        for n, loop in enumerate(loops)
    }

    def depth(n: int) -> int:
        return 1 + max((depth(m) for m in after[n]), default=0)

    return max(map(depth, after))


def _shared(one: set[int], other: set[int], follow: dict[int, set[int]], signs: Sequence[frozenset[str]]) -> bool:
    """Whether some text goes round `one`, from `one` to `other`, and round `other`."""

    def steps(state: tuple[int, int, int]) -> Iterator[tuple[int, int, int]]:
        a, b, c = state
        for p in follow[a] & one:
            for r in follow[c] & other:
                both = signs[p] & signs[r]
                if both:
                    yield from ((p, q, r) for q in follow[b] if both & signs[q])

    return any((p, q, q) in _reach([(p, p, q)], steps) for p in one for q in other)
