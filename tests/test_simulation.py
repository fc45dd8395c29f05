"""Simulations: the published method gives the published ranking, nonsense gets a sentence, SQL agrees with the page."""

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from sites import build_site, portal

from observatory import scoring
from observatory.normalised import column
from observatory.scoring_aggregate import ampi
from observatory.scoring_tree import tree
from observatory.simulation import INDEX, Method, Node, Published, published, simulate
from observatory.simulation_options import parameters_of, perimeters, rows_of
from observatory.simulation_reading import read
from observatory.simulation_sql import functions, options_of, ranking_query

REAL = Path(__file__).resolve().parent.parent / "donnees.db"
NEEDS_REAL = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")
ATTACK = "<script>alert(1)</script>"
# Datasette has Python print what an SQL function raises, beside the error that SQLite gives.
raising = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("simulation") / "site")


@pytest.fixture(params=["tiny", pytest.param("real", marks=[NEEDS_REAL, pytest.mark.data])])
def database(request: pytest.FixtureRequest, tiny: Path) -> Path:
    return tiny if request.param == "tiny" else REAL


@pytest.fixture
def base(database: Path) -> Published:
    return published(database)


@pytest.fixture(scope="module")
async def site(tiny: Path) -> Datasette:
    datasette = portal(tiny)
    await datasette.invoke_startup()
    return datasette


@pytest.fixture
def db(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    for name, (arguments, function) in functions(database).items():
        connection.create_function(name, arguments, function, deterministic=True)
    yield connection
    connection.close()


def standings(base: Published, **parameters: str) -> dict[str, Any]:
    """The simulated standings by identifier; « poids_x » stands for the parameter poids.x."""
    asked = read(base, {name.replace("poids_", "poids."): text for name, text in parameters.items()})
    return {s.territory.ref_area: s for s in simulate(base, rows_of(base, asked), asked.method)}


def test_published_method_gives_the_published_scores_and_ranks(base: Published) -> None:
    assert base.categories
    for category in base.categories:
        for s in standings(base, categorie=category).values():
            assert s.rank == s.territory.rank == s.published_rank
            assert s.score == s.territory.score
            assert (s.reason is None) == (s.territory.rank is not None)


def test_a_category_that_is_not_ranked_keeps_its_score(base: Published) -> None:
    found = standings(base, categorie="pays")["FRA"]
    assert found.score == found.territory.score is not None
    assert found.rank is None and found.reason == "Cette catégorie de territoires n’est pas classée."


@NEEDS_REAL
@pytest.mark.data
def test_a_level_is_ranked_as_one_and_compared_within_itself() -> None:
    base = published(REAL)
    assert set(perimeters(base)) - set(base.categories) == {"EPCI"}
    found = standings(base, categorie="EPCI")
    assert {s.territory.peer_group for s in found.values()} > {"metropole", "autre-epci"}
    assert all(s.rank == s.published_rank for s in found.values())


@NEEDS_REAL
@pytest.mark.data
def test_a_place_keeps_those_that_are_in_it() -> None:
    base = published(REAL)
    found = standings(base, categorie="departement", dans="REG-44")
    assert {a for a in found if a in ("DEP-68", "DEP-67", "DEP-84")} == {"DEP-68", "DEP-67"} and len(found) == 10
    assert sorted(s.rank for s in found.values())[0] == 1
    assert "EPCI-200066009" in standings(base, categorie="agglomeration", dans="DEP-68")


@NEEDS_REAL
@pytest.mark.data
def test_a_list_is_ranked_alone() -> None:
    found = standings(published(REAL), territoires="dep-68, DEP-67;DEP-84")
    assert sorted(s.rank for s in found.values()) == [1, 2, 3]


@NEEDS_REAL
@pytest.mark.data
def test_all_the_weight_on_one_domain_ranks_by_that_domain() -> None:
    base = published(REAL)
    others = {f"poids_{d.code}": "0" for d in base.domains if d.code != "mediation"}
    found = standings(base, categorie="departement", **others)
    rows = sqlite3.connect(REAL).execute("select ref_area, score, rank from scores where node = 'mediation'").fetchall()
    expected = {area: (score, rank) for area, score, rank in rows if area in found}
    assert {area: (s.score, s.rank) for area, s in found.items()} == expected


def test_too_little_of_the_chosen_weight_withholds_the_rank_not_the_score(base: Published) -> None:
    halved = replace(base, coverage=base.coverage * np.where(np.arange(len(base.territories)) == 0, 0.5, 1.0)[:, None])
    area = base.territories[0].ref_area
    before, after = (standings(b, categorie=b.groups[area]) for b in (base, halved))
    least = round(100 * base.min_coverage)
    assert after[area].score == before[area].score and after[area].rank is None
    assert after[area].reason == f"Données insuffisantes : 50 % du poids choisi est observé, il en faut {least} %."
    assert len([s for s in after.values() if s.rank]) == len([s for s in before.values() if s.rank]) - 1


def test_weights_count_by_their_proportions_only(base: Published) -> None:
    tenfold = {f"poids_{n.code}": f"{10 * n.weight:g}" for n in base.nodes}
    plain, scaled = standings(base), standings(base, **tenfold)
    assert {a: (s.score, s.rank) for a, s in plain.items()} == {a: (s.score, s.rank) for a, s in scaled.items()}


@given(st.data())
def test_whatever_the_choices_ranks_follow_scores(tiny: Path, data: st.DataObject) -> None:
    base = published(REAL if REAL.exists() else tiny)
    weights = {n.code: data.draw(st.floats(0.01, 1000)) for n in base.nodes}
    method = Method(
        data.draw(st.sampled_from(["goalposts", "minmax", "zscore", "percentile_rank"])),
        data.draw(st.sampled_from(["arithmetic", "geometric(floor=1)", "harmonic(floor=1)", "ampi", "median"])),
        weights,
    )
    rows = rows_of(base, read(base, {}))
    found = simulate(base, rows, method)
    assert len(found) == len(rows)
    scores = [s.score for s in found if s.rank is not None]
    assert all(-1e-6 <= score <= 100 + 1e-6 for score in scores)
    assert [s.rank for s in found if s.rank is not None] == [1 + sum(o > score for o in scores) for score in scores]
    assert all((s.rank is None) == (s.reason is not None) for s in found)


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"poids.mediation": "-1"}, "poids.mediation"),
        ({"poids.mediation": "nan"}, "poids.mediation"),
        ({"poids.mediation": "inf"}, "poids.mediation"),
        ({"poids.mediation": "1e3"}, "poids.mediation"),
        ({"poids.mediation": "1001"}, "poids.mediation"),
        ({"poids.mediation": "٣"}, "poids.mediation"),
        ({"poids.mediation": ATTACK}, "poids.mediation"),
        ({"poids.rien": "1"}, "poids.rien"),
        ({"poids.index": "1"}, "poids.index"),
        ({"poids.mediation": "0", "poids.infrastructures": "0"}, "poids.infrastructures"),
        ({"agregation": "rien"}, "agregation"),
        ({"normalisation": ATTACK}, "normalisation"),
        ({"categorie": "commune"}, "categorie"),
        ({"categorie": ATTACK}, "categorie"),
        ({"dans": "REG-999"}, "dans"),
        ({"categorie": "region", "dans": "DEP-68"}, "dans"),
        ({"territoires": "DEP-68"}, "territoires"),
        ({"territoires": "DEP-68 DEP-999"}, "territoires"),
        ({"territoires": "DEP-68 REG-44"}, "territoires"),
        ({"territoires": " ".join(f"DEP-{n}" for n in range(300))}, "territoires"),
        ({"territoires": "x" * 9000}, "adresse"),
    ],
)
async def test_nonsense_is_refused_in_french_and_named(
    site: Datasette, parameters: dict[str, str], parameter: str
) -> None:
    page = await site.client.get(f"/simulation?{urlencode(parameters)}")
    said = unescape(page.text)
    assert page.status_code == 400
    alert = said.split('role="alert"')[1].split("</div>")[0].replace("\xa0", " ").replace("\u202f", " ")
    assert re.search(rf"<li>(?:«[^»]*» \({re.escape(parameter)}\)|{re.escape(parameter)}) : ", alert)
    ours = re.sub(r'<script src="/static/[a-z]+\.js(\?v=\w+)?" defer></script>', "", page.text)
    assert "<script" not in ours and "Traceback" not in said
    assert "Classement simulé" not in said


async def test_what_was_typed_stays_in_the_form(site: Datasette) -> None:
    page = await site.client.get("/simulation?categorie=region&poids.mediation=beaucoup&agregation=geometrique")
    assert 'value="beaucoup" aria-invalid="true" aria-describedby="faute"' in page.text
    assert '<option value="region" selected>' in page.text and '<option value="geometrique" selected>' in page.text


async def doubted(site: Datasette, parameters: dict[str, str]) -> str:
    """What /simulation says above its rows of words that name no single territory."""
    page = await site.client.get(f"/simulation?{urlencode(parameters)}")
    assert page.status_code == 200 and "Classement simulé" in page.text and 'aria-describedby="faute"' in page.text
    said = page.text.split('id="faute"')[1].split("</div>")[0]
    return said.replace("\xa0", " ").replace("\u202f", " ")


async def refused(site: Datasette, query: str) -> str:
    """What /simulation says of these parameters, which it must refuse."""
    page = await site.client.get(f"/simulation?{query}")
    assert page.status_code == 400
    said = unescape(page.text).split('id="faute"')[1].split("</div>")[0]
    return said.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    "stranger", ["edition=2026.1", "foo=bar", "utm_source=x", "Poids.mediation=2", "poids=2", "_x="]
)
async def test_unknown_parameters_are_refused_with_those_there_are(site: Datasette, stranger: str) -> None:
    said = await refused(site, stranger)
    assert f"<li>{stranger.split('=')[0]} : ce paramètre n’existe pas." in said
    assert "categorie, dans, territoire, territoires, agregation, normalisation, poids.…, page" in said


async def test_page_and_empty_parameters_are_ours(site: Datasette) -> None:
    assert (await site.client.get("/simulation?page=1&poids.mediation=&dans=&territoire=")).status_code == 200
    assert (await site.client.get("/simulation?page=9")).status_code == 404


async def test_a_parameter_given_twice_is_refused(site: Datasette) -> None:
    said = await refused(site, "poids.mediation=1&poids.mediation=2")
    assert "« Médiation numérique » (poids.mediation) : donné plusieurs fois" in said


async def test_every_fault_is_said_at_once_with_the_possible_choices(site: Datasette) -> None:
    said = await refused(site, "categorie=ville&agregation=somme&poids.mediation=-1&foo=1")
    assert "4 points à corriger" in said and said.count("<li>") == 4
    assert "« Catégorie » (categorie) : « ville » n’est pas un choix possible. Choix possibles : " in said
    assert "arithmetique, geometrique, harmonique, ampi, mediane" in said
    assert "« Médiation numérique » (poids.mediation) : « -1 » n’est pas un poids." in said
    assert "un nombre de 0 à 1 000." in said


async def test_a_territory_is_followed_by_its_name_and_words_that_name_none_lead_to_the_search(site: Datasette) -> None:
    followed = (await site.client.get("/simulation?" + urlencode({"territoire": "haut rhin"}))).text
    assert 'class="chosen"><strong>Haut-Rhin</strong>' in followed
    said = await doubted(site, {"territoire": "Haut-Rien"})
    assert "Aucun territoire ne correspond à « Haut-Rien »." in said
    assert 'territoire=DEP-68#resultat">Haut-Rhin</a>' in said
    for attack in ('"><b>', ATTACK):
        said = await doubted(site, {"territoire": attack})
        assert "Aucun territoire" in said and "<b>" not in said and "<script" not in said


async def test_words_that_name_none_keep_the_simulation_and_lead_to_those_meant(site: Datasette) -> None:
    said = await doubted(site, {"categorie": "departement", "territoire": "haut", "agregation": "geometrique"})
    kept = "/simulation?categorie=departement&amp;territoire=DEP-68&amp;agregation=geometrique#resultat"
    assert f'<a href="{kept}">Haut-Rhin</a>' in said
    page = await site.client.get("/simulation?territoire=haut&poids.mediation=x")
    assert page.status_code == 400 and page.text.count('id="faute"') == 1


async def test_a_territory_that_is_never_ranked_is_said_kindly(site: Datasette) -> None:
    page = await site.client.get("/simulation?categorie=departement&territoire=COM-68224")
    assert page.status_code == 200 and "Classement simulé" in page.text
    assert "<strong>Mulhouse</strong> (COM-68224) n’est pas parmi" in unescape(page.text)
    assert 'href="/territoires/COM-68224">Voir sa page' in page.text


async def test_a_followed_territory_outside_the_perimeter_is_said_so(site: Datasette) -> None:
    page = unescape((await site.client.get("/simulation?categorie=departement&territoire=REG-44")).text)
    assert "<strong>Grand Est</strong> (REG-44) n’est pas parmi les territoires classés ici" in page
    assert page.index("n’est pas parmi") < page.index("Classement simulé")
    assert "n’est pas parmi" not in (await site.client.get("/simulation?territoire=DEP-68")).text


async def test_a_small_weight_is_not_said_to_be_zero(site: Datasette) -> None:
    page = unescape((await site.client.get("/simulation?poids.mediation=0.0000001")).text)
    assert ": 0,0000001 au lieu de 1." in page.replace("\xa0", " ")


async def test_calculating_leads_to_the_result_or_to_what_is_wrong(site: Datasette) -> None:
    for query in ("", "?categorie=rien"):
        page = (await site.client.get(f"/simulation{query}")).text
        assert '<form action="/simulation#resultat"' in page
        assert page.count('<h2 id="resultat" tabindex="-1">') == page.count('id="resultat"') == 1


@NEEDS_REAL
@pytest.mark.data
def test_places_are_those_where_somebody_is_ranked() -> None:
    base = published(REAL)
    ranked = {area for t in base.territories if t.rank for area in base.within.get(t.ref_area, ())}
    assert set(base.parents) == ranked and "Clipperton" not in " ".join(base.parents.values())
    levels = [area.split("-")[0] for area in base.parents]
    assert levels == sorted(levels, key=["REG", "DEP"].index)


async def test_places_are_grouped_by_level(site: Datasette) -> None:
    page = unescape((await site.client.get("/simulation")).text)
    assert re.search(r'<optgroup label="Régions"><option value="REG-[^"]*">', page)


async def test_page_says_that_it_simulates_and_what_was_changed(site: Datasette) -> None:
    page = await site.client.get("/simulation?territoire=DEP-68&poids.mediation=3,5&agregation=geometrique")
    said = unescape(page.text).replace("\xa0", " ").replace("\u202f", " ")
    assert "Ceci est une simulation, pas le classement publié." in said
    assert "Poids de « Médiation numérique » : 3,5 au lieu de 1" in said.replace("« ", "« ")
    assert "Agrégation : moyenne géométrique" in said and 'class="self"' in said
    assert "poids.mediation=3.5" in said and "Rien n’est changé" not in said
    usual = unescape((await site.client.get("/simulation")).text)
    assert "Rien n’est changé à la méthode" in usual and "pas le classement publié" in usual


def test_the_link_of_a_simulation_asks_the_same(base: Published) -> None:
    asked = read(base, {"poids.mediation": "2.123456789", "normalisation": "rangs", "territoire": "DEP-68"})
    assert read(base, parameters_of(base, asked)) == asked
    assert parameters_of(base, replace(asked, normalisation="bornes", weights=read(base, {}).weights)) == {
        "categorie": "departement",
        "territoire": "DEP-68",
    }


def test_functions_and_page_agree(base: Published, db: sqlite3.Connection) -> None:
    asked = read(base, {"poids.mediation": "3", "agregation": "geometrique", "normalisation": "min-max"})
    options = options_of(base, asked)
    expected = {s.territory.ref_area: s for s in simulate(base, rows_of(base, asked), asked.method)}
    rows = json.loads(db.execute("select maturity_scores(?, ?)", ["departement", options]).fetchone()[0])
    assert {r["ref_area"]: (r["rang"], r["score"]) for r in rows} == {a: (s.rank, s.score) for a, s in expected.items()}
    one = db.execute("select maturity_score('DEP-68', ?)", [options]).fetchone()[0]
    assert one == expected["DEP-68"].score


def test_function_of_no_option_gives_every_published_score(db: sqlite3.Connection) -> None:
    sql = (
        "select count(*), sum(maturity_score(ref_area, '') is s.score) from scores s where node = 'index'"
        " and ref_area in (select ref_area from normalised_values)"
    )
    count, same = db.execute(sql).fetchone()
    assert count == same > 0


@raising
@pytest.mark.parametrize(
    "options",
    [
        *(
            "{",
            "[]",
            "1",
            '"x"',
            '{"poids": 3}',
            '{"poids": {"mediation": -1}}',
            '{"poids": {"mediation": NaN}}',
        ),
        *('{"poids": {"mediation": true}}', '{"poids": {"mediation": [1]}}', '{"rien": 1}', '{"agregation": {}}'),
        *("[" * 7000, "x" * 9000, '{"poids": {"x": 1}}', "\x00", '{"poids": {"\\ud800": 1}}'),
    ],
)
def test_functions_refuse_nonsense_and_the_check_says_why(db: sqlite3.Connection, options: str) -> None:
    for sql in ("avg(maturity_score('DEP-68', ?))", "maturity_score('rien', ?)", "maturity_scores('departement', ?)"):
        with pytest.raises(sqlite3.OperationalError, match="user-defined function raised exception"):
            db.execute(f"select {sql}", [options]).fetchall()
    said = db.execute("select maturity_check(?)", [options]).fetchone()[0]
    assert said.endswith(".") and said == db.execute("select maturity_check('departement', ?)", [options]).fetchone()[0]
    assert not re.search(r"True|False|None|nan|\{'", said)


@pytest.mark.parametrize(
    "options", [None, "", " ", "null", "{}", '{"poids": null}', '{"dans": null, "poids": {}}', '{"dans": ""}']
)
def test_no_option_is_the_published_method(base: Published, db: sqlite3.Connection, options: str | None) -> None:
    assert db.execute("select maturity_check(?)", [options]).fetchone()[0] is None
    found = db.execute("select maturity_score('DEP-68', ?)", [options]).fetchone()[0]
    assert found == next(t.score for t in base.territories if t.ref_area == "DEP-68")


def test_what_the_check_says_is_in_the_words_of_json(db: sqlite3.Connection) -> None:
    for options, words in (
        ('{"poids": {"mediation": true}}', "« Médiation numérique » (poids.mediation) : « true » n’est pas un poids"),
        ('{"agregation": {"a": 1}}', '« {"a": 1} » n’est pas un choix possible'),
        ('{"territoires": [null, {"é": 1}]}', "« NULL » n’est pas un identifiant"),
        ('{"rien": 1, "Dans": 2}', "« Dans », « rien » n’en est pas une. Options possibles : agregation, dans"),
    ):
        assert words in db.execute("select maturity_check(?)", [options]).fetchone()[0]
    said = db.execute("select maturity_check('rien', '')").fetchone()[0]
    assert "« rien » n’est pas un choix possible. Choix possibles : " in said


@NEEDS_REAL
@pytest.mark.data
def test_functions_take_a_list_of_territories_and_a_tiny_weight() -> None:
    base = published(REAL)
    with sqlite3.connect(":memory:") as db:
        for name, (arguments, function) in functions(REAL).items():
            db.create_function(name, arguments, function)
        lists = ('{"territoires": ["DEP-68","DEP-67"]}', '{"territoires": "DEP-68 DEP-67"}')
        one, other = (db.execute("select maturity_scores('', ?)", [text]).fetchone()[0] for text in lists)
        assert one == other and [row["rang"] for row in json.loads(one)] == [1, 2]
        light = '{"poids": {"mediation": 0.0000001}}'
        found = db.execute("select maturity_score('DEP-68', ?)", [light]).fetchone()[0]
        assert found == standings(base, poids_mediation="0.0000001")["DEP-68"].score
        # A territory outside the place has no score there: no mistake, even when nobody of its category is inside.
        inside = '{"dans": "REG-84"}'
        assert db.execute("select maturity_score('REG-44', ?)", [inside]).fetchone()[0] is None
        assert "aucun territoire" in db.execute("select maturity_check('region', ?)", [inside]).fetchone()[0]


@pytest.mark.parametrize("odd", [3, 2.5, b"\xff", "rien", "COM-68224"])
def test_functions_take_any_value(db: sqlite3.Connection, odd: object) -> None:
    assert db.execute("select maturity_score(?, null)", [odd]).fetchone()[0] is None
    assert db.execute("select maturity_check(?, ?)", [odd, odd]).fetchone()[0].endswith(".")


@raising
@pytest.mark.parametrize("end", ["", ".json", ".csv"])
async def test_a_failed_query_is_said_in_french_whatever_the_format(site: Datasette, end: str) -> None:
    answer = await site.client.get(f"/donnees/simuler_avec_vos_poids{end}?categorie=rien&options=")
    said = json.loads(answer.text)["detail"] if end == ".json" else unescape(answer.text)
    assert answer.status_code == 400 and "select maturity_check(options)" in said and "user-defined" not in said
    other = await site.client.get(f"/donnees{end}?sql=select+rien")
    other_said = json.loads(other.text)["detail"] if end == ".json" else unescape(other.text)
    assert other.status_code == 400 and re.search(r"Il n’y a pas de colonne «\s?rien\s?» ici\.", other_said)


async def test_a_costly_query_is_stopped(site: Datasette) -> None:
    sql = (
        "with recursive n(i) as (select 1 union all select i + 1 from n)"
        " select sum(maturity_score('DEP-68', json_object('poids', json_object('mediation', i % 999)))) from n"
    )
    answer = await site.client.get(f"/donnees.json?{urlencode({'sql': sql, '_timelimit': 200})}")
    assert answer.status_code == 400


def by_sql(base: Published, db: sqlite3.Connection, category: str, **weights: str) -> dict[str, Any]:
    """Rank and score of each territory of a category by the public query; `weights` by code of domain."""
    parameters = {f"poids_{column(d.code)}": weights.get(d.code, "") for d in base.domains}
    rows = db.execute(ranking_query(base), {**parameters, "categorie": category}).fetchall()
    return {row["ref_area"]: (row["rang"], row["score"]) for row in rows}


def sql_and_engine_agree(base: Published, db: sqlite3.Connection, category: str, **weights: str) -> None:
    """Same scores for all those published with a rank, same ranks among those that the engine ranks.

    The query knows no coverage: it ranks a territory too little of whose chosen weight is observed, the engine not.
    """
    found = by_sql(base, db, category, **weights)
    every = standings(base, categorie=category, **{f"poids_{code}": text for code, text in weights.items()})
    ours = {area: s for area, s in every.items() if s.territory.rank is not None}
    assert found and {area: score for area, (_, score) in found.items()} == {a: s.score for a, s in ours.items()}
    withheld = {area: s.reason for area, s in ours.items() if s.rank is None}
    assert all(reason and "du poids choisi est observé" in reason for reason in withheld.values()), withheld
    kept = [score for area, (_, score) in found.items() if area not in withheld]
    assert {area: s.rank for area, s in ours.items() if area not in withheld} == {
        area: 1 + sum(other > score for other in kept) for area, (_, score) in found.items() if area not in withheld
    }
    assert [rank for rank, _ in found.values()] == [
        1 + sum(other > score for _, other in found.values()) for _, score in found.values()
    ]


def test_plain_sql_over_the_wide_table_ranks_as_published(base: Published, db: sqlite3.Connection) -> None:
    ranked = "select ref_area, rank, score from scores where node = 'index' and rank is not null and peer_group = ?"
    for category in base.categories:
        expected = {area: (rank, score) for area, rank, score in db.execute(ranked, [category])}
        assert expected and by_sql(base, db, category) == expected
        found = standings(base, categorie=category)
        assert {area: (s.rank, s.score) for area, s in found.items() if s.rank is not None} == expected


def test_plain_sql_and_the_engine_weigh_alike(base: Published, db: sqlite3.Connection) -> None:
    for category in base.categories:
        for domain in base.domains:
            sql_and_engine_agree(base, db, category, **{domain.code: "2,5"})


def beside_a_domain_of_no_concern(base: Published) -> Published:
    """The same with one more domain, whose only indicator applies to nobody."""
    leaf, domain = Node("mesure", "Mesure", "ailleurs", 1.0), Node("ailleurs", "Ailleurs", INDEX, 1.0)
    nodes = (*base.indicators, leaf, *base.domains, domain)
    parents: dict[str, str | None] = {INDEX: None, **{n.code: n.parent for n in nodes}}
    empty = np.zeros((len(base.territories), 1))
    return replace(
        base,
        nodes=nodes,
        tree=tree(parents, {n.code: n.weight for n in nodes}),
        values=np.hstack([base.values, empty * np.nan]),
        normalised=np.hstack([base.normalised, empty * np.nan]),
        coverage=np.hstack([base.coverage, empty]),
        applicable=np.hstack([base.applicable, empty]),
        low=np.append(base.low, 0.0),
        high=np.append(base.high, 100.0),
    )


def test_a_domain_that_applies_to_nobody_changes_nothing(tiny: Path) -> None:
    """Whatever weighs: it is not one of the domains that an index needs."""
    base = published(tiny)
    wider = beside_a_domain_of_no_concern(base)
    for category in base.categories:
        for weights in ({}, *({f"poids_{d.code}": "0"} for d in base.domains)):
            expected, found = (standings(one, categorie=category, **weights) for one in (base, wider))
            assert {a: (s.score, s.rank, s.reason) for a, s in found.items()} == {
                a: (s.score, s.rank, s.reason) for a, s in expected.items()
            }


def test_with_a_domain_weighed_at_nothing_the_others_are_still_ranked(base: Published, db: sqlite3.Connection) -> None:
    """Also where some domains do not apply to the category: fewer than the method asks for are then left."""
    for category in base.categories:
        for domain in base.domains:
            sql_and_engine_agree(base, db, category, **{domain.code: "0"})


def test_plain_sql_rounds_as_the_engine(base: Published) -> None:
    ((steps, half, again),) = re.findall(r"\* (\S+) \+ (\S+)\) / (\S+) as score", ranking_query(base))
    assert float(steps) == float(again) == scoring.STEPS and float(half) == scoring.HALF


def test_wide_table_holds_the_indicators_of_those_who_have_an_index(db: sqlite3.Connection) -> None:
    table = "select count(*), count(distinct ref_area) from normalised_values"
    count, areas = db.execute(table).fetchone()
    assert count == areas > 0
    cells = [dict(row) for row in db.execute("select * from normalised_values")]
    known = {(r[0], r[1].replace("-", "_")): r[2] for r in db.execute("select ref_area, node, score from scores")}
    for row in cells:
        for name, value in row.items():
            if name in ("edition", "ref_area", "peer_group"):
                continue
            expected = known.get((row["ref_area"], name))
            assert value is expected is None or np.isclose(value, expected, atol=5.1e-7, rtol=0)
    described = {r[0] for r in db.execute("select name from columns where table_name = 'normalised_values'")}
    assert described == set(cells[0])


async def test_the_links_to_download_hold_what_is_on_screen(site: Datasette) -> None:
    page = unescape((await site.client.get("/simulation?poids.mediation=3")).text)
    link = page.split('<a href="/donnees/simuler_avec_vos_poids.json')[1].split('"')[0]
    rows = (await site.client.get(f"/donnees/simuler_avec_vos_poids.json{link}")).json()["rows"]
    assert rows and all(f'href="/territoires/{row["ref_area"]}"' in page for row in rows)


def test_a_territory_at_zero_everywhere_has_zero_and_not_a_rounding_below() -> None:
    assert ampi(np.zeros((1, 2)), np.array([171.0, 63.333333333333336])) == 0
