"""What the page of an indicator shows for the choice of its visitor: figures, bars, curves, table."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from observatory.indicator_choice import ORDERS, Choice, Refused, Row, Unnamed, ancestors, read, regions
from observatory.indicator_spread import FEWEST, spread
from observatory.indicator_trend import trend, until
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.languages import rows as translated
from observatory.maps_reading import Asked, period, sources
from observatory.periods import end_month

PAGE = 25
PROGRESSED = 5  # similar territories shown
TABLE = """select ref_area, name, category_title, time_period, obs_value, obs_status_title, coverage, recalculated,
    estimated, status, status_title, status_date, status_reason
from indicator_table
where geography = :geographie and indicator = :indicateur and level = :niveau and time_period = :periode{inside}
order by {order}
limit :lignes offset :debut"""
VALUES = """select ref_area, category, obs_value, recalculated from indicator_table
    where geography = ? and indicator = ? and level = ? and time_period = ?"""
SERIES = """select time_period, obs_value from indicator_table where geography = ? and indicator = ? and ref_area = ?
    order by time_period"""


def screen(
    path: str | Path, indicator: Mapping[str, Any], parameters: Mapping[str, str], edition: str | None = None
) -> dict[str, Any]:
    """All that depends on the address; {"refusal": why} when the page cannot follow it, {} without any value.

    `indicator` is a row of the view of that name. With an edition of the method, what it used: its period unless
    another is asked, and no course after it.
    """
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        coverage = db.execute(
            "select * from indicator_levels where indicator = ? order by position, time_period desc",
            [indicator["code"]],
        ).fetchall()
        if not coverage:
            return {}
        try:
            choice = read(db, coverage, parameters)
            if edition is None:
                return _screen(db, indicator, choice)
            used = period(db, Asked(indicator["code"], choice.level, edition=edition))
            if used is None:
                raise Refused(
                    _("Rien de cet indicateur n’était publié pour l’édition « {edition} ».").format(
                        edition=edition[:60]
                    )
                )
            return _screen(db, indicator, read(db, coverage, {"periode": used, **parameters}), used)
        except Unnamed as unnamed:
            return {"refusal": str(unnamed), "unnamed": unnamed}
        except Refused as refusal:
            return {"refusal": str(refusal)}


def page(path: str | Path, indicator: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """The same for the page, which words that name no single territory do not take away: they are `unnamed`."""
    found = screen(path, indicator, parameters)
    if "unnamed" not in found:
        return found
    others = {name: text for name, text in parameters.items() if name != "territoire"}
    return {**screen(path, indicator, others), "unnamed": found["unnamed"]}


def _screen(
    db: sqlite3.Connection, indicator: Mapping[str, Any], choice: Choice, last: str | None = None
) -> dict[str, Any]:
    code = indicator["code"]
    values = db.execute(VALUES, [choice.geography, code, choice.level, choice.period]).fetchall()
    own = next((v for v in values if choice.shown and v["ref_area"] == choice.shown["ref_area"]), None)
    category = _category(db, choice)
    parent = _parent(db, code, choice)
    median = _median(db, code, choice.period, category["category"]) if category else None
    kind = category if category and category["ranked"] else None
    lines, events = _lines(db, code, choice, parent, category)
    same = [v["obs_value"] for v in values if kind is None or v["category"] == kind["category"]]
    return {
        "choice": choice,
        "here": _here(db, code, choice, values),
        "regions": regions(db),
        "own": own,
        "kind": kind,
        "standing": _standing(db, indicator, choice, kind) if own and kind else None,
        "change": _change(db, code, choice) if own else None,
        "parent": parent,
        "median": median,
        "spread": spread(same, own, parent, median, indicator["unit"] == "count"),
        "trend": trend(until(lines, last), events, choice.period),
        "sources": sources(db, code),
        "table": _table(db, code, choice, own, values),
        "progress": _progress(db, indicator, choice),
    }


def _here(db: sqlite3.Connection, code: str, choice: Choice, values: Sequence[Row]) -> dict[str, Any]:
    # How much the two geographies differ, for this level and this period.
    changed = db.execute(
        "select count(*) from observations_constant k join territories t on t.ref_area = k.ref_area"
        " where k.indicator = ? and t.level = ? and k.time_period = ? and k.obs_value is not null",
        [code, choice.level, choice.period],
    ).fetchone()[0]
    gone = db.execute(
        "select count(*) from territories t join observations o on o.ref_area = t.ref_area and o.indicator = ?"
        " and o.time_period = ? where t.level = ? and t.valid_to is not null and o.obs_value is not null",
        [code, choice.period, choice.level],
    ).fetchone()[0]
    total = db.execute(
        "select current_total from indicator_coverage where indicator = ? and level = ?", [code, choice.level]
    )
    names = db.execute("select title, title_plural from levels where level = ?", [choice.level]).fetchone()
    return {
        **{name: data(names[name]) for name in ("title", "title_plural")},
        "values": len(values),
        "total": total.fetchone()[0],
        "changed": changed,
        "gone": gone,
    }


def _category(db: sqlite3.Connection, choice: Choice) -> Row | None:
    if choice.shown is None:
        return None
    found = db.execute("select * from categories where category = ?", [choice.shown["category"]]).fetchall()
    return next(iter(translated(found)), None)


def _parent(db: sqlite3.Connection, code: str, choice: Choice) -> dict[str, Any] | None:
    """The nearest territory around the one shown that has a value of the period."""
    for row in ancestors(db, choice.shown)[1:] if choice.shown else []:
        found = db.execute(
            "select obs_value from current_values where indicator = ? and ref_area = ? and time_period = ?"
            " and obs_value is not null",
            [code, row["ref_area"], choice.period],
        ).fetchone()
        if found:
            return {"ref_area": row["ref_area"], "name": row["name"], "obs_value": found[0]}
    return None


def _median(db: sqlite3.Connection, code: str, period: str, category: str) -> float | None:
    return dict(_medians(db, code, category)).get(period)


def _medians(db: sqlite3.Connection, code: str, category: str) -> list[tuple[str, float]]:
    """Periods and medians of a category, where half of it at least, and five territories, have a value."""
    return [
        (row["time_period"], row["median"])
        for row in db.execute(
            "select time_period, median from value_distributions where indicator = ? and category = ?"
            " and observed >= ? and 2 * observed >= total order by time_period",
            [code, category, FEWEST],
        )
    ]


def _standing(db: sqlite3.Connection, indicator: Mapping[str, Any], choice: Choice, kind: Row) -> dict[str, Any] | None:
    """The rank among the territories of today, in their perimeters of today, as on the page of a territory.

    Whatever geography is shown: among the perimeters of the time, some would be counted that no longer exist.
    """
    found = db.execute(VALUES, ["constante", indicator["code"], choice.level, choice.period]).fetchall()
    same = {v["ref_area"]: v["obs_value"] for v in found if v["category"] == kind["category"]}
    value = same.get(choice.shown["ref_area"]) if choice.shown else None
    if value is None or len(same) < 2:
        return None
    lower = indicator["direction"] == "lower"
    before = sum(v < value if lower else v > value for v in same.values())
    return {"rank": before + 1, "count": len(same), "ties": sum(v == value for v in same.values()) - 1}


def _change(db: sqlite3.Connection, code: str, choice: Choice) -> dict[str, Any] | None:
    """The value of the period before, and how much it moved since; None for the first one."""
    assert choice.shown is not None
    series = db.execute(SERIES, [choice.geography, code, choice.shown["ref_area"]]).fetchall()
    past = [row for row in series if row["time_period"] <= choice.period][-2:]
    if len(past) < 2:
        return None
    return {
        "since": past[0]["time_period"],
        "before": past[0]["obs_value"],
        "by": past[1]["obs_value"] - past[0]["obs_value"],
    }


def _lines(
    db: sqlite3.Connection, code: str, choice: Choice, parent: Mapping[str, Any] | None, category: Row | None
) -> tuple[list[dict[str, Any]], list[Row]]:
    """The curves of the page (kind, name, points), the changes of perimeter of the territory shown."""
    lines: list[dict[str, Any]] = []
    events: list[Row] = []

    def points(geography: str, area: str) -> list[tuple[str, float]]:
        return [(row[0], row[1]) for row in db.execute(SERIES, [geography, code, area])]

    if choice.shown:
        own = choice.shown["ref_area"]
        other = next(g for g in ("constante", "epoque") if g != choice.geography)
        mine, elsewhere = points(choice.geography, own), points(other, own)
        lines.append({"kind": "own", "name": choice.shown["name"], "points": mine})
        if elsewhere and elsewhere != mine:
            lines.append({"kind": "other", "name": choice.shown["name"], "points": elsewhere})
        events = translated(
            db.execute(
                "select e.date, e.type, y.title from territory_events e join event_types y on y.type = e.type"
                " where e.to_area = ? or e.from_area = ? group by e.date, e.type order by e.date",
                [own, own],
            ).fetchall()
        )
    if parent:
        lines.append({"kind": "parent", "name": parent["name"], "points": points("constante", parent["ref_area"])})
    for row in [category] if category else _categories(db, choice.level):
        if row["ranked"] and (found := _medians(db, code, row["category"])):
            lines.append({"kind": "median", "name": row["title_plural"], "points": found})
    return [line for line in lines if line["points"]][:4], events


def _categories(db: sqlite3.Connection, level: str) -> list[Row]:
    return translated(db.execute("select * from categories where level = ? order by position", [level]).fetchall())


def _table(db: sqlite3.Connection, code: str, choice: Choice, own: Row | None, values: Sequence[Row]) -> dict[str, Any]:
    where = " and region = :dans" if choice.region else ""
    given = {
        "geographie": choice.geography,
        "indicateur": code,
        "niveau": choice.level,
        "periode": choice.period,
        **({"dans": choice.region["ref_area"]} if choice.region else {}),
    }
    sql = TABLE.format(inside=where, order=ORDERS[choice.order])
    # A région has few enough rows to be read once, and counted; the level of communes has not.
    inside = db.execute(sql, {**given, "lignes": -1, "debut": 0}).fetchall() if choice.region else None
    count = len(values) if inside is None else len(inside)
    last = max(1, -(-count // PAGE))
    if choice.page > last:
        raise Refused(_("Ce tableau va de la page 1 à la page {last}.").format(last=last))
    start = (choice.page - 1) * PAGE
    given |= {"lignes": PAGE, "debut": start}
    rows = translated(db.execute(sql, given).fetchall() if inside is None else inside[start : start + PAGE])
    return {
        "sql": sql,
        "given": given,
        "rows": rows,
        "count": count,
        "last": last,
        "own_page": _own_page(values, choice, own),
        "all": {"indicator": code, "geography": choice.geography, "level": choice.level, "time_period": choice.period}
        | ({"region": choice.region["ref_area"]} if choice.region else {}),
    }


def _own_page(values: Sequence[Row], choice: Choice, own: Row | None) -> int | None:
    """The page of the table on which the territory shown is; None when it is not known or not in the région."""
    if own is None or not choice.order.startswith("valeur") or choice.region:
        return None
    mine, area, way = own["obs_value"], own["ref_area"], -1 if choice.order == "valeur" else 1
    ahead = sum((way * v["obs_value"], v["ref_area"]) < (way * mine, area) for v in values)
    return ahead // PAGE + 1


def _progress(db: sqlite3.Connection, indicator: Mapping[str, Any], choice: Choice) -> dict[str, Any] | None:
    """The similar territories that progressed most over a year or more, in today's perimeters; None without any."""
    since = _year_before(choice.period, choice.periods)
    if choice.shown is None or since is None:
        return None
    found = db.execute(
        """select p.peer as ref_area, t.name, a.obs_value as before, b.obs_value as after,
            b.obs_value - a.obs_value as by
        from (select peer, position from peers where ref_area = :own union all select :own, 0) p
        join territories t on t.ref_area = p.peer
        join current_values a on a.indicator = :code and a.ref_area = p.peer and a.time_period = :since
        join current_values b on b.indicator = :code and b.ref_area = p.peer and b.time_period = :period
        where a.obs_value is not null and b.obs_value is not null order by p.position""",
        {"own": choice.shown["ref_area"], "code": indicator["code"], "since": since, "period": choice.period},
    ).fetchall()
    better = -1 if indicator["direction"] == "lower" else 1
    own = next((row for row in found if row["ref_area"] == choice.shown["ref_area"]), None)
    others = [row for row in found if row is not own and row["by"] * better > 0]
    others.sort(key=lambda row: -row["by"] * better)
    return {"since": since, "own": own, "others": others[:PROGRESSED], "compared": len(found) - (own is not None)}


def _year_before(period: str, periods: Sequence[str]) -> str | None:
    """The latest period at least a year older, else the oldest of those before; None when there is none."""
    year, month = end_month(period)
    earlier = sorted((p for p in periods if end_month(p) < (year, month)), key=end_month)
    return next((p for p in reversed(earlier) if end_month(p) <= (year - 1, month)), next(iter(earlier), None))
