"""What programs find at the doors of the data: searches, addresses written otherwise, refusals, what is known."""

import re
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from repositories import ROOT

from observatory import feeds, links

BROWSER = {"Accept": "text/html"}
# What is searched, where, and the keys that are found.
SEARCHES = [
    ("territories", "MULHOUSE", {"COM-68224", "EPCI-200066009"}),
    ("territories", "chatillon", {"COM-01091", "COM-01033"}),
    ("indicators", "fibre", None),
]


@pytest.mark.parametrize(("table", "words", "keys"), SEARCHES, ids=[case[1] for case in SEARCHES])
async def test_a_search_of_a_table_narrows_it_in_every_format(
    site: Datasette, table: str, words: str, keys: set[str] | None
) -> None:
    address = f"/donnees/{table}"
    asked = await site.client.get(f"{address}.json?_search={words}&_shape=array&_size=max")
    every = await site.client.get(f"{address}.json?_shape=array&_size=max")
    found, key = asked.json(), "ref_area" if table == "territories" else "code"
    assert 0 < len(found) < len(every.json())
    for row in found:
        assert keys is None or row[key] in keys
    for word in ("csv", "ndjson"):
        written = (await site.client.get(f"{address}.{word}?_search={words}")).text.strip().splitlines()
        assert len(written) == len(found) + (word == "csv")
    page = (await site.client.get(f"{address}?_search={words}", headers=BROWSER)).text
    assert f'name="_search" value="{words}"' in page and str(found[0][key]) in page


def test_rows_of_the_indexes_have_the_numbers_of_those_of_their_tables(database: Path) -> None:
    with sqlite3.connect(database) as db:
        for table, key in (("territories", "ref_area"), ("indicators", "code")):
            rows = f"select rowid, {key} from {table} order by 1"
            assert db.execute(rows).fetchall() == db.execute(rows.replace(table, f"{table}_fts")).fetchall()


async def test_the_suffix_of_a_file_is_read_in_capitals_too(site: Datasette) -> None:
    lower = await site.client.get("/api/v1/indicators.csv")
    upper = await site.client.get("/api/v1/indicators.CSV")
    assert (upper.status_code, upper.headers["content-type"]) == (200, lower.headers["content-type"])
    assert upper.text == lower.text
    for prefix in ("", "/en"):
        moved = await site.client.get(f"{prefix}/donnees/domains.Csv?_size=max")
        assert (moved.status_code, moved.headers["location"]) == (301, f"{prefix}/donnees/domains.csv?_size=max")
    assert (await site.client.get("/donnees/domains.ZZZ")).status_code == 406


@pytest.mark.parametrize("name", ["indicator", "size", "after"])
async def test_an_empty_value_is_called_empty(site: Datasette, name: str) -> None:
    address = f"/api/v1/observations?{name}="
    assert "« (vide) »" in (await site.client.get(address)).json()["detail"]
    assert "(empty)" in (await site.client.get(f"/en{address}")).json()["detail"]


# A query, what SQLite says of it, and the piece that the sentence names.
QUERIES = [
    ("select ref_area from territories join scores", "ambiguous column name: ref_area", "« ref_area »"),
    ("select * from rien", "no such table: rien", "« rien »"),
    ("select zut from territories", "no such column: zut", "« zut »"),
    ("select zut(1)", "no such function: zut", "« zut »"),
    ("select upper(1, 2)", "wrong number of arguments to function upper()", "« upper »"),
    ("select sum(sum(code)) from territories", "misuse of aggregate function sum()", "« sum »"),
    ("select code from territories where count(*) > 1", "misuse of aggregate function count()", "« count »"),
    ("select 1 2 3", 'near "2": syntax error', "« 2 »"),
    ("select 'a", 'unrecognized token: "\'a"', "apostrophe"),
    ("select * from territories where", "incomplete input", "pas finie"),
    ("select 1; select 2", "You can only execute one statement at a time.", "point-virgule"),
    ("select 1 order by 3", "1st ORDER BY term out of range - should be between 1 and 1", "« order by »"),
    ("select (select 1, 2)", "sub-select returns 2 columns - expected 1", "2 colonnes"),
    ("select 1 union all select 1, 2", "SELECTs to the left and right of UNION ALL do not have", "« union all »"),
    ("select * from territories limit 'a'", "datatype mismatch", "n’accepte pas"),
]


@pytest.mark.parametrize(("sql", "found", "said"), QUERIES, ids=[case[0] for case in QUERIES])
async def test_what_sqlite_refuses_is_said_in_words_beside_its_message(
    site: Datasette, sql: str, found: str, said: str
) -> None:
    refused = (await site.client.get("/donnees.csv", params={"sql": sql})).json()
    assert refused["status"] == 400 and said in refused["detail"] and found not in refused["detail"]
    assert refused["found"].startswith(found)
    english = (await site.client.get("/en/donnees.csv", params={"sql": sql})).json()
    assert english["detail"] != refused["detail"] and english["found"] == refused["found"]
    page = await site.client.get("/donnees", params={"sql": sql}, headers=BROWSER)
    shown = plain(page.text)
    assert page.status_code == 400 and said in shown and f"Message de SQLite : {found}" in shown


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


async def test_a_page_says_which_parameters_it_does_not_know(site: Datasette) -> None:
    territory = plain((await site.client.get("/territoires/DEP-68?edition=nope&zut=1")).text)
    assert "Ignoré dans l’adresse, car inconnu : edition, zut." in territory
    assert "chaque édition a la sienne" in territory
    usual = plain(
        (await site.client.get("/territoires/DEP-68?geographie=epoque&avec=DEP-85&utm_source=x&fbclid=y")).text
    )
    assert "Ignoré dans l’adresse" not in usual
    ranking = plain((await site.client.get("/classements/departement?tri=nope")).text)
    assert "Ignoré dans l’adresse, car inconnu : tri." in ranking
    score = plain((await site.client.get("/en/territoires/DEP-68/score?edition=nope")).text)
    assert "Left out of the address, being unknown: edition. Possible parameters: vue." in score
    beside = plain((await site.client.get("/comparer?t=DEP-68&t=DEP-85&trie=ecart")).text)
    assert "inconnu : trie. Paramètres possibles : t, tri, differences, comparables, indicateur." in beside
    compared = plain((await site.client.get("/comparer?t=NOPE&t=DEP-68&t=DEP-85")).text)
    assert "Aucun territoire ne correspond à « NOPE »" in compared


async def test_a_needless_encoding_leads_once_to_the_address_of_every_link(site: Datasette) -> None:
    for prefix in ("", "/en"):
        for written in ("DEP%2D68", "DEP%2d68", "DEP~2D68", "%44EP-6%38"):
            moved = await site.client.get(f"{prefix}/territoires/{written}?avec=DEP-85")
            wanted = f"{prefix}/territoires/DEP-68?avec=DEP-85"
            assert (moved.status_code, moved.headers["location"]) == (301, wanted)
    for needed in ("/recherche?q=a%2Db", "/territoires/DEP-68"):
        assert (await site.client.get(needed)).status_code == 200
    assert links.canonical("/a%20b%2Fc%252D~2Bd") == "/a%20b%2Fc%252D~2Bd"


async def test_the_list_of_pages_says_when_those_of_the_data_last_changed(site: Datasette, database: Path) -> None:
    told = (await site.client.get("/sitemap-1.xml")).text
    days = dict(re.findall(r"<loc>http://localhost(/[^<]*)</loc><lastmod>([^<]*)</lastmod>", told))
    with sqlite3.connect(database) as db:
        for name, day in db.execute("select name, last_update from datasets"):
            assert days[f"/jeux-de-donnees/{name}"] == days[f"/en/jeux-de-donnees/{name}"] == day
        (day,) = db.execute(
            "select max(d.last_update) from datasets d join indicator_datasets s on s.dataset = d.name"
            " where s.indicator = 'couverture-fibre'"
        ).fetchone()
        assert days["/indicateurs/couverture-fibre"] == day
        for version, day in db.execute("select version, date from releases where date is not null"):
            assert days[f"/editions/{version}"] == day
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) for day in days.values()) and "/" not in days


FILES = [
    "/catalog.ttl",
    "/catalog.jsonld",
    "/catalog.rdf",
    "/calendrier.ics",
    "/atom.xml",
    "/territoires/DEP-68/atom.xml",
]


@pytest.mark.parametrize("path", FILES)
async def test_a_text_that_is_known_is_not_sent_again(site: Datasette, path: str) -> None:
    first = await site.client.get(path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    for known in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-Modified-Since": changed}):
        again = await site.client.get(path, headers=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for other in (
        {"If-None-Match": '"x"', "If-Modified-Since": changed},
        {"If-Modified-Since": "Thu, 01 Jan 1998 00:00:00 GMT"},
    ):
        assert (await site.client.get(path, headers=other)).content == first.content
    options = await site.client.options(path)
    assert (options.status_code, options.content, options.headers["allow"]) == (204, b"", "GET, HEAD, OPTIONS")


def test_of_the_editions_of_a_day_a_feed_tells_the_last_first(database: Path) -> None:
    with sqlite3.connect(database) as copy:
        db = sqlite3.connect(":memory:")
        copy.backup(db)
    db.row_factory = sqlite3.Row
    names = [row[1] for row in db.execute("pragma table_info(releases)")]
    usual = dict(db.execute("select * from releases").fetchone())
    for version in ("2031.2", "2031.10", "2031.9"):
        row = {**usual, "version": version, "date": "2031-01-01"}
        db.execute(f"insert into releases values ({', '.join('?' * len(names))})", [row[name] for name in names])
    told = [row["title"] for row in feeds.everything(db).rows if row["date"] == "2031-01-01"]
    assert told == ["2031.10", "2031.9", "2031.2"]


@pytest.mark.parametrize("word", ["csv", "ndjson", "parquet"])
async def test_a_file_of_the_api_says_what_describes_it(site: Datasette, word: str) -> None:
    for address in ("/api/v1/observations", "/api/v1/datasets/couverture_fibre/rows"):
        told = (await site.client.get(f"{address}.{word}?ref_area=DEP-68")).headers["link"]
        assert '</api/v1/datasets/couverture_fibre>; rel="describedby"' in told and 'rel="license"' in told
    told = (await site.client.get(f"/en/api/v1/observations.{word}?ref_area=DEP-68")).headers["link"]
    assert '</en/api/v1/datasets/couverture_fibre>; rel="describedby"' in told


def test_the_licence_of_the_observatory_is_written_once() -> None:
    holders = [path.name for path in (ROOT / "observatory").glob("*.py") if '"etalab-2.0"' in path.read_text("utf-8")]
    assert sorted(holders) == ["dcat_terms.py", "export.py"]
