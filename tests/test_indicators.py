"""Contracts of the folder tree `indicators/`: one case a file, and no orphan either way."""

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "indicators"
DOMAINS = sorted(path.parent for path in FOLDER.glob("*/index.yml"))
EDITIONS = sorted(FOLDER.glob("editions/*.yml"))
INDICATORS = sorted(path for home in DOMAINS for path in home.glob("*.yml") if path.name != "index.yml")
CODES = {
    "laboratoire-innovation",
    "e-administration",
    "donnees",
    "infrastructures",
    "ville-intelligente",
    "services-usagers",
    "mediation",
    "transition-entreprises",
    "economie-numerique",
}


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def stem(path: Path) -> str:
    return path.stem


def shape_errors(path: Path, schema: str) -> list[str]:
    checker = jsonschema.Draft202012Validator(json.loads((ROOT / "schemas" / schema).read_text(encoding="utf-8")))
    return [f"{list(error.absolute_path)} {error.message}" for error in checker.iter_errors(load(path))]


def codes(codelist: str, column: str) -> set[str]:
    with (ROOT / "codelists" / codelist).open(encoding="utf-8", newline="") as file:
        return {row[column] for row in csv.DictReader(file)}


def feeds() -> dict[str, dict[str, set[str]]]:
    """Indicator → dataset → how it is fed (value, numerator, denominator or obs_value)."""
    found: dict[str, dict[str, set[str]]] = {}
    for path in sorted((ROOT / "datasets").glob("*.resource.yaml")):
        descriptor = load(path)
        fields = json.loads((path.parent / descriptor["schema"]).read_text(encoding="utf-8"))["fields"]
        pairs = {(feed["indicator"], feed["as"]) for field in fields for feed in field.get("feeds", ())}
        if descriptor["form"] == "long":
            with (path.parent / descriptor["path"]).open(encoding="utf-8", newline="") as file:
                pairs = {(row["indicator"], "obs_value") for row in csv.DictReader(file)}
        for indicator, role in pairs:
            found.setdefault(indicator, {}).setdefault(descriptor["name"], set()).add(role)
    return found


FEEDS = feeds()


def test_index_follows_its_schema() -> None:
    assert shape_errors(FOLDER / "index.yml", "index.jsonschema.json") == []


@pytest.mark.parametrize("path", EDITIONS, ids=stem)
def test_closed_edition_follows_its_schema(path: Path) -> None:
    assert shape_errors(path, "edition.jsonschema.json") == []


def test_levels_of_maturity_rise_from_the_bottom_of_the_scale() -> None:
    index = load(FOLDER / "index.yml")
    thresholds = [level["threshold"] for level in index["levels"]]
    assert [level["level"] for level in index["levels"]] == [1, 2, 3, 4, 5]
    assert thresholds[0] == index["scale"][0] and thresholds == sorted(set(thresholds))
    assert thresholds[-1] < index["scale"][1]
    assert index["edition"].startswith(index["time_period"])


def test_the_nine_domains_are_there_in_order() -> None:
    assert (
        {path.name for path in DOMAINS}
        == CODES
        == {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"editions"}
    )
    assert sorted(load(path / "index.yml")["position"] for path in DOMAINS) == list(range(1, 10))


@pytest.mark.parametrize("path", DOMAINS, ids=stem)
def test_domain_follows_its_schema_and_has_an_indicator(path: Path) -> None:
    assert shape_errors(path / "index.yml", "domain.jsonschema.json") == []
    assert any(indicator.parent == path for indicator in INDICATORS)


@pytest.mark.parametrize("path", INDICATORS, ids=stem)
def test_indicator_follows_its_schema(path: Path) -> None:
    assert shape_errors(path, "indicator.jsonschema.json") == []


def test_indicator_codes_and_titles_are_unique() -> None:
    assert len({path.stem for path in INDICATORS}) == len(INDICATORS)
    assert len({load(path)["title"] for path in INDICATORS}) == len(INDICATORS)


@pytest.mark.parametrize("path", [p for p in INDICATORS if load(p)["status"] == "active"], ids=stem)
def test_goalposts_and_thresholds_agree(path: Path) -> None:
    indicator = load(path)
    low, high = indicator["goalposts"]["low"], indicator["goalposts"]["high"]
    thresholds = indicator["thresholds"]
    assert low < high
    assert all(low < threshold <= high for threshold in thresholds)
    assert thresholds == sorted(thresholds, reverse=indicator["direction"] == "lower")


@pytest.mark.parametrize("path", [p for p in INDICATORS if load(p)["status"] != "planned"], ids=stem)
def test_arithmetic_of_the_indicator_is_possible(path: Path) -> None:
    indicator = load(path)
    published, source = indicator["published"], indicator["denominator"]["source"]
    assert (published == "numerator") == (source != "none" or indicator["aggregation"]["method"] == "sum")
    assert (indicator["aggregation"]["method"] == "ratio") <= (source != "none")
    assert (source == "population") == (indicator["unit"] == "per-100000")


@pytest.mark.parametrize("path", INDICATORS, ids=stem)
def test_indicator_is_fed_or_planned(path: Path) -> None:
    indicator = load(path)
    fed = path.stem in FEEDS or "register" in indicator
    assert fed != (indicator["status"] == "planned")


@pytest.mark.parametrize("code", sorted(FEEDS))
def test_feed_names_an_indicator_and_suits_it(code: str) -> None:
    path = next(path for path in INDICATORS if path.stem == code)
    indicator = load(path)
    (roles,) = FEEDS[code].values()  # one indicator, one dataset
    if "obs_value" not in roles:
        wanted = {"numerator"} if indicator["published"] == "numerator" else {"value"}
        wanted |= {"denominator"} if indicator["denominator"]["source"] == "dataset" else set()
        assert roles == wanted


def test_registers_exist_and_feed_nothing() -> None:
    registers = {load(path)["register"] for path in INDICATORS if "register" in load(path)}
    fed = {dataset for datasets in FEEDS.values() for dataset in datasets}
    assert all((ROOT / f"datasets/{name}.resource.yaml").is_file() for name in registers)
    assert not registers & fed


def test_share_alike_data_stay_out_of_the_observations() -> None:
    with (ROOT / "codelists/licences.csv").open(encoding="utf-8", newline="") as file:
        free = {row["licence"] for row in csv.DictReader(file) if row["share_alike"] == "0"}
    for datasets in FEEDS.values():
        for name in datasets:
            assert load(ROOT / f"datasets/{name}.resource.yaml")["licenses"][0]["name"] in free


def test_every_unit_is_known_and_used() -> None:
    assert {load(path)["unit"] for path in INDICATORS if "unit" in load(path)} == codes("units.csv", "unit")


def test_one_format_of_period_for_each_indicator() -> None:
    kinds: dict[str, set[tuple[int, bool]]] = {}
    for path in sorted((ROOT / "datasets").glob("*.resource.yaml")):
        if load(path)["form"] == "long":
            with path.with_name(load(path)["path"]).open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    period = row["time_period"]
                    kinds.setdefault(row["indicator"], set()).add((len(period), "Q" in period))
    assert kinds and all(len(found) == 1 for found in kinds.values())
