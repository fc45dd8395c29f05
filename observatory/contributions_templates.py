"""The tables to fill in that /contribuer gives: files, and the grid of the page itself."""

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

from observatory.blanks import Blank, UnknownTerritory, blank, prepared
from observatory.catalogue import ENDING, read_dataset
from observatory.contributions_counter import Answer, area_name, dataset_of, refusal, run_confined
from observatory.contributions_desk import PRIVATE, Desk
from observatory.contributions_input import MOST_GRID_ROWS, Refused
from observatory.contributions_scope import ORDER, levels_taken, territory_column
from observatory.differences import schema_key
from observatory.languages import kept
from observatory.model import Dataset
from observatory.periods import end_month
from observatory.territories import level_of

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
SPARE_ROWS = 3
PERIODS = 2
PERIOD, INDICATOR = "time_period", "indicator"
REGULAR = 3  # periods in a row that tell a rhythm
LENGTHS = {"Q": 3, "7": 1, "4": 12}  # months of a quarter, of a month, of a year
MOST_CHOICES = 500
TOKENS = 2
GRIDS = 200  # kept for the next visitor
FILE = "modele"


@dataclass(frozen=True)
class Grid:
    """The columns of a schema and the rows proposed, the last ones to be completed; `total` are already known.

    `choices` are the codes that a column may hold, each with its name.
    """

    names: Sequence[str]
    key: Sequence[str]
    rows: Sequence[Sequence[str]]
    shown: int = 0
    total: int = 0
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


async def blank_answer(desk: Desk, client: str, name: str, ref_area: str, form: str) -> Answer:
    """The template of that dataset for that territory ("": none in particular) as a file; a refusal is a page."""
    try:
        desk.pace(client, TOKENS)
        dataset_of(desk, name)
        if ref_area and not area_name(desk.database, ref_area):
            raise Refused(404, kept("Aucun territoire n’a ce code."))
        what = {"root": str(desk.root), "dataset": name, "ref_area": ref_area, "form": form}
        content = await desk.work(lambda: _written_file(what))
    except Refused as refused:
        return refusal(refused, name)
    file = f"{name}-{ref_area}.{form}" if ref_area else f"{name}.{form}"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{file}"'}
    return Answer(file=content, headers=headers, content_type=TYPES[form])


def _written_file(what: dict[str, str]) -> bytes:
    """The file, written by another process: a national workbook takes seconds, which the other visitors do not wait."""
    with tempfile.TemporaryDirectory(prefix="modele-") as folder:
        run_confined(f"{__name__}:write_blank", what, Path(folder))
        return (Path(folder) / FILE).read_bytes()


def write_blank(root: str, dataset: str, ref_area: str, form: str) -> None:
    """Writes the template in the current folder; called in a process of its own."""
    found, _ = read_dataset(Path(root) / "datasets" / f"{dataset}{ENDING}", Path(root))
    if found is None:
        raise KeyError(dataset)
    Path(FILE).write_bytes(blank(Path(root), found, ref_area or None, form))


async def blank_grid(desk: Desk, client: str, name: str, ref_area: str) -> Grid | None:
    """The newest rows of the CSV template and a few to complete; None when too many to be typed, or unknown."""
    if (name, ref_area) not in desk.grids:
        try:
            desk.pace(client)
            dataset = dataset_of(desk, name)
            template = await desk.work(lambda: prepared(desk.root, dataset, ref_area or None))
        except (Refused, UnknownTerritory):
            return None
        desk.grids[name, ref_area] = _grid(desk, dataset, template)
        if len(desk.grids) > GRIDS:
            desk.grids.popitem(last=False)
    grid = desk.grids[name, ref_area]
    return grid if isinstance(grid, Grid) else None


def _grid(desk: Desk, dataset: Dataset, template: Blank) -> Grid | None:
    header, key = [column.name for column in template.columns], schema_key(dataset.schema)
    known = newest(header, template.rows, key)
    if len(known) > MOST_GRID_ROWS - SPARE_ROWS:
        return None
    today = datetime.now(UTC).date()
    free = spares(header, template.rows, key, today)
    return Grid(header, key, [*known, *free], len(known), len(template.rows), _choices(desk, dataset, template))


def _choices(desk: Desk, dataset: Dataset, template: Blank) -> dict[str, list[tuple[str, str]]]:
    """The codes of indicators and territories that the dataset takes, when a list of them can be looked through."""
    found: dict[str, list[tuple[str, str]]] = {}
    area, level = territory_column(dataset)
    prefix = f"{level}-" if level in ORDER else ""
    levels = levels_taken(dataset)
    for column in template.columns:
        if column.name == area:
            codes = [code for code in column.choices if not levels or level_of(prefix + code) in levels]
            names = _names(desk, "select ref_area, name from territories where ref_area in ({})", prefix, codes)
        elif column.name == INDICATOR and dataset.form == "long":
            place = template.columns.index(column)
            codes = sorted({row[place] for row in template.rows if row[place]}) or list(column.choices)
            names = _names(desk, "select code, title from indicators where code in ({})", "", codes)
        else:
            continue
        if 0 < len(codes) <= MOST_CHOICES:
            found[column.name] = [
                (code, names.get(prefix + code if column.name == area else code, "")) for code in codes
            ]
    return found


def _names(desk: Desk, query: str, prefix: str, codes: Sequence[str]) -> dict[str, str]:
    """What the database calls each of these codes, by the code it knows them under."""
    if len(codes) > MOST_CHOICES:
        return {}
    connection = sqlite3.connect(f"{desk.database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return dict(connection.execute(query.format(", ".join("?" * len(codes))), [prefix + code for code in codes]))
    finally:
        connection.close()


def newest(header: Sequence[str], rows: Sequence[Sequence[str]], key: Sequence[str]) -> list[Sequence[str]]:
    """The rows of the last PERIODS periods of each series, where a period is part of the key; else all of them."""
    if PERIOD not in key or PERIOD not in header:
        return list(rows)
    when = header.index(PERIOD)
    places = [header.index(name) for name in key if name != PERIOD]
    series: dict[tuple[str, ...], list[Sequence[str]]] = defaultdict(list)
    for row in rows:
        series[tuple(row[place] for place in places)].append(row)
    return [row for group in series.values() for row in sorted(group, key=lambda row: row[when])[-PERIODS:]]


def spares(header: Sequence[str], rows: Sequence[Sequence[str]], key: Sequence[str], today: date) -> list[list[str]]:
    """The rows to complete, which already hold the codes that all the others share, and the periods to come.

    When only one series is known, each takes the period after the other; else all take the one after the last known.
    """
    shared = {name: {row[place] for row in rows} for place, name in enumerate(header) if name in key and name != PERIOD}
    common = {name: found.pop() for name, found in shared.items() if len(found) == 1}
    periods = (
        following({row[header.index(PERIOD)] for row in rows}, today) if PERIOD in key and PERIOD in header else []
    )
    if len(common) < len(shared):
        periods = periods[:1] * SPARE_ROWS
    periods += [""] * (SPARE_ROWS - len(periods))
    return [[period if name == PERIOD else common.get(name, "") for name in header] for period in periods]


def following(periods: Iterable[str], today: date) -> list[str]:
    """The SPARE_ROWS periods that follow, begun by that day, when the last ones follow each other regularly."""
    try:
        found = sorted({end_month(period) for period in periods if period})[-REGULAR:]
        length = {len(period): period for period in periods if period}
    except ValueError:
        return []
    ends = [12 * year + month for year, month in found]
    steps = {after - before for before, after in pairwise(ends)}
    if len(steps) != 1 or len(length) != 1:
        return []
    step, written = steps.pop(), next(iter(length.values()))
    months = LENGTHS["Q" if "Q" in written else str(len(written))]
    nexts = [ends[-1] + step * count for count in range(1, SPARE_ROWS + 1)]
    return [_as_period(end, written) for end in nexts if end - months < 12 * today.year + today.month]


def _as_period(end: int, like: str) -> str:
    """The period that ends with that month (counted from year 0), written as the other."""
    year, month = (end - 1) // 12, (end - 1) % 12 + 1
    if "Q" in like:
        return f"{year}-Q{(month + 2) // 3}"
    return f"{year}-{month:02}" if "-" in like else str(year)
