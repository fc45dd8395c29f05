"""What /citation verifies: figures and scores as an edition published them, beside what they are now.

Rows of the database are read by name. Refusals are those of `problem_details`, each with what is possible instead.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from observatory import resolving
from observatory.api_filters import malformed
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.model import INDEX
from observatory.periods import PERIOD
from observatory.problem_details import Refused
from observatory.problems import nearest
from observatory.releases import order
from observatory.revisions import SCORE, VALUE, method_of

PARAMETERS = ("territoire", "indicateur", "noeud", "categorie", "periode", "edition")
RANKING = "ranking"
MOST = 6  # territories of one quotation, as many as a comparison
# What became of a figure since the edition, which is not published yet (pending) or had no such figure (absent).
EXACT, CHANGED, WITHDRAWN, ABSENT, PENDING = "exact", "changed", "withdrawn", "absent", "pending"
FIGURES = """
select o.ref_area, o.time_period, o.obs_value as value, o.status, s.title as status_title, o.status_date, o.dataset,
    d.title as dataset_title, d.last_update, d.contributors, d.licence, o.estimated, o.coverage, 0 as recalculated,
    (select substr(value, 1, 16) from provenance where key = 'datasets_sha256') as fingerprint
from observations o join statuses s on s.status = o.status join datasets d on d.name = o.dataset
where o.ref_area = :area and o.indicator = :node and o.obs_value is not null
union all
select o.ref_area, o.time_period, o.obs_value, o.status, s.title, o.status_date, o.dataset, d.title, d.last_update,
    d.contributors, d.licence, o.estimated, o.coverage, 1,
    (select substr(value, 1, 16) from provenance where key = 'datasets_sha256')
from observations_constant o join statuses s on s.status = o.status join datasets d on d.name = o.dataset
where o.ref_area = :area and o.indicator = :node and o.obs_value is not null and not exists (
    select 1 from observations p where p.ref_area = o.ref_area and p.indicator = o.indicator
        and p.time_period = o.time_period and p.obs_value is not null
)
order by 2
"""
# How scores are made: edition of the method and its SHA-256, mark of the data, and the status of all of them.
MADE = """
select m.edition as method_edition, m.sha256 as method_sha256, s.status, s.title as status_title, null as status_date,
    (select substr(value, 1, 16) from provenance where key = 'datasets_sha256') as fingerprint
from method m join statuses s on s.status = :status where m.edition = :edition
"""
REVISION = """
select * from revisions
where edition = ? and ref_area = ? and node = ? and time_period = ? and measure = ?
"""
WITHDRAWALS = """
select time_period from revisions
where edition = ? and ref_area = ? and node = ? and measure = ? and kind = 'withdrawn' order by 1 desc
"""
RETRACTIONS = """
select time_period from last_figure_status where ref_area = ? and indicator = ? and status = 'withdrawn'
"""
HISTORY = """
select * from figure_history where ref_area = ? and indicator = ? and time_period = ? order by status_date
"""
SCORES = "select * from scores where edition = ? and ref_area = ? and node = ?"
RANKED = """
select count(rank) as ranked, max(time_period) as time_period from scores
where edition = ? and node = ? and peer_group = ?
"""
MOVED = """
select count(*) as moved, max(r.changed_on) as changed_on from revisions r join territories t on t.ref_area = r.ref_area
where r.edition = ? and r.node = ? and r.measure = 'score' and t.category = ?
"""


@dataclass(frozen=True)
class Quote:
    """A figure (`measure` value), a score or a ranking: what it is `now`, what its edition published `then`.

    `facts` are its row of the database, texts in French; `history`, what the register of statuses said of it.
    """

    measure: str
    card: Mapping[str, Any]
    node: Mapping[str, Any]
    time_period: str
    edition: str
    now: float | None
    facts: Mapping[str, Any]
    history: Sequence[Any] = ()
    verdict: str = EXACT
    then: float | None = None
    changed_on: str | None = None
    reason: str | None = None

    @property
    def shown(self) -> float | None:
        """What the edition says, which is what is quoted."""
        return self.now if self.then is None else self.then


class Asked(NamedTuple):
    """One thing asked for: what `node` says of `card`, at the period as written, in an edition, published or not."""

    db: sqlite3.Connection
    card: Mapping[str, Any]
    node: Mapping[str, Any]
    period: str
    edition: str
    published: bool

    @property
    def place(self) -> list[str]:
        """Edition, territory and node, as the table of revisions holds them."""
        return [self.edition, self.card["ref_area"], self.node["code"]]


def quotes(db: sqlite3.Connection, asked: Mapping[str, Sequence[str]]) -> list[Quote]:
    """The quotes that the parameters of an address ask for; Refused when there is none."""
    unknown = sorted(set(asked) - set(PARAMETERS))
    if unknown:
        raise Refused("unknown-filter", unknown[0], PARAMETERS)
    given = {name: _only(name, asked.get(name, ())) for name in PARAMETERS}
    _agree(given)
    edition, published = _edition(db, given["edition"])
    node = _node(db, given, edition)
    period = _period(given["periode"])
    if given["categorie"]:
        return [_ranking(Asked(db, _category(db, given["categorie"]), node, period, edition, published))]
    find = _figure if given["indicateur"] else _score
    cards = [_territory(db, area) for area in _areas(given["territoire"])]
    return [find(Asked(db, card, node, period, edition, published)) for card in cards]


def _only(name: str, texts: Sequence[str]) -> str:
    """The one text of a parameter, "" when it is not given; Refused when it is given several times."""
    if len(texts) > 1:
        raise malformed(name, texts[-1], _("une seule fois, les valeurs séparées par des virgules"))
    return texts[0].strip() if texts else ""


def _agree(given: Mapping[str, str]) -> None:
    """Refuse parameters that name two things: what is shown would be an answer to one of them only."""
    if given["indicateur"] and given["noeud"]:
        said = _("Une citation nomme un indicateur ou un nœud du score, pas les deux.")
        raise Refused("malformed-value", given["noeud"], ["indicateur", "noeud"], said)
    if given["categorie"] and given["territoire"]:
        said = _("Une citation nomme des territoires ou le classement d’une catégorie, pas les deux.")
        raise Refused("malformed-value", given["categorie"], ["territoire", "categorie"], said)


def _areas(text: str) -> list[str]:
    areas = list(dict.fromkeys(area.strip() for area in text.split(",") if area.strip()))
    if not areas:
        said = _("Une citation nomme un territoire, et un indicateur ou un nœud du score.")
        raise Refused("malformed-value", "", PARAMETERS, said)
    if len(areas) > MOST:
        raise Refused("too-much", str(len(areas)), [], _("Une citation réunit six territoires au plus."))
    return areas


def editions(db: sqlite3.Connection) -> tuple[list[str], str]:
    """The editions that can be cited, newest first, and the one that pages show, published or not."""
    published = [row["edition"] for row in db.execute("select edition from edition_checks")]
    current = str(db.execute("select edition from method where current").fetchone()["edition"])
    shown = max((one for one in published if method_of(one) == current), key=order, default=current)
    return sorted({*published, shown}, key=order, reverse=True), shown


def _edition(db: sqlite3.Connection, text: str) -> tuple[str, bool]:
    """The edition asked for, or the one that pages show, and whether it is published."""
    known, shown = editions(db)
    edition = text or shown
    if edition not in known:
        said = _("Aucune édition, publiée ou en cours, ne s’appelle « {found} ».")
        if db.execute("select 1 from method where edition = ?", [edition]).fetchone():
            said = _("L’édition {found} de la méthode n’a jamais été publiée : ses chiffres ne se citent pas.")
        raise Refused("unknown-version", edition, known, said.format(found=edition[:60]))
    return edition, db.execute("select 1 from edition_checks where edition = ?", [edition]).fetchone() is not None


def _territory(db: sqlite3.Connection, text: str) -> Mapping[str, Any]:
    found = resolving.resolve(db, text)
    if found.territory is None:
        raise Refused("unknown-code", text, [str(card["ref_area"]) for card in found.cards], found.said())
    card: Mapping[str, Any] = found.territory
    return card


def _category(db: sqlite3.Connection, code: str) -> dict[str, Any]:
    rows = {row["category"]: row["title_plural"] for row in db.execute("select * from categories where ranked = 1")}
    if code not in rows:
        said = _("Aucun classement ne s’appelle « {code} ».").format(code=code[:60])
        raise Refused("unknown-code", code, sorted(rows), said)
    return {"ref_area": code, "name": data(rows[code])}


def _node(db: sqlite3.Connection, given: Mapping[str, str], edition: str) -> Mapping[str, Any]:
    """What is quoted: code, title, symbol and decimals."""
    if given["indicateur"]:
        return _indicator(db, given["indicateur"], edition)
    code = given["noeud"] or INDEX
    if code == INDEX:
        return {"code": INDEX, "title": _("Indice de maturité numérique"), "symbol": None, "decimals": 1}
    titles = "select code, title from domains union all select code, title from indicators where status = 'active'"
    known = {row["code"]: data(row["title"]) for row in db.execute(titles)}
    if code not in known:
        raise _unknown(_("Aucun nœud du score ne s’appelle « {code} »."), code, [INDEX, *known])
    return {"code": code, "title": known[code], "symbol": None, "decimals": 1}


def _indicator(db: sqlite3.Connection, code: str, edition: str) -> Mapping[str, Any]:
    row = db.execute("select code, title, symbol, decimals from indicator where code = ?", [code]).fetchone()
    if row is not None:
        return {"code": code, "title": data(row["title"]), "symbol": row["symbol"], "decimals": row["decimals"]}
    if db.execute("select 1 from revisions where edition = ? and node = ?", [edition, code]).fetchone():
        return {"code": code, "title": code, "symbol": None, "decimals": 1}  # an indicator that is no more
    known = [
        other["code"] for other in db.execute("select code from indicators where status <> 'planned' order by code")
    ]
    raise _unknown(_("Aucun indicateur ne s’appelle « {code} »."), code, known)


def _unknown(sentence: str, code: str, known: list[str]) -> Refused:
    return Refused("unknown-code", code, nearest(code, known, 5) or known, sentence.format(code=code[:60]))


def _period(text: str) -> str:
    if text and not PERIOD.match(text):
        said = _("Une période s’écrit 2024, 2024-09 ou 2024-Q3.")
        raise Refused("malformed-value", text, ["2024", "2024-09", "2024-Q3"], said)
    return text


def _figure(asked: Asked) -> Quote:
    area, code = asked.card["ref_area"], asked.node["code"]
    rows = {row["time_period"]: row for row in asked.db.execute(FIGURES, {"area": area, "node": code})}
    retracted = [row["time_period"] for row in asked.db.execute(RETRACTIONS, [area, code])]
    periods = sorted({*rows, *_withdrawn(asked, VALUE), *retracted}, reverse=True)
    period = asked.period or next(iter(periods), "")
    if period not in periods:
        raise _no_figure(asked, periods)
    history = asked.db.execute(HISTORY, [area, code, period]).fetchall()
    now = rows[period]["value"] if period in rows else None
    facts = dict(rows[period]) if period in rows else {}
    return _judged(asked, Quote(VALUE, asked.card, asked.node, period, asked.edition, now, facts, history))


def _score(asked: Asked) -> Quote:
    found = asked.db.execute(SCORES, [method_of(asked.edition), *asked.place[1:]]).fetchone()
    facts = (dict(found) if found else {}) | _made(asked)
    now = facts.get("score")
    periods = [*([facts["time_period"]] if now is not None else []), *_withdrawn(asked, SCORE)]
    period = asked.period or next(iter(periods), "")
    if period not in periods:
        raise _no_figure(asked, periods, data(facts.get("reason") or ""))
    return _judged(asked, Quote(SCORE, asked.card, asked.node, period, asked.edition, now, facts))


def _made(asked: Asked) -> dict[str, Any]:
    """What a score is made with, and its status: that of its edition, which nothing holds before it is published."""
    status = "published" if asked.published else "provisional"
    found = asked.db.execute(MADE, {"edition": method_of(asked.edition), "status": status}).fetchone()
    return dict(found) if found else {}


def _ranking(asked: Asked) -> Quote:
    """A whole ranking: how many are ranked, and how many of their scores have changed since the edition."""
    category, node, edition = asked.card["ref_area"], asked.node["code"], asked.edition
    row = asked.db.execute(RANKED, [method_of(edition), node, category]).fetchone()
    if not row["ranked"]:
        said = _("Personne n’est classé pour « {title} » dans cette catégorie.").format(title=asked.node["title"])
        raise Refused("unknown-code", node, [INDEX], said)
    if asked.period not in ("", row["time_period"]):
        said = _("Ce classement est celui de la période « {period} ».").format(period=row["time_period"])
        raise Refused("malformed-value", asked.period, [row["time_period"]], said)
    moved = asked.db.execute(MOVED, [edition, node, category]).fetchone()
    verdict = (CHANGED if moved["moved"] else EXACT) if asked.published else PENDING
    facts = {"ranked": row["ranked"], "moved": moved["moved"], **_made(asked)}
    given = {"verdict": verdict, "changed_on": moved["changed_on"]}
    return Quote(RANKING, asked.card, asked.node, row["time_period"], edition, None, facts, **given)


def _withdrawn(asked: Asked, measure: str) -> list[str]:
    """Periods of what the edition published and the pages no longer give."""
    return [row["time_period"] for row in asked.db.execute(WITHDRAWALS, [*asked.place, measure])]


def _judged(asked: Asked, quote: Quote) -> Quote:
    """The quote with what its edition published of it and what has become of that."""
    if not asked.published and quote.now is not None:
        return replace(quote, verdict=PENDING)
    if quote.facts.get("recalculated"):
        return replace(quote, verdict=ABSENT)  # editions hold figures in the perimeters of their time
    row = asked.db.execute(REVISION, [*asked.place, quote.time_period, quote.measure]).fetchone()
    if row is None and quote.now is None:  # withdrawn before the edition
        said = quote.history[-1]
        return replace(quote, verdict=WITHDRAWN, changed_on=said["status_date"], reason=said["reason"])
    if row is None:
        return replace(quote, then=quote.now)
    if row["kind"] == "added":
        return replace(quote, verdict=ABSENT)
    reason = data(row["reason"]) if row["reason"] else None
    return replace(quote, verdict=row["kind"], then=row["published_value"], changed_on=row["changed_on"], reason=reason)


def _no_figure(asked: Asked, possible: Sequence[str], why: str = "") -> Refused:
    """Neither the edition nor the pages have it: the periods that exist, or what took the place of the territory."""
    named = {"title": asked.node["title"], "name": asked.card["name"], "period": asked.period}
    if possible:
        said = _("« {title} » n’est pas publié pour {name} à la période « {period} ».").format(**named)
        return Refused("unknown-figure", asked.period, possible, said)
    said = _("« {title} » n’a jamais été publié pour {name}.").format(**named)
    row = asked.db.execute("select successors from territories where ref_area = ?", [asked.place[1]]).fetchone()
    heirs = (row["successors"] or "").split()
    if heirs:
        cards = [card for heir in heirs if (card := resolving.resolve(asked.db, heir).territory)]
        names = resolving.listed(cards)
        said += " " + _("Ce territoire n’existe plus ; ce qui l’a remplacé : {names}.").format(names=names)
    return Refused("unknown-figure", asked.place[1], heirs, f"{said} {why}".strip())
