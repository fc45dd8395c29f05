"""The drawing of who works with whom holds each link once, and its table says all of it."""

import sqlite3
from pathlib import Path

import pytest

from observatory import network


@pytest.fixture
def db(demonstration: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(f"file:{demonstration}?mode=ro", uri=True)
    opened.row_factory = sqlite3.Row
    return opened


def test_each_member_is_drawn_once_and_tied_to_what_it_takes_part_in(db: sqlite3.Connection) -> None:
    found = network.network(db)
    urls = [node.url for node in found.nodes]
    assert len(urls) == len(set(urls)) and found.shown == len(found.things) == 6
    # A company that leads a consortium is one of its companies too: one tie.
    assert len(found.lines) == sum(len({(r["target"], r["target_id"]) for r in rows}) for rows in found.things)
    places = {(node.x, node.y) for node in found.nodes}
    assert len(places) == len(found.nodes) and max(y for _, y in places) < found.height


def test_network_is_narrowed_to_a_domain_or_to_what_is_around_a_territory(db: sqlite3.Connection) -> None:
    mediation = {node.url for node in network.network(db, domain="mediation").nodes}
    assert "/initiatives/bus-numerique" in mediation and "/initiatives/capteurs-eau" not in mediation
    around = {node.url for node in network.network(db, area="DEP-68").nodes}
    assert {"/territoires/DEP-68", "/organisations/atelier-fibre"} <= around and "/territoires/DEP-85" not in around
    assert network.network(db, area="DEP-2A").nodes == []


def test_drawing_is_bounded_and_the_table_is_not(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MOST", 2)
    found = network.network(db)
    assert found.shown == 2 and len(found.things) == 6
    assert {"/consortiums/eau-sobre-alsace", "/initiatives/capteurs-eau"} <= {node.url for node in found.nodes}


def test_pairs_are_those_of_the_table(db: sqlite3.Connection) -> None:
    pairs = db.execute("select * from collaborations where id = 'eau-sobre-alsace'").fetchall()
    assert len(pairs) == 6 and {"Aqua Capteurs", "Mulhouse"} <= {p["first_name"] for p in pairs} | {
        p["second_name"] for p in pairs
    }
