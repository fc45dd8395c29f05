"""What crawlers are told: which addresses are theirs, read as they do, and the list of pages, judged by its schema."""

import re

import pytest
from datasette.app import Datasette
from lxml import etree
from protego import Protego
from repositories import ROOT
from sites import PAGES

from observatory import serving

SCHEMA = ROOT / "../shared/standards/sitemap/sitemap.xsd"
SITE = "https://observatoire.example"
OPEN = [
    *(url for name, url in PAGES.items() if name not in ("comparer", "recherche", "citation")),
    *("/", "/en/", "/en/territoires/COM-68224", "/territoires/DEP-68?vue=ancien", "/indicateurs/couverture-fibre"),
    *("/comparer", "/recherche", "/simulation", "/donnees", "/donnees/observations", "/donnees/territories/DEP-68"),
    *("/donnees/scores.csv?_stream=1&_size=max&_dl=1", "/catalog.ttl", "/catalog.jsonld", "/catalog.rdf", "/atom.xml"),
    *("/territoires/DEP-68/atom.xml", "/calendrier.ics", "/sitemap.xml", "/sitemap-1.xml", "/static/observatoire.css"),
    *("/api", "/api/v1/openapi.json", "/schemas/tables/observations.schema.json", "/editions/2026.2"),
]
CLOSED = [
    *("/donnees?sql=select+1", "/donnees/observations?_facet=indicator", "/donnees/observations?_sort=obs_value"),
    *("/donnees/observations?ref_area=DEP-68", "/donnees/observations.json?_size=max", "/donnees.db", "/-/databases"),
    *("/donnees/scores.csv?_stream=1&node=index", "/en/donnees?sql=select+1", "/en/donnees/scores?_sort_desc=score"),
    *("/recherche?q=mulhouse", "/recherche.json?q=mul", "/simulation?poids.mediation=3", "/comparer?t=DEP-68"),
    *("/classements/departement?poids.mediation=3", "/indicateurs/couverture-fibre?tri=nom", "/en/comparer?t=DEP-68"),
    *("/api/v1/observations", "/api/v1/territories/DEP-68.json", "/citation?territoire=DEP-68", "/-/mcp"),
    "/tableaux.csv?page=/classements/departement&tableau=0",
]


@pytest.mark.parametrize(("urls", "wanted"), [(OPEN, True), (CLOSED, False)], ids=["open", "closed"])
def test_crawlers_read_pages_and_leave_the_rest(urls: list[str], wanted: bool) -> None:
    rules = Protego.parse(serving.robots(f"{SITE}/sitemap.xml"))
    assert {url: rules.can_fetch(SITE + url, "moteur") for url in urls} == dict.fromkeys(urls, wanted)
    assert list(rules.sitemaps) == [f"{SITE}/sitemap.xml"]


@pytest.mark.parametrize("rule", [*serving.KEPT_OUT, *serving.LET_IN])
def test_each_rule_is_of_use(rule: str) -> None:
    text = serving.robots("x")
    broken = Protego.parse("\n".join(line for line in text.splitlines() if not line.endswith(f": {rule}")))
    assert any(not broken.can_fetch(SITE + url, "moteur") for url in OPEN) or any(
        broken.can_fetch(SITE + url, "moteur") for url in CLOSED
    )


@pytest.mark.conformance
async def test_list_of_pages_follows_the_official_schema(site: Datasette) -> None:
    if not SCHEMA.exists():
        pytest.skip("norme absente : sitemap/sitemap.xsd")
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    pages = (await site.client.get("/sitemap-1.xml")).content
    schema.assertValid(etree.fromstring(pages))
    # The schema of indexes is the same but for the names of two elements.
    index = (await site.client.get("/sitemap.xml")).text
    renamed = re.sub(r"(</?)sitemap>", r"\1url>", index.replace("sitemapindex", "urlset"))
    schema.assertValid(etree.fromstring(renamed.encode()))
    for old, new in (
        (b"<loc>", b"<lieu>"),
        (b"http://localhost/methode<", b"<"),
        (b"</loc>", b"</loc><priority>2</priority>"),
    ):
        broken = pages.replace(old, new).replace(b"</loc>", b"</lieu>" if new == b"<lieu>" else b"</loc>")
        assert not schema.validate(etree.fromstring(broken)), old
