"""Whatever the method and the holes, the public SQL finds the published scores again, in SQLite and in DuckDB."""

import re
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recalculation import SQL, differences, duck, scores_in
from repositories import ROOT

from observatory import scoring
from observatory.model import Domain, Framework, Indicator, MaturityLevel
from observatory.score_cells import OBSERVED, STATED, STATUS
from observatory.scores import Member, Observed, score

TABLES = """
create table scores (ref_area text, node text, node_type text, edition text, peer_group text, score real,
    score_low real, score_high real, coverage real, observed_period text, status text);
create table method (edition text, min_domains integer, aggregation text, current integer);
create table indicators (code text, domain text, weight real, goalpost_low real, goalpost_high real);
create table domains (code text, weight real);
create table observations (ref_area text, indicator text, time_period text, obs_value real, coverage real);
create table observations_constant (ref_area text, indicator text, time_period text, obs_value real, coverage real);
"""
weights = st.sampled_from([0.5, 1.0, 2.0, 3.0, 0.1])
shares = st.sampled_from([1.0, 1.0, 0.999255, 0.5, 0.25])


@st.composite
def indicators(draw: st.DrawFn, number: int) -> Indicator:
    low = draw(st.integers(-50, 100))
    # High below low: less is better.
    high = low + draw(st.integers(1, 200)) * draw(st.sampled_from([1, -1]))
    levels = draw(st.sampled_from([("DEP", "REG"), ("DEP",), ("REG",)]))
    return Indicator(
        **{"code": f"i{number}", "domain": f"d{draw(st.integers(1, 3))}", "status": "active", "unit": "percent"},
        **{"direction": "higher" if high > low else "lower", "low": low, "high": high, "weight": draw(weights)},
        **{"levels": levels, "scored_levels": levels, "max_age": 2, "published": "value", "absent": "missing"},
        **{"denominator_source": "none", "aggregation": "none"},
        details={"thresholds": [20, 40, 60, 80] if high > low else [80, 60, 40, 20]},
    )


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    leaves = tuple(draw(indicators(n)) for n in range(draw(st.integers(1, 6))))
    domains = tuple(Domain(f"d{n}", "", "", "", draw(weights), n) for n in (1, 2, 3))
    levels = tuple(MaturityLevel(n + 1, "", 20.0 * n, "") for n in range(5))
    return Framework("2026.1", "2026", "", 0.66, 0.5, draw(st.integers(1, 3)), levels, domains, leaves, {})


def published(framework: Framework, values: dict[str, dict[str, Observed]], constant: set[str]) -> sqlite3.Connection:
    """The public tables of that method and these values; the indicators in `constant` are in today's perimeters."""
    db = sqlite3.connect(":memory:")
    db.executescript(TABLES)
    members = [Member(a, a[:3].lower(), True) for a in ("DEP-1", "DEP-2", "REG-1")]
    rows = list(score(framework, members, values))
    names = [row[1] for row in db.execute("pragma table_info(scores)")]
    marks = ", ".join(f":{n}" for n in names)
    db.executemany(f"insert into scores values ({marks})", [{n: r[n] for n in names} for r in rows])
    db.execute("insert into method values (?, ?, ?, 1)", [framework.edition, framework.min_domains, framework.mean])
    leaves = [(i.code, i.domain, i.weight, i.low, i.high) for i in framework.scored]
    db.executemany("insert into indicators values (?, ?, ?, ?, ?)", leaves)
    db.executemany("insert into domains values (?, ?)", [(d.code, d.weight) for d in framework.domains])
    for code, observed in values.items():
        for area, o in observed.items():
            if o.value is None:
                continue
            table = "observations_constant" if code in constant else "observations"
            db.execute(f"insert into {table} values (?, ?, ?, ?, ?)", [area, code, o.period, o.value, o.coverage])
            if code in constant:
                # The value of the old perimeter, which no longer counts.
                db.execute("insert into observations values (?, ?, ?, ?, ?)", [area, code, o.period, o.value + 7, 0.1])
    db.executescript(SQL)
    return db


@st.composite
def sites(draw: st.DrawFn) -> Any:
    framework = draw(frameworks())
    value = st.one_of(st.integers(-100, 300).map(float), st.floats(-60, 310).map(lambda v: round(v, 12)))
    without = st.sampled_from([Observed(None, "", 0.0, status) for status in STATED])
    # Left to itself, hypothesis would fill the status with any text.
    status = st.sampled_from([OBSERVED, STATUS["E"]])
    cell = st.one_of(st.none(), without, st.builds(Observed, value, st.just("2025"), shares, status))
    values = {
        i.code: {a: o for a in ("DEP-1", "DEP-2", "REG-1") if (o := draw(cell)) is not None} for i in framework.scored
    }
    return framework, values, draw(st.sets(st.sampled_from([i.code for i in framework.scored])))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(sites())
def test_sqlite_finds_every_score_again(site: Any) -> None:
    db = published(*site)
    assert differences(scores_in(db, "scores"), scores_in(db, "recalculated_scores")) == []
    db.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(sites())
def test_duckdb_finds_every_score_again(site: Any) -> None:
    db = published(*site)
    with tempfile.TemporaryDirectory() as folder:
        other = duck(db, Path(folder))
    assert differences(scores_in(db, "scores"), scores_in(other, "recalculated_scores")) == []
    db.close()
    other.close()


def test_the_sql_rounds_as_the_engine() -> None:
    rounded = re.findall(r"floor\((\w+) \* (\S+) \+ (\S+)\) / (\S+) as (\w+)", SQL)
    assert len(rounded) == SQL.count("floor(") == 4
    for what, steps, half, again, name in rounded:
        assert what == name and float(steps) == float(again) == scoring.STEPS and float(half) == scoring.HALF


@pytest.mark.parametrize("dialect", ["iif(", "ifnull(", "instr(", "json", "max(0", "min(1", "||", "not materialized"])
def test_the_sql_keeps_to_what_every_engine_has(dialect: str) -> None:
    assert dialect not in SQL.lower()


def test_one_territory_is_read_alone() -> None:
    values = {"a": {"DEP-1": Observed(50, "2025", 1.0)}}
    leaf = Indicator(
        *("a", "d1", "active", "percent", "higher", 1.0, 0.0, 100.0, ("DEP",), ("DEP",), 2, "value", "none", "none"),
        *("missing", {"thresholds": [20, 40, 60, 80]}),
    )
    levels = tuple(MaturityLevel(n + 1, "", 20.0 * n, "") for n in range(5))
    db = published(
        Framework("1", "2026", "", 0, 0, 1, levels, (Domain("d1", "", "", "", 1, 1),), (leaf,), {}), values, set()
    )
    db.executescript("create index by_area on scores (ref_area)")
    plan = [
        row[3] for row in db.execute("explain query plan select * from recalculated_scores where ref_area = 'DEP-1'")
    ]
    reads = [step for step in plan if step.split()[0] in ("SEARCH", "SCAN") and step.split()[1] == "s"]
    assert len(reads) == 3 and all("(ref_area=?)" in step for step in reads)


@pytest.mark.data
@pytest.mark.skipif(not (ROOT / "donnees.db").exists(), reason="donnees.db n’est pas construite : make build")
def test_one_public_query_checks_a_whole_category() -> None:
    queries = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))["databases"]["donnees"]["queries"]
    check = queries["verifier_les_scores"]["sql"]
    with sqlite3.connect(f"file:{ROOT / 'donnees.db'}?mode=ro", uri=True) as db:
        sizes = dict(db.execute("select peer_group, count(*) from normalised_values group by 1").fetchall())
        plan = " / ".join(
            row[3] for row in db.execute(f"explain query plan {check}", {"categorie": "region", "noeud": ""})
        )
        found = {
            category: db.execute(check, {"categorie": category, "noeud": "index" if size > 2_000 else ""}).fetchall()
            for category, size in sizes.items()
        }
        db.execute(
            "create temp view recalculated_scores as select ref_area, node, peer_group, score_low, score_high,"
            " coverage, score + (ref_area = 'REG-44' and node = 'index') * 0.000001 as score"
            " from main.recalculated_scores"
        )
        wrong = db.execute(check, {"categorie": "region", "noeud": ""}).fetchall()
    assert {row[0]: row[3] for row in wrong if row[3]} == {"tous": 1, "index": 1}
    # Whatever its size, a category is read alone.
    assert plan.count("SEARCH s USING INDEX idx_scores_edition_node_peer_group_rank") == 4 and "SCAN s " not in plan
    for category, rows in found.items():
        assert {row[0] for row in rows} >= {"index"} and all(row[1] == row[2] and row[3] == 0 for row in rows)
        assert dict((row[0], row[1]) for row in rows)["index"] >= sizes[category]
    assert found["departement"][0][0] == "tous" and found["departement"][0][1] == sum(
        r[1] for r in found["departement"][1:]
    )
