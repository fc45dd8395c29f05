"""SDMX-CSV 2.0: observations as statistical offices exchange them."""

import csv
import io
import re
from typing import Any, BinaryIO

from observatory.outputs import Download

TITLE = "SDMX-CSV"
FILE_TYPE = "CSV"
ENDING, TYPE = "-sdmx.csv", "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"
NEEDS = (frozenset({"ref_area", "indicator", "time_period", "obs_value"}),)
# The dataflow that the rows belong to: agency, name and version, as the standard writes them.
DATAFLOW = "OBSERVATOIRE:OBSERVATIONS(1.0.0)"
DIMENSIONS = ("ref_area", "indicator", "time_period")
MEASURE = "obs_value"
UNIT = "UNIT_MEASURE"  # of the indicator, by its code in our list of units
FREQUENCIES = ((re.compile(r"\d{4}\Z"), "A"), (re.compile(r"\d{4}-S\d\Z"), "S"), (re.compile(r"\d{4}-Q\d\Z"), "Q"),
               (re.compile(r"\d{4}-\d\d\Z"), "M"), (re.compile(r"\d{4}-\d\d-\d\d\Z"), "D"))  # fmt: skip


def write(download: Download, target: BinaryIO) -> None:
    """STRUCTURE, STRUCTURE_ID, ACTION, then FREQ, the dimensions, the measure, its unit and every other column as
    attributes."""
    text = io.TextIOWrapper(target, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    place = {name: number for number, name in enumerate(download.columns)}
    others = [name for name in download.columns if name not in (*DIMENSIONS, MEASURE)]
    kept = [place[name] for name in (*DIMENSIONS, MEASURE, *others)]
    dimensions, attributes = [name.upper() for name in DIMENSIONS], [name.upper() for name in others]
    writer.writerow(["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", *dimensions, MEASURE.upper(), UNIT, *attributes])
    head, period, indicator = ("dataflow", DATAFLOW, "I"), place["time_period"], place["indicator"]
    measured, told = kept[: len(DIMENSIONS) + 1], kept[len(DIMENSIONS) + 1 :]
    for row in download.rows():
        figure, unit = [row[number] for number in measured], download.units.get(row[indicator], "")
        writer.writerow([*head, frequency(row[period]), *figure, unit, *(row[number] for number in told)])
    text.detach()


def frequency(period: Any) -> str:
    """The code of CL_FREQ of a period as SDMX writes it: A, S, Q, M or D; _U when it is none of these."""
    return next((code for form, code in FREQUENCIES if form.match(str(period))), "_U")
