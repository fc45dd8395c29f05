"""Builds the one database of the observatory: validated, atomic, and the same bytes for the same commit."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from observatory import charts, loading, peers, records, score_gaps, score_weight_ranks, scores
from observatory.aggregation import Aggregator, Observation
from observatory.catalogue import VIEWS, read_catalogue
from observatory.framework import read_framework
from observatory.frozen import read_editions
from observatory.model import Dataset, Framework
from observatory.problems import Problem
from observatory.provenance import provenance_rows
from observatory.reading import read_rows
from observatory.tables import column_rows, core_schemas, create_table, insert_rows
from observatory.territories import Territories, read_territories
from observatory.validation import validate

# Queries too slow for each request, whose rows are kept in the table of the same name.
SUMMARIES = Path(__file__).with_name("summaries")
CODELISTS = ("levels", "categories", "event_types", "units", "obs_status", "licences")
Report = Callable[[str, float], None]


class BuildError(Exception):
    """The contributions cannot be built; `problems` says why, and the old database is untouched."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems stop the build")
        self.problems = problems


@dataclass
class Build:
    """What the steps of a build hand to each other."""

    root: Path
    db: Database
    report: Report
    territories: Territories
    editions: list[Framework]
    datasets: list[Dataset]
    warnings: list[Problem]
    schemas: dict[str, dict[str, Any]]
    published: list[Observation] = field(default_factory=list)

    @property
    def framework(self) -> Framework:
        """The current edition of the method."""
        return self.editions[-1]

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Commit what the step writes, then report its title and seconds."""
        start = time.perf_counter()
        yield
        self.db.conn.commit()
        self.report(title, time.perf_counter() - start)

    def fill(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows into a table whose Table Schema is known."""
        insert_rows(self.db, table, self.schemas[table], rows)


def build(root: Path, target: Path, report: Report) -> list[Problem]:
    """Validate the repository at `root`, write `target` in one stroke (os.replace), return the warnings.

    Calls `report(title, seconds)` after each step. Raises BuildError when a contribution has an error; whatever
    happens, a database that stood at `target` stays whole until the new one is complete.
    """
    start = time.perf_counter()
    problems = validate(root)
    framework, _ = read_framework(root)
    errors = [p for p in problems if p.severity == "error"]
    if errors or framework is None:
        raise BuildError(errors)
    datasets, _ = read_catalogue(root)
    territories = read_territories(root)
    report("validation", time.perf_counter() - start)
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    try:
        db = Database(draft)
        _write(Build(root, db, report, territories, read_editions(root), datasets, problems, core_schemas(root)))
        db.close()
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return problems


def _write(b: Build) -> None:
    # The draft is thrown away on any fault: a journal would only cost time.
    b.db.execute("pragma journal_mode=off")
    b.db.execute("pragma synchronous=off")
    for name, schema in b.schemas.items():
        create_table(b.db, name, schema)
    with b.step("territoires"):
        _write_territories(b)
    with b.step("méthode"):
        _write_framework(b)
    b.fill("problems", records.problem_rows())
    with b.step("jeux de données"):
        for dataset in b.datasets:
            _write_dataset(b, dataset)
    with b.step("observations"):
        current = _write_observations(b)
    with b.step("scores"):
        _write_scores(b, current)
    with b.step("voisins et bornes"):
        _write_peers_and_gaps(b)
    with b.step("recherche et vues"):
        _write_search(b)
        _write_views(b)
    with b.step("cartes"):
        b.fill("charts", charts.draw(b.root, b.db.conn))
    with b.step("dictionnaire et contrôles"):
        _describe(b)
        _check(b)


def _write_territories(b: Build) -> None:
    for name in CODELISTS:
        b.fill(name, records.codelist(b.root, name))
    b.fill("territories", records.territory_rows(b.root, b.territories))
    b.fill("memberships", records.membership_rows(b.root))
    for name in ("populations", "territory_events", "territory_aliases"):
        b.fill(name, records.codelist(b.root, name))


def _write_framework(b: Build) -> None:
    b.fill("method", (records.method_row(edition, b.framework) for edition in b.editions))
    b.fill("maturity_levels", map(asdict, b.framework.levels))
    b.fill("domains", map(asdict, b.framework.domains))
    b.fill("domain_levels", records.domain_level_rows(b.framework))
    b.fill("indicators", (records.indicator_row(i, n) for n, i in enumerate(b.framework.indicators, start=1)))


def _write_dataset(b: Build, dataset: Dataset) -> None:
    schema = loading.table_schema(dataset)
    rows = list(loading.resolved(dataset, read_rows(dataset), b.territories))
    create_table(b.db, dataset.name, schema)
    b.schemas[dataset.name] = schema
    b.fill("datasets", [records.dataset_row(b.root, dataset, len(rows), b.warnings)])
    b.fill(dataset.name, rows)
    b.published.extend(loading.observations(dataset, rows, b.framework))


def _write_observations(b: Build) -> dict[str, list[Observation]]:
    """Fills both tables of observations; returns those of today's perimeters, by indicator."""
    factors = {row["unit"]: float(row["factor"]) for row in records.codelist(b.root, "units")}
    aggregator = Aggregator(b.framework, b.territories, factors)
    completed = aggregator.complete_all(b.published)
    theirs = aggregator.of_their_time(completed)
    todays = aggregator.in_geography(completed, theirs, b.territories.vintages[-1])
    b.fill("observations", map(records.observation_row, theirs))
    b.fill("observations_constant", map(records.observation_row, todays))
    # Today's territories are scored in today's perimeters.
    current = {o.key: o for o in (*theirs, *todays)}
    by_indicator: dict[str, list[Observation]] = {}
    for o in current.values():
        by_indicator.setdefault(o.indicator, []).append(o)
    return by_indicator


def _write_scores(b: Build, current: dict[str, list[Observation]]) -> None:
    """The scores of every edition, from the same observations."""
    members = _members(b)
    for edition in b.editions:
        values = {i.code: scores.latest(current.get(i.code, ()), i, edition.time_period) for i in edition.scored}
        b.fill("scores", scores.score(edition, members, values))


def _write_peers_and_gaps(b: Build) -> None:
    b.fill("score_gaps", score_gaps.gap_rows(b.framework, b.db.conn))
    b.fill("score_weight_ranks", score_weight_ranks.weight_rank_rows(b.framework, b.db.conn))
    ranked = {row["category"] for row in records.codelist(b.root, "categories") if row["ranked"] == "1"}
    features = peers.features(b.root, b.territories, ranked)
    b.fill("peer_features", peers.feature_rows(features))
    b.fill("peers", peers.peer_rows(features))


def _members(b: Build) -> list[scores.Member]:
    ranked = {row["category"] for row in records.codelist(b.root, "categories") if row["ranked"] == "1"}
    rows = b.db.query("select ref_area, category from territories where valid_to is null order by ref_area")
    return [scores.Member(r["ref_area"], r["category"], r["category"] in ranked) for r in rows]


def _write_search(b: Build) -> None:
    b.db.conn.executescript(
        """
        create virtual table territories_fts using fts5(
            ref_area unindexed, name, aliases, tokenize="unicode61 remove_diacritics 2", prefix='2 3'
        );
        insert into territories_fts (ref_area, name, aliases)
            select ref_area, name, (
                select group_concat(alias, ' · ') from (
                    select alias from territory_aliases a where a.ref_area = t.ref_area order by alias
                )
            ) from territories t order by ref_area;
        create virtual table indicators_fts using fts5(
            code unindexed, title, definition, tokenize="unicode61 remove_diacritics 2"
        );
        insert into indicators_fts (code, title, definition)
            select code, title, definition from indicators order by code;
        """
    )


def _write_views(b: Build) -> None:
    for view in sorted(VIEWS.glob("*.sql")):
        b.db.conn.executescript(view.read_text(encoding="utf-8"))
    for summary in sorted(SUMMARIES.glob("*.sql")):
        b.fill(summary.stem, b.db.query(summary.read_text(encoding="utf-8")))


def _describe(b: Build) -> None:
    for name in sorted(b.schemas):
        b.fill("columns", column_rows(name, b.schemas[name]))
    b.fill("provenance", provenance_rows(b.root, b.framework, b.datasets))


def _check(b: Build) -> None:
    b.db.execute("analyze")
    b.db.conn.commit()
    b.db.execute("vacuum")
    broken = b.db.execute("pragma foreign_key_check").fetchall()
    state = b.db.execute("pragma integrity_check").fetchone()[0]
    if broken or state != "ok":
        raise RuntimeError(f"the draft database is not sound: {state}, {broken[:5]}")
