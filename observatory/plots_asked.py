"""A figure asked for by its name and the parameters of its page: for its files, and for other sites."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from observatory import (
    comparing,
    comparing_asked,
    indicator_page,
    plots,
    plots_compare,
    plots_indicator,
    plots_scores,
    resolving,
    vanished,
)
from observatory.indicator_choice import PARAMETERS
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.plots import Plot
from observatory.plots_bars import Histogram
from observatory.ranking import opened
from observatory.ranking_page import counts, screened
from observatory.simulation import INDEX

Parameters = Mapping[str, Sequence[str]]
SERIES = "select * from score_series where ref_area = ? and edition = ?"


class Refusal(Exception):
    """Why there is no such figure, in the reader's language; `status` is 404, or 400 for parameters to be mended."""

    def __init__(self, said: str, status: int = 404) -> None:
        super().__init__(said)
        self.status = status


def read(path: str | Path, name: str, parameters: Parameters) -> Plot:
    """The figure of that name (repartition-…, evolution-…, scores-…, annees-…, comparaison); Refusal without one.

    With `edition`, frozen to an edition of the method: the periods and the scores that it used; a figure that cannot be
    frozen is that of the edition in force, whatever was asked.
    """
    kind, _dash, subject = name.partition("-")
    edition = next(iter(parameters.get("edition", ())), "") or None
    reader = READERS.get(kind)
    with opened(path) as db:
        if edition and not db.execute("select 1 from method where edition = ?", [edition]).fetchone():
            raise Refusal(_("Aucune édition de la méthode ne s’appelle « {edition} ».").format(edition=edition[:60]))
        found = reader(Asked(path, db, subject, parameters, edition)) if reader else None
    if found is None:
        raise Refusal(_("Il n’y a pas de graphique « {name} » avec ces choix.").format(name=name[:80]))
    return replace(found, edition=edition) if edition and not found.unfrozen else found


def ready(path: str | Path, name: str, parameters: Parameters) -> Plot:
    """The figure of that name as `read` gives it, already drawn."""
    plot = read(path, name, parameters)
    plots.drawing(plot.content)
    return plot


class Asked(NamedTuple):
    """A figure asked for: of what (the name without its kind), with which parameters, frozen to which edition."""

    path: str | Path
    db: sqlite3.Connection
    subject: str
    given: Parameters
    edition: str | None

    @property
    def first(self) -> dict[str, str]:
        """The first value of each parameter, but the edition."""
        return {name: values[0] for name, values in self.given.items() if values and name != "edition"}


def _indicator(asked: Asked, figure: Callable[..., Plot | None]) -> Plot | None:
    row = asked.db.execute("select * from indicator where code = ?", [asked.subject]).fetchone()
    if row is None:
        return None
    given = {name: text for name, text in asked.first.items() if name in PARAMETERS}
    found = indicator_page.screen(asked.path, row, given, asked.edition)
    if found.get("refusal"):
        raise Refusal(found["refusal"])
    return figure(row, found)


def _scores(asked: Asked) -> Plot | None:
    category, parameters = asked.subject, asked.first
    node = parameters.get("noeud") or INDEX
    row = asked.db.execute("select title_plural from categories where category = ?", [category]).fetchone()
    title = plots_scores.node_title(asked.db, node)
    if row is None or not title:
        return None
    repeated = [name for name, values in asked.given.items() if len(values) > 1]
    found = screened(asked.path, category, node, parameters, repeated, asked.edition)
    if found.faults:
        raise Refusal("\n".join(fault.said for fault in found.faults), 400)
    # The page goes on with the editions: what is frozen leads to the table of its own.
    return plots_scores.bars(counts(found), data(row[0]), title, frozen=asked.edition is not None)


def _years(asked: Asked) -> Plot | None:
    db, subject = asked.db, asked.subject
    cards = resolving.identified(db, subject) or resolving.identified(db, vanished.heir_of_region(subject))
    if len(cards) != 1:
        return None
    area = cards[0]["ref_area"]
    heir = db.execute("select heir from territory where ref_area = ?", [area]).fetchone()["heir"]
    former = bool(heir) and f"vue={asked.first.get('vue')}" == vanished.KEPT
    shown = area if former else heir or area
    name = db.execute("select name from territories where ref_area = ?", [shown]).fetchone()["name"]
    edition = db.execute("select edition from current_edition").fetchone()["edition"]
    found = plots_scores.years(db.execute(SERIES, [shown, edition]).fetchall(), plots_scores.titles(db))
    return plots_scores.course(found, shown, name, edition, former)


def _comparison(asked: Asked) -> Plot | None:
    found = [_today(asked.db, text) for text in comparing_asked.written(asked.given.get("t", ()))]
    state = comparing_asked.asked(found, {"indicateur": asked.first.get("indicateur", "")})
    if not comparing_asked.LEAST <= len(state.areas) <= comparing_asked.MOST:
        raise Refusal(_("Une comparaison réunit deux à six territoires."), 400)
    return plots_compare.course(comparing.screen(asked.path, state, asked.edition))


def _today(db: sqlite3.Connection, text: str) -> comparing_asked.Found:
    """The territory of today that these words mean, or the one that took the whole place of theirs; else Refusal."""
    resolved = resolving.resolve(db, text)
    found = comparing_asked.meaning(resolved)
    if found.area:
        return found
    if not found.vanished:
        raise Refusal(resolved.said(), 400 if resolved.namesakes else 404)
    gone = db.execute("select name, heir from territory where ref_area = ?", [found.vanished]).fetchone()
    if not gone["heir"]:
        said = _("{name} n’existe plus, et aucun territoire n’en a pris toute la place.").format(name=gone["name"])
        raise Refusal(said)
    return replace(found, area=gone["heir"], vanished="")


READERS: dict[str, Callable[[Asked], Plot | None]] = {
    "repartition": lambda asked: _indicator(asked, plots_indicator.bars),
    "evolution": lambda asked: _indicator(asked, plots_indicator.course),
    "scores": _scores,
    "annees": _years,
    "comparaison": _comparison,
}


# What the templates of the pages draw, from what they have already read.
DRAWN: dict[str, Callable[..., Plot | None]] = {
    "repartition": plots_indicator.bars,
    "evolution": plots_indicator.course,
    "scores": plots_scores.bars,
    "annees": plots_scores.course,
    "comparaison": plots_compare.course,
}


def drawn(kind: str, *facts: Any) -> Plot | None:
    """The figure of a kind from the facts of its page, already drawn; None when there is nothing to draw."""
    plot = DRAWN[kind](*facts)
    if plot:
        plots.drawing(plot.content)
    return plot


def wake() -> None:
    """Draw a first figure, of nothing, beside the caller: the second one takes a tenth of its time."""
    nothing = Histogram(((0.0, 1.0, 1),), None, (), ((0.0, "0"),), ((0.0, "0"), (1.0, "1")))
    Thread(target=plots.drawing, args=(nothing,)).start()
