"""Hands a contribution to the place that the operator chose, and reads there what became of it.

A contribution is a handful of files: the dataset as it would be published (datasets/x.csv, datasets/x.resource.yaml)
and what is said of it (declaration.yml, report.json, report.md, status.yml). The outbox is a folder, here, or a branch
of the project's git remote (`outbox_branch`). Nothing else of a contribution is kept anywhere.
"""

import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import yaml

from observatory.languages import kept

# The text of a published file by its path in the repository, None when it is not published.
Read = Callable[[str], str | None]
Compose = Callable[[Read], Mapping[str, bytes]]

SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is read as another
REFERENCE = re.compile(rf"[0-9]{{8}}-[{SIGNS}]{{10}}")
SAFE = re.compile(r"(?:datasets/)?[a-z][a-z0-9_]*(?:\.[a-z]+){1,2}")
MOST = 2_000  # contributions in a folder, so that nobody fills the disk; the team empties it as it reads them
STATES = ("received", "checked", "review", "published", "declined")


class OutboxFault(Exception):
    """The outbox cannot be written or read; the message is in French and says nothing of the machine."""


class Taken(Exception):
    """Another contribution already has this reference."""


@dataclass(frozen=True)
class Step:
    """What happened to a contribution: one of STATES, its ISO date, and why, when the team says why."""

    state: str
    date: str
    reason: str = ""


@dataclass(frozen=True)
class Story:
    """What is told of a contribution: its steps, whether all of them could be read, and what was given, and when."""

    steps: list[Step]
    whole: bool = True
    dataset: str = ""
    rows: int = 0
    received: str = ""


class Outbox(Protocol):
    """Where contributions go."""

    def deliver(self, reference: str, compose: Compose, message: str) -> None:
        """Puts the files that `compose` makes, given what is published there; Taken or OutboxFault."""

    def story(self, reference: str) -> Story | None:
        """What happened to that contribution, in order of time; None when it is not there."""


def new_reference(day: date) -> str:
    """A reference that nobody can guess: the day of reception and ten random signs (20261123-k7m3q9x2ab)."""
    return f"{day:%Y%m%d}-{''.join(secrets.choice(SIGNS) for _ in range(10))}"


def initial_status(day: date) -> bytes:
    """The status.yml of a contribution that has just been checked; the team adds a line for each step that follows."""
    steps = [{"state": state, "date": day.isoformat()} for state in STATES[:2]]
    return STATUS_NOTE.encode() + yaml.safe_dump(steps, sort_keys=False, default_flow_style=None).encode()


STATUS_NOTE = """\
# Ce que la page de suivi raconte. L’équipe ajoute une entrée à chaque étape, sans nommer personne :
# - {state: review, date: "2026-11-25"}
# - {state: published, date: "2026-11-30"}
# - {state: declined, date: "2026-11-30", reason: "La source ne porte pas sur cette période."}
"""


def read_story(status: str, declaration: str | None) -> Story:
    """The steps of a status.yml that are written as STATUS_NOTE says, and what the declaration says was given.

    Of a file that is no YAML at all, the lines that are are read. Nothing is told of who gave.
    """
    entries = _yaml(status)
    if not isinstance(entries, list):
        parts = [_yaml(line) for line in status.splitlines() if line.startswith("- ")]
        entries = [entry for part in parts for entry in (part if isinstance(part, list) else [None])] or [None]
    steps = [step for step in map(_step, entries) if step]
    given = _yaml(declaration or "")
    given = given if isinstance(given, dict) else {}
    return Story(
        sorted(steps, key=lambda step: (step.date, STATES.index(step.state))),
        len(steps) == len(entries) > 0,
        str(given.get("dataset") or ""),
        rows if isinstance(rows := given.get("rows"), int) else 0,
        received if _is_day(received := str(given.get("received"))) else "",
    )


def _yaml(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):  # ValueError: a date that no calendar has
        return None


def _step(entry: object) -> Step | None:
    """The step that an entry tells; None when it is ill-written."""
    if not isinstance(entry, dict) or entry.get("state") not in STATES or not _is_day(day := str(entry.get("date"))):
        return None
    return Step(entry["state"], day, str(entry.get("reason") or ""))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def checked_names(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files, once sure that no name leads elsewhere than into the contribution; ValueError otherwise."""
    for name in files:
        if not SAFE.fullmatch(name):
            raise ValueError(f"« {name} » n’est pas un nom de fichier de contribution")
    return files


def reference_of(text: str) -> str | None:
    """The reference that a visitor wrote, spaces and capitals forgiven; None when it cannot be one."""
    found = "".join(text.split()).lower()
    return found if REFERENCE.fullmatch(found) else None


class FolderOutbox:
    """A folder with one folder a contribution; `root` is the repository whose datasets are published."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.root = root

    def deliver(self, reference: str, compose: Compose, message: str) -> None:
        """Writes the files beside, then renames: a contribution is there whole, or not at all."""
        target = self._place(reference)
        if self.folder.is_dir() and sum(1 for _ in self.folder.iterdir()) >= MOST:
            raise OutboxFault(
                kept("La boîte de dépôt est pleine : l’équipe doit la vider. Réessayez dans quelques jours.")
            )
        files = checked_names(compose(self._published))
        unfinished = target.with_name(f".{reference}.{secrets.token_hex(4)}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            # Renaming over a folder that is not empty fails, which is what tells that the reference is taken.
            unfinished.rename(target)
        except OSError as error:
            if target.exists():
                raise Taken(reference) from None
            raise OutboxFault(kept("La contribution n’a pas pu être déposée ; réessayez plus tard.")) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def story(self, reference: str) -> Story | None:
        """What its status.yml and its declaration.yml tell."""
        status, declaration = (self._place(reference) / name for name in ("status.yml", "declaration.yml"))
        if not status.is_file():
            return None
        given = declaration.read_text(encoding="utf-8") if declaration.is_file() else None
        return read_story(status.read_text(encoding="utf-8"), given)

    def _published(self, name: str) -> str | None:
        path = self.root / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def _place(self, reference: str) -> Path:
        if not REFERENCE.fullmatch(reference):
            raise ValueError(f"« {reference} » n’est pas une référence de contribution")
        return self.folder / reference
