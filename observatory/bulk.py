"""Everything at once, for whoever takes it whole: packages, archives, SQLite, Parquet, and the sums that prove them.

Each file takes its name when it is complete: an interrupted export leaves no half file, and SHA256SUMS, written last,
tells which files belong together.
"""

import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from observatory import dcat, downloads, export, outputs
from observatory.blanks import STILL
from observatory.dcat_entries import TABLES
from observatory.dcat_files import MOST_ROWS, File, archive, exported
from observatory.downloads import Asked
from observatory.export import SUMS, WHOLE, complete
from observatory.identity import read_identity

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def publish(root: Path, database: Path, target: Path) -> Iterator[tuple[str, int]]:
    """Write tables, packages, archives, Parquet and sums in `target`; yield (file, bytes) as each is done."""
    # Until it is written anew, nothing tells which files belong together; what a killed export left goes too.
    for left in (target / SUMS, target / f"{SUMS}.sig", *target.rglob(".*.part")):
        left.unlink(missing_ok=True)
    written = []
    for name, _rows in export.export(root, database, target):
        written += [f"{name}.csv", f"{name}.json", f"{name}.resource.yaml"]
        yield f"{name}.csv", (target / f"{name}.csv").stat().st_size
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        packages = dict(_packages(root, db))
    for name, package in packages.items():
        path = "datapackage.json" if name == WHOLE else f"packages/{name}.json"
        with complete(target / path) as file:
            file.write(_json(package))
        written.append(path)
        _zip(target, archive(name), package)
        written.append(archive(name))
        yield archive(name), (target / archive(name)).stat().st_size
    for path in (*_parquet(database, target), _sqlite(database, target), *_catalogue(root, database, target)):
        written.append(path)
        yield path, (target / path).stat().st_size
    with complete(target / SUMS) as file:
        file.writelines(f"{_sha256(target / path)}  {path}\n".encode() for path in sorted(written))
    yield SUMS, (target / SUMS).stat().st_size


def _packages(root: Path, db: sqlite3.Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Data Package v2 of each dataset, then of the whole."""
    resources = {name: export.descriptor(root, db, name) for name in export.described_tables(db)}
    for row in db.execute("select name from datasets order by name"):
        yield row["name"], _package(resources[row["name"]], [resources[row["name"]]])
    licences = {licence["name"]: licence for one in resources.values() for licence in one["licenses"]}
    any_one = next(iter(resources.values()))
    whole = {
        "title": "Observatoire de la maturité numérique des territoires",
        "name": WHOLE,
        "description": "Toutes les tables : jeux de données, observations, scores, méthode, nomenclatures.",
        "version": export.version(db, WHOLE),
        "edition": any_one["edition"],
        "commit": any_one["commit"],
        "licenses": [licences[name] for name in sorted(licences)],
    }
    yield WHOLE, _package(whole, list(resources.values()))


def _package(about: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    kept = ("name", "title", "description", "version", "edition", "commit", "licenses", "sources", "contributors")
    return {"$schema": PROFILE, **{key: about[key] for key in kept if about.get(key)}, "resources": list(resources)}


def _zip(target: Path, path: str, package: Mapping[str, Any]) -> None:
    """An archive that stands alone: what it holds and under which licence, its package, its tables."""
    with complete(target / path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as into:
        for name, text in (("LISEZMOI.md", _read_me(package).encode()), ("datapackage.json", _json(package))):
            into.writestr(zipfile.ZipInfo(name, STILL), text, zipfile.ZIP_DEFLATED)
        for resource in package["resources"]:
            info = zipfile.ZipInfo(resource["path"], STILL)
            info.compress_type = zipfile.ZIP_DEFLATED
            with (target / resource["path"]).open("rb") as source, into.open(info, "w", force_zip64=True) as part:
                shutil.copyfileobj(source, part)


def _read_me(package: Mapping[str, Any]) -> str:
    licences = "\n".join(f"- {one['title']} : {one['path']}" for one in package["licenses"])
    tables = "\n".join(f"- `{one['path']}` : {one['title']}. {one['description']}" for one in package["resources"])
    sources = "\n".join(
        f"- {source['title']}" + (f" : {source['path']}" if source.get("path") else "")
        for source in package.get("sources", ())
    )
    return "\n\n".join(
        [
            f"# {package['title']}",
            str(package["description"]),
            f"Version {package['version']}, édition {package['edition']} de la méthode, code {package['commit']}.",
            f"## Licences\n\n{licences}",
            *([f"## Sources\n\n{sources}"] if sources else []),
            f"## Tables\n\nCSV en UTF-8, virgules ; les colonnes sont décrites dans `datapackage.json`.\n\n{tables}\n",
        ]
    )


def _parquet(database: Path, target: Path) -> Iterator[str]:
    """The observations, a file for each indicator, in folders that DuckDB and Spark read as a column."""
    sql = "select * from observations where indicator = ? order by ref_area, time_period"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        columns = [row[1] for row in db.execute("pragma table_info(observations)")]
        db.row_factory = sqlite3.Row
        codes = [code for (code,) in db.execute("select distinct indicator from observations order by 1")]
        for code in codes:
            told = [
                name for (name,) in db.execute("select dataset from indicator_sources where indicator = ?", (code,))
            ]
            rows = partial(db.execute, sql, (code,))
            what = downloads.described(db, Asked(columns, rows, table="observations", title=code, told=told))
            path = f"parquet/observations/indicator={code}/donnees.parquet"
            with complete(target / path) as file:
                outputs.named("parquet").write(what, file)
            yield path


def _sqlite(database: Path, target: Path) -> str:
    path = f"{WHOLE}.sqlite"
    with complete(target / path) as file, database.open("rb") as source:
        shutil.copyfileobj(source, file)
    return path


def _catalogue(root: Path, database: Path, target: Path) -> Iterator[str]:
    """The catalogue in each syntax, with what the export adds to it and the permanent address of the site."""
    who = read_identity(root)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        found = {WHOLE: _exported(target, WHOLE, 0)}
        for name in (*(name for (name,) in db.execute("select name from datasets")), *TABLES):
            found[name] = _exported(target, name, db.execute(f'select count(*) from "{name}"').fetchone()[0])
        made = dcat.graph(root, db, found)
    for path, (syntax, _media_type) in dcat.SYNTAXES.items():
        with complete(target / path) as file:
            file.write(who.at_home(dcat.written(made, syntax)).encode())
        yield path


def _exported(target: Path, name: str, rows: int) -> list[File]:
    """What the catalogue lists of an export: the archive of a dataset or of the whole, and JSON that is no page."""
    paths = [archive(name), *([f"{name}.json"] if rows > MOST_ROWS["json"] else [])]
    found = []
    for path in (path for path in paths if (target / path).is_file()):
        with (target / path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha512").hexdigest()
        found.append(exported(path, (target / path).stat().st_size, digest))
    return found


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(target: Path) -> list[str]:
    """What is wrong in a folder that `publish` wrote, in words: files missing, changed, or that no sum knows."""
    sums = target / SUMS
    if not sums.is_file():
        return [f"{SUMS} manque : l’export n’a pas été mené à son terme. Relancez make export."]
    known = dict(line.split("  ", 1)[::-1] for line in sums.read_text(encoding="utf-8").splitlines())
    faults = []
    for path, expected in known.items():
        if not (target / path).is_file():
            faults.append(f"{path} manque.")
        elif _sha256(target / path) != expected:
            faults.append(f"{path} n’est pas le fichier qui a été publié : son empreinte a changé.")
    for folder in ("jeux-de-donnees", "packages", "parquet"):
        found = (path.relative_to(target).as_posix() for path in (target / folder).rglob("*") if path.is_file())
        faults += [f"{path} n’est pas dans {SUMS}." for path in sorted(found) if path not in known]
    return faults
