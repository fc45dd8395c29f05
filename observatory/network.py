"""The drawing of who works with whom: territories, what they do together, organisations; three columns and lines."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory.languages import data

MOST = 24
ROW, HEAD = 42, 36
# Where each column stands, in units of the drawing, which is WIDTH wide.
COLUMNS = {"territories": 300, "things": 500, "organisations": 700}
WIDTH = 1000
LABEL = 36
MEMBERS = """
select distinct r.register, r.id, h.title, q.thing_title, r.target, r.target_id, coalesce(a.name, o.title) as name
from relations r
join things h on h.register = r.register and h.id = r.id
join registers q on q.register = r.register
left join territories a on r.target = 'territories' and a.ref_area = r.target_id
left join things o on o.register = r.target and o.id = r.target_id
where r.register in ('initiatives', 'consortiums', 'offres') and r.target in ('territories', 'organisations')
    and (:domain = '' or exists (select 1 from relations d
        where d.register = r.register and d.id = r.id and d.target = 'domains' and d.target_id = :domain))
    and (:area = '' or exists (select 1 from relations w
        where w.register = r.register and w.id = r.id and w.target = 'territories' and w.target_id = :area))
order by q.position, h.title, r.target, name
"""
Key = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """A point of the drawing: where it is, what is written beside it, its whole title and its page."""

    x: float
    y: float
    label: str
    title: str
    url: str
    kind: str


@dataclass(frozen=True)
class Network:
    """The drawing, of `shown` things among all those that link someone to someone; `things` are the members of each."""

    nodes: Sequence[Node]
    lines: Sequence[str]
    height: int
    shown: int
    things: Sequence[Sequence[Any]]


def network(db: sqlite3.Connection, domain: str = "", area: str = "") -> Network:
    """Who works with whom, of one domain or around one territory when asked; the things with most members first."""
    found = db.execute(MEMBERS, {"domain": domain, "area": area}).fetchall()
    members: dict[Key, list[Any]] = defaultdict(list)
    for row in found:
        members[row["register"], row["id"]].append(row)
    linked = {key: rows for key, rows in members.items() if len(rows) > 1}
    chosen = sorted(linked, key=lambda key: (-len(linked[key]), key))[:MOST]
    drawn = [row for key in chosen for row in linked[key]]
    nodes = _nodes(chosen, linked)
    lines = [_line(nodes[row["target"], row["target_id"]], nodes[row["register"], row["id"]]) for row in drawn]
    height = int(max((node.y for node in nodes.values()), default=0)) + ROW
    return Network(list(nodes.values()), lines, height, len(chosen), list(linked.values()))


def _nodes(chosen: Sequence[Key], linked: Mapping[Key, Sequence[Any]]) -> dict[Key, Node]:
    """Each member beside the middle of what it takes part in, so that lines cross little."""
    nodes: dict[Key, Node] = {}
    for place, key in enumerate(chosen):
        row = linked[key][0]
        said = f"{data(row['thing_title'])} : {data(row['title'])}"
        nodes[key] = _node("things", place, data(row["title"]), said, f"/{key[0]}/{key[1]}")
    for kind, base in (("territories", "/territoires/"), ("organisations", "/organisations/")):
        places: dict[str, list[int]] = defaultdict(list)
        names: dict[str, str] = {}
        for place, key in enumerate(chosen):
            for row in linked[key]:
                if row["target"] == kind:
                    places[row["target_id"]].append(place)
                    names[row["target_id"]] = row["name"] if kind == "territories" else data(row["name"])
        ordered = sorted(places, key=lambda one: (sum(places[one]) / len(places[one]), one))
        for place, one in enumerate(ordered):
            nodes[kind, one] = _node(kind, place, names[one], names[one], base + one)
    return nodes


def _node(kind: str, place: int, label: str, title: str, url: str) -> Node:
    short = label if len(label) <= LABEL else f"{label[: LABEL - 1].rstrip()}…"
    return Node(COLUMNS[kind], HEAD + place * ROW, short, title, url, kind)


def _line(member: Node, thing: Node) -> str:
    """A curve from one point to another, as the path of an SVG."""
    middle = (member.x + thing.x) / 2
    return f"M{member.x} {member.y}C{middle} {member.y} {middle} {thing.y} {thing.x} {thing.y}"
