"""The catalogue: three syntaxes of one graph, the same bytes each time, files that are there and are what it says."""

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import extruct
import pytest
from datasette.app import Datasette
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS
from repositories import ROOT
from sites import portal

from observatory import bulk, dcat, identity
from observatory.dcat_terms import SPDX

# The reader of JSON-LD of rdflib uses what rdflib itself deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
OTHER = "https://donnees.territoires.fr"
URL = re.compile(r"https?://[^/]+")


@pytest.fixture(scope="module")
async def texts(site: Datasette) -> dict[str, str]:
    answers = {name: await site.client.get(f"/{name}") for name in dcat.SYNTAXES}
    for name, answer in answers.items():
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{dcat.SYNTAXES[name][1]}; charset=utf-8"
    return {name: answer.text for name, answer in answers.items()}


@pytest.fixture(scope="module")
def graph(texts: dict[str, str]) -> Graph:
    return Graph().parse(data=texts["catalog.ttl"], format="turtle")


def test_three_syntaxes_say_the_same(texts: dict[str, str], graph: Graph) -> None:
    assert len(graph) > 500
    for name, syntax in (("catalog.jsonld", "json-ld"), ("catalog.rdf", "xml")):
        assert isomorphic(graph, Graph().parse(data=texts[name], format=syntax)), name


def test_bytes_do_not_depend_on_the_process(database: Path) -> None:
    code = (
        "import hashlib, sqlite3, sys; from pathlib import Path; from observatory import dcat;"
        "rows = dcat.file_rows(Path(sys.argv[1]).parent, sqlite3.connect(sys.argv[1]));"
        "print(hashlib.sha256(repr([sorted(row.items()) for row in rows]).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, str(database)], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1 and "" not in found


def test_every_dataset_says_what_a_portal_asks(graph: Graph, database: Path) -> None:
    with sqlite3.connect(database) as db:
        names = {name for (name,) in db.execute("select name from datasets")}
    found = list(graph.subjects(RDF.type, DCAT.Dataset))
    assert names | {"observations", "scores", "territories"} <= {str(graph.value(s, DCTERMS.identifier)) for s in found}
    one = (
        *(DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.accrualPeriodicity, DCTERMS.publisher),
        *(DCAT.contactPoint, DCTERMS.spatial, DCTERMS.temporal, DCTERMS.conformsTo, DCTERMS.modified, DCAT.landingPage),
        *(DCTERMS.language, DCTERMS.provenance, dcat.VERSION),
    )
    for subject in found:
        assert all(len(list(graph.objects(subject, predicate))) == 1 for predicate in one), subject
        assert len(list(graph.objects(subject, DCAT.keyword))) >= 4 and list(graph.objects(subject, DCAT.theme))
        place = graph.value(subject, DCTERMS.spatial)
        assert str(graph.value(place, DCAT.bbox)).startswith("MULTIPOLYGON (((")
        licence = graph.value(subject, DCTERMS.license)
        assert (licence, RDF.type, DCTERMS.LicenseDocument) in graph and graph.value(licence, RDFS.label)
    share_alike = URIRef("https://spdx.org/licenses/ODbL-1.0")
    assert {str(s).split("/")[-1] for s in graph.subjects(DCTERMS.license, share_alike)} >= {"initiatives#donnees"}


async def test_every_address_of_the_catalogue_answers(site: Datasette, graph: Graph) -> None:
    predicates = (DCAT.downloadURL, DCAT.accessURL, DCAT.landingPage, DCTERMS.conformsTo)
    urls = sorted({str(url) for predicate in predicates for url in graph.objects(None, predicate)})
    assert all(url.startswith(identity.UNSET) for url in urls)
    found = {url: (await site.client.get(url.removeprefix(identity.UNSET))).status_code for url in urls}
    assert {url: status for url, status in found.items() if status != 200} == {}


async def test_sizes_and_sums_are_those_of_the_files_served(site: Datasette, graph: Graph) -> None:
    summed = list(graph.subject_objects(SPDX.checksum))
    assert len(summed) == len(list(graph.subjects(RDF.type, DCAT.Dataset)))
    for file, check in summed:
        address = str(graph.value(file, DCAT.downloadURL)).removeprefix(identity.UNSET)
        body = (await site.client.get(address)).content
        assert int(str(graph.value(file, DCAT.byteSize))) == len(body), address
        assert str(graph.value(check, SPDX.checksumValue)) == hashlib.sha512(body).hexdigest(), address


async def test_files_say_their_media_type(site: Datasette, graph: Graph) -> None:
    file = next(s for s in graph.subjects(RDF.type, DCAT.Distribution) if "#xlsx" in s)
    address = str(graph.value(file, DCAT.downloadURL)).removeprefix(identity.UNSET)
    served = (await site.client.get(address)).headers["content-type"].partition(";")[0]
    assert str(graph.value(file, DCAT.mediaType)) == f"https://www.iana.org/assignments/media-types/{served}"


async def test_the_permanent_address_is_that_of_the_operator(
    site: Datasette, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OBSERVATORY_URL", f"{OTHER}/")
    for name in dcat.SYNTAXES:
        text = (await site.client.get(f"/{name}")).text
        assert identity.UNSET not in text and f"{OTHER}/jeux-de-donnees#catalogue" in text
    list(bulk.publish(database.parent, database, tmp_path))
    assert (tmp_path / "catalog.rdf").read_text(encoding="utf-8") == text
    assert "catalog.ttl" in (tmp_path / bulk.SUMS).read_text(encoding="utf-8")
    assert not identity.read_identity(ROOT).unset and identity.read_identity(ROOT).host == "donnees.territoires.fr"
    monkeypatch.delenv("OBSERVATORY_URL")
    assert identity.read_identity(tmp_path).unset  # ours, where a repository has no metadata.yml
    await portal(database).invoke_startup()
    assert identity.WARNING in capsys.readouterr().err


async def test_schemas_are_served_and_others_are_not_found(site: Datasette) -> None:
    schema = await site.client.get("/schemas/tables/observations.schema.json")
    assert schema.json() == json.loads((ROOT / "schemas/tables/observations.schema.json").read_text(encoding="utf-8"))
    assert schema.headers["content-type"].startswith("application/schema+json")
    assert (await site.client.get("/schemas/rien.schema.json")).status_code == 404
    assert (await site.client.get("/catalog.xml")).status_code == 404


def read(html: str) -> dict[str, Any]:
    """What a search engine reads of a page of data."""
    (found,) = extruct.extract(html, syntaxes=["json-ld"])["json-ld"]
    return dict(found)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "path", ["/jeux-de-donnees/eligibilite_fixe", "/jeux-de-donnees/initiatives", "/indicateurs/eligibilite-1-gbits"]
)
async def test_search_engines_read_a_dataset(site: Datasette, path: str, prefix: str) -> None:
    page = await site.client.get(prefix + path)
    found = read(page.text)
    assert found["@type"] == "Dataset" and found["url"] == f"http://localhost{path}"
    assert found["identifier"] == identity.UNSET + path and found["inLanguage"] == (prefix[1:] or "fr")
    assert len(found["name"]) > 10 and 50 < len(found["description"]) < 5000
    assert found["license"].startswith("https://") and found["creator"][0]["name"] and found["publisher"]["name"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d", found["temporalCoverage"])
    assert found["spatialCoverage"]["name"] == "France" and len(found["spatialCoverage"]["geo"]) > 3
    for file in found["distribution"]:
        assert file["@type"] == "DataDownload" and "/" in file["encodingFormat"]
        answer = await site.client.get(URL.sub("", file["contentUrl"]))
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == file["encodingFormat"]


async def test_search_engines_read_the_catalogue(site: Datasette) -> None:
    page = (await site.client.get("/jeux-de-donnees")).text
    found = read(page)
    assert found["@type"] == "DataCatalog" and len(found["dataset"]) == 4
    assert all(one["name"] and one["description"] and one["license"] for one in found["dataset"])
    for name, (_syntax, media_type) in dcat.SYNTAXES.items():
        assert f'<link rel="alternate" type="{media_type}" href="/{name}">' in page
    assert '<link rel="alternate" type="application/atom+xml" href="/atom.xml"' in page


async def test_a_planned_indicator_is_no_dataset(site: Datasette) -> None:
    assert "ld+json" not in (await site.client.get("/indicateurs/conseillers-numeriques")).text
