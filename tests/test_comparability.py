"""The comparability verdict: one case a file, then what must hold whatever the case."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml

from observatory import languages
from observatory.comparability import Verdict, judge, judge_row, judge_score
from observatory.comparability_rules import GRADES, Figure, Measure, Side, Standing, holders_of

ROOT = Path(__file__).resolve().parent.parent
CASES = sorted((ROOT / "tests" / "cases" / "comparability").glob("*.yml"))
SETS = ("powers", "communes", "holders", "parts")


def built(kind: Any, row: dict[str, Any]) -> Any:
    """A dataclass from a row of a case, lists as the sets or tuples that it wants."""
    return kind(**{k: frozenset(v) if k in SETS else tuple(v) if k == "changes" else v for k, v in row.items()})


def verdict_of(case: dict[str, Any], order: tuple[int, ...] | None = None) -> Verdict:
    """The verdict of a case, its territories taken in another order when one is given."""
    places = order or tuple(range(len(case["sides"])))
    sides = [built(Side, case["sides"][n]) for n in places]
    overall = judge(sides)
    if "figures" in case:
        figures = [
            built(Figure, {"ref_area": s.ref_area, **case["figures"][n]}) for n, s in zip(places, sides, strict=True)
        ]
        return judge_row(sides, built(Measure, case["measure"]), figures, overall)
    if "standings" in case:
        rows = [
            built(Standing, {"ref_area": s.ref_area, **case["standings"][n]})
            for n, s in zip(places, sides, strict=True)
        ]
        return judge_score(sides, rows, overall)
    return overall


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_there_are_cases_of_every_grade() -> None:
    assert len(CASES) >= 20
    assert {read(path)["grade"] for path in CASES} == set(GRADES)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_verdict(path: Path) -> None:
    case = read(path)
    found = verdict_of(case)
    assert (found.grade, sorted(r.code for r in found.reasons)) == (case["grade"], sorted(case["reasons"]))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_verdict_does_not_depend_on_the_order_of_territories(path: Path) -> None:
    case = read(path)
    said = {
        tuple((r.grade, r.code, frozenset(r.areas)) for r in verdict_of(case, order).reasons)
        for order in permutations(range(len(case["sides"])))
    }
    assert len({frozenset(one) for one in said}) == 1


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_reasons_are_whole_sentences_in_both_languages(path: Path) -> None:
    case = read(path)
    french = [r.said for r in verdict_of(case).reasons]
    with languages.speaking("en"):
        english = [r.said for r in verdict_of(case).reasons]
    for text in (*french, *english):
        assert text.endswith(".") and "{" not in text
    assert not set(french) & set(english)


def test_gravest_reason_comes_first() -> None:
    found = verdict_of(read(ROOT / "tests/cases/comparability/part_and_whole.yml"))
    worse = replace(found, reasons=found.reasons[:1])
    assert worse.grade == found.grade == "reserve"
    mixed = verdict_of(read(ROOT / "tests/cases/comparability/commune_and_region.yml"))
    assert [r.grade for r in mixed.reasons] == sorted((r.grade for r in mixed.reasons), key=GRADES.index, reverse=True)


# What each published sentence says, read by a person: a new indicator must be added here.
HOLDERS = {
    "sites-internet-communes": {"COM", "EPCI", "DEP"},
    "couverture-fibre": {"COM", "EPCI", "DEP", "REG"},
    "eligibilite-1-gbits": {"COM", "EPCI"},
    "eligibilite-30-mbits": {"COM", "EPCI"},
    "eligibilite-100-mbits": {"COM", "EPCI"},
    "eligibilite-8-mbits": {"COM", "EPCI"},
    "bornes-recharge": {"COM", "EPCI"},
    "transparence-resultats": set(),
    "france-services-100000": {"COM", "EPCI", "DEP"},
    "france-services-labellisations": {"COM", "EPCI", "DEP"},
    "lieux-france-services": {"COM", "EPCI", "DEP"},
    "cheques-numeriques": {"REG"},
    "diagnostics-numeriques": {"REG"},
}


@pytest.mark.parametrize("code", HOLDERS)
def test_competence_is_read_as_a_person_reads_it(code: str) -> None:
    (path,) = (ROOT / "indicators").glob(f"*/{code}.yml")
    assert holders_of(yaml.safe_load(path.read_text(encoding="utf-8"))["competence"]) == HOLDERS[code]


def test_every_indicator_that_may_be_compared_is_read() -> None:
    paths = [p for p in (ROOT / "indicators").glob("*/*.yml") if p.stem != "index" and p.parent.name != "editions"]
    compared = {p.stem for p in paths if yaml.safe_load(p.read_text(encoding="utf-8"))["status"] != "planned"}
    assert compared - {"organisations-open-data"} == set(HOLDERS)
