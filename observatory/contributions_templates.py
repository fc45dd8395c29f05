"""The tables to fill in that /contribuer gives: files, and the grid of the page itself."""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from observatory.blanks import UnknownTerritory, blank
from observatory.catalogue import ENDING, read_dataset
from observatory.contributions_counter import Answer, area_name, dataset_of, refusal, run_confined
from observatory.contributions_desk import PRIVATE, Desk
from observatory.contributions_input import MOST_GRID_ROWS, Refused
from observatory.differences import schema_key

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
SPARE_ROWS = 3
PERIODS = 2
PERIOD = "time_period"
TOKENS = 2
GRIDS = 200  # kept for the next visitor
FILE = "modele"


@dataclass(frozen=True)
class Grid:
    """The columns of a schema and the rows proposed, the last ones to be completed."""

    names: Sequence[str]
    key: Sequence[str]
    rows: Sequence[Sequence[str]]


async def blank_answer(desk: Desk, client: str, name: str, ref_area: str, form: str) -> Answer:
    """The template of that dataset for that territory ("": none in particular) as a file; a refusal is a page."""
    try:
        desk.pace(client, TOKENS)
        dataset_of(desk, name)
        if ref_area and not area_name(desk.database, ref_area):
            raise Refused(404, "Aucun territoire n’a ce code.")
        what = {"root": str(desk.root), "dataset": name, "ref_area": ref_area, "form": form}
        content = await desk.work(lambda: _written(what))
    except Refused as refused:
        return refusal(refused, name)
    file = f"{name}-{ref_area}.{form}" if ref_area else f"{name}.{form}"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{file}"'}
    return Answer(file=content, headers=headers, content_type=TYPES[form])


def _written(what: dict[str, str]) -> bytes:
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
            content = await desk.work(lambda: blank(desk.root, dataset, ref_area or None, "csv"))
        except (Refused, UnknownTerritory):
            return None
        desk.grids[name, ref_area] = _grid(content, schema_key(dataset.schema))
        if len(desk.grids) > GRIDS:
            desk.grids.popitem(last=False)
    grid = desk.grids[name, ref_area]
    return grid if isinstance(grid, Grid) else None


def _grid(content: bytes, key: Sequence[str]) -> Grid | None:
    header, *rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    known = newest(header, rows, key)
    if len(known) > MOST_GRID_ROWS - SPARE_ROWS:
        return None
    return Grid(header, key, [*known, *[spare(header, known, key)] * SPARE_ROWS])


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


def spare(header: Sequence[str], rows: Sequence[Sequence[str]], key: Sequence[str]) -> list[str]:
    """A row to complete, which already holds the codes that all the others share."""
    shared = {name: {row[place] for row in rows} for place, name in enumerate(header) if name in key and name != PERIOD}
    return [shared[name].pop() if len(shared.get(name, ())) == 1 else "" for name in header]
