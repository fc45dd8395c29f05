"""What new rows of a dataset would change in the published figures, scores, levels and ranks, before they are.

Exactly what two full builds would differ by, at the price of what changes: rows are compared first; figures are added
up again for the territories that the differing ones reach; only those whose value moves are scored again.
"""

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from observatory import loading, scores
from observatory.aggregation import DECIMALS, Observation
from observatory.catalogue import read_catalogue
from observatory.changes import CoverageChange, Effect, ScoreChange, ValueChange
from observatory.effect_rows import Given, Moves, moves
from observatory.effect_scores import Shift, shifts
from observatory.effect_values import Areas, Key, Recounter, reached
from observatory.framework import read_framework
from observatory.model import Dataset, Framework
from observatory.published import Group, Published
from observatory.reading import read_rows
from observatory.territories import Territories, level_of, read_territories

INDEX_TITLE = "Indice d’ensemble"
TABLES = ("observations", "observations_constant")
SUMMED = ("COM", "DEP")


@dataclass
class Study:
    """What the steps of the calculation share."""

    root: Path
    published: Published
    framework: Framework
    territories: Territories


def effect(
    root: Path,
    database: Path,
    dataset: Dataset,
    ref_area: str | None = None,
    territories: Territories | None = None,
) -> Effect:
    """What replacing the rows of `dataset` by those of its `csv_path` changes in the published database.

    The method, the lists and the other datasets are those of `root`, of which `database` was built. With `ref_area`,
    only what changes for that territory. `territories` are those of `root`, when they have been read already.
    ValueError when the file is not valid, StaleDatabase when `database` is of another method.
    """
    with _no_collection(), Published(database) as published:
        study = _study(root, published, territories)
        return _effect(study, {dataset.name: _read(study, dataset)}, (), ref_area)


def effects(root: Path, database: Path, datasets: Sequence[Dataset], removed: Collection[str] = ()) -> Effect:
    """The joint effect of several datasets, new or replaced, and of the removal of others by name."""
    with _no_collection(), Published(database) as published:
        study = _study(root, published)
        return _effect(study, {dataset.name: _read(study, dataset) for dataset in datasets}, removed)


def _study(root: Path, published: Published, territories: Territories | None = None) -> Study:
    published.check_method(root)
    framework, _ = read_framework(root)
    if framework is None:
        raise ValueError("le cadre d'indicateurs n'est pas valide")
    return Study(root, published, framework, territories or read_territories(root))


def _read(study: Study, dataset: Dataset) -> Given:
    return Given(dataset, list(loading.resolved(dataset, read_rows(dataset), study.territories)))


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


def _effect(study: Study, given: Mapping[str, Given], removed: Collection[str], ref_area: str | None = None) -> Effect:
    known = _before(study)
    moved = _moves(study, known, given, removed)
    groups = {(o.indicator, o.time_period) for one in moved for o in one.both}
    if not groups:
        return Effect([], [], [])
    areas = _areas(study, moved)
    recounter = Recounter(study.root, study.framework, study.territories, areas)
    recount = recounter.recount(list(_after(study, known, given, removed, groups)), groups)
    indicators = {indicator for indicator, _ in groups}
    tables = [study.published.observations(table, indicators, areas) for table in TABLES]
    theirs, todays = ([o for o in table if (o.indicator, o.time_period) not in groups] for table in tables)
    old = _current(*tables)
    new = _current([*theirs, *recount.theirs], [*todays, *recount.todays])
    given_before = {o.key for one in moved for o in one.gone}
    values = _value_changes(study, old, new, recount.direct, given_before)
    return Effect(
        [v for v in values if ref_area in (None, v.ref_area)],
        _score_changes(study, _newest(study, new.values(), indicators), areas, ref_area),
        _coverage_changes(study, old, new),
    )


def _before(study: Study) -> dict[str, Dataset]:
    """The datasets of the repository that the database holds."""
    known = study.published.datasets()
    return {dataset.name: dataset for dataset in read_catalogue(study.root)[0] if dataset.name in known}


def _moves(
    study: Study, known: Mapping[str, Dataset], given: Mapping[str, Given], removed: Collection[str]
) -> list[Moves]:
    """The observations by which what is given differs from what is published, a dataset after the other."""
    found = []
    for name in sorted({*given, *removed}):
        before = _published(study, known[name]) if name in known else None
        after = given.get(name)
        state = after or before
        if state is not None:
            nothing = Given(state.dataset, [])
            found.append(moves(before or nothing, after or nothing, study.framework))
    return found


def _published(study: Study, dataset: Dataset) -> Given:
    return Given(dataset, list(study.published.rows(dataset.name)))


def _areas(study: Study, moved: Sequence[Moves]) -> Areas | None:
    """The territories of which figures may change; None, all, where a sum begins or ends."""
    for indicator, _, level in (kind for one in moved for kind in one.shifted):
        found = study.framework.indicator(indicator)
        if found is not None and found.aggregation != "none" and level in SUMMED:
            return None
    return reached((o for one in moved for o in one.both), study.framework, study.territories)


def _after(
    study: Study,
    known: Mapping[str, Dataset],
    given: Mapping[str, Given],
    removed: Collection[str],
    groups: Collection[Group],
) -> Iterator[Given]:
    """All that will feed the indicators of the groups: what is given, and the other datasets as published."""
    yield from given.values()
    fed = {indicator for indicator, _ in groups}
    for name, dataset in known.items():
        if name not in given and name not in removed and _feeds(study, dataset) & fed:
            yield _published(study, dataset)


def _feeds(study: Study, dataset: Dataset) -> set[str]:
    if dataset.form == "long":
        return study.published.indicators_of(dataset.name)
    return {feed["indicator"] for entry in dataset.schema["fields"] for feed in entry.get("feeds", ())}


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


def _score_changes(study: Study, newest: scores.Values, areas: Areas | None, ref_area: str | None) -> list[ScoreChange]:
    found = shifts(study.framework, study.published, newest, areas, ref_area)
    titles = lru_cache(maxsize=None)(lambda node: _title(study.framework, node))
    return [_score_change(study, shift, titles(shift.node)) for shift in found]


def _score_change(study: Study, shift: Shift, title: str) -> ScoreChange:
    before, after = shift.before, shift.after
    return ScoreChange(
        shift.ref_area,
        _name(study, shift.ref_area),
        shift.peer_group,
        shift.node,
        title,
        before.score,
        after.score,
        before.level,
        after.level,
        before.rank,
        after.rank,
        before.coverage,
        after.coverage,
    )


def _coverage_changes(study: Study, old: dict[Key, Observation], new: dict[Key, Observation]) -> list[CoverageChange]:
    before, after = _observed(old), _observed(new)
    found = []
    for indicator, level in sorted(before.keys() | after.keys()):
        was, now = before.get((indicator, level), set()), after.get((indicator, level), set())
        if was != now:
            title = _title(study.framework, indicator)
            gained, lost = sorted(now - was), sorted(was - now)
            # Territories that nothing reaches are observed as they were.
            total = study.published.observed(indicator, level)
            later = total + len(gained) - len(lost)
            found.append(CoverageChange(level, indicator, title, total, later, gained, lost))
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
