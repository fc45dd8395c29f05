"""The frozen files of an edition, as the web asks for them: only those that its SHA256SUMS names, byte for byte."""

from functools import lru_cache
from pathlib import Path

from observatory import releases
from observatory.fixed_files import File
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.releases import Release

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # what is told of such a file


def find(root: Path, version: str, path: str) -> File:
    """That file of that edition. Refused when there is no such edition or file, or when it is not on this server."""
    release = releases.named(root, version)
    if release is None:
        raise Refused("unknown-version", version, [one.version for one in reversed(releases.shown(root))])
    known = {**release.sums, releases.SUMS: releases.pins(root).get(version, "")}
    if path not in known:
        raise Refused("unknown-file", path, sorted(known))
    file = release.folder / path
    if not file.is_file() or _digest(file, file.stat().st_mtime_ns, file.stat().st_size) != known[path]:
        raise Refused("file-elsewhere", path, detail=_elsewhere(release, path, known[path]))
    return File(path, file, file.stat().st_size, known[path])


@lru_cache(maxsize=4096)
def _digest(file: Path, modified: int, size: int) -> str:
    return releases.digest(file)


def _elsewhere(release: Release, path: str, sha256: str) -> str:
    size = next((int(file["bytes"]) for file in release.files if file["path"] == path), 0)
    said = _(
        "Ce serveur ne garde pas {path} ({size} octets) de l’édition {version}. Il est joint à la publication "
        "{version} du dépôt du projet, ou se refait : make export au commit {commit}. "
        "Son empreinte SHA-256 est {sha256}."
    )
    commit = str(release.about.get("commit", ""))
    return said.format(path=path, size=spoken().number(size), version=release.version, commit=commit, sha256=sha256)
