"""Every public address of the site that an edition promises: of pages, of data, of files, in both languages.

They come from the templates, the resources of the API, the formats and the data, so that nothing is written twice. A
page of each territory is there; of what one piece of code answers for all of them, there is one of each kind.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from observatory import blanks, export, links, outputs, page_tables, releases, sitemap
from observatory.api_resources import BASE, RESOURCES, SEARCH
from observatory.national import SCHEMAS

# Addresses that are there once and for all, without a template.
FIXED = (
    *(
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-1.xml",
        "/atom.xml",
        "/calendrier.ics",
        "/agenda.ics",
        "/llms.txt",
        "/recherche.json?q=a",
    ),
    *("/contours/regions.geojson", "/contours/departements.geojson", "/contours/epci.geojson"),
    *("/donnees", "/donnees/territories/-/reconcile", BASE, f"{BASE}/openapi.json", f"{BASE}/{SEARCH.name}?q=rhin"),
)
# One of each level, for what the same code answers for all territories.
SAMPLE = "select min(ref_area) from territories where valid_to is null group by level order by level"
OF_TERRITORY = (
    "/territoires/{}/atom.xml",
    "/territoires/{}/agir",
    "/integrer/territoires/{}",
    f"{BASE}/territories/{{}}",
)
# Two départements with a curve of the same indicator.
PAIR = """
with curves as (
    select indicator, ref_area from observations
    where ref_area like 'DEP-%' and obs_value is not null group by indicator, ref_area having count(*) > 1
)
select 't=' || min(ref_area) || '&t=' || max(ref_area) || '&indicateur=' || indicator
from curves group by indicator having count(*) > 1 order by count(*) desc, indicator limit 1
"""
COMPARED = (
    "/comparer?{}",
    "/comparer.csv?{}",
    "/comparer.json?{}",
    "/comparer.xlsx?{}",
    "/graphiques/comparaison.svg?{}",
)
FIGURE = """
select 'territoire=' || ref_area || '&indicateur=' || indicator || '&periode=' || time_period
from observations where obs_value is not null order by indicator, ref_area, time_period limit 1
"""
RANKED = "select peer_group from ranking_size where node = 'index' and ranked > 1 order by peer_group limit 1"
# Beside the plan of the site: former territories, details of scores, doors for machines, drawings, frames, tables.
ADDRESSES = (
    *sitemap.ADDRESSES,
    "select '/territoires/' || ref_area from territories order by ref_area",
    "select '/territoires/' || ref_area || '/score' from territories where valid_to is null order by ref_area",
    "select '/integrer/indicateurs/' || code from indicators where status = 'active' order by code",
    "select '/integrer/figures/repartition-' || code from indicators where status = 'active' order by code",
    "select '/graphiques/repartition-' || code || '.svg' from indicators where status = 'active' order by code",
    "select '/graphiques/repartition-' || min(code) || '.png' from indicators where status = 'active'",
    "select '/graphiques/scores-' || peer_group || '.svg' from ranking_size where node = 'index' and ranked > 1",
    "select '/graphiques/' || name || '.svg' from charts where name like 'carte-%' order by name",
    "select '/graphiques/' || min(name) || '.png' from charts where name like 'carte-%' group by level order by 1",
    "select '/classements/' || category || '.csv' from category where ranked and territories > 0 order by position",
    "select '/contribuer/' || name from datasets order by name",
    "select '/indicateurs/' || code || '/atom.xml' from indicators order by code",
    "select '/evenements/' || id || '.ics' from things where register = 'evenements' and length(start_date) = 10",
    "select '/' || path from catalogue_files order by path",
)
WHOLE = (f"{export.WHOLE}.zip", f"{export.WHOLE}.sqlite", "datapackage.json", export.SUMS)
OF_EDITION = ("", releases.ABOUT, releases.SUMS, releases.CHANGELOG, releases.URLS)


def everything(root: Path, db: sqlite3.Connection, versions: Iterable[str]) -> list[str]:
    """All of them, each once: the first of each kind is followed by its twin in English, where it has one."""
    kinds = [*pages(root), *([url] for url in FIXED)]
    kinds += [_texts(db, sql) for sql in ADDRESSES]
    kinds += [[f"/{schema.register}/{name}.{form}" for form in ("csv", "json")] for name, schema in SCHEMAS.items()]
    kinds += [*_registers(db), *_api(db), *_territories(db), *_tables(db), *_asked(db), exported(db)]
    kinds += [[f"/editions/{version}/{path}".rstrip("/") for path in OF_EDITION] for version in versions]
    found = chain.from_iterable([*kind, *map(links.localised, kind[:1])] for kind in kinds)
    return list(dict.fromkeys(found))


def pages(root: Path) -> Iterator[list[str]]:
    """The pages that need no data: the home page, and each template whose name holds no code.

    The list of a register, whose things are in its folder, is there only where the register is kept.
    """
    folder = root / "templates" / "pages"
    yield ["/"]
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if "{" not in name and not (folder / name / "{id}.html").exists():
            yield [f"/{name}"]


def _registers(db: sqlite3.Connection) -> Iterator[list[str]]:
    """Of each register that is kept, its list, its things and its form."""
    for name in _texts(db, "select register from registers order by position"):
        yield [f"/{name}"]
        yield [
            f"/{name}/{row[0]}" for row in db.execute("select id from things where register = ? order by id", [name])
        ]
        yield [f"/contribuer/{name}/formulaire"]


def _texts(db: sqlite3.Connection, sql: str) -> list[str]:
    return [str(row[0]) for row in db.execute(sql)]


def _formats(address: str, columns: Iterable[str], query: str = "") -> list[str]:
    """That address in every format that suits the columns."""
    known = list(columns)
    return [f"{address}.{word}{query}" for word in outputs.FORMATS if outputs.suits(word, known)]


def _api(db: sqlite3.Connection) -> Iterator[list[str]]:
    """Each resource, in each format; each of its things; the rows of each dataset."""
    for resource in RESOURCES.values():
        yield [f"{BASE}/{resource.name}"]
        yield _formats(
            f"{BASE}/{resource.name}", resource.columns, "?ref_area=FRA" if _of_areas(resource.filters) else ""
        )
        if resource.item and not _of_areas(resource.filters):
            where = f" where {resource.where}" if resource.where else ""
            sql = f'select "{resource.item}" from "{resource.source}"{where} order by 1'  # noqa: S608 (declared names)
            yield [f"{BASE}/{resource.name}/{code}" for code in _texts(db, sql)]
    yield _formats(f"{BASE}/{SEARCH.name}", SEARCH.columns, "?q=rhin")
    names = _texts(db, "select name from datasets order by name")
    yield [
        f"{BASE}/registers/{name}"
        for name in _texts(db, "select name from datasets where form = 'register' order by name")
    ]
    yield _texts(db, f"select '{BASE}/registers/' || register || '/' || id from things order by register, id")  # noqa: S608
    yield [f"{BASE}/datasets/{name}/rows" for name in names]
    for name in names[:1]:
        yield _formats(f"{BASE}/datasets/{name}/rows", _columns(db, name))


def _of_areas(filters: Iterable[str]) -> bool:
    return "ref_area" in filters


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[0]) for row in db.execute("select name from pragma_table_info(?)", [table])]


def _territories(db: sqlite3.Connection) -> Iterator[list[str]]:
    sample = _texts(db, SAMPLE)
    for form in OF_TERRITORY:
        yield [form.format(area) for area in sample]


def _tables(db: sqlite3.Connection) -> Iterator[list[str]]:
    """Each table that the dictionary describes, its CSV, and the observations of one territory in each format."""
    tables = export.described_tables(db)
    yield [f"/donnees/{name}" for name in tables]
    yield [f"/donnees/{name}.csv" for name in tables]
    yield _formats("/donnees/observations", _columns(db, "observations"), "?ref_area=FRA")


def _asked(db: sqlite3.Connection) -> Iterator[list[str]]:
    """What says nothing without parameters: comparisons, citations, templates of datasets, tables of a page."""
    for query in _texts(db, PAIR):
        yield [form.format(query) for form in COMPARED]
    for query in _texts(db, FIGURE):
        yield [f"/citation?{query}", f"/citation.json?{query}"]
    for name in _texts(db, "select min(name) from datasets"):
        endings = dict.fromkeys(form.partition("-")[0] for form in blanks.FORMS)
        yield [f"/contribuer/{name}/modele.{ending}" for ending in endings]
    for category in _texts(db, RANKED):
        table = f"page=/classements/{category}&tableau=Classement"
        yield [f"/tableaux.{word}?{table}" for word in page_tables.OFFERED]


def exported(db: sqlite3.Connection) -> list[str]:
    """Every file that `make export` writes."""
    tables, names = export.described_tables(db), _texts(db, "select name from datasets order by name")
    codes = _texts(db, "select distinct indicator from observations order by 1")
    paths = [*WHOLE, *_texts(db, "select path from catalogue_files where path like 'catalog.%' order by path")]
    paths += [f"{name}.{ending}" for name in tables for ending in ("csv", "json", "resource.yaml")]
    paths += [path for name in names for path in (f"packages/{name}.json", f"jeux-de-donnees/{name}.zip")]
    paths += [f"parquet/observations/indicator={code}/donnees.parquet" for code in codes]
    return [f"/telechargements/{path}" for path in paths]
