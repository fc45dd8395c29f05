"""The page of a thing of a register: what is known of it, what it names, and what names it."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from observatory.languages import data, rows
from observatory.registers import SEPARATOR

LINK = re.compile(r"https?://\S+\Z")
# Columns that a page tells elsewhere than among the others.
APART = ("id", "titre", "source", "source_url", "preuve")
# The address and the title of what a relation names, by its target.
NAMED = """
select r.register, r.id, r.role, r.position, r.target, r.target_id,
    case r.target when 'territories' then '/territoires/' when 'domains' then '/domaines/'
        when 'indicators' then '/indicateurs/' else '/' || r.target || '/' end || r.target_id as url,
    coalesce(a.name, d.title, i.title, t.title, r.target_id) as title
from relations r
left join territories a on r.target = 'territories' and a.ref_area = r.target_id
left join domains d on r.target = 'domains' and d.code = r.target_id
left join indicators i on r.target = 'indicators' and i.code = r.target_id
left join things t on t.register = r.target and t.id = r.target_id
"""
POINTING = """
select r.role, r.target, r.target_id, q.title as register_title, q.thing_title, o.inverse, t.*,
    (select w.title from register_terms w
        where w.register = t.register and w.value = t.state and w.column <> 'preuve' limit 1) as state_title
from relations r
join registers q on q.register = r.register
join relation_roles o on o.register = r.register and o.role = r.role
join things t on t.register = r.register and t.id = r.id
where r.target = ? and r.target_id = ?
order by q.position, o.position, t.start_date is null, t.start_date desc, t.title
"""
MOST = 200


@dataclass(frozen=True)
class Field:
    """A column of the thing: its texts, or links when each is one; `kind` is the type of its values."""

    name: str
    title: str
    texts: Sequence[Any]
    kind: str
    linked: bool


@dataclass(frozen=True)
class Group:
    """What a role links the thing to; of an inverse one, the register whose things name it."""

    role: str
    title: str
    register: str
    items: Sequence[Any]


@dataclass(frozen=True)
class Thing:
    """A thing as its page shows it; `unknown` are the titles of what the register does not know of it."""

    row: Any
    register: Any
    own: Any
    state: str
    grade: str
    fields: Sequence[Field]
    relations: Sequence[Group]
    inverse: Sequence[Group]
    unknown: Sequence[str]


def thing(db: sqlite3.Connection, register: str, identifier: str) -> Thing | None:
    """The thing of that identifier, in the language of the page; None when the register has none."""
    row = db.execute("select * from things where register = ? and id = ?", [register, identifier]).fetchone()
    if row is None:
        return None
    about = db.execute("select * from registers where register = ?", [register]).fetchone()
    own = db.execute(f'select * from "{about["register"]}" where id = ?', [identifier]).fetchone()
    terms = {
        (term["column"], term["value"]): data(term["title"])
        for term in db.execute('select * from register_terms where register = ? order by "column"', [register])
    }
    roles = db.execute("select * from relation_roles where register = ? order by position", [register]).fetchall()
    columns = db.execute("select * from columns where table_name = ? order by position", [register]).fetchall()
    linking = {role["role"] for role in roles}
    told = [one for one in columns if one["name"] not in {*APART, *linking} and own[one["name"]] != row["summary"]]
    fields = [_field(column, own[column["name"]], terms) for column in told if own[column["name"]] is not None]
    unknown = [data(one["title"]) for one in columns if one["name"] not in APART and own[one["name"]] is None]
    state = next(
        (title for (column, value), title in terms.items() if column != "preuve" and value == row["state"]), ""
    )
    grade = terms.get(("preuve", row["grade"]), "")
    shown = [one for one in fields if (one.name, row["state"]) not in terms]
    return Thing(
        rows([row])[0], rows([about])[0], own, state, grade, shown, _named(db, register, identifier, roles),
        pointing(db, register, identifier), unknown,
    )  # fmt: skip


def _field(column: Any, value: Any, terms: dict[tuple[str, str], str]) -> Field:
    name = column["name"]
    texts = str(value).split(SEPARATOR) if isinstance(value, str) else [value]
    said = [terms.get((name, text), data(text)) if isinstance(text, str) else text for text in texts]
    linked = all(isinstance(text, str) and LINK.match(text) for text in texts)
    return Field(name, data(column["title"]), said, column["type"], linked)


def _named(db: sqlite3.Connection, register: str, identifier: str, roles: Iterable[Any]) -> list[Group]:
    sql = f"{NAMED} where r.register = ? and r.id = ? order by r.role, r.position"
    found: dict[str, list[Any]] = {}
    for row in db.execute(sql, [register, identifier]):
        found.setdefault(row["role"], []).append(rows([row])[0] if row["target"] != "territories" else row)
    named = [role for role in roles if role["role"] in found]
    return [Group(one["role"], data(one["title"]), register, found[one["role"]]) for one in named]


def pointing(db: sqlite3.Connection, target: str, identifier: str) -> list[Group]:
    """What names a thing, a territory, a domain or an indicator: by register and role, MOST of them at most."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in db.execute(f"{POINTING} limit {MOST}", [target, identifier]):
        groups.setdefault((row["register"], row["role"]), []).append(rows([row])[0])
    return [Group(role, found[0]["inverse"], register, found) for (register, role), found in groups.items()]
