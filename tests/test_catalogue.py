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

from observatory import bulk, dcat, export, identity, outputs
from observatory.dcat_files import MOST_ROWS, fitting
from observatory.dcat_terms import SPDX

# The reader of JSON-LD of rdflib uses what rdflib itself deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
WHOLE = URIRef(f"{identity.UNSET}/donnees#donnees")
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
        *(DCAT.contactPoint, DCTERMS.spatial, DCTERMS.temporal, DCTERMS.modified, DCAT.landingPage),
        *(DCTERMS.language, DCTERMS.provenance, dcat.VERSION),
    )
    for subject in found:
        # All the tables together have no schema of their own.
        schemas = list(graph.objects(subject, DCTERMS.conformsTo))
        assert len(schemas) == (0 if subject == WHOLE else 1), subject
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
    # All but the whole database, which holds the catalogue.
    assert len(summed) == len(list(graph.subjects(RDF.type, DCAT.Dataset))) - 1
    for file, check in summed:
        address = str(graph.value(file, DCAT.downloadURL)).removeprefix(identity.UNSET)
        body = (await site.client.get(address)).content
        assert int(str(graph.value(file, DCAT.byteSize))) == len(body), address
        assert str(graph.value(check, SPDX.checksumValue)) == hashlib.sha512(body).hexdigest(), address


async def test_files_say_their_media_type(site: Datasette, graph: Graph) -> None:
    told = {}
    for file in graph.subjects(RDF.type, DCAT.Distribution):
        told.setdefault(str(file).partition("#")[2], file)
        told["whole"] = URIRef(f"{identity.UNSET}/donnees#sqlite")
    assert set(outputs.FORMATS) <= told.keys()
    for file in told.values():
        address = str(graph.value(file, DCAT.downloadURL)).removeprefix(identity.UNSET)
        served = (await site.client.get(address)).headers["content-type"].partition(";")[0]
        assert str(graph.value(file, DCAT.mediaType)) == f"https://www.iana.org/assignments/media-types/{served}"


def words(graph: Graph, subject: URIRef) -> set[str]:
    """The formats of a dataset."""
    return {str(file).partition("#")[2] for file in graph.objects(subject, DCAT.distribution)}


def test_each_format_of_the_outputs_is_in_the_catalogue(graph: Graph) -> None:
    register = URIRef(f"{identity.UNSET}/jeux-de-donnees/initiatives#donnees")
    figures = URIRef(f"{identity.UNSET}/donnees/observations#donnees")
    assert words(graph, register) >= set(outputs.FORMATS) - {"sdmx"} and "sdmx" in words(graph, figures)
    assert "json" in fitting(["a"], 1000) and "json" not in fitting(["a"], 1001)
    assert fitting(["a"], 200_000) == ["csv", "ndjson", "parquet", "sqlite"]


def test_the_whole_database_says_its_licences(graph: Graph) -> None:
    odbl = URIRef("https://spdx.org/licenses/ODbL-1.0")
    assert words(graph, WHOLE) == {"sqlite"} and graph.value(WHOLE, DCTERMS.license) == odbl
    (file,) = graph.objects(WHOLE, DCAT.distribution)
    assert str(graph.value(file, DCAT.downloadURL)).endswith("/donnees.db")
    assert graph.value(file, DCTERMS.license) == odbl
    for told in (WHOLE, file):
        said = str(graph.value(graph.value(told, DCTERMS.rights), RDFS.label))
        assert "initiatives" in said and "Licence Ouverte" in said and "eligibilite" not in said
    elsewhere = [s for s, url in graph.subject_objects(DCAT.downloadURL) if str(url).endswith("/donnees.db")]
    assert elsewhere == [file]


def test_services_give_what_they_say(graph: Graph, database: Path) -> None:
    with sqlite3.connect(database) as db:
        names = {f"/jeux-de-donnees/{name}" for (name,) in db.execute("select name from datasets")}
    served = {str(one).removeprefix(identity.UNSET).removesuffix("#donnees")
              for one in graph.objects(dcat.API, DCAT.servesDataset)}  # fmt: skip
    assert served == names | {f"/donnees/{name}" for name in ("indicators", "observations", "scores", "territories")}
    assert set(graph.objects(dcat.SQL, DCAT.servesDataset)) == set(graph.subjects(RDF.type, DCAT.Dataset))


async def test_one_dataset_has_one_version_everywhere(site: Datasette, graph: Graph, database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.row_factory = sqlite3.Row
        last = dict(db.execute("select name, table_version from release_tables order by rowid").fetchall())
        facts = dict(db.execute("select key, value from provenance").fetchall())
        described = export.descriptor(database.parent, db, "initiatives")
        assert export.version(db, "observations") == last["observations"] and export.version(db, "rien") is None
        assert export.version(db, export.WHOLE) == "2024.1.1"
    version = last["initiatives"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert (described["version"], described["edition"]) == (version, facts["edition"])
    assert described["commit"] == facts["commit"]
    assert str(graph.value(URIRef(f"{identity.UNSET}/jeux-de-donnees/initiatives#donnees"), dcat.VERSION)) == version
    assert read((await site.client.get("/jeux-de-donnees/initiatives")).text)["version"] == version
    about = (await site.client.get("/donnees/initiatives.geojson?_size=max")).json()["about"]
    assert (about["version"], about["edition"], about["commit"]) == (version, facts["edition"], facts["commit"])


def test_a_dataset_of_no_edition_has_the_version_of_its_day(database: Path, tmp_path: Path) -> None:
    copy = sqlite3.connect(tmp_path / "unpublished.db")
    sqlite3.connect(database).backup(copy)
    for table in ("release_tables", "releases"):
        copy.execute(f"delete from {table}")
    (day,) = copy.execute("select last_update from datasets where name = 'initiatives'").fetchone()
    (edition,) = copy.execute("select edition from method where current").fetchone()
    assert export.version(copy, "initiatives") == day
    assert export.version(copy, "scores") == export.version(copy, export.WHOLE) == edition


async def test_files_of_an_export_are_in_the_catalogue_and_are_what_it_says(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_ROWS, "json", -1)
    list(bulk.publish(database.parent, database, tmp_path))
    exported = portal(database)
    exported._metadata_local["plugins"]["bulk"] = {"folder": str(tmp_path)}
    await exported.invoke_startup()
    told = Graph().parse(data=(await exported.client.get("/catalog.ttl")).text, format="turtle")
    found = [s for s in told.subjects(RDF.type, DCAT.Distribution) if re.search("#(zip|json)$", str(s))]
    assert sum(str(one).endswith("#zip") for one in found) == 5 and URIRef(f"{identity.UNSET}/donnees#zip") in found
    assert len(found) == 5 + 14  # every table has JSON, which no page gives here
    for one in found:
        answer = await exported.client.get(str(told.value(one, DCAT.downloadURL)).removeprefix(identity.UNSET))
        assert str(told.value(one, DCAT.mediaType)).endswith(answer.headers["content-type"].partition(";")[0])
        assert int(str(told.value(one, DCAT.byteSize))) == len(answer.content)
        check = str(told.value(told.value(one, SPDX.checksum), SPDX.checksumValue))
        assert check == hashlib.sha512(answer.content).hexdigest()
    page = (await exported.client.get("/jeux-de-donnees/initiatives")).text
    assert 'href="/telechargements/jeux-de-donnees/initiatives.zip"' in page


async def test_the_permanent_address_is_that_of_the_operator(
    site: Datasette, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OBSERVATORY_URL", f"{OTHER}/")
    for name in dcat.SYNTAXES:
        text = (await site.client.get(f"/{name}")).text
        assert identity.UNSET not in text and f"{OTHER}/jeux-de-donnees#catalogue" in text
    list(bulk.publish(database.parent, database, tmp_path))
    written = Graph().parse(tmp_path / "catalog.rdf")
    zipped = {s for s in written.subjects(RDF.type, DCAT.Distribution) if str(s).endswith("#zip")}
    served = Graph().parse(data=text, format="xml")
    assert {str(s) for s in served.subjects(RDF.type, DCAT.Distribution)} | set(map(str, zipped)) == {
        str(s) for s in written.subjects(RDF.type, DCAT.Distribution)
    }
    assert f"{OTHER}/jeux-de-donnees#catalogue" in (tmp_path / "catalog.rdf").read_text(encoding="utf-8")
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
