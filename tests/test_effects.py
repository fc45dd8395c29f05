"""The effect of new rows is the difference between two full builds, and nothing else."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from repositories import copy_site, edit

from observatory.catalogue import read_catalogue, read_dataset
from observatory.changes import Effect
from observatory.database import build
from observatory.effects import effect, effects
from observatory.published import StaleDatabase

FIBRE, ELIGIBILITY = "datasets/couverture_fibre.csv", "datasets/eligibilite_fixe.csv"
SERVICES, SCORES = "datasets/france_services.csv", ("score", "level", "rank", "coverage")


def quiet(step: str, seconds: float) -> None:
    """Reports nothing."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny repository with its database beside it."""
    root = copy_site(tmp_path_factory.mktemp("published") / "site")
    build(root, root / "donnees.db", quiet)
    return root


def rows(database: Path, query: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows of a query by its first three columns."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return {tuple(row[:3]): tuple(row[3:]) for row in connection.execute(query)}
    finally:
        connection.close()


def changes(before: Path, after: Path, query: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Keys of which the two databases say something else, with what each says (nothing: empty)."""
    old, new = rows(before, query), rows(after, query)
    return {key: (old.get(key), new.get(key)) for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


VALUES = "select indicator, ref_area, time_period, obs_value from current_values where obs_value is not null"
SCORED = "select node, ref_area, peer_group, score, level, rank, coverage from scores"
COVERAGE = """
    select indicator, substr(ref_area, 1, instr(ref_area || '-', '-') - 1), '', count(distinct ref_area)
    from current_values where obs_value is not null group by 1, 2
"""


def expected(before: Path, after: Path) -> dict[str, dict[tuple[Any, ...], Any]]:
    """What two full builds say that changes, in the words of an effect."""
    nothing = (None,) * len(SCORES)
    return {
        "values": {k: ((a or (None,))[0], (b or (None,))[0]) for k, (a, b) in changes(before, after, VALUES).items()},
        "scores": {k: (a or nothing, b or nothing) for k, (a, b) in changes(before, after, SCORED).items()},
        "coverage": {k[:2]: ((a or (0,))[0], (b or (0,))[0]) for k, (a, b) in changes(before, after, COVERAGE).items()},
    }


def told(found: Effect) -> dict[str, dict[tuple[Any, ...], Any]]:
    """The same, as an effect says it."""
    return {
        "values": {(v.indicator, v.ref_area, v.time_period): (v.before, v.after) for v in found.values},
        "scores": {
            (s.node, s.ref_area, s.peer_group): (
                tuple(asdict(s)[f"{name}_before"] for name in SCORES),
                tuple(asdict(s)[f"{name}_after"] for name in SCORES),
            )
            for s in found.scores
        },
        "coverage": {
            (c.indicator, c.level): (c.before, c.after)
            for c in found.coverage
            # Who wins and who loses are named; two builds are compared by their counts.
            if c.before != c.after
        },
    }


def append(root: Path, file: str, *lines: str) -> None:
    with (root / file).open("a", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def accept(root: Path, name: str) -> None:
    """Let the descriptor expect fewer rows and older periods."""
    path = root / "datasets" / f"{name}.resource.yaml"
    text = re.sub(r"min: \d+", "min: 1", path.read_text(encoding="utf-8"))
    path.write_text(re.sub(r"start: [\d-]+", "start: 2018-01-01", text), encoding="utf-8")


def a_value(root: Path) -> None:
    edit(root / FIBRE, "2022-Q3,61.5", "2022-Q3,12")


def an_old_value(root: Path) -> None:
    edit(root / FIBRE, "DEP-01,couverture-fibre,2022-Q2,58", "DEP-01,couverture-fibre,2022-Q2,57")


def a_value_with_a_twin(root: Path) -> None:
    append(root, FIBRE, "REG-94,couverture-fibre,2022-Q3,83")


def another_period(root: Path) -> None:
    accept(root, "couverture_fibre")
    edit(root / FIBRE, "2022-Q2,58", "2022-Q2,59")
    append(root, FIBRE, "DEP-85,couverture-fibre,2021-Q4,40")


def a_last_value_withdrawn(root: Path) -> None:
    accept(root, "couverture_fibre")
    edit(root / FIBRE, "DEP-2A,couverture-fibre,2022-Q3,81\n", "")


def a_territory_withdrawn(root: Path) -> None:
    accept(root, "couverture_fibre")
    edit(root / FIBRE, "DEP-75,couverture-fibre,2022-Q3,97\n", "")


def a_count_of_a_commune(root: Path) -> None:
    edit(root / ELIGIBILITY, "68224,58900,57400", "68224,58900,100")


def a_commune_that_vanished(root: Path) -> None:
    edit(root / ELIGIBILITY, "01205,620,12", "01205,620,600")


def a_commune_withdrawn(root: Path) -> None:
    accept(root, "eligibilite_fixe")
    edit(root / ELIGIBILITY, "68154,7600,7100\n", "")


def a_count_where_absence_is_zero(root: Path) -> None:
    append(root, SERVICES, "2A004,4")


def another_period_in_the_descriptor(root: Path) -> None:
    accept(root, "eligibilite_fixe")
    edit(root / "datasets" / "eligibilite_fixe.resource.yaml", 'time_period: "2019-09"', 'time_period: "2019-08"')


def another_vintage_in_the_descriptor(root: Path) -> None:
    accept(root, "eligibilite_fixe")
    edit(root / "datasets" / "eligibilite_fixe.resource.yaml", 'cog: "2018"', 'cog: "2019"')
    edit(root / ELIGIBILITY, "01091,1770,0\n01205,620,12\n", "")


def only_another_writing(root: Path) -> None:
    edit(root / FIBRE, "2022-Q2,58", "2022-Q2,58.0")


def a_second_dataset_of_the_same_indicator(root: Path) -> None:
    accept(root, "couverture_fibre")
    folder = root / "datasets"
    text = (folder / "couverture_fibre.resource.yaml").read_text(encoding="utf-8")
    (folder / "fibre_regions.resource.yaml").write_text(text.replace("couverture_fibre", "fibre_regions"), "utf-8")
    (folder / "fibre_regions.csv").write_text(
        "ref_area,indicator,time_period,obs_value\nREG-11,couverture-fibre,2022-Q3,88\n", encoding="utf-8"
    )


def several_datasets(root: Path) -> None:
    a_value(root)
    a_count_of_a_commune(root)
    a_count_where_absence_is_zero(root)


def another_order(root: Path) -> None:
    edit(root / ELIGIBILITY, "01205,620,12\n", "")
    append(root, ELIGIBILITY, "01205,620,300")
    edit(root / ELIGIBILITY, "68154,7600,7100\n68224,58900,57400\n", "68224,58900,57000\n68154,7600,7100\n")


def a_commune_that_was_split(root: Path) -> None:
    edit(root / ELIGIBILITY, "85084,4300,430", "85084,4301,977")


def a_commune_without_anything_to_count(root: Path) -> None:
    edit(root / ELIGIBILITY, "68224,58900,57400", "68224,0,0")


def a_commune_where_absence_was_zero(root: Path) -> None:
    append(root, SERVICES, "68154,1")


def all_communes_withdrawn_but_one(root: Path) -> None:
    accept(root, "eligibilite_fixe")
    path = root / ELIGIBILITY
    path.write_text("code_commune,locaux,locaux_1_gbits\n68224,58900,57400\n", encoding="utf-8")


def nothing_that_stays(root: Path) -> None:
    accept(root, "eligibilite_fixe")
    path = root / ELIGIBILITY
    path.write_text("code_commune,locaux,locaux_1_gbits\n2A004,43000,1\n85084,4300,400\n", encoding="utf-8")


def only_another_order(root: Path) -> None:
    lines = (root / ELIGIBILITY).read_text(encoding="utf-8").splitlines(keepends=True)
    (root / ELIGIBILITY).write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")


def a_rank_that_neighbours_pass(root: Path) -> None:
    edit(root / FIBRE, "DEP-2A,couverture-fibre,2022-Q3,81", "DEP-2A,couverture-fibre,2022-Q3,93")
    edit(root / FIBRE, "DEP-85,couverture-fibre,2022-Q3,55", "DEP-85,couverture-fibre,2022-Q3,97")


def why_there_is_no_value(root: Path) -> None:
    """Later than its value, the fibre of a département has no object, nor has any mediation; another is secret."""
    folder = root / "datasets"
    text = (folder / "couverture_fibre.resource.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("couverture_fibre", "reponses"),
        ("observations.schema", "observations_statuts.schema"),
        ("{start: 2022-06-30, end: 2022-09-30}", "{start: 2022-06-30, end: 2024-09-30}"),
        ("last_update: 2022-09-30", "last_update: 2024-09-30"),
        ("rows: {min: 9", "rows: {min: 1"),
        ("territories: {min: 6", "territories: {min: 1"),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "reponses.resource.yaml").write_text(text, encoding="utf-8")
    (folder / "reponses.csv").write_text(
        "ref_area,indicator,time_period,obs_value,obs_status\n"
        "DEP-68,couverture-fibre,2022-Q4,,M\n"
        "DEP-68,france-services-100000,2024-09,,M\n"
        "DEP-85,couverture-fibre,2022-Q4,,Q\n"
        "REG-44,couverture-fibre,2022-Q4,,Q\n",
        encoding="utf-8",
    )


EDITS: list[Callable[[Path], None]] = [
    a_value,
    an_old_value,
    a_value_with_a_twin,
    another_period,
    a_last_value_withdrawn,
    a_territory_withdrawn,
    a_count_of_a_commune,
    a_commune_that_vanished,
    a_commune_withdrawn,
    a_count_where_absence_is_zero,
    another_period_in_the_descriptor,
    another_vintage_in_the_descriptor,
    only_another_writing,
    a_second_dataset_of_the_same_indicator,
    several_datasets,
    another_order,
    a_commune_that_was_split,
    a_commune_without_anything_to_count,
    a_commune_where_absence_was_zero,
    all_communes_withdrawn_but_one,
    nothing_that_stays,
    only_another_order,
    a_rank_that_neighbours_pass,
    why_there_is_no_value,
]
WITHOUT_EFFECT = (only_another_writing, only_another_order, why_there_is_no_value)


@pytest.mark.parametrize("change", EDITS, ids=lambda change: change.__name__)
def test_the_effect_is_the_difference_of_two_builds(
    published: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    root = copy_site(tmp_path / "head")
    change(root)
    build(root, tmp_path / "after.db", quiet)
    before = published / "donnees.db"
    datasets = [d for d in read_catalogue(root)[0] if differs(published, root, d.name)]
    assert datasets
    found = effects(published, before, datasets)
    wanted = expected(before, tmp_path / "after.db")
    assert told(found) == wanted
    assert bool(wanted["values"]) == (change not in WITHOUT_EFFECT)


def test_what_was_said_of_a_cell_still_holds_when_another_changes(tmp_path: Path) -> None:
    base, head = copy_site(tmp_path / "base"), copy_site(tmp_path / "head")
    for root in (base, head):
        why_there_is_no_value(root)
    a_count_of_a_commune(head)
    for root in (base, head):
        build(root, root / "donnees.db", quiet)
    datasets = [d for d in read_catalogue(head)[0] if differs(base, head, d.name)]
    found = told(effects(base, base / "donnees.db", datasets))
    assert found == expected(base / "donnees.db", head / "donnees.db")
    assert ("infrastructures", "DEP-68", "departement") in found["scores"]


def differs(published: Path, root: Path, name: str) -> bool:
    """Whether a file of the dataset is new or another."""
    files = [f"datasets/{name}{ending}" for ending in (".csv", ".resource.yaml")]
    return any(not (published / f).exists() or (published / f).read_bytes() != (root / f).read_bytes() for f in files)


def test_the_removal_of_a_dataset(published: Path, tmp_path: Path) -> None:
    root = copy_site(tmp_path / "head")
    for path in (root / "datasets").glob("france_services.*"):
        path.unlink()
    build(root, tmp_path / "after.db", quiet)
    found = effects(published, published / "donnees.db", [], removed=["france_services"])
    assert told(found) == expected(published / "donnees.db", tmp_path / "after.db")
    assert any(s.rank_before and not s.rank_after for s in found.scores)


def one(published: Path, tmp_path: Path, old: str, new: str, ref_area: str | None = None) -> Effect:
    """The effect of one edit of the fibre, from the published repository and a CSV that stands elsewhere."""
    dataset, _ = read_dataset(published / "datasets" / "couverture_fibre.resource.yaml", published)
    assert dataset is not None
    path = Path(shutil.copy(dataset.csv_path, tmp_path / "couverture_fibre.csv"))
    edit(path, old, new)
    return effect(published, published / "donnees.db", replace(dataset, csv_path=path), ref_area)


def test_a_file_that_stands_elsewhere_is_enough(published: Path, tmp_path: Path) -> None:
    found = one(published, tmp_path, "DEP-01,couverture-fibre,2022-Q3,61.5", "DEP-01,couverture-fibre,2022-Q3,99")
    assert [(v.ref_area, v.name, v.before, v.after, v.derived) for v in found.values] == [
        ("DEP-01", "Ain", 61.5, 99.0, False)
    ]
    moved = {s.ref_area: (s.rank_before, s.rank_after) for s in found.scores if s.node == "couverture-fibre"}
    assert moved["DEP-01"] == (4, 1)
    assert moved["DEP-75"] == (1, 2)
    titles = {s.node: s.title for s in found.scores}
    assert titles["infrastructures"] == "Infrastructures numériques du territoire"
    assert titles["couverture-fibre"].startswith("Part des")


def test_only_one_territory_is_told_when_asked_for(published: Path, tmp_path: Path) -> None:
    edits = "DEP-01,couverture-fibre,2022-Q3,61.5", "DEP-01,couverture-fibre,2022-Q3,99"
    whole = one(published, tmp_path, *edits)
    found = one(published, tmp_path, *edits, ref_area="DEP-75")
    assert found.values == []
    assert found.scores == [s for s in whole.scores if s.ref_area == "DEP-75"]
    assert found.scores


def test_derived_figures_say_that_they_are(published: Path, tmp_path: Path) -> None:
    dataset, _ = read_dataset(published / "datasets" / "eligibilite_fixe.resource.yaml", published)
    assert dataset is not None
    path = Path(shutil.copy(dataset.csv_path, tmp_path / "eligibilite_fixe.csv"))
    edit(path, "68224,58900,57400", "68224,58900,100")
    found = effect(published, published / "donnees.db", replace(dataset, csv_path=path))
    derived = {v.ref_area: v.derived for v in found.values}
    assert derived["COM-68224"] is False
    assert derived["DEP-68"] is derived["FRA"] is True


def test_a_figure_that_was_given_and_is_withdrawn_was_not_derived(published: Path, tmp_path: Path) -> None:
    found = one(published, tmp_path, "DEP-75,couverture-fibre,2022-Q3,97", "DEP-6AE,couverture-fibre,2022-Q3,97")
    assert [(v.ref_area, v.before, v.after, v.derived) for v in found.values] == [
        ("DEP-6AE", None, 97.0, False),
        ("DEP-75", 97.0, None, False),
        ("REG-11", 97.0, None, True),
    ]


def test_coverage_names_who_wins_and_who_loses(published: Path, tmp_path: Path) -> None:
    found = one(
        published, tmp_path, "DEP-75,couverture-fibre,2022-Q3,97", "DEP-6AE,couverture-fibre,2022-Q3,97"
    ).coverage
    departements = next(c for c in found if c.level == "DEP")
    assert (departements.gained, departements.lost) == (["DEP-6AE"], ["DEP-75"])
    assert departements.before == departements.after


def test_nothing_is_written(published: Path, tmp_path: Path) -> None:
    before = (published / "donnees.db").read_bytes()
    one(published, tmp_path, "2022-Q3,61.5", "2022-Q3,62")
    assert (published / "donnees.db").read_bytes() == before
    assert sorted(path.name for path in published.glob("*.db*")) == ["donnees.db"]


def test_a_faulty_file_has_no_effect_to_tell(published: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="couverture_fibre.csv:2"):
        one(published, tmp_path, "2022-Q2,58", "2022-Q2,beaucoup")


def test_a_database_of_another_method_is_refused(published: Path, tmp_path: Path) -> None:
    root = copy_site(tmp_path / "head")
    edit(root / "indicators" / "infrastructures" / "couverture-fibre.yml", "weight: 2", "weight: 3")
    dataset, _ = read_dataset(root / "datasets" / "couverture_fibre.resource.yaml", root)
    assert dataset is not None
    with pytest.raises(StaleDatabase, match="make build"):
        effect(root, published / "donnees.db", dataset)
