"""Validates the repository, or the files named, and gives every problem at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from observatory.catalogue import (
    ENDING,
    WRONG_ENDING,
    descriptor_of,
    house_problems,
    read_catalogue,
    read_dataset,
    stray_problems,
)
from observatory.checks import Context, Judged, check_dataset
from observatory.figure_checks import check_register
from observatory.figure_statuses import register_path
from observatory.judges import period_format
from observatory.model import Dataset
from observatory.ordinary import hindrance, no_file
from observatory.places import Gazetteer
from observatory.problems import Problem, has_errors, kinds, problem
from observatory.reading import Tell
from observatory.references import IndicatorFile, Sighting, check_codelists, check_framework, read_indicators, sightings
from observatory.sums import report_sums
from observatory.territories import read_territories
from observatory.yamlfiles import read_document, shown_path

Progress = Callable[[str], None]
ACCEPTABLE = "warning"
CAUSES = ("fichier", "en-tête")


class UnknownFile(Exception):
    """A file that was asked for cannot be validated; the message says why, in French."""


def validate(
    root: Path, files: Sequence[Path] = (), progress: Progress | None = None, tell: Tell | None = None
) -> list[Problem]:
    """Every problem of the files (default: the whole repository at `root`), by file and line.

    UnknownFile when a path does not exist or is nothing that can be validated. `progress` is told each step, `tell`
    how far the reading of a table is (part, done, total).
    """
    if found := house_problems(root):
        return found
    progress = progress or (lambda step: None)
    progress("cadre d'indicateurs")
    bench = Bench(root, read_indicators(root), progress, tell or (lambda part, done, total: None))
    if files:
        problems = _named(bench, files)
    else:
        problems = check_framework(root, bench.indicators)
        progress("listes de codes")
        problems += check_codelists(root)
        datasets, found = read_catalogue(root)
        problems += found + _check(bench, datasets, ())
        if not has_errors(problems):  # else nobody knows which figures there will be
            problems += check_register(root, date.today().isoformat())
    return sorted(set(problems), key=_order)


def judge(path: Path, dataset: Dataset, root: Path, sheet: str = "", tell: Tell | None = None) -> Judged:
    """A file, wherever it is, as rows to add to those of a dataset of the repository or to replace them.

    `sheet` names the sheet of a workbook, or the member of an archive. Nothing is expected of how many rows there are.
    """
    return bench(root, tell).judge(path, dataset, sheet)


def bench(root: Path, tell: Tell | None = None) -> "Bench":
    """What judgements need of the repository at `root`, read once for them all, which must not change meanwhile."""
    return Bench(root, read_indicators(root), lambda step: None, tell or (lambda part, done, total: None))


@dataclass(frozen=True)
class Bench:
    """What every judgement of a run needs, and who is told how it goes."""

    root: Path
    indicators: dict[str, IndicatorFile]
    progress: Progress
    tell: Tell

    def context(self, others: Sequence[Dataset]) -> Context:
        """What is known of the repository, and of the `others`, which are not judged."""
        self.progress("territoires")
        return self._context(sightings(others, self.root))

    def judge(self, path: Path, dataset: Dataset, sheet: str = "") -> Judged:
        """As `judge`, without reading the repository again."""
        if not path.is_file():
            raise UnknownFile(no_file(path))
        dialect = dataset.descriptor.get("dialect")
        dialect = {**(dialect if isinstance(dialect, dict) else {}), "sheet": sheet}
        context = self._context(self._published)
        for known in context.sightings:
            if known.dataset == dataset.name:
                for code, period, line in known.firsts():
                    context.formats.setdefault(code, (period_format(period), f"{known.file}:{line}"))
        given = replace(dataset, descriptor={**dataset.descriptor, "dialect": dialect}, csv_path=path)
        judged = check_dataset(given, context, part=True)
        sums = report_sums(context.counts, context.gazetteer.territories, context.absent_is_zero)
        accepted = _accepted_codes(dataset)
        found = [*judged.problems, *(entry for _, entry in sums)]
        problems = [p for p in found if p.code not in accepted or p.severity != ACCEPTABLE]
        return Judged(judged.table, sorted(set(problems), key=_order))

    def _context(self, seen: Iterable[Sighting]) -> Context:
        # A context fills as tables are read: each judgement has its own.
        return Context(self.root, self.gazetteer, self.indicators, sightings=list(seen), tell=self.tell)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The territories of the repository and their names."""
        return Gazetteer(read_territories(self.root), self.root / "codelists" / "territory_aliases.csv")

    @cached_property
    def _published(self) -> list[Sighting]:
        return list(sightings(read_catalogue(self.root)[0], self.root))


def _order(entry: Problem) -> tuple[str, int, int, int, str, str, str]:
    """By file, then the causes first: the form of the file, its header, then its rows; line by line."""
    kind = kinds()[entry.code]
    part = CAUSES.index(kind.group) if kind.group in CAUSES else len(CAUSES)
    rank = list(kinds()).index(entry.code) if kind.group == "en-tête" else 0
    return entry.file, part, entry.line or 0, rank, entry.column or "", entry.code, entry.message


def _check(bench: Bench, datasets: Sequence[Dataset], others: Sequence[Dataset]) -> list[Problem]:
    """The problems of the datasets, in themselves and against each other and the `others`, which are not judged."""
    if not datasets:
        return []
    context = bench.context(others)
    found: list[list[Problem]] = []
    for dataset in datasets:
        bench.progress(dataset.name)
        found.append(check_dataset(dataset, context).problems)
    names = [dataset.name for dataset in datasets]
    for name, entry in report_sums(context.counts, context.gazetteer.territories, context.absent_is_zero):
        found[names.index(name)].append(entry)
    pairs = zip(datasets, found, strict=True)
    return [entry for dataset, problems in pairs for entry in _accepted(dataset, problems, bench.root)]


def _accepted_codes(dataset: Dataset) -> list[str]:
    """Kinds of problems that the descriptor accepts with a reason."""
    entries = dataset.descriptor.get("accepted")
    entries = entries if isinstance(entries, list) else []
    return [str(entry.get("problem")) for entry in entries if isinstance(entry, dict)]


def _accepted(dataset: Dataset, problems: list[Problem], root: Path) -> Iterator[Problem]:
    """The problems without the warnings that the descriptor accepts with a reason; errors stay."""
    codes = _accepted_codes(dataset)
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


def _named(bench: Bench, files: Sequence[Path]) -> list[Problem]:
    problems: list[Problem] = []
    datasets: dict[Path, Dataset] = {}
    asked: set[Path] = set()
    for path in files:
        found, descriptor = _sort_out(path, bench.root, bench.indicators)
        problems += found
        if descriptor is not None and descriptor not in datasets:
            asked.add(descriptor.resolve())
            dataset, found = read_dataset(descriptor, bench.root)
            problems += found
            if dataset is not None:
                datasets[descriptor] = dataset
    others = [other for other in read_catalogue(bench.root)[0] if other.descriptor_path.resolve() not in asked]
    return problems + _check(bench, list(datasets.values()), others)


def _sort_out(path: Path, root: Path, indicators: dict[str, IndicatorFile]) -> tuple[list[Problem], Path | None]:
    """The problems of a file that stands alone, or the descriptor of the dataset that it belongs to."""
    if not path.is_dir() and (reason := hindrance(path)):
        return [problem("unreadable-file", shown_path(path, root), value=reason)], None
    if not path.is_file():
        raise UnknownFile(no_file(path))
    file = shown_path(path, root)
    if file.startswith("indicators/"):
        return [entry for entry in check_framework(root, indicators) if entry.file == file], None
    if file.startswith("codelists/") and path.suffix == ".csv":
        # The register of statuses speaks of figures, which only the whole repository knows.
        whole = path.resolve() == register_path(root).resolve()
        found = validate(root) if whole else check_codelists(root)
        return [entry for entry in found if entry.file == file], None
    if path.name.endswith(WRONG_ENDING) or (path.suffix == ".csv" and not descriptor_of(path).is_file()):
        return stray_problems(path, root), None
    if path.suffix == ".csv":
        return [], descriptor_of(path)
    if path.name.endswith(ENDING):
        return [], path
    raise UnknownFile(
        f"« {path} » n'est ni un CSV, ni un descripteur ({ENDING}), ni un fichier de indicators/ ou de codelists/."
    )
