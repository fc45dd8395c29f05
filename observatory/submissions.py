"""What the command is asked: judge these files, each as what it is, and mend those that can be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from observatory.catalogue import descriptor_of
from observatory.editions import until
from observatory.fixing import Unreadable, fix
from observatory.problems import Problem
from observatory.reading import Tell
from observatory.recognition import recognise
from observatory.validation import UnknownFile, judge, validate

TABLES = {".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".zip", ".gz"}
Say = Callable[[str], object]


@dataclass(frozen=True)
class Asked:
    """The words of the command: files (none: the whole repository), dataset and sheet when they are named."""

    root: Path
    files: tuple[Path, ...] = ()
    dataset: str = ""
    sheet: str = ""
    fix: bool = False


def problems_of(asked: Asked, say: Say, tell: Tell | None = None) -> list[Problem]:
    """Every problem of the files, and what a person must still settle of those that are mended.

    `say` is told, in French, what was recognised and what was written; `tell` how far the reading is. UnknownFile and
    NotMended refuse the command.
    """
    if (asked.fix or asked.dataset or asked.sheet) and not asked.files:
        raise UnknownFile("--fix, --dataset et --sheet demandent un fichier.")
    given = [path for path in asked.files if _is_given(path, asked)]
    others = [path for path in asked.files if path not in given]
    tell = tell or (lambda part, done, total: None)
    problems = validate(asked.root, others, lambda step: tell(step, 0, 1), tell) if others or not asked.files else []
    for path in given:
        tell(path.name, 0, 1)
        problems += _judged(path, asked, say, tell)
    return problems


def _is_given(path: Path, asked: Asked) -> bool:
    """Whether the file is judged as part of a dataset, rather than as a file of the repository."""
    if asked.dataset or asked.sheet or asked.fix:
        return True
    inside = [(asked.root / folder).resolve() for folder in ("datasets", "codelists", "indicators")]
    home = path.resolve().parent
    if path.suffix.lower() == ".csv":
        return home not in inside and not descriptor_of(path).is_file()
    return path.suffix.lower() in TABLES


def _judged(path: Path, asked: Asked, say: Say, tell: Tell) -> list[Problem]:
    found = recognise(path, asked.root, asked.dataset, asked.sheet)
    if found.reason:
        say(f"{path.name} : {found.reason}.")
    # A verdict on the repository asks no clock; a file that is brought today may be of any period that has begun.
    dataset = until(found.dataset, date.today().isoformat())
    judged = judge(path, dataset, asked.root, asked.sheet, tell)
    if not asked.fix:
        return judged.problems
    try:
        fixed = fix(path, judged)
    except Unreadable as refusal:
        say(str(refusal))
        return judged.problems
    say(fixed.sentence)
    if fixed.path is None:
        return judged.problems
    # What is left is best told at the lines of the new file.
    return judge(fixed.path, dataset, asked.root).problems
