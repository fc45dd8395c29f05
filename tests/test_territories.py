"""The committed codelists of territories say what is known of French territories."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.territories import Territory, level_of, read_territories

ROOT = Path(__file__).parent.parent
CODELISTS = ROOT / "codelists"
TODAY = "2026-01-01"
VINTAGES = (2019, 2021, 2022, 2023, 2024, 2025, 2026)
OVERSEAS = ("975", "977", "978", "984", "986", "987", "988", "989")
# Communes that the history of communes removes without naming an heir.
REMOVED = {"COM-08227", "COM-45117", "COM-51385", "COM-51606", "COM-60606", "COM-77362"}

TERRITORIES = read_territories(ROOT)
REF_AREAS = sorted(TERRITORIES.by_ref)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (CODELISTS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def test_counts_of_2026(current: list[Territory]) -> None:
    levels = Counter(territory.level for territory in current)
    kinds = Counter(territory.kind for territory in current if territory.level == "EPCI")
    assert levels["COM"] == 34_969
    assert kinds == {"metropole": 21, "met69": 1, "cu": 14, "ca": 230, "cc": 989, "ept": 11}
    categories = Counter(territory.category for territory in current)
    assert (categories["departement"], categories["region"], categories["metropole"]) == (101, 18, 22)
    assert (categories["agglomeration"], categories["grande-ville"]) == (244, 42)


@pytest.mark.parametrize(
    ("day", "communes", "groups"),
    [
        ("2018-01-01", 35_357 + 94, 1259),
        ("2019-01-01", 35_064, 1259),
        ("2020-01-01", 34_968 + 94, 1255),
        ("2021-01-01", 34_965 + 94, 1254),
        ("2022-01-01", 34_955 + 94, 1255),
        ("2023-01-01", 34_945 + 94, 1255),
        ("2024-01-01", 34_935 + 94, 1255),
        ("2025-01-01", 34_875 + 94, 1255),
    ],
)
def test_counts_of_other_years(day: str, communes: int, groups: int) -> None:
    found = [territory for territory in TERRITORIES if TERRITORIES.exists(territory.ref_area, day)]
    assert sum(territory.level == "COM" for territory in found) == communes
    assert sum(territory.level == "EPCI" and territory.kind != "ept" for territory in found) == groups


def test_identifiers_are_level_and_code() -> None:
    for territory in TERRITORIES:
        expected = "FRA" if territory.level == "FRA" else f"{territory.level}-{territory.code}"
        assert territory.ref_area == expected
    assert {"FRA", "REG-84", "DEP-84", "DEP-2A", "EPCI-200066009", "COM-68224"} <= set(REF_AREAS)
    assert TERRITORIES.resolve("2A", "DEP") == "DEP-2A"
    assert TERRITORIES.resolve("99999", "COM") is None and TERRITORIES.resolve("", "FRA") == "FRA"


def test_each_current_commune_has_one_departement_and_one_region(current: list[Territory]) -> None:
    for territory in current:
        if territory.level == "COM":
            assert len(TERRITORIES.parents(territory.ref_area, "DEP", TODAY)) == 1, territory
            assert len(TERRITORIES.parents(territory.ref_area, "REG", TODAY)) == 1, territory


@pytest.mark.parametrize("year", VINTAGES)
def test_each_commune_of_a_vintage_has_one_epci_beside_its_ept(year: int) -> None:
    islands = 0
    for territory in TERRITORIES:
        if territory.level == "COM" and TERRITORIES.exists(territory.ref_area, f"{year}-01-01"):
            found = TERRITORIES.parents(territory.ref_area, "EPCI", f"{year}-01-01")
            assert sum(TERRITORIES.by_ref[parent].kind != "ept" for parent in found) <= 1
            islands += not found
    assert islands == 4 + 94


def test_communes_without_epci_are_the_islands_and_overseas(current: list[Territory]) -> None:
    alone = {
        territory.ref_area
        for territory in current
        if territory.level == "COM" and not TERRITORIES.parents(territory.ref_area, "EPCI", TODAY)
    }
    islands = {"COM-22016", "COM-29083", "COM-29155", "COM-85113"}
    assert alone == islands | {f"COM-{t.code}" for t in current if t.level == "COM" and t.code[:3] in OVERSEAS}


@pytest.mark.parametrize("year", VINTAGES)
def test_population_is_the_sum_of_the_communes(year: int) -> None:
    day = f"{year}-01-01"
    for territory in TERRITORIES:
        if territory.level != "COM" and TERRITORIES.exists(territory.ref_area, day):
            communes = TERRITORIES.children(territory.ref_area, "COM", day)
            total = sum(TERRITORIES.population(commune, year) or 0 for commune in communes)
            assert total == (TERRITORIES.population(territory.ref_area, year) or 0), territory


def test_known_populations() -> None:
    assert TERRITORIES.population("FRA", 2026) == 68_350_798
    assert TERRITORIES.population("COM-75056", 2019) == 2_190_327
    assert TERRITORIES.population("FRA", 2019) == 66_361_658 + 256_518  # legal populations of 2016, Mayotte of 2017
    assert (TERRITORIES.population("COM-91228", 2019) or 0) > 54_663  # Évry alone, before Courcouronnes joined
    assert TERRITORIES.population("COM-99999") is None
    assert TERRITORIES.population("COM-68224") == TERRITORIES.population("COM-68224", 2026)


def test_weights_of_an_event_sum_to_one_and_name_known_territories() -> None:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    types = {row["type"] for row in rows("event_types")}
    for row in rows("territory_events"):
        key = row["date"], row["from_area"]
        sums[key] += float(row["weight"])
        kinds[key].add(row["type"])
        assert row["from_area"] in TERRITORIES.by_ref and TERRITORIES.exists(row["to_area"], row["date"])
        assert level_of(row["from_area"]) == level_of(row["to_area"]) and row["type"] in types
    assert all(abs(total - 1) < 1e-9 for total in sums.values())
    assert all(len(found) == 1 for found in kinds.values())


def test_memberships_of_one_level_never_overlap() -> None:
    spans: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows("memberships"):
        parent = TERRITORIES.get(row["parent"])
        assert parent is not None and row["member"] in TERRITORIES.by_ref
        group = "ept" if parent.kind == "ept" else parent.level
        spans[row["member"], group].append((row["valid_from"], row["valid_to"] or "9999"))
    for key, found in spans.items():
        ordered = sorted(found)
        assert all(start < end for start, end in ordered), key
        assert all(left[1] <= right[0] for left, right in zip(ordered, ordered[1:], strict=False)), key


@pytest.mark.parametrize("since", ["2018-01-01", "2019-01-01"])
def test_every_commune_of_a_vintage_leads_to_current_ones(since: str) -> None:
    for territory in TERRITORIES:
        if territory.level == "COM" and TERRITORIES.exists(territory.ref_area, since):
            found = TERRITORIES.successors(territory.ref_area, TODAY, since)
            assert found and abs(sum(weight for _, weight in found) - 1) < 1e-9, territory


def test_only_six_territories_end_without_heir() -> None:
    assert {ref for ref in REF_AREAS if not TERRITORIES.successors(ref, TODAY)} == REMOVED


@settings(max_examples=300, deadline=None)
@given(
    ref_area=st.sampled_from(REF_AREAS),
    on=st.dates(date(1943, 1, 1), date(2040, 1, 1)).map(str),
)
def test_successors_exist_and_share_the_whole(ref_area: str, on: str) -> None:
    found = TERRITORIES.successors(ref_area, on)
    assert all(TERRITORIES.exists(successor, on) for successor, _ in found)
    assert not found or abs(sum(weight for _, weight in found) - 1) < 1e-9
    assert TERRITORIES.exists(ref_area, on) == (found == [(ref_area, 1.0)]) or not found


@pytest.mark.parametrize(
    ("former", "heir"),
    [
        ("COM-93059", "COM-93066"),  # Pierrefitte-sur-Seine, Saint-Denis, 2025
        ("COM-74093", "COM-74010"),  # Cran-Gevrier, Annecy, 2017
        ("COM-14624", "COM-14654"),  # L'Oudon, whose code changed twice before it merged
        ("COM-91182", "COM-91228"),  # Courcouronnes, Évry-Courcouronnes, 2019
        ("COM-78228", "COM-91228"),  # Évry in Seine-et-Oise
        ("COM-49144", "COM-44180"),  # Freigné, from Maine-et-Loire to Loire-Atlantique, 2018
        ("COM-69152", "COM-69149"),  # Pierre-Bénite, Oullins-Pierre-Bénite, 2024
        ("EPCI-245900410", "EPCI-200093201"),  # Lille under a new SIREN
    ],
)
def test_known_successors(former: str, heir: str) -> None:
    assert TERRITORIES.successors(former, TODAY) == [(heir, 1.0)]


def test_restored_communes() -> None:
    """Essarts-en-Bocage lost two communes in 2024, Neussargues four in 2025, Saline came apart in 2020."""
    parts = dict(TERRITORIES.successors("COM-85084", TODAY, "2019-01-01"))
    assert list(parts) == ["COM-85084", "COM-85165", "COM-85212"]
    assert len(TERRITORIES.successors("COM-15141", TODAY, "2019-01-01")) == 5
    assert dict(TERRITORIES.successors("COM-14712", TODAY, "2018-01-01")) == pytest.approx(
        {"COM-14666": 0.3545, "COM-14712": 0.6455}, abs=1e-4
    )
    assert not TERRITORIES.exists("COM-14666", "2019-01-01") and TERRITORIES.exists("COM-14666", "2020-01-01")
    assert TERRITORIES.successors("COM-14666", "2019-01-01") == [("COM-14712", 1.0)]


def test_code_that_left_and_came_back() -> None:
    assert TERRITORIES.successors("COM-27676", "2022-01-01") == [("COM-27058", 1.0)]
    assert TERRITORIES.successors("COM-27058", TODAY) == [("COM-27676", 1.0)]


def test_epci_dissolved_in_three() -> None:
    assert list(dict(TERRITORIES.successors("EPCI-200067510", TODAY))) == [
        "EPCI-242300135",
        "EPCI-242320000",
        "EPCI-242320109",
    ]


def test_nothing_before_birth_nor_for_the_unknown() -> None:
    assert TERRITORIES.successors("DEP-6AE", "2020-12-31") == TERRITORIES.successors("COM-00000", TODAY) == []
    assert not TERRITORIES.exists("COM-00000", TODAY) and not TERRITORIES.parents("COM-00000", "DEP", TODAY)


@pytest.mark.parametrize(
    ("ref_area", "kind", "category", "powers"),
    [
        ("EPCI-200046977", "met69", "metropole", "EPCI;DEP"),
        ("DEP-69", "departement", "departement", "DEP"),
        ("COM-75056", "collectivite-statut-particulier", "grande-ville", "COM;DEP"),
        ("DEP-75", "departement", "departement", ""),
        ("REG-94", "collectivite-unique", "region", "REG;DEP"),
        ("DEP-2A", "departement", "departement", ""),
        ("REG-02", "collectivite-unique", "region", "REG;DEP"),
        ("REG-03", "collectivite-unique", "region", "REG;DEP"),
        ("DEP-973", "departement", "departement", ""),
        ("DEP-976", "departement-region", "departement", "DEP;REG"),
        ("REG-06", "departement-region", "region", ""),
        ("REG-04", "region", "region", "REG"),
        ("DEP-971", "departement", "departement", "DEP"),
        ("DEP-6AE", "collectivite-europeenne", "collectivite-particuliere", "DEP"),
        ("DEP-67", "departement", "departement", ""),
        ("EPCI-200066009", "ca", "agglomeration", "EPCI"),
        ("EPCI-200057867", "ept", "ept", "EPCI"),
        ("EPCI-200054781", "metropole", "metropole", "EPCI"),
        ("REG-987", "collectivite-outre-mer", "collectivite-outre-mer", "REG;DEP"),
        ("COM-97801", "commune", "collectivite-outre-mer", ""),
        ("FRA", "pays", "pays", ""),
    ],
)
def test_special_territories(ref_area: str, kind: str, category: str, powers: str) -> None:
    territory = TERRITORIES.get(ref_area)
    assert territory is not None
    assert (territory.kind, territory.category, territory.powers) == (kind, category, powers)


def test_alsace() -> None:
    assert TERRITORIES.parents("DEP-67", "DEP", TODAY) == ["DEP-6AE"]
    assert TERRITORIES.parents("DEP-67", "DEP", "2020-12-31") == []
    assert TERRITORIES.parents("DEP-6AE", "REG", TODAY) == ["REG-44"]
    assert TERRITORIES.parents("COM-68224", "DEP", TODAY) == ["DEP-68"]
    assert TERRITORIES.children("DEP-6AE", "DEP", TODAY) == ["DEP-67", "DEP-68"]
    assert len(TERRITORIES.children("DEP-6AE", "COM", TODAY)) == 880


def test_grand_paris() -> None:
    assert TERRITORIES.parents("COM-93066", "EPCI", TODAY) == ["EPCI-200054781", "EPCI-200057867"]
    assert TERRITORIES.parents("COM-75056", "EPCI", TODAY) == ["EPCI-200054781"]
    assert TERRITORIES.parents("COM-93059", "EPCI", "2017-01-01") == ["EPCI-200054781", "EPCI-200057867"]
    assert TERRITORIES.parents("COM-93066", "EPCI", "2015-12-31") == []


def test_parents_and_children_through_other_levels() -> None:
    assert TERRITORIES.parents("EPCI-200066009", "DEP", TODAY) == ["DEP-68"]
    assert TERRITORIES.parents("COM-68224", "FRA", TODAY) == ["FRA"]
    assert len(TERRITORIES.children("FRA", "REG", TODAY)) == 18
    assert len(TERRITORIES.children("FRA", "COM", TODAY)) == 34_875
    assert TERRITORIES.children("DEP-90", "EPCI", TODAY) == ["EPCI-200069052", "EPCI-200069060", "EPCI-249000241"]
    assert TERRITORIES.parents("COM-98735", "REG", TODAY) == ["REG-987"]
    assert TERRITORIES.parents("COM-98735", "FRA", TODAY) == []


@pytest.mark.parametrize("name", ["territories", "populations", "memberships", "territory_events", "territory_aliases"])
def test_codelists_are_sorted_unique_and_light(name: str) -> None:
    path = CODELISTS / f"{name}.csv"
    lines = path.read_bytes()
    assert len(lines) < 6_000_000 and b"\r" not in lines and lines.endswith(b"\n")
    found = [tuple(row.values()) for row in rows(name)]
    assert found == sorted(found) and len(found) == len(set(found))


def test_categories_and_levels_cover_the_territories() -> None:
    levels = {row["level"] for row in rows("levels")}
    categories = {row["category"]: row["level"] for row in rows("categories")}
    for territory in TERRITORIES:
        assert territory.level in levels
        assert categories[territory.category] in ("", territory.level)
