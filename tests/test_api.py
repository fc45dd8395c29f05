"""The stable API: the rows of the database, page by page or whole, and refusals that machines read."""

import base64
import csv
import io
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from datasette.app import Datasette
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory import api_answers, api_database, api_http, simulation
from observatory.api_answers import Request
from observatory.api_asked import accepted, place
from observatory.api_resources import RESOURCES, SIMULATED, rows_resource
from observatory.api_tables import key_of, mark
from observatory.outputs import FORMATS, named
from observatory.problem_details import KINDS, Refused

SITE = "http://localhost"


@pytest.fixture(scope="module")
def db(database: Path) -> Iterator[sqlite3.Connection]:
    with api_database.opened(database) as opened:
        yield opened


def asked(db: sqlite3.Connection, url: str) -> api_answers.Answer:
    """The answer to an address, without HTTP."""
    parts = urlsplit(url)
    path = Path(db.execute("pragma database_list").fetchone()[2])
    request = Request(parts.path, parse_qsl(parts.query, keep_blank_values=True), SITE, SITE, path)
    where = place(parts.path)
    return api_answers.answer(db, request, where, accepted("", where.suffix))


def page(db: sqlite3.Connection, url: str) -> dict[str, Any]:
    return dict(json.loads(asked(db, url).body))


def written(db: sqlite3.Connection, url: str) -> bytes:
    answer, target = asked(db, url), io.BytesIO()
    assert answer.write is not None
    answer.write(target)
    return target.getvalue()


def walked(db: sqlite3.Connection, url: str) -> list[dict[str, Any]]:
    """The rows of all the pages, from the first, by their links."""
    rows: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        found = page(db, following)
        rows += found["data"]
        following = found["links"].get("next")
    return rows


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def in_sql(db: sqlite3.Connection, name: str, where: str = "1") -> list[dict[str, Any]]:
    """The rows of a resource as a query gives them, without its own words."""
    resource = RESOURCES[name]
    names = ", ".join(f'"{one}"' for one in resource.columns if one not in resource.reads)
    return [dict(row) for row in db.execute(f"select {names} from {resource.source} where {where}")]


# Conditions that mean the same in an address and in SQL.
ALIKE = {
    "territories": ("level=DEP", "level = 'DEP'"),
    "indicators": ("status=active,context", "status in ('active', 'context')"),
    "observations": (
        "level=DEP,REG&time_period_to=2022",
        "substr(ref_area, 1, 3) in ('DEP', 'REG') and time_period < '2023'",
    ),
    "scores": (
        "node=index&rank_to=3",
        "edition = (select edition from current_edition) and node = 'index' and rank <= 3",
    ),
    "registers": ("", "form = 'register'"),
    "datasets": ("share_alike=false", "share_alike = 0"),
}


@pytest.mark.parametrize("name", ALIKE)
def test_rows_are_those_of_the_database(db: sqlite3.Connection, name: str) -> None:
    query, where = ALIKE[name]
    resource, found = RESOURCES[name], walked(db, f"/api/v1/{name}?{query}&size=1000".replace("?&", "?"))
    expected = sorted(in_sql(db, name, where), key=lambda row: [row[key] for key in resource.key])
    assert expected, "the condition selects nothing: it proves nothing"
    got = [{key: row[key] for key in row if key not in resource.reads} for row in found]
    for row in got:
        for key, kind in resource.columns.items():
            if kind == "array" and row[key] is not None:
                row[key] = json.dumps(row[key], ensure_ascii=False)
    assert got == expected


LISTS = [*RESOURCES, "registers/initiatives", "datasets/eligibilite_fixe/rows"]


@settings(max_examples=25)
@given(name=st.sampled_from(LISTS), share=st.floats(0.02, 1.2))
def test_pages_give_every_row_once_in_the_order_of_the_file(database: Path, name: str, share: float) -> None:
    with api_database.opened(database, 60) as db:
        whole = list(csv.DictReader(io.StringIO(written(db, f"/api/v1/{name}.csv").decode(), newline="")))
        size = min(1000, max(1, int(share * len(whole))))
        rows = walked(db, f"/api/v1/{name}?size={size}")
    texts = [{key: value if isinstance(value, list) else as_text(value) for key, value in row.items()} for row in rows]
    for row, text in zip(whole, texts, strict=True):
        for key, value in text.items():
            if isinstance(value, list):
                assert json.loads(row[key]) == value
                text[key] = row[key]
    assert texts == whole


def test_first_page_counts_and_the_last_has_no_next(db: sqlite3.Connection) -> None:
    first = page(db, "/api/v1/indicators?size=3")
    assert first["meta"]["count"] == db.execute("select count(*) from indicators").fetchone()[0]
    assert "count" not in page(db, first["links"]["next"])["meta"]
    assert "next" not in page(db, f"/api/v1/indicators?size={first['meta']['count']}")["links"]


def test_file_with_a_size_is_a_page(db: sqlite3.Connection) -> None:
    answer = asked(db, "/api/v1/indicators.csv?size=3")
    following = page(db, "/api/v1/indicators?size=3")["links"]["next"]
    assert following.replace("indicators?", "indicators.csv?") in answer.headers["Link"]
    assert len(written(db, "/api/v1/indicators.csv?size=3").decode().splitlines()) == 4


@pytest.mark.parametrize("word", [word for word in FORMATS if word != "json"])
def test_every_format_is_served_with_its_type_name_and_licence(db: sqlite3.Connection, word: str) -> None:
    answer = asked(db, f"/api/v1/observations.{word}?ref_area=DEP-68")
    assert answer.headers["Content-Type"] == named(word).TYPE
    assert answer.headers["Content-Disposition"] == f'attachment; filename="observations-DEP-68{named(word).ENDING}"'
    assert 'rel="license"' in answer.headers["Link"]
    assert len(written(db, f"/api/v1/observations.{word}?ref_area=DEP-68")) > 100


@pytest.mark.parametrize(
    ("filters", "kind", "possible"),
    [
        ("edition=2023.1", "unknown-version", "2024.1"),
        ("edition=2023.1,2024.1", "unknown-version", "2024.1"),
        ("node=mediation", "unknown-code", "index"),
    ],
)
def test_what_is_never_simulated_is_refused(db: sqlite3.Connection, filters: str, kind: str, possible: str) -> None:
    with pytest.raises(Refused) as refused:
        page(db, f"/api/v1/scores?weights=mediation:3&{filters}")
    assert (refused.value.kind, refused.value.possible) == (kind, [possible])
    assert page(db, "/api/v1/scores?weights=mediation:3&edition=2024.1&node=index")["data"]


def test_simulated_scores_are_those_of_the_simulation_and_say_so(db: sqlite3.Connection, database: Path) -> None:
    found = page(db, "/api/v1/scores?peer_group=departement&weights=mediation:3&aggregation=geometric&size=1000")
    assert found["meta"]["simulated"] is True and found["meta"]["weights"]["mediation"] == 3
    assert all(row["simulated"] for row in found["data"])
    base = simulation.published(database)
    places = [place for place, one in enumerate(base.territories) if one.peer_group == "departement"]
    weights = {node.code: node.weight for node in base.nodes} | {"mediation": 3.0}
    method = simulation.Method("goalposts", "geometric(floor=1)", weights)
    standings = simulation.simulate(base, np.array(places), method)
    expected = [(one.territory.ref_area, one.score, one.rank, one.published_rank) for one in standings]
    columns = ("ref_area", "score", "rank", "published_rank")
    assert [tuple(row[name] for name in columns) for row in found["data"]] == expected
    assert any(row["score"] != row["published_score"] for row in found["data"])
    published = page(db, "/api/v1/scores?peer_group=departement&node=index")
    assert "simulated" not in published["meta"] and not {"simulated"} & set(published["data"][0])


def test_usual_weights_give_the_published_ranks(db: sqlite3.Connection) -> None:
    for row in walked(db, "/api/v1/scores?aggregation=arithmetic&size=1000"):
        assert (row["score"], row["rank"]) == (row["published_score"], row["published_rank"])


def test_search_finds_and_leads(db: sqlite3.Connection) -> None:
    first = page(db, "/api/v1/search?q=Mulhouse&size=1")
    assert first["data"][0]["code"] == "COM-68224"
    assert page(db, first["data"][0]["url"])["data"]["name"] == "Mulhouse"
    assert first["data"] + walked(db, first["links"]["next"]) == walked(db, "/api/v1/search?q=Mulhouse")


REFUSED = [
    ("/api/v2", "unknown-version", "v1"),
    ("/api/v1/communes", "unknown-resource", "territories"),
    ("/api/v1/observations/DEP-68", "unknown-resource", "observations"),
    ("/api/v1/territories/COM-99999", "unknown-code", ""),
    ("/api/v1/territories/Mulhous", "unknown-code", "COM-68224"),
    ("/api/v1/indicators/couverture-fibr", "unknown-code", "couverture-fibre"),
    ("/api/v1/registers/eligibilite_fixe", "unknown-code", "initiatives"),
    ("/api/v1/editions/1999.1", "unknown-version", ""),
    ("/api/v1/territories.pdf", "unknown-format", "csv"),
    ("/api/v1/territories.sdmx", "unfit-columns", "csv"),
    ("/api/v1/territories?niveau=DEP", "unknown-filter", "level"),
    ("/api/v1/territories?level=CANTON", "unknown-code", "DEP"),
    ("/api/v1/territories?current=peut-etre", "malformed-value", "true"),
    ("/api/v1/territories?population_from=beaucoup", "malformed-value", ""),
    ("/api/v1/territories?level=DEP&level=REG", "malformed-value", ""),
    ("/api/v1/territories?level=DEP,,REG", "malformed-value", ""),
    ("/api/v1/territories?level=", "malformed-value", ""),
    ("/api/v1/territories?size=0", "malformed-value", ""),
    ("/api/v1/territories?size=1001", "too-much", "1000"),
    (f"/api/v1/territories?code={','.join(['01'] * 101)}", "too-much", "100"),
    ("/api/v1/territories?after=x", "unknown-page", ""),
    ("/api/v1/territories/DEP-68?level=DEP", "unknown-filter", ""),
    ("/api/v1/observations?time_period_from=hier", "malformed-value", ""),
    ("/api/v1/observations?ref_area=DEP-6X", "unknown-code", ""),
    ("/api/v1/scores?edition=1999.1", "unknown-version", ""),
    ("/api/v1/scores?weights=mediation", "malformed-weights", "mediation"),
    ("/api/v1/scores?weights=mediation:-1", "malformed-weights", "mediation"),
    ("/api/v1/scores?weights=rien:1", "malformed-weights", "mediation"),
    ("/api/v1/scores?weights=mediation:1,mediation:2", "malformed-weights", "mediation"),
    ("/api/v1/scores?weights=mediation:1&level=3", "unknown-filter", "weights"),
    ("/api/v1/scores?aggregation=max", "malformed-value", "geometric"),
    ("/api/v1/search", "malformed-value", ""),
    (f"/api/v1/search?q={'a' * 101}", "malformed-value", ""),
]


@pytest.mark.parametrize(("url", "kind", "possible"), REFUSED)
async def test_refusal_is_a_problem_in_both_languages(site: Datasette, url: str, kind: str, possible: str) -> None:
    french, english = await site.client.get(url), await site.client.get(f"/en{url}")
    asked = await site.client.get(url, headers={"Accept-Language": "en-GB, fr;q=0.5"})
    for answer in (french, english, asked):
        told = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (answer.status_code, told["status"]) == (KINDS[kind].status,) * 2
        assert told["type"].endswith(f"/api#{kind}") and told["title"] and told["detail"]
        assert not possible or possible in told["possible"]
    assert french.json()["title"] != english.json()["title"] == asked.json()["title"]
    assert english.headers["content-language"] == asked.headers["content-language"] == "en"


async def test_territory_that_is_no_more_leads_to_its_heir(site: Datasette, db: sqlite3.Connection) -> None:
    moved = await site.client.get("/api/v1/territories/COM-01091.csv")
    assert (moved.status_code, moved.headers["location"]) == (301, f"{SITE}/api/v1/territories/COM-01033.csv")
    again = await site.client.get("/api/v1/territories/dep-68")
    assert (again.status_code, again.headers["location"]) == (301, f"{SITE}/api/v1/territories/DEP-68")
    lost = db.execute("select ref_area, successors from territory where current = 0 and heir is null").fetchone()
    if lost is not None:
        gone = await site.client.get(f"/api/v1/territories/{lost['ref_area']}")
        assert gone.status_code == 410 and gone.json().get("possible", []) == (lost["successors"] or "").split()


async def test_what_the_client_has_is_not_sent_again(site: Datasette) -> None:
    url = "/api/v1/domains"
    first = await site.client.get(url)
    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"autre", {first.headers["etag"].removeprefix("W/")}'},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = await site.client.get(url, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    for headers in ({"If-None-Match": '"autre"'}, {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}):
        assert (await site.client.get(url, headers=headers)).status_code == 200
    others = [await site.client.get(other) for other in (f"{url}.csv", f"{url}?size=2", f"/en{url}")]
    assert len({first.headers["etag"], *(one.headers["etag"] for one in others)}) == 4


async def test_methods_are_told_and_pages_of_other_sites_may_read(site: Datasette) -> None:
    url, origin = "/api/v1/observations.csv", {"Origin": "https://exemple.fr"}
    head = await site.client.request("HEAD", url)
    assert (head.status_code, head.content) == (200, b"") and "content-disposition" in head.headers
    asked = {**origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    flight = await site.client.request("OPTIONS", url, headers=asked)
    assert flight.status_code == 204 and "GET" in flight.headers["access-control-allow-methods"]
    assert "if-none-match" in flight.headers["access-control-allow-headers"].lower()
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        refused = await site.client.request(method, url)
        assert refused.status_code == 405 and refused.headers["allow"] == "GET, HEAD, OPTIONS"
    answer = await site.client.get(url, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"Link", "ETag", "Content-Disposition"} <= set(answer.headers["access-control-expose-headers"].split(", "))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("text/csv", "text/csv"),
        ("application/vnd.apache.parquet;q=0.9, application/json;q=0.1", "application/vnd.apache.parquet"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/html", "application/problem+json"),
        ("application/json;q=0", "application/problem+json"),
    ],
)
async def test_format_is_that_which_is_accepted(site: Datasette, header: str, kind: str) -> None:
    answer = await site.client.get("/api/v1/domains", headers={"Accept": header})
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert (await site.client.get("/api/v1/domains.json", headers={"Accept": header})).status_code == 200


FAULTS = [(Refused("busy"), "busy"), (Refused("timeout"), "timeout"), (KeyError("x"), "fault")]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
@pytest.mark.parametrize("url", ["/api/v1/domains", "/api/v1/domains.csv"])
async def test_faults_are_problems_too(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, url: str, fault: Exception, kind: str
) -> None:
    def broken(*given: Any) -> None:
        raise fault

    file = url.endswith(".csv")
    monkeypatch.setattr(api_answers if file else api_http, "_write" if file else "answer", broken)
    answer = await site.client.get(url)
    assert answer.status_code == KINDS[kind].status and answer.json()["type"].endswith(f"#{kind}")
    assert ("retry-after" in answer.headers) == (answer.status_code == 503)


def test_question_that_lasts_is_cut_short(database: Path) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    start = time.monotonic()
    with pytest.raises(Refused, match="timeout"), api_database.opened(database, 0.05) as db:
        db.execute(endless).fetchone()
    assert time.monotonic() - start < 5


@given(st.text(max_size=60))
def test_mark_is_of_a_page_or_refused(text: str) -> None:
    for resource in (*RESOURCES.values(), SIMULATED):
        try:
            key = key_of(resource, text)
        except Refused as refused:
            assert refused.kind == "unknown-page"
        else:
            assert key is None or len(key) == len(resource.key)


async def test_english_answers_translate_texts_and_keep_codes(site: Datasette) -> None:
    french = (await site.client.get("/api/v1/domains/mediation")).json()
    english = (await site.client.get("/en/api/v1/domains/mediation")).json()
    assert english["data"]["title"] != french["data"]["title"] and english["data"]["code"] == "mediation"
    assert english["links"]["self"] == f"{SITE}/en/api/v1/domains/mediation"


async def test_root_leads_to_every_resource(site: Datasette) -> None:
    listed = (await site.client.get("/api/v1")).json()
    for resource in listed["data"]:
        suffix = "?q=fibre" if resource["name"] == "search" else "?size=1"
        assert (await site.client.get(resource["url"].removeprefix(SITE) + suffix)).status_code == 200


FORGED = [["observations", "", *key] for key in ([10**24, "a", "b"], ["a", "b", "\ud800"], [1, "a", "b"])]


@pytest.mark.parametrize("forged", FORGED, ids=["too large", "half a character", "a number for a code"])
async def test_forged_mark_is_refused(site: Datasette, forged: list[Any]) -> None:
    after = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    for word in ("", ".csv"):
        answer = await site.client.get(f"/api/v1/observations{word}?size=2&after={after}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"{SITE}/api#unknown-page")


def test_values_of_a_mark_are_of_the_type_of_their_column() -> None:
    rows = rows_resource("x", "X", [("a", "integer"), ("b", "number"), ("c", "string")], ["a", "b", "c"])
    for key in ([1, 2, "c"], [-(2**63), 2.5, ""]):
        assert key_of(rows, mark(rows, key)) == key
    for key in ([1.5, 2, "c"], [True, 2, "c"], ["1", 2, "c"], [2**63, 2, "c"], [1, float("inf"), "c"], [1, 2, 3]):
        with pytest.raises(Refused, match="unknown-page"):
            key_of(rows, mark(rows, key))
