"""Territories like this one: surfaces against known ones, classes by powers, and what an elected official expects."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from repositories import ROOT
from sites import build_site

from observatory import peers
from observatory.geography import Geography
from observatory.surfaces import AXIS, E2, read_surfaces, surface
from observatory.territories import read_territories

RANKED = {"region", "departement", "metropole", "agglomeration", "autre-epci", "ept", "grande-ville", "autre-commune"}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, peers.Features]]:
    territories = read_territories(ROOT)
    return peers.features(ROOT, Geography(territories, territories.vintages[-1]), RANKED)


@pytest.fixture(scope="module")
def near(found: dict[str, dict[str, peers.Features]]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for row in peers.peer_rows(found):
        listed.setdefault(str(row["ref_area"]), []).append(str(row["peer"]))
    return listed


def rectangle(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def test_surfaces_on_the_ellipsoid() -> None:
    # All of GRS 80 (Moritz 2000), and one square degree by adding up strips of meridian.
    assert surface([[rectangle(-180, -90, 180, 90)]]) == pytest.approx(510_065_621.7, abs=0.1)
    strips = np.radians((np.arange(10_000) + 0.5) / 10_000 + 45)
    curve = 1 - E2 * np.sin(strips) ** 2
    expected = (AXIS**2 * (1 - E2) / curve**2 * np.cos(strips)).mean() * np.radians(1) ** 2
    assert surface([[rectangle(3, 45, 4, 46)]]) == pytest.approx(expected, rel=1e-9)
    hole = rectangle(3.4, 45.4, 3.6, 45.6)
    assert surface([[rectangle(3, 45, 4, 46), hole]]) == pytest.approx(expected - surface([[hole]]), rel=1e-9)


@pytest.mark.data
def test_surfaces_are_those_that_everyone_knows() -> None:
    known = read_surfaces(ROOT)
    # km² of the national mapping agency; small and simplified contours err most.
    for area, expected, error in [
        *(("REG-94", 8722, 0.01), ("REG-84", 70900, 0.01), ("REG-03", 83846, 0.02), ("DEP-68", 3525, 0.01)),
        *(("DEP-75", 105.4, 0.02), ("EPCI-200046977", 534, 0.02), ("REG-06", 374, 0.03)),
    ]:
        assert known[area] == pytest.approx(expected, rel=error), area
    overseas = {f"REG-0{n}" for n in (1, 2, 3, 4, 6)}
    mainland = sum(km2 for area, km2 in known.items() if area.startswith("REG-") and area not in overseas)
    assert mainland == pytest.approx(551_695, rel=0.005)


@pytest.mark.data
def test_everyone_is_compared_within_its_powers(found: dict[str, dict[str, peers.Features]]) -> None:
    counts = {name: len(areas) for name, areas in found.items()}
    assert counts.pop("COM") > 3000
    assert counts == {"REG": 18, "DEP": 101, "metropole": 22, "agglomeration": 244, "autre-epci": 989, "ept": 11}
    assert found["DEP"]["DEP-75"].communes == 1 and found["DEP"]["DEP-75"].share == 1
    assert found["COM"]["COM-68224"].communes is None


@pytest.mark.data
def test_an_elected_official_recognises_them(near: dict[str, list[str]]) -> None:
    assert {len(others) for others in near.values()} == {10}
    assert {"COM-14118", "COM-57463", "COM-25056"} <= set(near["COM-68224"])  # Mulhouse: Caen, Metz, Besançon
    assert near["COM-75056"][:3] == ["COM-13055", "COM-69123", "COM-31555"]  # Paris: Marseille, Lyon, Toulouse
    assert {"DEP-92", "DEP-93", "DEP-94"} <= set(near["DEP-75"])
    assert set(near["REG-06"][:3]) == {"REG-01", "REG-02", "REG-04"}  # Mayotte: the other islands
    assert {"DEP-2B", "DEP-05"} <= set(near["DEP-2A"])
    assert near["EPCI-200066009"][:2] == ["EPCI-200065597", "EPCI-200027183"]  # m2A: Caen la Mer, Perpignan


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = build_site(tmp_path_factory.mktemp("peers") / "site")
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_the_view_says_what_the_tables_do(db: sqlite3.Connection) -> None:
    told = db.execute("select ref_area, node, score, rank_among_peers, compared from peer_standings").fetchall()
    assert told
    for area, node, score, rank, compared in told:
        others = [
            other
            for (other,) in db.execute(
                "select o.score from peers p join scores o on o.ref_area = p.peer and o.node = ?"
                " where p.ref_area = ? and o.score is not null",
                [node, area],
            )
        ]
        assert (rank, compared) == (1 + sum(other > score for other in others), 1 + len(others))


def test_one_territory_is_asked_without_reading_the_others(db: sqlite3.Connection) -> None:
    plan = db.execute("explain query plan select * from peer_standings where ref_area = 'DEP-68'").fetchall()
    assert not [step for *_, step in plan if step.startswith(("SCAN s", "SCAN p", "SCAN o"))]


def test_gaps_and_weight_ranks_agree_with_the_published_scores(db: sqlite3.Connection) -> None:
    same = "on s.edition = x.edition and s.ref_area = x.ref_area and s.node ="
    widths = db.execute(
        f"select x.width_now, s.score_high - s.score_low from score_gaps x join scores s {same} x.node"
    ).fetchall()
    # Two bounds of six decimals each.
    assert widths and all(abs(now - published) < 2e-6 for now, published in widths)
    ranks = db.execute(
        f"select s.rank, x.rank_best, x.rank_worst, x.proven from score_weight_ranks x join scores s {same} 'index'"
    ).fetchall()
    assert ranks and all(best <= rank <= worst and proven for rank, best, worst, proven in ranks)
