"""Studies beside the build: a process of its own says the same, and its faults reach the build."""

from dataclasses import replace
from pathlib import Path

import pytest
from repositories import ROOT

from observatory import studies
from observatory.framework import read_framework
from observatory.model import Framework
from observatory.scores import Member, Observed, Values


@pytest.fixture(scope="module", name="framework")
def _framework() -> Framework:
    framework, _ = read_framework(Path(ROOT))
    assert framework
    return framework


def values(framework: Framework, areas: int) -> Values:
    period = framework.time_period
    return {
        i.code: {
            f"DEP-{n:02}": Observed(i.low + (i.high - i.low) * ((7 * n + place) % 11) / 10, period, 1.0)
            for n in range(areas)
        }
        for place, i in enumerate(framework.scored)
    }


MEMBERS = [Member(f"DEP-{n:02}", "departement", True) for n in range(12)]
OTHERS = [Member("FRA", "france", False)]


def test_a_process_beside_says_the_same(framework: Framework, monkeypatch: pytest.MonkeyPatch) -> None:
    with studies.beside(framework, MEMBERS + OTHERS, values(framework, 12)) as found:
        assert found.done()
        here = found.result()
    monkeypatch.setattr(studies, "ENOUGH", 1)
    with studies.beside(framework, MEMBERS + OTHERS, values(framework, 12)) as found:
        assert found.result() == here
    assert all(here.values())
    assert {row["ref_area"] for row in here["score_weight_ranks"]} == {m.ref_area for m in MEMBERS}


@pytest.mark.parametrize("enough", [1, 500])
def test_a_fault_of_the_studies_reaches_the_build(
    framework: Framework, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    monkeypatch.setattr(studies, "ENOUGH", enough)
    unknown = replace(framework, mean="inconnue")
    with (
        pytest.raises(KeyError, match="inconnue"),
        studies.beside(unknown, MEMBERS, values(framework, 12)) as found,
    ):
        found.result()
