"""Reads the published database: what it holds of each dataset, of each indicator, and the scores made of them."""

import sqlite3
from collections.abc import Collection, Iterator
from json import dumps
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from observatory.aggregation import Observation
from observatory.provenance import fingerprint
from observatory.scores import Member, Observed, Values

Group = tuple[str, str]  # indicator, period
# In the order of Observation.
COLUMNS = "ref_area, indicator, time_period, obs_value, obs_status, numerator, denominator, coverage, dataset, cog"
# Where the perimeter of today gives another figure, that one is shown and scored.
SCORED = """
    select
        s.node, s.ref_area, coalesce(c.obs_value, o.obs_value), ifnull(s.observed_period, ''),
        coalesce(c.coverage, o.coverage, 0.0), s.status
    from scores s
    left join observations o
        on o.indicator = s.node and o.ref_area = s.ref_area and o.time_period = s.observed_period
    left join observations_constant c
        on c.indicator = s.node and c.ref_area = s.ref_area and c.time_period = s.observed_period
    where s.edition = ? and s.node_type = 'indicator' and s.status <> 'missing'
        and s.ref_area in (select value from json_each(?))
"""
MEMBERS = """
    select t.ref_area, t.category, c.ranked
    from territories t join categories c on c.category = t.category
    where t.valid_to is null order by t.ref_area
"""


OBSERVED = """
    select count(distinct ref_area) from current_values
    where indicator = ? and obs_value is not null and (ref_area = ? or ref_area like ? || '-%')
"""


class Standing(NamedTuple):
    """How a territory stands for a node of the tree, among its peers."""

    score: float | None
    level: int | None
    rank: int | None
    coverage: float | None


class StaleDatabase(Exception):
    """The database was built with another method than the one at hand; the message says so, in French."""


class Published:
    """A published database, opened to be read only."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)

    def __enter__(self) -> "Published":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def check_method(self, root: Path) -> None:
        """StaleDatabase when the indicators of the repository are not those of the database."""
        found = self._db.execute("select value from provenance where key = 'method_sha256'").fetchone()
        if found is None or found[0] != fingerprint(sorted((root / "indicators").rglob("*.yml"))):
            raise StaleDatabase(
                "La base publiée n'a pas été construite avec les indicateurs de ce dépôt : relancez « make build »."
            )

    def datasets(self) -> set[str]:
        """Names of the datasets that it holds."""
        return {name for (name,) in self._db.execute("select name from datasets")}

    def rows(self, dataset: str) -> Iterator[dict[str, Any]]:
        """The rows of a dataset as contributed, in the order of its file."""
        cursor = self._db.execute(f'select * from "{dataset}" order by rowid')  # noqa: S608 (one of datasets())
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def indicators_of(self, dataset: str) -> set[str]:
        """The indicators of which a dataset in long form has rows."""
        return {row[0] for row in self._db.execute(f'select distinct indicator from "{dataset}"')}  # noqa: S608 (same)

    def observations(
        self, table: str, indicators: Collection[str], areas: Collection[str] | None = None
    ) -> list[Observation]:
        """Figures of some indicators (and territories) in `observations` or `observations_constant`.

        They come by indicator, territory, period.
        """
        among = "indicator in (select value from json_each(?))"
        given = [dumps(sorted(indicators))]
        if areas is not None:
            among += " and ref_area in (select value from json_each(?))"
            given.append(dumps(sorted(areas)))
        order = "order by indicator, ref_area, time_period"
        query = f"select {COLUMNS} from {table} where {among} {order}"  # noqa: S608 (names of ours)
        return [Observation(*row) for row in self._db.execute(query, given)]

    def observed(self, indicator: str, level: str) -> int:
        """How many territories of a level have a value of an indicator."""
        return int(self._db.execute(OBSERVED, [indicator, level, level]).fetchone()[0])

    def members(self) -> list[Member]:
        """The territories of today, which are scored."""
        return [Member(area, category, bool(ranked)) for area, category, ranked in self._db.execute(MEMBERS)]

    def scored_values(self, edition: str, areas: Collection[str]) -> Values:
        """The observed value that each score of an indicator comes from, for some territories."""
        found: Values = {}
        for node, ref_area, *observed in self._db.execute(SCORED, [edition, dumps(sorted(areas))]):
            found.setdefault(node, {})[ref_area] = Observed(*observed)
        return found

    def standings(
        self, edition: str, node: str, peer_group: str, areas: Collection[str] | None = None
    ) -> dict[str, Standing]:
        """How the members of a peer group (or some of them) stand for a node, by territory."""
        query = "select ref_area, score, level, rank, coverage from scores where edition = ? and node = ?"
        if areas is None:
            rows = self._db.execute(f"{query} and peer_group = ?", [edition, node, peer_group])
        else:
            among = "ref_area in (select value from json_each(?))"
            rows = self._db.execute(
                f"{query} and peer_group = ? and {among}", [edition, node, peer_group, dumps(sorted(areas))]
            )
        return {ref_area: Standing(*cells) for ref_area, *cells in rows}
