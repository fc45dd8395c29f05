"""Builds the one database of the observatory: validated, atomic, and the same bytes for the same commit."""

import gc
import os
import time
from dataclasses import asdict
from pathlib import Path

from sqlite_utils import Database

from observatory import charts, dcat, loading, method_rows, normalised, records, registers, releases, renamed, revisions
from observatory.building import Build, Report
from observatory.catalogue import VIEWS, read_catalogue
from observatory.database_scores import write_scores
from observatory.dataset_facts import check_rows, column_facts, criterion_rows
from observatory.documents import document_rows
from observatory.figure_statuses import LIST, register_rows
from observatory.framework import read_framework
from observatory.frozen import closing_days, read_editions
from observatory.model import Dataset
from observatory.problems import Problem
from observatory.provenance import provenance_rows
from observatory.reading import read_rows
from observatory.tables import column_rows, core_schemas, create_table
from observatory.territories import read_territories
from observatory.validation import validate

# Queries too slow for each request, whose rows are kept in the table of the same name.
SUMMARIES = Path(__file__).with_name("summaries")
# What visitors search: every name of every territory. Rows have the numbers of those of the table, by which Datasette
# searches it.
TERRITORIES_FTS = """
create virtual table territories_fts using fts5(
    ref_area unindexed, name, aliases, tokenize="unicode61 remove_diacritics 2", prefix='2 3'
);
insert into territories_fts (rowid, ref_area, name, aliases)
    select rowid, ref_area, name, (
        select group_concat(alias, ' · ') from (
            select alias from territory_aliases a where a.ref_area = t.ref_area order by alias
        )
    ) from territories t order by ref_area;
"""
CODELISTS = ("levels", "categories", "event_types", "units", "statuses", "obs_status", "licences")


class BuildError(Exception):
    """The contributions cannot be built; `problems` says why, and the old database is untouched."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems stop the build")
        self.problems = problems


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
    # Millions of objects last as long as the build: to look for cycles among them, again and again, finds none.
    gc.disable()
    try:
        db = Database(draft)
        _write(Build(root, db, report, territories, read_editions(root), datasets, problems, core_schemas(root)))
        db.close()
        draft.replace(target)
    finally:
        gc.enable()
        draft.unlink(missing_ok=True)
    return problems


def _write(b: Build) -> None:
    # The draft is thrown away on any fault: a journal would only cost time.
    b.db.execute("pragma journal_mode=off")
    b.db.execute("pragma synchronous=off")
    b.schemas[normalised.TABLE] = normalised.table_schema(b.schemas[normalised.TABLE], b.framework)
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
        for name, rows in registers.tables(b.registers).items():
            b.fill(name, rows)
        b.fill(LIST, register_rows(b.root))
    write_scores(b)
    with b.step("éditions publiées"):
        for name, rows in revisions.tables(b.root, b.db.conn).items():
            b.fill(name, rows)
    with b.step("recherche et vues"):
        _write_search(b)
        _write_views(b)
    with b.step("valeurs normalisées"):
        # All read before any is written: a cursor does not outlive the changes to its database.
        b.fill(normalised.TABLE, list(normalised.rows(b.db)))
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
    b.fill(renamed.TABLE, renamed.rows(b.root))


def _write_framework(b: Build) -> None:
    days = closing_days(b.root)
    b.fill("method", (records.method_row(one, b.framework, days.get(one.edition)) for one in b.editions))
    for name, rows in method_rows.tables(b.editions).items():
        b.fill(name, rows)
    b.fill("maturity_levels", map(asdict, b.framework.levels))
    b.fill("domains", map(asdict, b.framework.domains))
    b.fill("domain_levels", records.domain_level_rows(b.framework))
    b.fill("indicators", (records.indicator_row(i, n) for n, i in enumerate(b.framework.indicators, start=1)))
    b.fill("releases", releases.rows(b.root))
    b.fill("release_tables", releases.table_rows(b.root))


def _write_dataset(b: Build, dataset: Dataset) -> None:
    schema = loading.table_schema(dataset)
    rows = list(loading.resolved(dataset, read_rows(dataset), b.territories))
    create_table(b.db, dataset.name, schema)
    b.schemas[dataset.name] = schema
    b.fill("datasets", [records.dataset_row(b.root, dataset, len(rows), b.warnings)])
    b.fill(dataset.name, rows)
    if register := registers.of_dataset(dataset):
        b.registers.append((register, rows))
    b.published.extend(loading.observations(dataset, rows, b.framework))
    b.fill("dataset_checks", check_rows(b.root, dataset, b.warnings))
    b.fill("dataset_columns", list(column_facts(b.db, dataset, schema)))
    b.fill("dataset_criteria", list(criterion_rows(b.db, dataset, int(b.framework.time_period[:4]))))


def _write_search(b: Build) -> None:
    b.db.conn.executescript(TERRITORIES_FTS)
    b.db.conn.executescript(
        """
        create virtual table indicators_fts using fts5(
            code unindexed, title, definition, tokenize="unicode61 remove_diacritics 2"
        );
        insert into indicators_fts (rowid, code, title, definition)
            select rowid, code, title, definition from indicators order by code;
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
    provenance = {row["key"]: row["value"] for row in b.db.query("select * from provenance")}
    b.fill("documents", document_rows(b.root, b.db.conn, b.framework, provenance))
    b.fill("catalogue_files", list(dcat.file_rows(b.root, b.db.conn)))


def _check(b: Build) -> None:
    b.db.execute("analyze")
    b.db.conn.commit()
    b.db.execute("vacuum")
    broken = b.db.execute("pragma foreign_key_check").fetchall()
    state = b.db.execute("pragma integrity_check").fetchone()[0]
    if broken or state != "ok":
        raise RuntimeError(f"the draft database is not sound: {state}, {broken[:5]}")
