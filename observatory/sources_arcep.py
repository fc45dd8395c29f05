"""Turns Arcep's classes of fixed-line speed by commune into premises above four speeds."""

from pathlib import Path

from observatory.sources import read_csv

HEADER = (
    "code_commune",
    "locaux",
    "locaux_8_mbits",
    "locaux_30_mbits",
    "locaux_100_mbits",
    "locaux_1_gbits",
)

# The classes exclude each other: a premises stands only in the best one that it can have.
CLASSES = ("inel_hd", "elig_hd05", "elig_hd3", "elig_hd8", "elig_thd30", "elig_thd100", "elig_thd1g")
FIRST_CLASS = {"locaux_8_mbits": 3, "locaux_30_mbits": 4, "locaux_100_mbits": 5, "locaux_1_gbits": 6}


def eligibility(source: Path) -> list[tuple[str, ...]]:
    """One row a commune, as in HEADER; ValueError when the classes do not add up to the total."""
    return [_commune(row) for row in read_csv(source, delimiter=";", preamble=1)]


def _commune(row: dict[str, str]) -> tuple[str, ...]:
    counts = [int(row[name]) for name in CLASSES]
    if sum(counts) != int(row["nbr"]):
        raise ValueError(f"{row['code_insee']}: {sum(counts)} locaux par classe, {row['nbr']} au total")
    above = (str(sum(counts[first:])) for first in FIRST_CLASS.values())
    return (row["code_insee"], row["nbr"], *above)
