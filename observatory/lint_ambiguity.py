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
EXACT = 4  # a repetition of more times than this is held to be a loop…
NESTED = 16  # … and so is one that repetitions around it multiply beyond this
WAYS = 1000  # of reading one text without going round; a choice between many words may have as many as it has signs
CHAIN = 12  # copies kept of a part repeated a fixed number of times
EDGES = 200_000
MANY = "un même texte s'y lit de trop de façons"
TOO_LONG = "il est trop long pour que l'on prouve qu'il finit vite"
MOST = 1200  # positions beyond which a pattern that loops is not examined
SEVERAL = 400  # the same, when it has several loops
SAMPLES = [*map(chr, range(128)), "é", "١", "\u00a0", "€", "日"]
CATEGORIES = {name: re.compile(text) for name, text in (("SPACE", r"\s"), ("DIGIT", r"\d"), ("WORD", r"\w"))}
LOOPS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class Ambiguous(Exception):
    """The pattern cannot be proved to end soon; the message says why, in French."""


@dataclass
class Part:
    """Where a part of the pattern can begin and end (a place comes once for each way), and in how many ways it can
    be empty.
    """

    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    empty: int = 1


class Automaton:
    """The positions of a pattern, what each reads, and which may follow which (and in how many ways)."""

    def __init__(self, tree: Any) -> None:
        self.reads: list[tuple[str, Any]] = []
        self.edges: Counter[tuple[int, int]] = Counter()
        self.loops = False
        self._signs: dict[int, frozenset[str]] = {}
        near = (number + step for number in _numbers(tree) for step in (-1, 0, 1))
        self._samples = {*SAMPLES, *(chr(number) for number in near if 0 <= number <= sys.maxunicode)}
        self.first = self._sequence(_after_lookahead(tree), 1).first

    def _sequence(self, items: Iterable[Any], times: int) -> Part:
        found = Part()
        for code, argument in items:
            found = self._then(found, self._part(str(code), argument, times))
        return found

    def _then(self, before: Part, after: Part) -> Part:
        self._link(before.last, after.first)
        first = before.first + after.first * before.empty
        last = after.last + before.last * after.empty
        empty = before.empty * after.empty
        if empty > WAYS or max(len(first), len(last)) > EDGES:
            raise Ambiguous(MANY)
        return Part(first, last, empty)

    def _link(self, lasts: Sequence[int], firsts: Sequence[int]) -> None:
        if len(self.edges) + len(lasts) * len(firsts) > EDGES:
            raise Ambiguous(TOO_LONG)
        self.edges.update((last, first) for last in lasts for first in firsts)

    def _part(self, code: str, argument: Any, times: int) -> Part:
        if code in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self._leaf(code, argument)
        if code in LOOPS:
            return self._repeat(argument, times)
        if code == "SUBPATTERN":
            _, added, removed, tree = argument
            if added or removed:
                raise Ambiguous("il change d'options en chemin, comme (?i)")
            return self._sequence(tree, times)
        if code == "ATOMIC_GROUP":
            return self._sequence(argument, times)
        if code == "BRANCH":
            return _either([self._sequence(tree, times) for tree in argument[1]])
        if code == "AT":
            return Part()
        raise Ambiguous("il regarde ailleurs que là où il lit (renvoi, ou condition comme (?=…))")

    def _leaf(self, code: str, argument: Any) -> Part:
        place = len(self.reads)
        if self.loops and place >= MOST:
            raise Ambiguous(TOO_LONG)
        self.reads.append((code, argument))
        return Part([place], [place], empty=0)

    def _repeat(self, argument: Any, times: int) -> Part:
        """A repeated part; `times` is how often those around it may repeat it."""
        low, high, tree = argument
        narrowest, widest = tree.getwidth()
        if high <= 1:
            part = self._sequence(tree, times)
            return Part(part.first, part.last, part.empty + (low == 0))
        if narrowest == 0:
            raise Ambiguous("il répète une répétition ou une partie qui peut être vide")
        times *= int(high)
        if (high <= EXACT and times <= NESTED) or (low == high and narrowest == widest):
            return self._copies(tree, min(low, CHAIN), min(high, CHAIN), times)
        fixed = max(0, min(low, EXACT) - 1)
        before = self._copies(tree, fixed, fixed, times)
        self.loops = True
        part = self._sequence(tree, times)
        self._link(part.last, part.first)
        return self._then(before, Part(part.first, part.last, int(low == 0)))

    def _copies(self, tree: Any, low: int, high: int, times: int) -> Part:
        """The part `low` to `high` times, one after the other: x{1,3} is x(x(x)?)?."""
        found = Part()
        for _ in range(high - low):
            part = self._then(self._sequence(tree, times), found)
            found = Part(part.first, part.last, empty=1)
        for _ in range(low):
            found = self._then(self._sequence(tree, times), found)
        return found

    def signs(self, place: int) -> frozenset[str]:
        """The sample signs that a position reads; every range is sampled at its two ends and just outside."""
        if place not in self._signs:
            self._signs[place] = frozenset(sign for sign in self._samples if reads(*self.reads[place], sign))
        return self._signs[place]


def _either(parts: Sequence[Part]) -> Part:
    return Part(
        [place for part in parts for place in part.first],
        [place for part in parts for place in part.last],
        sum(part.empty for part in parts),
    )


def _after_lookahead(tree: Any) -> list[Any]:
    """The parts of a pattern after what it asks of the text before reading it, when that is of one length and no loop.

    Looked at once, before the first sign, it costs no more than its length.
    """
    parts = list(tree)
    while parts and str(parts[0][0]) in ("AT", "ASSERT", "ASSERT_NOT"):
        code, argument = parts[0]
        if str(code) != "AT":
            direction, asked = argument
            narrowest, widest = asked.getwidth()
            if direction < 0 or narrowest != widest or _steps(Automaton(asked)) > 1:
                break
        parts = parts[1:]
    return parts


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
    return _steps(Automaton(tree))


def _steps(automaton: Automaton) -> int:
    follow: dict[int, set[int]] = defaultdict(set)
    for before, after in automaton.edges:
        follow[before].add(after)
    signs = [automaton.signs(place) for place in range(len(automaton.reads))]
    if not automaton.loops:
        _count_ways(automaton, follow, [], signs)
        return 1
    if len(automaton.reads) > MOST:
        raise Ambiguous(TOO_LONG)
    loops = list(_loops(follow, len(automaton.reads)))
    if len(loops) > 1 and len(automaton.reads) > SEVERAL:
        raise Ambiguous(TOO_LONG)
    for loop in loops:
        twice = any(automaton.edges[p, q] > 1 for p in loop for q in follow[p] & loop)
        if twice or _two_ways_round(loop, follow, signs):
            raise Ambiguous("il répète une répétition ou un choix : un même texte s'y lit de plusieurs façons")
    _count_ways(automaton, follow, loops, signs)
    return _longest(loops, follow, signs)


def _count_ways(
    automaton: Automaton, follow: dict[int, set[int]], loops: Sequence[set[int]], signs: Sequence[frozenset[str]]
) -> None:
    """Ambiguous when one text may be read in very many ways without going round; no fewer are counted than there are.

    From each position, the ways go on by all those that read the same sign.
    """
    most = max(WAYS, 10 * len(automaton.reads))
    within = {place: n for n, loop in enumerate(loops) for place in loop}
    ways: dict[int, int] = {}

    def onward(nexts: Iterable[tuple[int, int]]) -> int:
        totals: Counter[str] = Counter()
        for place, times in nexts:
            for sign in signs[place]:
                totals[sign] += times * ways[place]
        found = max(totals.values(), default=0)
        if found > most:
            raise Ambiguous(MANY)
        return max(1, found)

    for group in _backwards(follow, loops, len(automaton.reads)):
        own = [
            onward((q, automaton.edges[p, q]) for q in follow.get(p, ()) if within.get(q, -1) != within.get(p, -2))
            for p in group
        ]
        ways.update(dict.fromkeys(group, max(own)))
    onward(Counter(automaton.first).items())


def _backwards(follow: dict[int, set[int]], loops: Sequence[set[int]], count: int) -> Iterator[set[int]]:
    """The loops, and the positions out of any, each after all those that it leads to."""
    group = {place: loop for loop in loops for place in loop}
    done: set[int] = set()
    for start in range(count):
        waiting = [start]
        while waiting:
            place = waiting[-1]
            own = group.get(place, {place})
            ahead = [q for p in own for q in follow.get(p, ()) if q not in done and q not in own]
            if place in done or not ahead:
                waiting.pop()
                if place not in done:
                    done |= own
                    yield own
            else:
                waiting.extend(ahead)


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
    """Whether one text leads from a position back to itself by two ways: they part, and meet again."""
    back: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)

    def steps(pair: tuple[int, int]) -> list[tuple[int, int]]:
        ahead = [(p, q) for p in follow[pair[0]] & loop for q in follow[pair[1]] & loop if signs[p] & signs[q]]
        for state in ahead:
            back[state].add(pair)
        return ahead

    home = [(place, place) for place in loop]
    _reach(home, steps)
    return any(one != other for one, other in _reach(home, lambda pair: back.get(pair, ())))


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
