"""Which observations new rows of a dataset give that the published ones do not, without looking at the others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from observatory import loading
from observatory.aggregation import Observation
from observatory.model import Dataset, Framework
from observatory.territories import level_of

Row = dict[str, Any]
Kind = tuple[str, str, str]  # indicator, period, level: what a dataset adds up at once
Cells = tuple[Any, ...]
LONG = ("ref_area", "time_period", "indicator", "obs_value", "obs_status", "numerator", "denominator")
KEY = 3  # territory, period and indicator come first


@dataclass(frozen=True)
class Given:
    """The rows of a dataset, of which the observations are made when they are asked for."""

    dataset: Dataset
    rows: Sequence[Row]

    def observations(self, framework: Framework, code: str | None = None) -> Iterator[Observation]:
        """What the rows observe, as contributed; with `code`, of that indicator only."""
        dataset, rows = self.dataset, self.rows
        if code is not None and dataset.form == "long":
            rows = [row for row in rows if row["indicator"] == code]
        elif code is not None:
            dataset = _narrowed(dataset, code)
        return loading.observations(dataset, rows, framework)


@dataclass(frozen=True)
class Moves:
    """What a dataset gives no more (`gone`) and gives anew (`come`); a changed observation is in both.

    `shifted` are the kinds of moved counts of which nothing surely stays: what they add up to may begin or end.
    """

    gone: list[Observation] = field(default_factory=list)
    come: list[Observation] = field(default_factory=list)
    shifted: frozenset[Kind] = frozenset()

    @property
    def both(self) -> Iterator[Observation]:
        """All of them."""
        yield from self.gone
        yield from self.come


def moves(before: Given, after: Given, framework: Framework) -> Moves:
    """How the observations of two states of a dataset differ.

    Rows are matched by territory, period and indicator, and compared by the cells that make observations. When those
    that stay are in another order or read otherwise, no sum of them is surely the same: all are said to move.
    """
    old, new = _cells(before), _cells(after)
    found, known = {cells[:KEY]: cells for cells in old}, {cells[:KEY]: cells for cells in new}
    upset = (
        _frame(before.dataset) != _frame(after.dataset)
        or (len(found), len(known)) != (len(old), len(new))
        or [key for key in found if key in known] != [key for key in known if key in found]
    )
    lost = [row for row, cells in zip(before.rows, old, strict=True) if upset or known.get(cells[:KEY]) != cells]
    stays = [not upset and found.get(cells[:KEY]) == cells for cells in new]
    won = [row for row, stay in zip(after.rows, stays, strict=True) if not stay]
    gone = list(Given(before.dataset, lost).observations(framework))
    come = list(Given(after.dataset, won).observations(framework))
    # Two writings of one number make one observation.
    same = frozenset[Observation]() if upset else frozenset(gone) & frozenset(come)
    kept = (row for row, stay in zip(after.rows, stays, strict=True) if stay)
    staying = _chain(same, loading.observations(after.dataset, kept, framework))
    gone, come = [o for o in gone if o not in same], [o for o in come if o not in same]
    return Moves(gone, come, frozenset(_shifted([*gone, *come], staying)))


def _chain(first: Iterable[Observation], then: Iterable[Observation]) -> Iterator[Observation]:
    yield from first
    yield from then


def _shifted(moved: Iterable[Observation], staying: Iterator[Observation]) -> set[Kind]:
    """Kinds of what moved and is added up, of which nothing stays."""
    left = {kind(o) for o in moved if o.numerator is not None}
    while left and (o := next(staying, None)):
        if o.numerator is not None:
            left.discard(kind(o))
    return left


def kind(observation: Observation) -> Kind:
    """With which observations of its dataset it is added up."""
    return observation.indicator, observation.time_period, level_of(observation.ref_area)


def _narrowed(dataset: Dataset, code: str) -> Dataset:
    """The dataset, whose columns feed one indicator only."""
    fields = [
        {**entry, "feeds": [feed for feed in entry.get("feeds", ()) if feed["indicator"] == code]}
        for entry in dataset.schema["fields"]
    ]
    return replace(dataset, schema={**dataset.schema, "fields": fields})


def _frame(dataset: Dataset) -> tuple[Any, ...]:
    """All that makes observations of rows, besides their cells."""
    feeds = [(entry["name"], entry["feeds"]) for entry in dataset.schema["fields"] if entry.get("feeds")]
    descriptor = dataset.descriptor
    return dataset.form, str(descriptor["cog"]), descriptor.get("time_period"), _columns(dataset), feeds


def _columns(dataset: Dataset) -> tuple[str, ...]:
    if dataset.form == "long":
        return LONG
    fields = dataset.schema["fields"]
    period = next((entry["name"] for entry in fields if entry.get("period")), "")
    return "ref_area", period, "", *(entry["name"] for entry in fields if entry.get("feeds"))


def _cells(given: Given) -> list[Cells]:
    """The cells of each row that make observations, its key first."""
    names = _columns(given.dataset)
    return [tuple([row.get(name) for name in names]) for row in given.rows]
