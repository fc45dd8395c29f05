"""Mends a file: its certain mendings go to a new file beside it, with a list of them; never over the original."""

from dataclasses import dataclass
from pathlib import Path

from observatory.checks import Judged
from observatory.french import count, number
from observatory.mending import Mended, mend, write_changes, write_csv

SHOWN = 10  # lines named in a refusal


class NotMended(Exception):
    """A file is in the way and nothing was written; the message names it, in French."""


class Unreadable(Exception):
    """The file cannot be read whole, so that nothing was written; the message says why, in French."""


@dataclass(frozen=True)
class Fixed:
    """What was mended, and where it was written; no path when there was nothing to write."""

    mended: Mended
    path: Path | None = None
    changes: Path | None = None

    @property
    def sentence(self) -> str:
        """What was done, in French."""
        if self.path is None or self.changes is None:
            return "Aucune correction certaine : aucun fichier n'est écrit."
        done = count(len(self.mended.changes), "correction certaine", "corrections certaines")
        return f"{done} : le fichier corrigé est {self.path}, la liste des corrections {self.changes}."


def fix(path: Path, judged: Judged) -> Fixed:
    """Writes `<name>.corrige.csv` and `<name>.corrections.csv` beside the file, or raises NotMended or Unreadable."""
    if not judged.table.sheet.header:
        raise Unreadable(f"« {path.name} » ne peut pas être lu : rien n'est écrit.")
    mended = mend(judged.table, judged.problems, ours=True)
    if mended.unread:
        raise Unreadable(_unread(path, mended.unread))
    # A workbook is worth a CSV even when nothing of it is to be mended.
    if not mended.changes and path.suffix.lower() == ".csv":
        return Fixed(mended)
    name = path.name.partition(".")[0] or path.stem
    target, changes = path.with_name(f"{name}.corrige.csv"), path.with_name(f"{name}.corrections.csv")
    for there in (target, changes):
        if there.exists() or there.is_symlink():
            raise NotMended(f"« {there} » existe déjà : renommez-le ou supprimez-le, puis relancez --fix.")
    write_csv(mended, target)
    write_changes(mended.changes, changes)
    return Fixed(mended, target, changes)


def _unread(path: Path, lines: list[int]) -> str:
    """Why a file whose rows cannot all be read is not written anew: some would be lost."""
    named = ", ".join(number(line) for line in lines[:SHOWN]) + (", …" if len(lines) > SHOWN else "")
    what = (
        f"la ligne {named} ne peut pas être lue" if len(lines) == 1 else f"les lignes {named} ne peuvent pas être lues"
    )
    return f"dans « {path.name} », {what} : corrigez d'abord cela à la main, rien n'est écrit."
