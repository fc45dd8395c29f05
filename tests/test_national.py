"""Our registers in the two national schemas, and back: nothing personal, nothing invented, what fits comes back."""

import csv
import io
import json
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import frictionless
import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory import national
from observatory.national import Known

STANDARDS = ROOT / "../shared/standards/schema.data.gouv.fr"
OFFICIAL = {"projets-territoire": "betagouv_projets-territoire", "dispositif-aide": "etalab_dispositif-aide"}
# What the national schema has no place for, or tells less precisely.
LOST = {
    "projets-territoire": {"territoires_associes", "domaines", "besoins", "financement", "evaluation", "resultats",
                           "indicateurs", "code_ouvert", "donnees_ouvertes", "partenaires", "liens", "source",
                           "source_url", "preuve", "date_fin"},
    "dispositif-aide": {"domaines", "besoins", "indicateurs", "budget", "laureats", "session", "source", "source_url",
                        "preuve"},
}  # fmt: skip
PERSONAL = [name for name in national.PROJECT if name.startswith("porteurReferent")]
ABOUT = Known({"ville-sobre": "Ville sobre"}, {"agence": ("Agence d'essai", None)}, "2026-11-24")
TEXTS = (
    st.text(st.characters(whitelist_categories=("L", "N"), whitelist_characters=" '-,"), min_size=5, max_size=80)
    .map(str.strip)
    .filter(lambda text: len(text) >= 5)
)
DAYS = st.dates().map(lambda day: day.isoformat())
UUIDS = st.uuids().map(str)


@pytest.fixture
def db(demonstration: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(f"file:{demonstration}?mode=ro", uri=True)
    opened.row_factory = sqlite3.Row
    return opened


@pytest.mark.parametrize("name", national.SCHEMAS)
def test_things_come_back_as_they_were_but_for_what_has_no_place(name: str, db: sqlite3.Connection) -> None:
    schema = national.SCHEMAS[name]
    about = national.known(db, schema.register)
    own = db.execute(f"select * from {schema.register} order by id").fetchall()
    for before, row in zip(own, national.rows(db, name), strict=True):
        back = schema.read(row, about)
        assert back["id"] == national.identifier(schema.register, before["id"]) and set(back) <= set(before.keys())
        for column in set(back) - {"id"} - LOST[name]:
            expected = before[column]
            if column == "stade":
                expected = {"generalisee": "deployee"}.get(expected, expected)
            elif column == "porteurs":
                expected = "|".join(filter(None, [before["porteurs"], before["territoires_associes"]]))
            elif column.startswith("date") and len(expected or "") < 10:
                expected = ""  # a month or a year is no date of the national schema
            elif column == "budget" and expected is not None:
                expected = str(round(expected))
            assert back[column] == (expected or ""), column
        assert set(before.keys()) - set(back) - {"id"} <= LOST[name]


PROJECTS = st.fixed_dictionaries({
    "id": UUIDS, "nom": TEXTS, "description": TEXTS, "budgetPrevisionnel": st.integers(1, 10**9).map(str),
    "dateDebutPrevisionnelle": DAYS, "phase": st.sampled_from(list(national.STAGES)),
    "phaseStatut": st.just("En cours"),
    "programme": st.sampled_from(["", "Ville sobre"]),
    "collectiviteIds": st.sampled_from(["", '["DEP-68"]', '["EPCI-200066009", "COM-68224"]']),
})  # fmt: skip


def stored(row: dict[str, str], columns: list[str]) -> dict[str, Any]:
    """A row as the database would hold it."""
    return {name: row.get(name) or None for name in columns} | {
        "budget": float(row["budget"]) if row.get("budget") else None
    }


@given(PROJECTS)
def test_national_project_comes_back_the_same(row: dict[str, str]) -> None:
    columns = [f["name"] for f in json.loads((ROOT / "schemas/initiatives.schema.json").read_text())["fields"]]
    again = national.project(stored(national.initiative(row, ABOUT), columns), ABOUT)
    assert {name: again[name] for name in row} == row
    assert all(again[name] == "" for name in PERSONAL)


AIDS = st.fixed_dictionaries({
    "id": UUIDS, "titre": TEXTS, "description": TEXTS, "eligibilite": TEXTS,
    "programmes_parents": st.just("Ville sobre"),
    "porteurs": st.just('[{"nom": "Agence d\'essai", "roles": ["commanditaire"]}]'),
    "cibles": st.sampled_from(["secteur public", "professionnels|associations"]),
    "eligibilite_geographique": st.sampled_from(["PAYS-99100", "REG-84|DEP-68"]),
    "date_ouverture": DAYS.map(lambda day: f"{day}T00:00:00Z"), "date_cloture": st.just(""),
    "url_source": st.just("https://www.example.org/a"),
})  # fmt: skip


@given(AIDS)
def test_national_aid_comes_back_the_same(row: dict[str, str]) -> None:
    columns = [f["name"] for f in json.loads((ROOT / "schemas/appels.schema.json").read_text())["fields"]]
    again = national.aid(stored(national.call(row, ABOUT), columns), ABOUT)
    assert {name: again[name] for name in row} == row


def test_personal_columns_are_never_read(db: sqlite3.Connection) -> None:
    row = (
        dict.fromkeys(national.PROJECT, "")
        | dict.fromkeys(PERSONAL, "Jean Dupont")
        | {"id": str(uuid.uuid4()), "nom": "Un projet"}
    )
    assert "Dupont" not in json.dumps(national.initiative(row, ABOUT))


@pytest.mark.parametrize(
    ("areas", "expected"),
    [("FRA", "PAYS-99100"), ("DEP-2A|COM-2A004", "REG-94"), ("DEP-6AE|DEP-68", "DEP-67|DEP-68"), ("DEP-69M", "DEP-69"),
     ("REG-44|EPCI-200066009", "REG-44|EPCI-200066009")],
)  # fmt: skip
def test_places_are_written_as_the_national_pattern_wants(areas: str, expected: str) -> None:
    row: dict[str, Any] = dict.fromkeys(("criteres", "themes", "commanditaires", "programme", "lien", "source_url",
                                         "cibles", "date_ouverture", "date_cloture"))  # fmt: skip
    assert (
        national.aid({**row, "id": "x", "titre": "x", "resume": "x", "perimetre": areas}, ABOUT)[
            "eligibilite_geographique"
        ]
        == expected
    )


async def test_doors_give_the_same_rows_in_both_forms(registers: Datasette) -> None:
    for name, schema in national.SCHEMAS.items():
        text = await registers.client.get(f"/{schema.register}/{name}.csv")
        rows = (await registers.client.get(f"/{schema.register}/{name}.json")).json()
        assert list(csv.DictReader(io.StringIO(text.text))) == rows and list(rows[0]) == list(schema.columns)
        assert f'href="/{schema.register}/{name}.csv"' in (await registers.client.get(f"/{schema.register}")).text


async def test_door_of_a_site_without_the_register_gives_a_header(site: Datasette) -> None:
    answer = await site.client.get("/appels/dispositif-aide.csv")
    assert answer.status_code == 200 and answer.text == ",".join(national.AID) + "\n"


def test_command_writes_rows_to_complete(tmp_path: Path) -> None:
    row = dict.fromkeys(national.PROJECT, "") | {"id": str(uuid.uuid4()), "nom": "Un projet", "phase": "Idée"}
    (tmp_path / "projets.csv").write_text(national.as_csv(national.PROJECT, [row]), encoding="utf-8")
    command = [sys.executable, ROOT / "scripts" / "import_national.py", "projets-territoire", tmp_path / "projets.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    (found,) = csv.DictReader(io.StringIO(done.stdout))
    assert (found["id"], found["titre"], found["stade"]) == (row["id"], "Un projet", "idee")
    assert "À compléter" in done.stderr and "domaines" in done.stderr
    assert subprocess.run(command[:2], capture_output=True, check=False).returncode == 2


@pytest.mark.conformance
@pytest.mark.parametrize("name", OFFICIAL)
async def test_files_follow_the_official_schemas(
    name: str, registers: Datasette, published: Datasette, tmp_path: Path
) -> None:
    path = STANDARDS / f"{OFFICIAL[name]}.schema.json"
    if not path.exists():
        pytest.skip(f"norme absente : {path.name}")
    official = frictionless.Schema(path)
    assert official.field_names == list(national.SCHEMAS[name].columns)
    for turn, site in enumerate((registers, published)):
        file = tmp_path / f"{name}-{turn}.csv"
        file.write_bytes((await site.client.get(f"/{national.SCHEMAS[name].register}/{name}.csv")).content)
        report = judged(file, official)
        assert report.valid and report.tasks[0].stats["rows"] > 0, report.flatten(["rowNumber", "fieldName", "note"])
    text = file.read_text(encoding="utf-8").replace("Opération", "Fini").replace("PAYS-", "")
    file.write_text(text, encoding="utf-8")
    assert not judged(file, official).valid


def judged(file: Path, schema: frictionless.Schema) -> Any:
    return frictionless.Resource(path=file.name, basepath=str(file.parent), schema=schema).validate()
