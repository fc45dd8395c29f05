"""What every import of an original file shares: reading and writing CSV with the same bytes each time."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

LONG_HEADER = ("ref_area", "indicator", "time_period", "obs_value")

# INSEE gives the arrondissements of three cities codes of their own; the commune is the territory.
CITIES = {"751": "75056", "132": "13055", "6938": "69123"}


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write sorted rows as UTF-8, comma, LF, so that the same rows give the same bytes; returns their count."""
    ordered = sorted(tuple(row) for row in rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(ordered)
    return len(ordered)


def read_csv(path: Path, delimiter: str = ",", preamble: int = 0) -> list[dict[str, str]]:
    """Rows of a UTF-8 file with or without BOM, after `preamble` lines that are not part of the table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(preamble):
            next(file)
        return list(csv.DictReader(file, delimiter=delimiter))


def plain_number(text: str) -> str:
    """The number without a useless decimal part (« 48.0 » gives « 48 »); ValueError when it is none."""
    number = float(text)
    return str(int(number)) if number.is_integer() else repr(number)


def commune_of(code: str) -> str:
    """Code of the commune: itself, or the city when the code is one of its municipal arrondissements."""
    for prefix, commune in CITIES.items():
        if code.startswith(prefix) and code != commune:
            return commune
    return code
