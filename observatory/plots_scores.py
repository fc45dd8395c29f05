"""Figures of scores: how those of a ranking lie, and the score of a territory year after year."""

from collections.abc import Mapping, Sequence
from typing import Any

from observatory.languages import data
from observatory.languages import gettext as _
from observatory.maps import scored_by
from observatory.model import INDEX
from observatory.plots import Plot
from observatory.plots_bars import Histogram, counted
from observatory.plots_curves import Curve, Curves, graduated, month
from observatory.ranking_page import Counts
from observatory.spoken import number, said

# A band of fewer points would not be seen.
SEEN = 0.5
HUNDRED = tuple((at, str(at)) for at in (0, 25, 50, 75, 100))


def bars(counts: Counts, kinds: str, node: str, frozen: bool = False) -> Plot | None:
    """The scores of a ranking in classes of five points; None when nobody is ranked.

    `kinds` and `node` are titles in the language of the page; `frozen` links the table of its edition.
    """
    spread, mine, shown = counts.spread, counts.mine, counts.shown
    if not spread or not counts.ranked:
        return None
    marked = mine is not None and mine[1] is not None
    title = _("{node} : répartition des scores des {kinds}").format(node=node, kinds=said("noun")(kinds))
    if counts.simulated:
        title = _("{title}, avec d’autres poids").format(title=title)
    low, high = number(counts.low, 1), number(counts.high, 1)
    said_of = _("{n} scores, de {low} à {high} sur 100, par tranches de cinq points.")
    table = f"/donnees/scores?edition={shown.edition}&node={shown.node}&peer_group={shown.category}"
    return Plot(
        name=f"scores-{shown.category}",
        title=said("typeset")(title),
        description=said_of.format(n=number(counts.ranked), low=low, high=high),
        notes=(
            _("{n} territoires classés, par score de 0 à 100.").format(n=number(counts.ranked)),
            _("Chaque barre compte ceux d’une tranche de cinq points."),
        ),
        source=scored_by(shown.edition),
        time_period=_("Édition {edition}").format(edition=shown.edition),
        path=f"/classements/{shown.category}",
        query=counts.query,
        twin=table if frozen else "repartition-table",
        key=(("own", _("{name} : {value}").format(name=mine[0], value=number(mine[1], 1))),) if mine and marked else (),
        content=Histogram(
            bars=tuple((float(low), float(high), count) for low, high, count in spread),
            mine=min(int(mine[1] // 5), len(spread) - 1) if mine and mine[1] is not None else None,
            marks=(("own", mine[1]),) if mine and mine[1] is not None else (),
            values=tuple((at, str(at)) for at in range(0, 101, 20)),
            counts=counted(max(count for _, _, count in spread)),
            told=tuple(map(_bar_said, spread)),
        ),
    )


def years(series: Sequence[Any], titles: Mapping[str, str]) -> dict[str, Any] | None:
    """What a territory's scores by year show: the index when it has several years, else the domain that has most.

    `series` are rows of score_series of one edition, `titles` those of the index and of the domains, by code.
    """
    scored = [row for row in series if row["score"] is not None and row["node"] in titles]
    counts = {code: len({row["time_period"] for row in scored if row["node"] == code}) for code in titles}
    shown = INDEX if counts[INDEX] > 1 else max(counts, key=lambda code: counts[code])
    shown = shown if counts[shown] > 1 else INDEX
    own = sorted(
        (row for row in scored if row["node"] == shown), key=lambda row: (row["time_period"], row["geography"])
    )
    if not own:
        return None
    epoque, constante = ([r for r in own if r["geography"] == g] for g in ("epoque", "constante"))
    same = [(r["time_period"], r["score"]) for r in epoque] == [(r["time_period"], r["score"]) for r in constante]
    return {
        "shown": shown,
        "title": titles[shown],
        "own": own,
        "main": epoque or constante,
        "constante": constante,
        "others": [] if same or not epoque else constante,
        "same": same,
    }


def course(
    found: Mapping[str, Any] | None, ref_area: str, name: str, edition: str, former: bool = False
) -> Plot | None:
    """The score of a territory by year, of what `years` found; None with a single year.

    `former` is for a territory whose own page stays behind that of the one that took its place.
    """
    if not found or len(found["main"]) < 2:
        return None
    rows, others = found["main"], found["others"]
    periods = [row["time_period"] for row in rows]
    title = _("{name} : {title} par année, de 0 à 100").format(name=name, title=found["title"])
    both = bool(others)
    band = tuple((month(r["time_period"]), r["score_low"], r["score_high"]) for r in rows)
    unsure = any(high - low >= SEEN for _, low, high in band)
    path = f"/territoires/{ref_area}/score"
    return Plot(
        name=f"annees-{ref_area}",
        title=said("typeset")(title),
        description=said("typeset")(_(" ; ").join(map(_point_said, rows))),
        notes=(_("Bande claire : où le score pouvait se trouver selon ce que valaient les données manquantes."),)
        if unsure
        else (),
        source=scored_by(edition),
        time_period=said("span")(periods[0], periods[-1]),
        path=path,
        query=(("vue", "ancien"),) if former else (),
        twin="annees-table",
        unfrozen=said("typeset")(
            _("Les scores par année existent pour la seule édition en cours, {edition} : ils ne se figent pas.")
        ).format(edition=edition),
        key=(
            ("score", _("Score, géographie d’époque") if both else _("Score")),
            *((("today", _("Score, géographie d’aujourd’hui")),) if both else ()),
            *((("band", _("Selon les données manquantes")),) if unsure else ()),
        ),
        content=Curves(
            curves=(_yearly("score", rows), *((_yearly("today", others),) if both else ())),
            months=graduated(periods),
            values=HUNDRED,
            span=(month(periods[0]), month(periods[-1])),
            band=band if unsure else (),
        ),
    )


def _yearly(kind: str, rows: Sequence[Any]) -> Curve:
    points = tuple((month(row["time_period"]), row["score"]) for row in rows)
    return Curve(kind, (points,), points, told=tuple(map(said("typeset"), map(_point_said, rows))))


def _point_said(row: Any) -> str:
    return _("{name} : {value}").format(name=row["time_period"], value=number(row["score"], 1))


def _bar_said(bar: tuple[int, int, int]) -> str:
    low, high, held = bar
    words = (_("de {low} à {high}") if high == 100 else _("de {low} à moins de {high}")).format(low=low, high=high)
    return said("typeset")(_("{name} : {value}").format(name=words, value=said("count")(held, "territoire")))


def titles(db: Any) -> dict[str, str]:
    """Titles of the index and of the domains, by code."""
    rows = db.execute("select code, title from domains order by position")
    return {INDEX: _("Indice"), **{row["code"]: data(row["title"]) for row in rows}}


def node_title(db: Any, node: str) -> str:
    """The title of the index, of a domain or of an indicator; empty when there is none."""
    if node == INDEX:
        return _("Indice d’ensemble")
    row = db.execute(
        "select title from domains where code = :node union all select title from indicators where code = :node",
        {"node": node},
    ).fetchone()
    return data(row[0]) if row else ""
