"""What the recipes of attacks share: how one is declared, and how a hostile file is laid over the tiny site."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from repositories import FIBRE, HEADER, edit

INITIATIVES = "datasets/initiatives.csv"
DESCRIPTOR = "datasets/couverture_fibre.resource.yaml"
GOOD_ROW = "DEP-68,couverture-fibre,2022-Q3,81.5\n"
# Lays the attack over the site; gives the arguments of validate.py, none for the whole repository.
Build = Callable[[Path], Sequence[str] | None]


@dataclass(frozen=True)
class Attack:
    """A hostile contribution: how to make it, and the problem that must refuse it."""

    name: str
    build: Build
    code: str
    says: str
    file: str | None = None


ATTACKS: list[Attack] = []


def attack(code: str, says: str, file: str | None = None) -> Callable[[Build], Build]:
    """Declares the function as an attack that `code` refuses, in a sentence that holds `says` (about `file`)."""

    def declare(build: Build) -> Build:
        ATTACKS.append(Attack(build.__name__, build, code, says, file))
        return build

    return declare


def family(code: str, says: str, cases: dict[str, Build]) -> None:
    """Declares several attacks that the same problem refuses in the same words."""
    ATTACKS.extend(Attack(name, build, code, says) for name, build in cases.items())


def fibre(root: Path, rows: str, header: str = HEADER) -> list[str]:
    """Replaces the observations by these rows; only this file is to be judged."""
    return raw_fibre(root, (header + rows).encode("utf-8", "surrogateescape"))


def raw_fibre(root: Path, data: bytes) -> list[str]:
    """Replaces the observations by these bytes."""
    (root / FIBRE).write_bytes(data)
    return [str(root / FIBRE)]


def long_fibre(root: Path, parts: Iterator[bytes]) -> list[str]:
    """Replaces the observations by a large file, written without holding it."""
    with (root / FIBRE).open("wb") as stream:
        stream.writelines(parts)
    return [str(root / FIBRE)]


def initiative(root: Path, title: str, header: str | None = None) -> list[str]:
    """Adds to the register of initiatives a row whose title is hostile (quotes doubled here)."""
    path = root / INITIATIVES
    if header is not None:
        edit(path, "code,ref_area,titre", header)
    quoted = title.replace('"', '""')
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write(f'zzz,COM-75056,"{quoted}",2011-01-27,1,,oui,en-cours,\n')
    return [str(path)]


def descriptor(root: Path, old: str, new: str) -> list[str]:
    """Changes a line of the descriptor of the observations."""
    edit(root / DESCRIPTOR, old, new)
    return [str(root / DESCRIPTOR)]
