"""What a dataset must still cover: the counts its descriptor expects, and the territories of the period before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from observatory.french import count, number, period
from observatory.model import Dataset
from observatory.places import Gazetteer
from observatory.problems import Problem, problem
from observatory.reading import Table
from observatory.series import Series
from observatory.yamlfiles import read_document

ENOUGH = 10  # territories before which losing some says little
LOST = 0.05  # of the territories, from which a loss is no longer a detail
GATHERED = 0.5  # of the territories of the period before, from which a period is complete enough to be compared
NAMED = 5  # territories named in the message


def until(dataset: Dataset, today: str) -> Dataset:
    """The dataset, whose next figures may be of any period that has begun: a contribution brings the newest ones."""
    temporal = dataset.descriptor.get("temporal")
    if not isinstance(temporal, dict) or str(temporal.get("end")) >= today:
        return dataset
    end = f"{date.fromisoformat(today).year}-12-31"
    return replace(dataset, descriptor={**dataset.descriptor, "temporal": {**temporal, "end": end}})


def check_expectations(table: Table, territory: str | None, root: Path) -> Iterator[Problem]:
    """Counts that leave the bounds of the descriptor: fewer is an error, more a warning."""
    expected = table.dataset.descriptor.get("expectations")
    if not isinstance(expected, dict) or table.sheet.damaged:
        return  # rows set aside already have their problem
    counts = {"rows": (table.height, "ligne", "aucune ligne")}
    if territory in table.raw:
        counts["territories"] = (len(set(table.raw[str(territory)])), "territoire", "aucun territoire")
    document = read_document(table.dataset.descriptor_path, root)
    for key, (height, what, none) in counts.items():
        bounds = expected.get(key)
        low, high = (bounds.get("min"), bounds.get("max")) if isinstance(bounds, dict) else (None, None)
        for code, bound in (("fewer-than-expected", low), ("more-than-expected", high)):
            if isinstance(bound, int) and (height < bound if code.startswith("fewer") else height > bound):
                line, position = document.mark(("expectations", key))
                texts = {"value": count(height, what) if height else none, "what": f"{what}s"}
                texts |= {"expected": number(bound), "key": key}
                yield problem(code, document.file, line, f"expectations.{key}", position=position, **texts)


def report_lost_coverage(table: Table, series: Sequence[Series], places: Gazetteer) -> None:
    """Adds a warning where the last period of an indicator has lost territories of the period before."""
    for measured in series:
        for _, level in measured.by_level:
            times = list(level.by_time)
            if len(times) < 2:
                continue
            (previous, before), (last, after) = times[-2:]
            lost = sorted(_areas(before) - _areas(after))
            if len(_areas(after)) < GATHERED * len(_areas(before)):
                continue  # contributions come one by one: this period is being gathered
            if len(_areas(before)) < ENOUGH or len(lost) < 2 or len(lost) < LOST * len(_areas(before)):
                continue
            names = ", ".join(places.name(area) for area in lost[:NAMED]) + (", …" if len(lost) > NAMED else "")
            texts = {"what": measured.what, "lost": count(len(lost), "territoire"), "names": names}
            texts |= {"period": period(last), "previous_period": period(previous)}
            table.report("coverage-lost", int(after.rows.min()), measured.column, **texts)


def _areas(series: Series) -> set[str]:
    return {str(series.areas.values[code]) for code in set(series.areas.codes.tolist())}
