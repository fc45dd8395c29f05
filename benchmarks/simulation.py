"""Reweighting an index of 1,255 territories × 60 indicators, three ways side by side on one synthetic database."""

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from observatory import simulation, simulation_page, simulation_sql
from observatory.catalogue import VIEWS
from observatory.normalised import column

TERRITORIES, INDICATORS, DOMAINS, MISSING, ROUNDS = 1255, 60, 9, 0.03, 30
TABLES = """
create table method (edition text, min_domains integer, min_coverage_index real);
create table levels (level text, title_plural text, position integer);
create table categories (category text, title_plural text, ranked integer, position integer);
create table territories (ref_area text primary key, name text, level text, valid_to text);
create table memberships (member text, parent text, parent_level text, valid_to text);
create table domains (code text primary key, title text, weight real, position integer);
create table indicators (code text primary key, short_title text, domain text, status text, weight real,
    goalpost_low real, goalpost_high real, position integer);
create table observations (indicator text, ref_area text, time_period text, obs_value real, coverage real,
    primary key (indicator, ref_area, time_period));
create table observations_constant (indicator text, ref_area text, time_period text, obs_value real, coverage real,
    primary key (indicator, ref_area, time_period));
create table scores (edition text, node text, ref_area text, node_type text, peer_group text, score real, rank integer,
    coverage real, reason text, observed_period text, status text, primary key (edition, node, ref_area));
create index scores_ref_area on scores (ref_area);
insert into method values ('1', 3, 0.5);
insert into levels values ('DEP', 'Territoires', 1);
insert into categories values ('departement', 'Territoires', 1, 1);
"""


def synthetic(path: Path) -> None:
    """Write the public tables of that many territories and indicators, some cells missing, from a fixed seed."""
    draw = random.Random(2026)
    db = sqlite3.connect(path)
    db.executescript(TABLES)
    areas = [f"DEP-{n:04}" for n in range(TERRITORIES)]
    codes = [f"indicateur-{n:02}" for n in range(INDICATORS)]
    db.executemany("insert into territories values (?, ?, 'DEP', null)", [(a, a) for a in areas])
    db.executemany("insert into domains values (?, ?, 1, ?)", [(f"domaine-{n}", f"{n}", n) for n in range(DOMAINS)])
    db.executemany(
        "insert into indicators values (?, ?, ?, 'active', ?, 0, 80, ?)",
        [(code, code, f"domaine-{n % DOMAINS}", draw.choice([0.5, 1, 2]), n) for n, code in enumerate(codes)],
    )
    seen = [(code, area) for code in codes for area in areas if draw.random() > MISSING]
    db.executemany(
        "insert into observations values (?, ?, '2025', ?, 1)", [(*pair, draw.uniform(-5, 90)) for pair in seen]
    )
    retained = set(seen)
    every = [(code, area, "2025" if (code, area) in retained else None) for code in codes for area in areas]
    db.executemany(
        "insert into scores values ('1', ?, ?, 'indicator', 'departement', null, null, 0, null, ?, 'missing')", every
    )
    db.executemany(
        "insert into scores values ('1', 'index', ?, 'index', 'departement', 0, 1, 1, null, null, null)",
        [(a,) for a in areas],
    )
    for view in ("recalculated_scores", "current_edition"):
        db.executescript((VIEWS / f"{view}.sql").read_text(encoding="utf-8"))
    names = ", ".join(column(code) for code in codes)
    keys = "edition text, ref_area text, peer_group text"
    db.execute(f"create table normalised_values ({keys}, {names}, primary key (edition, ref_area))")
    place = {code: n for n, code in enumerate(codes)}
    rows = {area: ["1", area, "departement", *[None] * INDICATORS] for area in areas}
    for area, code, score in db.execute("select ref_area, indicator, score from recalculated_indicators").fetchall():
        rows[area][3 + place[code]] = score
    db.executemany(f"insert into normalised_values values ({', '.join('?' * (INDICATORS + 3))})", rows.values())
    db.executescript("create index by_group on normalised_values (peer_group); analyze;")
    db.commit()
    db.close()


def median_ms(work: Callable[[int], object]) -> float:
    """Median milliseconds of the work, given another number each time."""
    times = []
    for turn in range(ROUNDS):
        start = time.perf_counter()
        work(turn)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def measures(path: Path) -> dict[str, float]:
    """Median milliseconds of each way to weigh the index anew and rank; weights differ at every turn."""
    base = simulation.published(path)
    rows = np.arange(len(base.territories))
    usual = {node.code: node.weight for node in base.nodes}
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    query = simulation_sql.ranking_query(base)
    empty = {f"poids_{column(d.code)}": "" for d in base.domains} | {"categorie": "departement"}
    for name, (arguments, function) in simulation_sql.functions(path).items():
        db.create_function(name, arguments, function)

    def method(turn: int, normalisation: str = "goalposts", mean: str = "arithmetic") -> simulation.Method:
        return simulation.Method(normalisation, mean, usual | {"domaine-1": 1 + turn / 10})

    def uncached(turn: int) -> None:
        simulation._read.cache_clear()
        simulation.compute(simulation.published(path), rows, method(turn))

    def page(turn: int) -> None:
        simulation_page.screen(path, {"poids.domaine-1": str(1 + turn / 10), "agregation": "geometrique"})

    def function(turn: int) -> None:
        sql = "select value ->> '$.rang' from json_each(maturity_scores('departement', ?))"
        db.execute(sql, [f'{{"poids": {{"domaine-1": {1 + turn / 10}}}}}']).fetchall()

    def plain(turn: int) -> None:
        db.execute(query, empty | {"poids_domaine_1": str(1 + turn / 10)}).fetchall()

    return {
        "moteur, matrice en mémoire : scores et rangs": median_ms(lambda n: simulation.compute(base, rows, method(n))),
        "… moyenne géométrique": median_ms(
            lambda n: simulation.compute(base, rows, method(n, mean="geometric(floor=1)"))
        ),
        "… normalisation par rangs": median_ms(lambda n: simulation.compute(base, rows, method(n, "percentile_rank"))),
        "moteur, avec noms et raisons": median_ms(lambda n: simulation.simulate(base, rows, method(n))),
        "contenu de la page /simulation": median_ms(page),
        "fonction SQL maturity_scores, lue par json_each": median_ms(function),
        "SQL public, table normalised_values": median_ms(plain),
        "moteur, sans mémoire : base relue": median_ms(uncached),
    }


def main() -> None:
    """Print a Markdown table of medians."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetique.db"
        synthetic(path)
        print(f"{TERRITORIES} territoires × {INDICATORS} indicateurs, {MISSING:.0%} de cellules vides\n")
        print("| façon de repondérer | médiane (ms) |\n|---|---|")
        for title, milliseconds in measures(path).items():
            print(f"| {title} | {milliseconds:.2f} |")


if __name__ == "__main__":
    main()
