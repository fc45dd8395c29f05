"""Validates the repository, or the files named, and gives every problem at once."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from observatory.catalogue import ENDING, WRONG_ENDING, descriptor_of, read_catalogue, read_dataset, stray_problems
from observatory.checks import Context, check_dataset
from observatory.judges import Gazetteer
from observatory.model import Dataset
from observatory.problems import Problem, has_errors, problem
from observatory.references import IndicatorFile, check_codelists, check_framework, read_indicators, sightings
from observatory.territories import read_territories
from observatory.yamlfiles import read_document, shown_path

Progress = Callable[[str], None]
ACCEPTABLE = "warning"


class UnknownFile(Exception):
    """A file that was asked for cannot be validated; the message says why, in French."""


def validate(root: Path, files: Sequence[Path] = (), progress: Progress | None = None) -> list[Problem]:
    """Every problem of the files (default: the whole repository at `root`), by file and line.

    UnknownFile when a path does not exist or is nothing that can be validated. `progress` is told each step.
    """
    tell = progress or (lambda step: None)
    tell("cadre d'indicateurs")
    indicators = read_indicators(root)
    if files:
        problems = _named(root, files, indicators, tell)
    else:
        problems = check_framework(root, indicators)
        tell("listes de codes")
        problems += check_codelists(root)
        datasets, found = read_catalogue(root)
        problems += found + _check(datasets, (), root, indicators, tell)
    return sorted(set(problems), key=_order)


def _order(entry: Problem) -> tuple[str, int, str, str, str]:
    return entry.file, entry.line or 0, entry.column or "", entry.code, entry.message


def _check(
    datasets: Sequence[Dataset],
    others: Sequence[Dataset],
    root: Path,
    indicators: dict[str, IndicatorFile],
    tell: Progress,
) -> list[Problem]:
    """The problems of the datasets, in themselves and against each other and the `others`, which are not judged."""
    if not datasets:
        return []
    tell("territoires")
    gazetteer = Gazetteer(read_territories(root), root / "codelists" / "territory_aliases.csv")
    context = Context(root, gazetteer, indicators, sightings=list(sightings(others, root)))
    problems: list[Problem] = []
    for dataset in datasets:
        tell(dataset.name)
        problems += _accepted(dataset, check_dataset(dataset, context), root)
    return problems


def _accepted(dataset: Dataset, problems: list[Problem], root: Path) -> Iterator[Problem]:
    """The problems without the warnings that the descriptor accepts with a reason; errors stay."""
    entries = dataset.descriptor.get("accepted")
    entries = entries if isinstance(entries, list) else []
    codes = [str(entry.get("problem")) for entry in entries if isinstance(entry, dict)]
    yield from (entry for entry in problems if entry.code not in codes or entry.severity != ACCEPTABLE)
    if has_errors(problems):
        return  # plausibility was not judged
    found = {entry.code for entry in problems if entry.severity == ACCEPTABLE}
    document = read_document(dataset.descriptor_path, root)
    for place, code in enumerate(codes):
        if code not in found:
            line, position = document.mark(("accepted", place))
            yield problem(
                "useless-acceptance", document.file, line, f"accepted.{place + 1}", value=code, position=position
            )


def _named(root: Path, files: Sequence[Path], indicators: dict[str, IndicatorFile], tell: Progress) -> list[Problem]:
    problems: list[Problem] = []
    datasets: dict[Path, Dataset] = {}
    asked: set[Path] = set()
    for path in files:
        found, descriptor = _sort_out(path, root, indicators)
        problems += found
        if descriptor is not None and descriptor not in datasets:
            asked.add(descriptor.resolve())
            dataset, found = read_dataset(descriptor, root)
            problems += found
            if dataset is not None:
                datasets[descriptor] = dataset
    others = [other for other in read_catalogue(root)[0] if other.descriptor_path.resolve() not in asked]
    return problems + _check(list(datasets.values()), others, root, indicators, tell)


def _sort_out(path: Path, root: Path, indicators: dict[str, IndicatorFile]) -> tuple[list[Problem], Path | None]:
    """The problems of a file that stands alone, or the descriptor of the dataset that it belongs to."""
    if not path.is_file():
        raise UnknownFile(f"le fichier « {path} » n'existe pas.")
    file = shown_path(path, root)
    if file.startswith("indicators/"):
        return [entry for entry in check_framework(root, indicators) if entry.file == file], None
    if file.startswith("codelists/") and path.suffix == ".csv":
        return [entry for entry in check_codelists(root) if entry.file == file], None
    if path.name.endswith(WRONG_ENDING) or (path.suffix == ".csv" and not descriptor_of(path).is_file()):
        return stray_problems(path, root), None
    if path.suffix == ".csv":
        return [], descriptor_of(path)
    if path.name.endswith(ENDING):
        return [], path
    raise UnknownFile(
        f"« {path} » n'est ni un CSV, ni un descripteur ({ENDING}), ni un fichier de indicators/ ou de codelists/."
    )
