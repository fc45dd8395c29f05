"""A tiny repository under git of which two editions are published: what tests of editions share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from repositories import FIBRE, ROOT, copy_site, edit

from observatory.frozen import freeze

INITIATIVES = "schemas/initiatives.schema.json"


def git(root: Path, *words: str, day: str = "2025-01-15") -> None:
    """Run git there, at noon of that day."""
    when = f"{day}T12:00:00Z"
    dated = {**os.environ, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    identity = ["-c", "user.name=Essai", "-c", "user.email=essai@example.org"]
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True, env=dated)


def command(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What a script answers, in a process of its own: schemas are read once for a process."""
    path = str(ROOT / "scripts" / f"{script}.py")
    return subprocess.run([sys.executable, path, *words], capture_output=True, text=True, check=False)


def commit(root: Path, day: str) -> None:
    """Record everything and build the database of that commit."""
    git(root, "add", ".", day=day)
    git(root, "commit", "-q", "-m", "Données", day=day)
    built = command("build", "--root", str(root), "--target", str(root / "donnees.db"))
    assert built.returncode == 0, built.stdout + built.stderr


def publish(root: Path, version: str) -> subprocess.CompletedProcess[str]:
    """Publish an edition of that repository."""
    return command("publish", version, "--root", str(root))


def repository(target: Path) -> Path:
    """The tiny repository, its method closed, with nothing published; recorded and built."""
    root = copy_site(target)
    shutil.copy(ROOT / ".gitignore", root)
    (root / "templates").symlink_to(ROOT / "templates")
    freeze(root, "2025-01-10")
    git(root, "init", "-q", "-b", "main")
    commit(root, "2025-01-15")
    return root


def change(root: Path) -> None:
    """A changed, an added and a removed row in one dataset, a retyped column in another."""
    edit(root / FIBRE, "DEP-01,couverture-fibre,2022-Q3,61.5", "DEP-01,couverture-fibre,2022-Q3,60")
    edit(root / FIBRE, "DEP-68,couverture-fibre,2022-Q2,90", "DEP-75,couverture-fibre,2022-Q2,95")
    told = '"description": "Nombre d\'agents'
    edit(root / INITIATIVES, f'"type": "integer",\n      {told}', f'"type": "number",\n      {told}')
