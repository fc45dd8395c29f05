"""The committed aliases find territories by postcode, former name and former code."""

import csv
from collections import defaultdict
from pathlib import Path

from observatory.territories import read_territories

ROOT = Path(__file__).parent.parent
TODAY = "2026-01-01"


def test_aliases_find_a_commune_by_postcode_and_by_what_it_was() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    territories = read_territories(ROOT)
    with (ROOT / "codelists" / "territory_aliases.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["alias"]].add(row["ref_area"])
            assert territories.exists(row["ref_area"], TODAY), row
    assert found["68100"] == {"COM-68224"}
    assert found["Pierrefitte-sur-Seine"] == {"COM-93066"}
    assert found["93059"] == {"COM-93066"} and found["75101"] == {"COM-75056"}
    assert found["Cran-Gevrier"] == {"COM-74010"} and "COM-91228" in found["Courcouronnes"]
    assert "COM-62588" in found["Montreuil"]
