"""The logic of events and memberships on small synthetic vintages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from observatory import cog, cog_special
from observatory.cog import Commune, Group, Part, Record, Vintage
from observatory.cog_aliases import carried
from observatory.cog_events import Event, commune_events, commune_moves, epci_changes, group_events, group_flows, shares
from observatory.cog_history import History, Move, joined
from observatory.cog_memberships import crossed, existence_of, memberships_of, presence
from observatory.territories import Territories, Territory

INHABITANTS = {"01001": 1000, "01002": 300, "01003": 100, "01004": 600}


def population(code: str, date: str) -> int | None:
    """Population of the synthetic communes, the same at every date."""
    return INHABITANTS.get(code)


def vintage(year: int, names: dict[str, str], groups: dict[str, tuple[str, ...]] | None = None) -> Vintage:
    """A vintage of communes by code and name, all in département 01."""
    communes = {code: Commune(code, name, population=INHABITANTS.get(code)) for code, name in names.items()}
    found = {code: Group(code, f"CC {code}", "cc", members) for code, members in (groups or {}).items()}
    departements: dict[str, Record] = {"01": {"region": "84"}}
    return Vintage(year, communes, {}, found, departements, {"84": {"nom": "Ici"}})


def test_merger_is_read_from_delegated_communes_and_includes_the_holder() -> None:
    before = vintage(2024, {"01001": "A", "01002": "B"})
    after = vintage(2025, {"01001": "A-et-B"})
    after.parts["01002"] = Part("01002", "B", "delegated-commune", "01001")
    assert commune_events(commune_moves(before, after), population) == [
        Event("2025-01-01", "COM-01001", "COM-01001", "merger", 1),
        Event("2025-01-01", "COM-01002", "COM-01001", "merger", 1),
    ]


def test_merger_is_read_from_former_codes_when_nothing_is_delegated() -> None:
    before = vintage(2024, {"01001": "A", "01002": "B"})
    after = vintage(2025, {"01001": "A"})
    after.communes["01001"].former_codes = ("01002",)
    assert commune_moves(before, after)["2025-01-01", "01002"] == Move("merger", {"01001"})


def test_vanished_commune_without_trace_is_refused() -> None:
    with pytest.raises(ValueError, match="01002"):
        commune_moves(vintage(2024, {"01001": "A", "01002": "B"}), vintage(2025, {"01001": "A"}))


def test_split_is_weighted_by_population_after() -> None:
    before = vintage(2024, {"01001": "A"})
    before.parts["01002"] = Part("01002", "B", "delegated-commune", "01001")
    after = vintage(2025, {"01001": "A", "01002": "B"})
    events = commune_events(commune_moves(before, after), population)
    assert [(e.to_area, e.type, e.weight) for e in events] == [
        ("COM-01001", "split", 0.7692307692),
        ("COM-01002", "split", 0.2307692308),
    ]


def test_split_with_an_unknown_population_gives_equal_shares() -> None:
    moves = {("1990-01-01", "01001"): Move("split", {"01001", "01009"})}
    assert [e.weight for e in commune_events(moves, population)] == [0.5, 0.5]


def test_same_name_under_a_new_code_is_a_change_of_code() -> None:
    before, after = vintage(2024, {"01001": "Les Trois Lacs"}), vintage(2025, {"01002": "Les Trois-Lacs"})
    after.parts["01001"] = Part("01001", "A", "delegated-commune", "01002")
    assert commune_moves(before, after) == {("2025-01-01", "01001"): Move("code-change", {"01002"})}


def test_rename() -> None:
    moves = commune_moves(vintage(2024, {"01001": "A"}), vintage(2025, {"01001": "A-sur-Mer"}))
    assert moves == {("2025-01-01", "01001"): Move("rename", {"01001"})}


def test_commune_that_only_changes_epci() -> None:
    names = {"01001": "A", "01002": "B"}
    before = vintage(2024, names, {"X": ("01001", "01002"), "Y": ()})
    after = vintage(2025, names, {"X": ("01001",), "Y": ("01002",)})
    assert epci_changes(before, after, {}) == {("2025-01-01", "01002"): Move("epci-change", {"01002"})}
    assert epci_changes(before, after, {("2025-01-01", "01002"): Move("rename", {"01002"})}) == {}


def epci_events(groups: dict[str, tuple[str, ...]], later: dict[str, tuple[str, ...]]) -> list[tuple[object, ...]]:
    """(type, from, to, weight) of the events of EPCI when four lasting communes regroup."""
    names = {code: code for code in INHABITANTS}
    before, after = vintage(2024, names, groups), vintage(2025, names, later)
    flows = group_flows(before, after, {}, population)
    return [(e.type, e.from_area[5:], e.to_area[5:], e.weight) for e in group_events(before, after, flows)]


def test_epci_absorbed_by_another() -> None:
    found = epci_events({"X": ("01001",), "Y": ("01002",)}, {"X": ("01001", "01002")})
    assert found == [("merger", "X", "X", 1), ("merger", "Y", "X", 1)]


def test_epci_dissolved_into_two_by_population() -> None:
    found = epci_events(
        {"X": ("01001", "01002"), "Y": ("01003",), "Z": ("01004",)},
        {"Y": ("01001", "01003"), "Z": ("01002", "01004")},
    )
    assert found == [("dissolution", "X", "Y", 0.7692307692), ("dissolution", "X", "Z", 0.2307692308)]


def test_epci_created_out_of_a_lasting_one() -> None:
    found = epci_events({"X": ("01001", "01004")}, {"X": ("01001",), "N": ("01004",)})
    assert found == [("split", "X", "N", 0.375), ("split", "X", "X", 0.625)]


def test_commune_leaving_for_a_lasting_epci() -> None:
    found = epci_events({"X": ("01001", "01004"), "Y": ("01002",)}, {"X": ("01001",), "Y": ("01002", "01004")})
    assert found == [("transfer", "X", "X", 0.625), ("transfer", "X", "Y", 0.375)]


def test_epci_under_a_new_siren() -> None:
    assert epci_events({"X": ("01001",)}, {"N": ("01001",)}) == [("code-change", "X", "N", 1)]


def test_epci_kind_goes_before_its_name_and_typography_is_no_rename() -> None:
    before = vintage(2024, {"01001": "A"}, {"X": ("01001",)})
    for change, expected in (
        ({"name": "CA Autre", "kind": "ca"}, ["kind-change"]),
        ({"name": "CC Autre"}, ["rename"]),
        ({"name": "CC - X"}, []),
    ):
        after = vintage(2025, {"01001": "A"}, {"X": ("01001",)})
        after.groups["X"] = replace(after.groups["X"], **change)  # type: ignore[arg-type]
        flows = group_flows(before, after, {}, population)
        assert [e.type for e in group_events(before, after, flows)] == expected


def test_shares_sum_to_one_to_the_last_digit() -> None:
    found = shares({"a": 1, "b": 1, "c": 1})
    assert sum(found.values()) == pytest.approx(1, abs=1e-12) and found["c"] == 0.3333333334


def record(identifier: str, kind: str = "COM", **more: object) -> Record:
    """A record of the history: identifier TYPE-code@date, with the other keys as given."""
    code = identifier.partition("@")[0].partition("-")[2]
    return {"id": identifier, "type": kind, "code": code, "nom": str(more.pop("nom", code)), **more}


HISTORY = [
    record("COM-01001@1943", dateFin="1970-01-01", raisonFin="fusion-association", successeur="COMP-01001@1970-01-01"),
    record("COM-01002@1943", dateFin="1970-01-01", raisonFin="fusion-association", successeur="COMA-01002@1970-01-01"),
    record(
        "COM-01001@1970-01-01",
        dateDebut="1970-01-01",
        dateFin="1980-01-01",
        raisonFin="dé-fusion",
        membres=["COMP-01001@1970-01-01", "COMA-01002@1970-01-01"],
    ),
    record(
        "COMP-01001@1970-01-01",
        "COMP",
        dateFin="1980-01-01",
        pole="COM-01001@1970-01-01",
        successeur="COM-01001@1980-01-01",
    ),
    record(
        "COMA-01002@1970-01-01",
        "COMA",
        dateFin="1980-01-01",
        pole="COM-01001@1970-01-01",
        successeur="COM-01002@1980-01-01",
    ),
    record("COM-01001@1980-01-01", dateDebut="1980-01-01", predecesseur="COMP-01001@1970-01-01"),
    record("COM-01002@1980-01-01", dateDebut="1980-01-01", predecesseur="COMA-01002@1970-01-01"),
]


def test_history_of_an_association_that_came_apart() -> None:
    history = History(HISTORY)
    assert history.moves() == {
        ("1970-01-01", "01001"): Move("merger", {"01001"}),
        ("1970-01-01", "01002"): Move("merger", {"01001"}),
        ("1980-01-01", "01001"): Move("split", {"01001", "01002"}),
    }
    assert history.existence() == {"01001": [("", "")], "01002": [("", "1970-01-01"), ("1980-01-01", "")]}


def test_history_of_a_change_of_departement_and_of_name() -> None:
    records = [
        record(
            "COM-78228@1943",
            dateFin="1965-06-30",
            raisonFin="changement de nom",
            successeur="COM-78228@1965-06-30",
            nom="Évry-Petit-Bourg",
        ),
        record(
            "COM-78228@1965-06-30",
            dateDebut="1965-06-30",
            dateFin="1968-01-01",
            raisonFin="changement de département",
            successeur="COM-91228@1968-01-01",
            nom="Évry",
        ),
        record("COM-91228@1968-01-01", dateDebut="1968-01-01", nom="Évry"),
    ]
    assert History(records).moves() == {
        ("1965-06-30", "78228"): Move("rename", {"78228"}),
        ("1968-01-01", "78228"): Move("departement-change", {"91228"}),
    }


def test_intervals() -> None:
    assert joined([("1980-01-01", ""), ("", "1970-01-01"), ("1970-01-01", "1975-01-01")]) == [
        ("", "1975-01-01"),
        ("1980-01-01", ""),
    ]
    assert crossed([("", "2020-01-01")], [("2016-01-01", "")]) == [("2016-01-01", "2020-01-01")]
    assert crossed([("", "2010-01-01")], [("2016-01-01", "")]) == []
    assert presence({"2019-01-01": ["a", "b"], "2021-01-01": ["b"], "2022-01-01": ["a", "b"]}) == {
        "a": [("", "2021-01-01"), ("2022-01-01", "")],
        "b": [("", "")],
    }


def test_memberships_follow_the_vintages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cog_special, "VALID_FROM", {})
    monkeypatch.setattr(cog_special, "ALSACE_MEMBERS", ())
    monkeypatch.setattr(cog_special, "ALSACE_REGION", "REG-84")
    names = {"01001": "A", "01002": "B"}
    vintages = [
        vintage(2024, names, {"X": ("01001", "01002")}),
        vintage(2025, names, {"X": ("01001",), "Y": ("01002",)}),
    ]
    found = memberships_of(vintages, existence_of(vintages, {"01001": [("1968-01-01", "")]}))
    ties = {(m.member, m.parent): (m.valid_from, m.valid_to) for m in found}
    assert ties["COM-01001", "EPCI-X"] == ("", "")
    assert ties["COM-01001", "DEP-01"] == ("1968-01-01", "")
    assert ties["COM-01002", "EPCI-X"] == ("", "2025-01-01")
    assert ties["COM-01002", "EPCI-Y"] == ("2025-01-01", "")
    assert ties["REG-84", "FRA"] == ("", "")


def test_population_of_a_young_commune_is_what_its_epci_lacks() -> None:
    first, reference = vintage(2019, {"01001": "A", "01002": "B"}), vintage(2021, {"01001": "A", "01002": "B"})
    first.groups["X"] = Group("X", "CC X", "cc", ("01001", "01002"), 1500)
    cog.mend_population(first, {"01002"}, reference)
    assert (first.communes["01001"].population, first.communes["01002"].population) == (1000, 500)


def test_vintage_read_from_package_files(tmp_path: Path) -> None:
    communes = [
        {"code": "01001", "nom": "A", "type": "commune-actuelle", "codesPostaux": ["01400"], "population": 12},
        {"code": "01002", "nom": "B", "type": "commune-deleguee", "chefLieu": "01001"},
    ]
    member = {"code": "01001", "siren": "210100012", "nom": "A", "populationMunicipale": 11}
    epci = [{"code": "200000001", "nom": "CC X", "type": "CC", "membres": [member]}]
    for name, content in {"communes": communes, "epci": epci, "departements": [], "regions": []}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    found = cog.read_vintage(tmp_path, cog.Release(2025, "0"))
    assert found.communes["01001"] == Commune("01001", "A", "210100012", 11, ("01400",))
    assert found.parts["01002"].holder == "01001" and found.group_of() == {"01001": "200000001"}


def test_name_of_a_vanished_commune_goes_to_its_successor() -> None:
    def commune(code: str, name: str, end: str) -> Territory:
        return Territory(f"COM-{code}", code, "COM", name, "commune", "autre-commune", "", "COM", "", end)

    territories = Territories(
        [commune("01001", "A", ""), commune("01002", "B", "2025-01-01")],
        [("2025-01-01", "COM-01002", "COM-01001", 1.0)],
    )
    found = list(carried(("COM-01002", "former-name", "B"), territories, "2026-01-01"))
    assert found == [("COM-01001", "former-commune", "B")]
    assert list(carried(("COM-01001", "former-name", "A"), territories, "2026-01-01")) == []
