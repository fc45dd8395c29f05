"""The catalogue before its judges: the official shapes of DCAT-AP, and the harvester of data.gouv.fr itself."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS, XSD
from repositories import ROOT

from observatory import bulk
from observatory.dcat import API, SYNTAXES
from observatory.dcat_terms import FREQUENCIES, SPDX
from observatory.export import WHOLE
from observatory.identity import Identity

pytestmark = pytest.mark.conformance
SHARED = ROOT / "../shared"
SHAPES = SHARED / "standards" / "dcat-ap-3.0.1"
PYTHON = ROOT / ".venv-harvest" / "bin" / "python"
HARVESTER, SHACL = SHARED / "tools" / "udata_harvest.py", SHARED / "tools" / "shacl.py"
# No site is served under the reserved domain of a site that has no address; the harvester asks for a real one.
HOME = Identity("https://observatoire.example.fr", "", "", "", "")
Change = Callable[[Graph], None]


def without(predicate: URIRef) -> Change:
    """Forgets a property everywhere."""
    return lambda graph: graph.remove((None, predicate, None)) and None


def otherwise(predicate: URIRef, write: Callable[[Any], Any]) -> Change:
    """Writes a property otherwise, everywhere."""

    def change(graph: Graph) -> None:
        for subject, value in list(graph.subject_objects(predicate)):
            graph.remove((subject, predicate, value))
            graph.add((subject, predicate, write(value)))

    return change


def unnamed_licence(graph: Graph) -> None:
    """The licence is only its address."""
    for licence in list(graph.subjects(RDF.type, DCTERMS.LicenseDocument)):
        graph.remove((licence, RDFS.label, None))


def weaker_sum(graph: Graph) -> None:
    """A sum that the portal reads, as the shapes want it."""
    otherwise(SPDX.algorithm, lambda _: SPDX.checksumAlgorithm_sha256)(graph)
    otherwise(SPDX.checksumValue, lambda _: Literal("ab" * 32, datatype=XSD.hexBinary))(graph)


MISUNDERSTOOD: dict[str, Change] = {
    "licence": unnamed_licence,
    "frequency": otherwise(DCTERMS.accrualPeriodicity, lambda _: Literal("parfois")),
    "contact": without(DCAT.contactPoint),
    "format": without(DCTERMS["format"]),
    "media type": otherwise(DCAT.mediaType, lambda one: URIRef(str(one).replace("https:", "http:"))),
    "size": without(DCAT.byteSize),
    "keywords": without(DCAT.keyword),
    "spatial": without(DCAT.bbox),
    "temporal": without(DCAT.startDate),
    "schema": without(DCTERMS.conformsTo),
    "rights": without(DCTERMS.rights),
    "job": weaker_sum,
}
REFUSED: dict[str, Change] = {
    "a sum that is a text": otherwise(SPDX.checksumValue, lambda one: Literal(str(one))),
    "no title": without(DCTERMS.title),
    "no description": without(DCTERMS.description),
    "no access": without(DCAT.accessURL),
    "a size that is a text": otherwise(DCAT.byteSize, lambda one: Literal(str(one))),
    "two publishers": lambda graph: (
        graph.add((next(graph.subjects(RDF.type, DCAT.Dataset)), DCTERMS.publisher, API)) and None
    ),
    "a licence of no kind": lambda graph: graph.remove((None, RDF.type, DCTERMS.LicenseDocument)) and None,
    "no publisher's name": without(URIRef("http://xmlns.com/foaf/0.1/name")),
}


def alike(database: Path) -> set[str]:
    """The datasets whose licence asks to share alike, and the whole, which holds them."""
    with sqlite3.connect(database) as db:
        return {WHOLE} | {name for (name,) in db.execute("select name from datasets where licence = 'odbl-1.0'")}


def faults(result: Any, shared: set[str]) -> list[str]:
    """What the harvester did not understand, by property and dataset; `shared` are those to be shared alike."""
    found = [] if result["job"].startswith("job: done |") and "failed" not in result["job"] else ["job"]
    for name, told in result["datasets"].items():
        sized = [one for one in told["files"] if one[1] == "csv" and one[3]]
        judged = {
            "licence": told["licence"] == ("odc-odbl" if name in shared else "lov2"),
            "frequency": told["frequency"] in FREQUENCIES,
            "contact": any(role == "contact" and who and mail for role, who, mail in told["contacts"]),
            "format": all(one[1] for one in told["files"]),
            "media type": all(one[2] and not one[2].startswith("http") for one in told["files"]),
            "size": bool(sized) or name == WHOLE,
            "keywords": {"territoires", "maturite-numerique"} <= set(told["tags"]),
            "spatial": told["polygons"] > 3,
            "temporal": told["temporal"] is not None and "None" not in told["temporal"],
            "schema": str(told["schema"]).endswith(".schema.json") or name == WHOLE,
            "rights": bool(told["rights"]) == (name == WHOLE),
        }
        found += [f"{what} of {name}" for what, right in judged.items() if not right]
    return found


def harvested(paths: list[Path]) -> list[Any]:
    if not (HARVESTER.exists() and PYTHON.exists()):
        pytest.skip("moissonneur absent : ../shared/tools/udata_harvest.py, .venv-harvest (make conformance)")
    command = [PYTHON, ROOT / "tests" / "harvesting.py", HARVESTER, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=paths[0].parent)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def catalogue(database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """That of an export, which has archives beside what every site gives."""
    folder = tmp_path_factory.mktemp("export")
    list(bulk.publish(database.parent, database, folder))
    text = (folder / "catalog.ttl").read_text(encoding="utf-8")
    assert "initiatives.zip" in text
    return HOME.at_home(text)


def contents(database: Path) -> dict[str, str]:
    with sqlite3.connect(database) as db:
        return {path: HOME.at_home(text) for path, text in db.execute("select path, content from catalogue_files")}


def mutant(catalogue: str, change: Change, path: Path) -> Path:
    graph = Graph().parse(data=catalogue, format="turtle")
    change(graph)
    return Path(str(graph.serialize(path, format="turtle") and path))


def test_the_national_portal_harvests_every_dataset_in_each_syntax(tmp_path: Path) -> None:
    files = contents(ROOT / "donnees.db")
    for name in SYNTAXES:
        (tmp_path / name).write_text(files[name], encoding="utf-8")
    with sqlite3.connect(ROOT / "donnees.db") as db:
        names = {name for (name,) in db.execute("select name from datasets")}
    results = harvested([tmp_path / name for name in SYNTAXES])
    assert len(results) == 3
    shared = alike(ROOT / "donnees.db")
    for result in results:
        assert faults(result, shared) == [] and names | {"observations", "scores", WHOLE} <= result["datasets"].keys()


@pytest.fixture(scope="module")
def misunderstood(
    catalogue: str, database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[str]]]:
    folder = tmp_path_factory.mktemp("mutants")
    (folder / "whole.ttl").write_text(catalogue, encoding="utf-8")
    paths = [mutant(catalogue, change, folder / f"{n}.ttl") for n, change in enumerate(MISUNDERSTOOD.values())]
    results = harvested([folder / "whole.ttl", *paths])
    shared = alike(database)
    yield {what: faults(one, shared) for what, one in zip(["whole", *MISUNDERSTOOD], results, strict=True)}


@pytest.mark.parametrize("what", MISUNDERSTOOD)
def test_a_property_that_the_portal_does_not_understand_is_caught(
    what: str, misunderstood: dict[str, list[str]]
) -> None:
    assert misunderstood["whole"] == []
    assert [one for one in misunderstood[what] if one.split(" of ")[0] == what], misunderstood[what]


def conforms(catalogue: Path, shapes: str) -> str:
    if not (SHACL.exists() and SHAPES.exists()):
        pytest.skip("normes absentes : ../shared/standards/dcat-ap-3.0.1")
    command = [sys.executable, SHACL, catalogue, SHAPES / shapes, SHARED / "standards" / "vocab-stub.ttl"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("shapes", ["shapes.ttl", "range.ttl", "deprecateduris.ttl", "dcat-ap-SHACL.ttl"])
def test_catalogue_follows_the_official_shapes(shapes: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.ttl").write_text(contents(ROOT / "donnees.db")["catalog.ttl"], encoding="utf-8")
    assert "conforms: True" in (said := conforms(tmp_path / "catalog.ttl", shapes)), said


@pytest.mark.parametrize("shapes", ["shapes.ttl", "range.ttl"])
def test_catalogue_of_an_export_follows_them_too(shapes: str, catalogue: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.ttl").write_text(catalogue, encoding="utf-8")
    assert "conforms: True" in (said := conforms(tmp_path / "catalog.ttl", shapes)), said


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
def test_a_catalogue_against_the_shapes_is_caught(change: Change, catalogue: str, tmp_path: Path) -> None:
    path = mutant(catalogue, change, tmp_path / "mutant.ttl")
    said = [conforms(path, shapes) for shapes in ("shapes.ttl", "range.ttl")]
    assert any("conforms: False" in one for one in said), said
