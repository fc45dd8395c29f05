"""Counts France services by commune; addresses, mail, phones and opening hours are left out."""

from collections import Counter, defaultdict
from pathlib import Path

from observatory.sources import commune_of, read_csv

# words of the source -> column of the dataset
FORMATS = {
    "Fixe": "fixes",
    "Fixe_antenne(s)": "fixes_a_antennes",
    "Multisites": "multisites",
    "Itinérante": "itinerantes",
    "Bus_équivalent": "bus",
}
TYPES = {"Principal": "principales", "Antenne": "antennes"}
HEADER = ("code_commune", "france_services", *FORMATS.values(), *TYPES.values())


def counters_by_commune(source: Path) -> list[tuple[str, ...]]:
    """One row a commune that has at least one France services, as in HEADER; KeyError on an unknown kind."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in read_csv(source):
        kinds = ("france_services", FORMATS[row["format_fs"]], TYPES[row["type_fs"]])
        counts[commune_of(row["insee_com"])].update(kinds)
    return [(code, *(str(found[name]) for name in HEADER[1:])) for code, found in counts.items()]
