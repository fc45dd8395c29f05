"""Publishing an edition: what is refused, then a folder written aside that takes its name when it is whole.

Nothing of it depends on the hour, the machine or what else lies there: the same commit gives the same bytes.
"""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory import addresses, bulk, provenance, release_tables, release_words, releases
from observatory.export import complete
from observatory.framework import EDITIONS
from observatory.releases import Release

Report = Callable[[str, int], None]
METHOD = "methode.yml"


class Unpublishable(Exception):
    """Why the edition cannot be published, and how to mend it, in French."""


@dataclass(frozen=True)
class Asked:
    """An edition about to be published: its repository and database, its number, and what they say of themselves."""

    root: Path
    database: Path
    version: str
    facts: Mapping[str, str]
    method: Mapping[str, Any]


def publish(root: Path, database: Path, version: str, report: Report) -> Path:
    """Write the folder of that edition and return it; calls `report(file, bytes)`. Unpublishable says why not."""
    asked = checked(root, database, version)
    home = root / releases.FOLDER
    draft = home / f".{version}.tmp"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        _write(asked, draft, report)
        _seal(home, draft, asked)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return home / version


def checked(root: Path, database: Path, version: str) -> Asked:
    """What is to be published; Unpublishable when something stands in the way."""
    if not releases.VERSION.fullmatch(version):
        raise Unpublishable(f"« {version} » n’est pas un numéro d’édition. Écrivez par exemple 2026.2 ou 2026.2.1.")
    if (root / releases.FOLDER / version).exists() or version in releases.pins(root):
        free = _free(root, version)
        raise Unpublishable(f"l’édition {version} existe déjà, et ne change plus. Le numéro libre est {free}.")
    if faults := releases.verify_all(root):
        mending = "Rétablissez-la avec « git checkout -- editions »."
        raise Unpublishable(f"une édition déjà publiée a changé. {faults[0]} {mending}")
    if provenance.commit(root) == "inconnu" or not provenance.clean(root):
        mending = "Enregistrez ou écartez ce que montre « git status »."
        raise Unpublishable(f"le dossier de travail n’est pas propre. {mending}")
    facts, method = _current(root, database)
    if version != (expected := _free(root, str(method["edition"]))):
        raise Unpublishable(f"la méthode en cours est l’édition {method['edition']} : écrivez VERSION={expected}.")
    return Asked(root, database, version, facts, method)


def _current(root: Path, database: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """What the database says of itself, and of the edition of the method that it shows, which must be closed."""
    if not database.is_file():
        raise Unpublishable(f"{database.name} n’existe pas. Lancez « make build ».")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        facts = {key: value for key, value in db.execute("select key, value from provenance")}
        method = dict(db.execute("select edition, draft, sha256 from method where current").fetchone())
    if facts["commit"] != provenance.commit(root):
        raise Unpublishable(f"{database.name} n’est pas à jour : elle vient d’un autre commit. Lancez « make build ».")
    if method["draft"]:
        mending = "Figez-la avec « make edition »."
        raise Unpublishable(f"l’édition {method['edition']} de la méthode est en projet. {mending}")
    return facts, method


def _free(root: Path, version: str) -> str:
    """The next number for the edition of the method of that version: itself, then 2026.2.1, 2026.2.2 …"""
    method = version if (found := releases.VERSION.fullmatch(version)) is None else found[1]
    taken = [one for one in releases.read(root) if one.version == method or one.version.startswith(f"{method}.")]
    return f"{method}.{len(taken)}" if taken else method


def _write(asked: Asked, draft: Path, report: Report) -> None:
    """Every file of the edition in `draft`; the sums last."""
    for path, size in bulk.publish(asked.root, asked.database, draft):
        report(path, size)
    heavy = set(Release(draft).sums)
    before = releases.read(asked.root)
    with closing(sqlite3.connect(f"file:{asked.database}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        tables = release_tables.freeze(asked.root, db, draft, str(asked.method["edition"]), before)
        corrections = release_tables.corrections(db, before)
        found = addresses.everything(asked.root, db, [*(one.version for one in before), asked.version])
    _put(draft / releases.URLS, gzip.compress("".join(f"{url}\n" for url in found).encode(), 9, mtime=0))
    method = asked.root / "indicators" / EDITIONS / f"{asked.method['edition']}.yml"
    _put(draft / METHOD, method.read_bytes())
    last = before[-1] if before else None
    about: dict[str, Any] = {
        "version": asked.version,
        "edition": asked.method["edition"],
        "date": asked.facts["commit_date"],
        "commit": asked.facts["commit"],
        "method_sha256": asked.method["sha256"],
        "datasets_sha256": asked.facts["datasets_sha256"],
        "previous": last and {"version": last.version, "sha256": releases.digest(last.folder / releases.SUMS)},
        "addresses": len(found),
        "tables": tables,
        "tables_removed": release_tables.removed(tables, last),
        "corrections": corrections,
    }
    _put(draft / releases.CHANGELOG, release_words.changelog(about).encode())
    about["files"] = [_file(draft, path, path not in heavy) for path in _present(draft)]
    _put(draft / releases.ABOUT, (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode())
    sums = ({str(file["path"]): str(file["sha256"]) for file in about["files"]}
            | {releases.ABOUT: releases.digest(draft / releases.ABOUT)})  # fmt: skip
    _put(draft / releases.SUMS, "".join(f"{sums[path]}  {path}\n" for path in sorted(sums)).encode())


def _present(draft: Path) -> list[str]:
    found = (path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
    return sorted(path for path in found if path not in (releases.SUMS, releases.ABOUT))


def _file(draft: Path, path: str, committed: bool) -> dict[str, Any]:
    size = (draft / path).stat().st_size
    return {"path": path, "bytes": size, "sha256": releases.digest(draft / path), "committed": committed}


def _put(path: Path, content: bytes) -> None:
    with complete(path) as file:
        file.write(content)


def _seal(home: Path, draft: Path, asked: Asked) -> None:
    """Give the folder its name and write it down in published.txt: both, or neither."""
    pin = f"{asked.version} {asked.facts['commit_date']} {releases.digest(draft / releases.SUMS)}\n"
    path = home / releases.PUBLISHED
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    draft.replace(home / asked.version)
    try:
        _put(path, (before + pin).encode())
    except BaseException:
        shutil.rmtree(home / asked.version)
        raise
