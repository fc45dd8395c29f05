"""The rankings that the database publishes: who is ranked in a category, where each one is, and what a row shows."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from observatory import french, languages
from observatory.simulation import PARENTS, WITHIN

# Territories asked of SQLite at once; it binds 32,766 values at most.
BATCH = 900
# Population where a class begins: between two of them, territories have alike means.
SIZES = (0, 500, 2_000, 10_000, 20_000, 50_000, 100_000, 300_000, 1_000_000, 3_000_000)


class Line(NamedTuple):
    """A territory of a ranking, `rank` None when it is not ranked.

    `places` are the région and département where it is, `size` its class of population (a value of the parameter
    `taille`, empty when it is unknown), `key` its name reduced for comparisons.
    """

    ref_area: str
    name: str
    population: int | None
    score: float | None
    rank: int | None
    places: frozenset[str]
    size: str
    key: str


class Ranking(NamedTuple):
    """All the territories that a node scores in a category: ranked first, in order, then the others by name.

    `shared` counts those of each rank, `sizes` those of each class of population; `before` is the period that the
    ranks compare with, else `edition_before` the edition.
    """

    category: str
    node: str
    edition: str
    lines: tuple[Line, ...]
    places: Mapping[str, str]
    before: str | None
    edition_before: str | None
    shared: Mapping[int, int]
    sizes: Mapping[str, int]


def size_code(population: int | None) -> str:
    """The class that holds this population: 12394 → "10000-20000", 4000000 → "3000000-et-plus", None → ""."""
    if population is None:
        return ""
    floor = max(bound for bound in SIZES if bound <= population)
    above = next((bound for bound in SIZES if bound > floor), None)
    return f"{floor}-{above}" if above else f"{floor}-et-plus"


@contextmanager
def opened(path: str | Path) -> Iterator[sqlite3.Connection]:
    """The database at `path`, to be read only."""
    db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        yield db
    finally:
        db.close()


def ranking(path: str | Path, category: str, node: str, edition: str | None = None) -> Ranking:
    """The ranking of that category by that node, read once for each state of the file; no line when nothing is.

    By the edition in force, or by another one.
    """
    state = Path(path).stat()
    return _read(str(path), state.st_mtime_ns, state.st_size, category, node, edition)


LINES = """
select s.ref_area, t.name, t.population, s.score, s.rank
from scores s
join territories t on t.ref_area = s.ref_area
where s.edition = ? and s.node = ? and s.peer_group = ?
"""
COMMUNES = """
select member, parent from memberships where valid_to is null and parent_level in ('DEP', 'REG') and member like 'COM-%'
"""
# The period before that the series can compare, then the edition before with which the method says it compares.
BEFORE = """
select max(time_period) from score_series
where geography = 'epoque' and edition = ? and node = ? and peer_group = ? and rank is not null and time_period < ?
"""
EDITION_BEFORE = """
select (
    select m.edition from method m, json_each((select comparable_with from method where edition = ?)) c
    where m.edition = c.value and exists (
        select 1 from scores s
        where s.edition = m.edition and s.node = ? and s.peer_group = ? and s.rank is not null
    )
    order by m.rowid desc limit 1
)
"""


@lru_cache(maxsize=24)
def _read(path: str, changed: int, size: int, category: str, node: str, asked: str | None) -> Ranking:  # noqa: PLR0913 (a key of the cache)
    with opened(path) as db:
        current, year = db.execute("select edition, time_period from current_edition").fetchone()
        known = db.execute("select edition, time_period from method where edition = ?", [asked or current]).fetchone()
        edition, period = known or (str(asked), year)
        found = db.execute(LINES, [edition, node, category]).fetchall()
        within = _within(path, changed, size, found[0]["ref_area"].startswith("COM-")) if found else {}
        lines = [
            Line(**row, places=within.get(row["ref_area"], frozenset()), size=size, key=french.key(row["name"]))
            for row, size in ((row, size_code(row["population"])) for row in found)
        ]
        lines.sort(key=lambda line: (line.rank is None, line.rank or 0, line.key))
        peopled = set[str]().union(*(line.places for line in lines))
        before = db.execute(BEFORE, [edition, node, category, period]).fetchone()[0]
        earlier = db.execute(EDITION_BEFORE, [edition, node, category]).fetchone()[0]
        places = {area: name for area, name in db.execute(PARENTS) if area in peopled}
    shared, sizes = Counter(line.rank or 0 for line in lines), Counter(line.size for line in lines)
    return Ranking(category, node, edition, tuple(lines), places, before, earlier, shared, sizes)


@lru_cache(maxsize=4)
def _within(path: str, changed: int, size: int, communes: bool) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    with opened(path) as db:
        for member, parent in db.execute(COMMUNES if communes else WITHIN):
            found.setdefault(member, set()).add(parent)
    kept: dict[frozenset[str], frozenset[str]] = {}
    return {member: kept.setdefault(frozenset(parents), frozenset(parents)) for member, parents in found.items()}


DETAILS = """
select
    r.*, w.rank_best, w.rank_worst, w.proven,
    coalesce(b.score, e.score) as score_before, coalesce(b.rank, e.rank) as rank_before,
    coalesce(b.coverage, e.coverage) as coverage_before
from ranking r
left join score_weight_ranks w on w.edition = r.edition and w.ref_area = r.ref_area and r.node = 'index'
left join score_series b on b.ref_area = r.ref_area and b.node = r.node and b.geography = 'epoque'
    and b.edition = r.edition and b.time_period = ?
left join scores e on e.edition = ? and e.node = r.node and e.ref_area = r.ref_area
where r.node = ? and r.ref_area in ({})
"""


def details(path: str | Path, shown: Ranking, areas: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the page shows of these territories, by identifier, in its language; `change` is in places, gained > 0."""
    found: dict[str, dict[str, Any]] = {}
    earlier = None if shown.before else shown.edition_before
    with opened(path) as db:
        for start in range(0, len(areas), BATCH):
            batch = areas[start : start + BATCH]
            sql = DETAILS.format(", ".join("?" * len(batch)))
            for row in db.execute(sql, [shown.before, earlier, shown.node, *batch]):
                found[row["ref_area"]] = _told(row)
    return found


def _told(row: sqlite3.Row) -> dict[str, Any]:
    told = {name: value for name, value in zip(row.keys(), languages.rows([row])[0], strict=True)}
    told["reason"] = told["reason"] or ""
    moved = told["rank_before"] is not None and told["rank"] is not None
    told["change"] = told["rank_before"] - told["rank"] if moved else None
    told["remeasured"] = moved and abs(told["coverage"] - told["coverage_before"]) > 1e-9
    return told


def kinds(path: str | Path) -> list[dict[str, Any]]:
    """The ranked categories, with how many territories are ranked by the index, and by which domains otherwise."""
    state = Path(path).stat()
    sizes, categories, domains = _kinds(str(path), state.st_mtime_ns, state.st_size)
    return [
        {
            "category": category,
            "title": languages.data(title),
            "territories": territories,
            "ranked": sizes.get((category, "index"), 0),
            "domains": [
                {"code": code, "title": languages.data(name), "ranked": sizes[category, code]}
                for code, name in domains
                if sizes.get((category, code))
            ],
        }
        for category, title, territories in categories
        if territories
    ]


CATEGORIES = "select category, title_plural, territories from category where ranked = 1 order by position"


@lru_cache(maxsize=4)
def _kinds(
    path: str, changed: int, size: int
) -> tuple[dict[tuple[str, str], int], list[tuple[str, str, int]], list[tuple[str, str]]]:
    with opened(path) as db:
        sizes = {(group, node): n for group, node, n in db.execute("select peer_group, node, ranked from ranking_size")}
        categories = [tuple(row) for row in db.execute(CATEGORIES)]
        return (
            sizes,
            categories,
            [tuple(row) for row in db.execute("select code, title from domains order by position")],
        )


def kept(lines: Iterable[Line], place: str, size: str) -> list[Line]:
    """The lines in that place and of that class of population; an empty one keeps all."""
    return [line for line in lines if (not place or place in line.places) and (not size or size == line.size)]
