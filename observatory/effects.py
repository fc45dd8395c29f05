"""What new rows of a dataset would change in the published figures, scores, levels and ranks, before they are."""

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory import loading, records, scores
from observatory.aggregation import DECIMALS, Aggregator, Observation
from observatory.catalogue import read_catalogue
from observatory.changes import CoverageChange, Effect, ScoreChange, ValueChange
from observatory.framework import read_framework
from observatory.model import Dataset, Framework
from observatory.published import Group, Published
from observatory.reading import read_rows
from observatory.territories import Territories, level_of, read_territories

Key = tuple[str, str, str]  # indicator, territory, period
INDEX_TITLE = "Indice d’ensemble"
COMPARED = ("score", "level", "rank", "coverage")


@dataclass
class Study:
    """What the steps of the calculation share."""

    root: Path
    published: Published
    framework: Framework
    territories: Territories
    given: dict[str, list[Observation]]


@dataclass(frozen=True)
class Recount:
    """Figures of the groups that change, in today's perimeters, and those that a dataset gives for the territory."""

    theirs: list[Observation]
    todays: list[Observation]
    direct: set[Key]


def effect(root: Path, database: Path, dataset: Dataset, ref_area: str | None = None) -> Effect:
    """What replacing the rows of `dataset` by those of its `csv_path` changes in the published database.

    The method, the lists and the other datasets are those of `root`, of which `database` was built. With `ref_area`,
    only what changes for that territory. ValueError when the file is not valid, StaleDatabase when `database` is of
    another method.
    """
    return effects(root, database, [dataset], (), ref_area)


def effects(
    root: Path, database: Path, datasets: Sequence[Dataset], removed: Collection[str] = (), ref_area: str | None = None
) -> Effect:
    """The joint effect of several datasets, new or replaced, and of the removal of others by name."""
    framework, _ = read_framework(root)
    if framework is None:
        raise ValueError("le cadre d'indicateurs n'est pas valide")
    territories = read_territories(root)
    with _no_collection(), Published(database) as published:
        published.check_method(root)
        given: dict[str, list[Observation]] = {name: [] for name in removed}
        for dataset in datasets:
            rows = loading.resolved(dataset, read_rows(dataset), territories)
            given[dataset.name] = list(loading.observations(dataset, rows, framework))
        study = Study(root, published, framework, territories, given)
        return _effect(study, ref_area)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Stop looking for cycles: among a million small objects that hold none, a quarter of the time goes there."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def _effect(study: Study, ref_area: str | None) -> Effect:
    before = _before(study)
    groups = _changed_groups(study.given, before)
    if not groups:
        return Effect([], [], [])
    recount = _recount(study, before, groups)
    indicators = {indicator for indicator, _ in groups}
    tables = [study.published.observations(table, indicators) for table in ("observations", "observations_constant")]
    theirs, todays = ([o for o in table if (o.indicator, o.time_period) not in groups] for table in tables)
    old = _current(*tables)
    new = _current([*theirs, *recount.theirs], [*todays, *recount.todays])
    given_before = {o.key for rows in before.values() for o in rows}
    values = _value_changes(study, old, new, recount.direct, given_before)
    return Effect(
        [v for v in values if ref_area in (None, v.ref_area)],
        _score_changes(study, _newest(study, new.values(), indicators), ref_area),
        _coverage_changes(study, old, new),
    )


def _before(study: Study) -> dict[str, list[Observation]]:
    """What the database holds of each dataset that publishes an indicator of the given ones, as contributed."""
    known = study.published.datasets()
    catalogue = [d for d in read_catalogue(study.root)[0] if d.name in known]
    found = {d.name: list(_contributed(study, d)) for d in catalogue if d.name in study.given}
    fed = {o.indicator for rows in (*found.values(), *study.given.values()) for o in rows}
    for dataset in catalogue:
        if dataset.name not in found:
            found[dataset.name] = [o for o in _contributed(study, dataset, fed) if o.indicator in fed]
    return found


def _contributed(study: Study, dataset: Dataset, fed: Collection[str] | None = None) -> Iterable[Observation]:
    if fed is not None and not (_feeds(study, dataset) & set(fed)):
        return ()
    return loading.observations(dataset, study.published.rows(dataset.name), study.framework)


def _feeds(study: Study, dataset: Dataset) -> set[str]:
    if dataset.form == "long":
        return study.published.indicators_of(dataset.name)
    return {feed["indicator"] for entry in dataset.schema["fields"] for feed in entry.get("feeds", ())}


def _changed_groups(given: dict[str, list[Observation]], before: dict[str, list[Observation]]) -> set[Group]:
    """Indicators and periods of which the given datasets do not say exactly what is published."""
    found: set[Group] = set()
    for name, rows in given.items():
        old, new = _by_group(before.get(name, ())), _by_group(rows)
        found |= {group for group in old.keys() | new.keys() if old.get(group) != new.get(group)}
    return found


def _by_group(rows: Iterable[Observation]) -> dict[Group, list[Observation]]:
    found: dict[Group, list[Observation]] = defaultdict(list)
    for o in rows:
        found[o.indicator, o.time_period].append(o)
    return dict(found)


def _recount(study: Study, before: dict[str, list[Observation]], groups: set[Group]) -> Recount:
    """The groups that change, added up again from what every dataset gives, in the order of a build."""
    contributed = {**before, **study.given}
    names = sorted(contributed, key=lambda name: f"{name}.")
    rows = [o for name in names for o in contributed[name] if (o.indicator, o.time_period) in groups]
    factors = {row["unit"]: float(row["factor"]) for row in records.codelist(study.root, "units")}
    aggregator = Aggregator(study.framework, study.territories, factors)
    completed = aggregator.complete_all(rows)
    theirs = aggregator.of_their_time(completed)
    todays = aggregator.in_geography(completed, theirs, study.territories.vintages[-1])
    return Recount(theirs, todays, {o.key for o in completed})


def _current(theirs: Iterable[Observation], todays: Iterable[Observation]) -> dict[Key, Observation]:
    """Figures in today's perimeters, in the order in which a build meets them."""
    found = {o.key: o for o in sorted(theirs, key=lambda o: o.key)}
    found.update({o.key: o for o in sorted(todays, key=lambda o: o.key)})
    return found


def _value(observation: Observation | None) -> float | None:
    return None if observation is None or observation.value is None else round(observation.value, DECIMALS)


def _value_changes(
    study: Study, old: dict[Key, Observation], new: dict[Key, Observation], direct: set[Key], given_before: set[Key]
) -> list[ValueChange]:
    found = []
    for key in sorted(old.keys() | new.keys()):
        before, after = _value(old.get(key)), _value(new.get(key))
        if before == after:
            continue
        indicator, ref_area, period = key
        derived = key not in (direct if key in new else given_before)
        title = _title(study.framework, indicator)
        found.append(ValueChange(ref_area, _name(study, ref_area), indicator, title, period, before, after, derived))
    return found


def _newest(study: Study, observations: Iterable[Observation], indicators: set[str]) -> scores.Values:
    """The value that counts for each territory, of the scored indicators among those that change."""
    levels = {i.code: i.scored_levels for i in study.framework.scored if i.code in indicators}
    rows: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        if level_of(o.ref_area) in levels.get(o.indicator, ()):
            rows[o.indicator].append(o)
    return {
        i.code: scores.latest(rows[i.code], i, study.framework.time_period)
        for i in study.framework.scored
        if i.code in levels
    }


def _score_changes(study: Study, newest: scores.Values, ref_area: str | None) -> list[ScoreChange]:
    edition = study.framework.edition
    values = study.published.scored_values(edition)
    groups = _moved_groups(study, values, newest, ref_area)
    if not groups:
        return []
    old = study.published.scores(edition, groups)
    members = [m for m in study.published.members() if m.peer_group in groups]
    found = []
    for row in scores.score(study.framework, members, {**values, **newest}):
        before = old.get((str(row["node"]), str(row["ref_area"])), (None,) * len(COMPARED))
        after = tuple(row[name] for name in COMPARED)
        if after != before and ref_area in (None, row["ref_area"]):
            found.append(_score_change(study, row, before, after))
    return found


def _moved_groups(study: Study, values: scores.Values, newest: scores.Values, ref_area: str | None) -> set[str]:
    """Peer groups in which the value that counts of some territory is another; nobody else's rank can move."""
    moved = {
        area
        for code, now in newest.items()
        for area in now.keys() | values.get(code, {}).keys()
        if now.get(area) != values.get(code, {}).get(area)
    }
    members = study.published.members()
    groups = {m.peer_group for m in members if m.ref_area in moved}
    return groups if ref_area is None else groups & {m.peer_group for m in members if m.ref_area == ref_area}


def _score_change(study: Study, row: dict[str, Any], before: tuple[Any, ...], after: tuple[Any, ...]) -> ScoreChange:
    ref_area, node = row["ref_area"], row["node"]
    pairs = {f"{name}_before": cell for name, cell in zip(COMPARED, before, strict=True)}
    pairs |= {f"{name}_after": cell for name, cell in zip(COMPARED, after, strict=True)}
    title = _title(study.framework, node)
    return ScoreChange(ref_area, _name(study, ref_area), row["peer_group"], node, title, **pairs)


def _coverage_changes(study: Study, old: dict[Key, Observation], new: dict[Key, Observation]) -> list[CoverageChange]:
    before, after = _observed(old), _observed(new)
    found = []
    for indicator, level in sorted(before.keys() | after.keys()):
        was, now = before.get((indicator, level), set()), after.get((indicator, level), set())
        if was != now:
            title = _title(study.framework, indicator)
            gained, lost = sorted(now - was), sorted(was - now)
            found.append(CoverageChange(level, indicator, title, len(was), len(now), gained, lost))
    return found


def _observed(observations: dict[Key, Observation]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for o in observations.values():
        if o.value is not None:
            found[o.indicator, level_of(o.ref_area)].add(o.ref_area)
    return dict(found)


def _name(study: Study, ref_area: str) -> str:
    territory = study.territories.get(ref_area)
    return territory.name if territory else ref_area


def _title(framework: Framework, node: str) -> str:
    indicator = framework.indicator(node)
    if indicator is not None:
        return str(indicator.details["title"])
    return next((domain.title for domain in framework.domains if domain.code == node), INDEX_TITLE)
