"""Judges one cell: the judge of its column speaks first, then Frictionless, then what no published text may hold."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from observatory import figures
from observatory.cells import NUMERIC, Fault, faults
from observatory.csvfiles import MAX_CELL
from observatory.refusals import harmless, refused

TEXTS = ("string", "any")
Judge = Callable[[str], Fault | None]


@runtime_checkable
class Brief(Protocol):
    """A judge that can say whether a cell is right in much less time than what is wrong with it."""

    def holds(self, raw: str) -> bool:
        """Whether it finds nothing wrong with the cell."""


def judged(raw: str, entry: Any, reader: Any, judge: Judge | None) -> tuple[Any, Sequence[Fault]]:
    """The typed cell and all that is wrong with it."""
    if len(raw) > MAX_CELL:
        return None, faults(raw, entry, None)  # before anyone reads it
    cell, notes = _read_cell(reader, raw)
    known = judge(raw) if judge and cell is not None or judge and notes and raw else None
    found = [known] if known else faults(raw, entry, notes)
    # A column to which the schema gives a form holds codes.
    if not found and entry.type in TEXTS and (refusal := refused(raw, "pattern" in entry.constraints)):
        bare = harmless(raw) if refusal.code == "hidden-character" else None
        found = [Fault(refusal.code, refusal.details | ({"correction": bare} if bare else {}))]
    return cell, found


def sorted_out(raw: str, entry: Any, reader: Any, judge: Judge | None) -> tuple[Any, bool]:
    """The typed cell, and whether `judged` finds nothing wrong with it; None for a wrong one."""
    if len(raw) > MAX_CELL:
        return None, False
    cell, notes = _read_cell(reader, raw)
    if notes or (entry.type in NUMERIC and raw.strip() and not figures.NUMBER.fullmatch(raw)):
        return None, False
    if cell is not None and judge:
        right = judge.holds(raw) if isinstance(judge, Brief) else judge(raw) is None
        if not right:
            return None, False
    right = not faults(raw, entry, None) and not (entry.type in TEXTS and refused(raw, "pattern" in entry.constraints))
    return (cell if right else None), right


def _read_cell(reader: Any, raw: str) -> tuple[Any, dict[str, str] | None]:
    try:
        cell, notes = reader(raw)
    except ArithmeticError:  # a signalling NaN against a bound
        return None, {"type": "number"}
    return cell, notes
