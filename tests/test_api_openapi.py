"""The description of the API says what the API does: valid OpenAPI, tried by a program that only read it."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from datasette.app import Datasette
from openapi_spec_validator import OpenAPIV31SpecValidator
from repositories import ROOT
from schemathesis.config import (
    CoveragePhaseConfig,
    ExamplesPhaseConfig,
    FuzzingPhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)
from schemathesis.engine import events, from_schema
from sites import portal

from observatory import api_promise, api_search, api_simulation
from observatory.api_resources import RESOURCES, SEARCH, SIMULATED
from observatory.outputs import FORMATS
from observatory.problem_details import KINDS

CONTRACT = ROOT / "tests" / "fixtures" / "api_v1.json"
# Every boundary of every parameter, then what chance finds; each within this time.
SECONDS = {"coverage": 15, "fuzzing": 10}
EXAMPLES = 6


async def described(site: Datasette, prefix: str = "") -> dict[str, Any]:
    answer = await site.client.get(f"{prefix}/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_description_is_valid_in_both_languages(site: Datasette) -> None:
    french, english = await described(site), await described(site, "/en")
    assert list(OpenAPIV31SpecValidator(french).iter_errors()) == []
    assert list(OpenAPIV31SpecValidator(english).iter_errors()) == []
    assert french["info"]["title"] != english["info"]["title"]
    assert list(french["paths"]) == list(english["paths"])


async def test_description_has_every_resource_parameter_and_column(site: Datasette) -> None:
    document = await described(site)
    for name, resource in RESOURCES.items():
        told = {parameter["name"] for parameter in document["paths"][f"/{name}"]["get"]["parameters"]}
        assert set(resource.parameters) <= told
        assert set(document["components"]["schemas"][name]["properties"]) == set(resource.columns)


def possible(case: Any) -> bool:
    """Whether a case obeys what no schema can say: each code once, not all of them at nothing, no filter of published
    scores beside weights."""
    query = case.query if isinstance(case.query, dict) else {}
    simulated = {"weights", "aggregation", "normalisation"} & set(query)
    weights = str(query.get("weights", "")).split(",")
    codes = [pair.partition(":")[0] for pair in weights]
    nothing = any(pair.partition(":")[2].strip("0.") == "" for pair in weights if ":" in pair)
    return not simulated or (len(set(codes)) == len(codes) and not nothing and not {"level", "status"} & set(query))


def failures(app: Any, phase: str) -> list[str]:
    """What all the checks of schemathesis find in one of its phases, in the time it has."""
    generation = GenerationConfig(max_examples=EXAMPLES, deterministic=True, database="none")
    phases = PhasesConfig(
        examples=ExamplesPhaseConfig(enabled=phase == "fuzzing"),
        coverage=CoveragePhaseConfig(enabled=phase == "coverage"),
        fuzzing=FuzzingPhaseConfig(enabled=phase == "fuzzing"),
        stateful=StatefulPhaseConfig(enabled=False),
    )
    project = ProjectConfig(generation=generation, phases=phases)
    config = SchemathesisConfig(seed=1, max_time=SECONDS[phase], projects=ProjectsConfig(default=project))
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=config)
    schema.hook("filter_case")(lambda context, case: possible(case))
    found, tried = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(getattr(event, "info", None) or event.exception))
        if isinstance(event, events.ScenarioFinished):
            tried += sum(map(len, event.recorder.checks.values()))
            found += [failed for key in event.recorder.checks for failed in _failed(event.recorder, key)]
    assert tried > 100, tried
    return found


def _failed(recorder: Any, key: str) -> Iterator[str]:
    case = recorder.cases[key].value
    for check in recorder.checks[key]:
        if check.failure_info:
            failure = check.failure_info.failure
            yield f"{case.method} {case.formatted_path} {case.query}: {failure.title} {failure.message}"


@pytest.fixture(scope="module")
def app(database: Path) -> Any:
    opened = portal(database)
    asyncio.run(opened.invoke_startup())
    return opened.app()


@pytest.mark.parametrize("phase", SECONDS)
def test_a_program_that_read_the_description_finds_no_fault(app: Any, phase: str) -> None:
    assert failures(app, phase) == []


def contract() -> dict[str, Any]:
    """What is promised, as the declarations say it."""
    declared = {**RESOURCES, SEARCH.name: SEARCH, "scores (simulated)": SIMULATED}
    more = {SEARCH.name: api_search.PARAMETERS, "scores (simulated)": api_simulation.PARAMETERS}
    resources = {
        name: {
            "columns": dict(one.columns),
            "parameters": {known: one.columns.get(known, "") for known in (*one.parameters, *more.get(name, ()))},
            "item": one.item,
        }
        for name, one in declared.items()
    }
    kinds = {name: kind.status for name, kind in KINDS.items()}
    return {"resources": resources, "formats": dict.fromkeys(FORMATS, "format"), "problems": kinds}


def broken(promised: Any, now: Any, where: str = "") -> list[str]:
    """What is promised and is no more, or is something else; additions break nothing."""
    if not isinstance(promised, dict):
        return [] if promised == now else [f"{where}: {promised!r} → {now!r}"]
    lost = [f"{where}.{name}" for name in promised if name not in now]
    return lost + [
        fault for name in promised if name in now for fault in broken(promised[name], now[name], f"{where}.{name}")
    ]


def test_nothing_that_was_promised_has_changed() -> None:
    assert broken(json.loads(CONTRACT.read_text(encoding="utf-8")), contract()) == []


def test_a_broken_promise_is_seen() -> None:
    now = contract()
    del now["resources"]["observations"]["columns"]["obs_status"]
    now["resources"]["scores"]["columns"]["rank"] = "string"
    now["resources"]["territories"]["parameters"].pop("level")
    now["resources"]["territories"]["columns"]["another"] = "string"
    assert broken(json.loads(CONTRACT.read_text(encoding="utf-8")), now) == [
        ".resources.territories.parameters.level",
        ".resources.observations.columns.obs_status",
        ".resources.scores.columns.rank: 'integer' → 'string'",
    ]


def test_what_ends_is_announced_a_year_before() -> None:
    known = {*RESOURCES, *(f"{name}?{one}" for name, resource in RESOURCES.items() for one in resource.parameters)}
    assert set(api_promise.ENDING) <= known
    assert all((end - start).days >= api_promise.NOTICE for start, end in api_promise.ENDING.values())


async def test_answers_made_with_what_ends_say_when(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_promise, "ENDING", {"domains": (dt.date(2027, 1, 1), dt.date(2028, 1, 2))})
    answer = await site.client.get("/api/v1/domains")
    assert answer.headers["deprecation"] == "@1798761600"
    assert answer.headers["sunset"] == "Sun, 02 Jan 2028 00:00:00 GMT"
    assert "deprecation" not in (await site.client.get("/api/v1/indicators")).headers
