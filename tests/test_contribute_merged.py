"""What a contribution is judged to be once among the published rows, and what an editor reads of it."""

from pathlib import Path
from typing import Any

import pytest
from repositories import ROOT

from observatory.catalogue import read_dataset
from observatory.contributions_merged import Merged, leaps, merge, surprises
from observatory.contributions_report import written_report
from observatory.editions import until
from observatory.problems import Problem
from observatory.validation import Bench, bench

HEADER = "ref_area,indicator,time_period,obs_value"


def weighed(row: str, folder: Path) -> tuple[Merged, list[Problem], Bench]:
    """The row among those published of the real dataset, and the warnings that it deserves there only."""
    known = bench(ROOT)
    dataset, _ = read_dataset(ROOT / "datasets" / "couverture_fibre.resource.yaml", ROOT)
    assert dataset is not None
    path = folder / "visite.csv"
    path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    dataset = until(dataset, "2026-11-23")
    judged = known.judge(path, dataset)
    assert judged.problems == []
    whole = merge(dataset, judged, folder)
    return whole, surprises(whole, judged, known, "visite.csv"), known


@pytest.mark.parametrize("period", ["2022-Q3", "2022-Q4"])
def test_slip_in_one_row_is_a_warning_among_the_published_ones(period: str, tmp_path: Path) -> None:
    whole, found, known = weighed(f"DEP-67,couverture-fibre,{period},8", tmp_path)
    assert [(entry.code, entry.file, entry.line) for entry in found] == [("jump", "visite.csv", 2)]
    assert leaps(whole, known) == {f"DEP-67 · couverture-fibre · {period}": (88, 8)}


@pytest.mark.parametrize("row", ["DEP-67,couverture-fibre,2022-Q4,90", "DEP-67,couverture-fibre,2022-Q3,88"])
def test_ordinary_or_published_row_surprises_nobody(row: str, tmp_path: Path) -> None:
    whole, found, known = weighed(row, tmp_path)
    assert found == [] and leaps(whole, known) == {}


def test_an_indicator_whose_published_series_leap_may_leap(tmp_path: Path) -> None:
    whole, _, known = weighed("DEP-67,couverture-fibre,2022-Q4,8", tmp_path)
    for row, value in zip([row for row in whole.before if row["ref_area"] == "DEP-01"][:2], ("1", "99"), strict=True):
        row["obs_value"] = value
    assert leaps(whole, known) == {}


def test_report_of_a_bundle_is_bounded_and_inert() -> None:
    rows = [[f"DEP-{n:02}", [["obs_value", "1", "<b>@moi</b>"]]] for n in range(1, 41)]
    added = [[label, [["obs_value", "2"]]] for label, _ in rows]
    leaping = {"DEP-01": (88.5, 8)}
    difference = {"added": 300, "changed": 40, "changed_rows": rows, "added_rows": added, "leaps": leaping}
    effect: dict[str, Any] = {"scores": [], "parts_count": 0}
    said = written_report(
        {"reports": {"report.md": "Tout est en ordre.\n"}, "difference": difference, "effect": effect},
        "Un incendie a coupé le réseau.",
    )
    assert said.count("\n- DEP") == 50 and "et 290\N{NO-BREAK SPACE}autres" in said
    assert said.count("(de 88,5 à 8 % : vérifiez)") == 2
    assert "<b>" not in said and "@moi" not in said and "Un incendie a coupé le réseau." in said
