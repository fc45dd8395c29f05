"""What the page of a ranking shows: its rows, with the published weights or with others, its filters and its links."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from observatory.languages import gettext as _
from observatory.model import INDEX
from observatory.ranking import Line, Ranking, details, kept, opened, ranking
from observatory.ranking_reading import SPREAD, View, unnamed, view_of
from observatory.resolving import Resolved, proposed, resolve
from observatory.simulation import Published, Standing, published, simulate
from observatory.simulation_options import Fault, parameters_of, rows_of
from observatory.simulation_page import changes, weighed_domains
from observatory.simulation_reading import HEAVIEST, printable, read

PAGE = 150
STEP = 5


class Row(NamedTuple):
    """A line of the ranking on screen: its rank there, the one it has among the lines kept, and what was published."""

    line: Line
    rank: int | None
    score: float | None
    place: int | None
    tied: bool
    standing: Standing | None


class Counts(NamedTuple):
    """How the scores on screen lie: how many in each class (from, to, count), their ends, and one (name, score).

    `query` are the parameters of the page that shows it.
    """

    shown: Ranking
    spread: tuple[tuple[int, int, int], ...]
    ranked: int
    low: float | None
    high: float | None
    mine: tuple[str, float | None] | None
    simulated: bool
    query: tuple[tuple[str, str], ...]


class Screen(NamedTuple):
    """The rows kept by the filters, in the order of the page, and what they were asked with."""

    base: Published
    shown: Ranking
    view: View
    faults: list[Fault]
    ranked: list[Row]
    unranked: list[Row]


def screened(  # noqa: PLR0913 (an address and what it is read over)
    path: str | Path,
    category: str,
    node: str,
    parameters: Mapping[str, str],
    repeated: Iterable[str] = (),
    edition: str | None = None,
) -> Screen:
    """The rows that the parameters ask for; with `faults`, those that they would ask for without what is wrong.

    They are those of an edition of the method, by default of the one in force: other weights apply to that one only.
    """
    base, shown = published(path), ranking(path, category, node, edition)
    mine = followed(path, shown, parameters.get("territoire", ""))
    view, faults = view_of(base, shown, parameters, mine, repeated)
    if view.weights and shown.edition != base.edition:
        said = _("d’autres poids ne s’appliquent qu’à l’édition en cours de la méthode, {edition}.")
        faults.append(Fault("edition", said.format(edition=base.edition)))
    anew = _anew(base, shown, view)
    lines = kept(shown.lines, view.inside, view.size)
    ranks: list[tuple[int | None, float | None, Line, Standing | None]]
    ranks, shared = [(line.rank, line.score, line, None) for line in lines], shown.shared
    if anew:
        found = [(anew.get(line.ref_area), line) for line in lines]
        ranks = [(s and s.rank, s and s.score, line, s) for s, line in found]
        ranks.sort(key=lambda x: (x[0] is None, x[0] or 0))
        # A filter neither makes nor breaks a tie.
        shared = Counter(s.rank or 0 for s in anew.values())
    places: dict[int, int] = {}
    rows = [
        Row(line, rank, score, places.setdefault(rank, position), shared[rank] > 1, standing)
        for position, (rank, score, line, standing) in enumerate(ranks, 1)
        if rank is not None
    ]
    others = [Row(line, None, score, None, False, s) for rank, score, line, s in ranks[len(rows) :]]
    return Screen(base, shown, view, faults, rows, others)


def _anew(base: Published, shown: Ranking, view: View) -> dict[str, Standing]:
    """The whole category ranked with the weights asked, by identifier; nothing when they are the published ones."""
    if not simulates(base, shown) or view.weights is None:
        return {}
    found = simulate(base, rows_of(base, view.weights), view.weights.method)
    return {standing.territory.ref_area: standing for standing in found}


def simulates(base: Published, shown: Ranking) -> bool:
    """Whether other weights mean something here: for the index, in a category that has one."""
    return shown.node == INDEX and shown.category in base.categories


def followed(path: str | Path, shown: Ranking, typed: str) -> Resolved:
    """The territory that the words name, one of this ranking rather than a namesake."""
    if not typed.strip():
        return Resolved()
    lines = {line.ref_area for line in shown.lines}
    with opened(path) as db:
        return resolve(db, typed).preferring(lambda card: card["ref_area"] in lines)


def _proposed(path: str | Path, found: Screen) -> tuple[Any, ...]:
    """The territories among which to choose the one to follow, those of this ranking first."""
    if not found.view.unnamed.text:
        return ()
    lines = {line.ref_area for line in found.shown.lines}
    with opened(path) as db:
        return proposed(db, found.view.unnamed, lambda card: card["ref_area"] in lines)


def screen(
    path: str | Path, category: str, node: str, parameters: Mapping[str, str], repeated: Iterable[str] = ()
) -> dict[str, Any]:
    """Everything that the template shows; `page` is None when the ranking has no such page."""
    found = screened(path, category, node, parameters, repeated)
    base, shown, view = found.base, found.shown, found.view
    last = last_page(found)
    mine = next((row for row in (*found.ranked, *found.unranked) if row.line is view.followed), None)
    page = page_asked(parameters.get("page", "").strip(), last, found.ranked.index(mine) if mine in found.ranked else 0)
    rows = found.ranked[((page or 1) - 1) * PAGE :][:PAGE]
    others = found.unranked[:PAGE]
    of = details(path, shown, [row.line.ref_area for row in (*rows, *others, *([mine] if mine else []))])
    seen = Counter(of[row.line.ref_area]["domains_observed"] for row in rows)
    asked = view.weights if simulates(base, shown) else None
    # A territory to follow that is not understood changes no row: alone, it takes none away.
    harmless = found.faults == unnamed(view.unnamed)
    return {
        "shown": shown,
        "view": view,
        "faults": [] if harmless else found.faults,
        "proposed": _proposed(path, found),
        "typed": {name: printable(text) for name, text in parameters.items()} if found.faults else {},
        "heaviest": HEAVIEST,
        "simulated": asked is not None,
        "weighing": any(name.startswith("poids.") for name in parameters),
        "rows": rows,
        "ranked": found.ranked,
        "unranked": others,
        "unranked_count": len(found.unranked),
        "of": of,
        "usual_seen": seen.most_common(1)[0][0] if seen else None,
        "mine": mine,
        "total": len(shown.lines),
        "total_ranked": len(shown.lines) - shown.shared.get(0, 0),
        "page": page,
        "last": last,
        "sizes": _sizes(shown),
        "moved": sum(1 for row in found.ranked if row.standing and row.standing.gain),
        "counts": counts(found) if view.spread else None,
        **_weighing(base, shown, view),
        **_links(found),
    }


def last_page(found: Screen) -> int:
    """How many pages the ranked territories fill."""
    return max(1, -(-len(found.ranked) // PAGE))


def page_asked(typed: str, last: int, place: int = 0) -> int | None:
    """The page asked, the one of the followed territory when none is; None when it does not exist."""
    if not typed:
        return place // PAGE + 1
    good = typed.isascii() and typed.isdigit() and len(typed) < 7
    return int(typed) if good and 1 <= int(typed) <= last else None


def _sizes(shown: Ranking) -> list[tuple[str, int, int | None, int]]:
    """Classes of population that hold somebody: code, from, to (None: no end), and how many."""
    found = []
    for code in sorted(shown.sizes.keys() - {""}, key=lambda text: int(text.partition("-")[0])):
        floor, _dash, top = code.partition("-")
        found.append((code, int(floor), int(top) if top.isdigit() else None, shown.sizes[code]))
    return found


def counts(found: Screen) -> Counts:
    """How the scores of the screen lie."""
    scores = [row.score for row in found.ranked if row.score is not None]
    mine = next((row for row in (*found.ranked, *found.unranked) if row.line is found.view.followed), None)
    link = _links(found)["link"](vue=SPREAD)
    return Counts(
        found.shown,
        tuple(spread(scores)),
        len(found.ranked),
        min(scores, default=None),
        max(scores, default=None),
        (mine.line.name, mine.score) if mine else None,
        any(row.standing for row in found.ranked),
        tuple(parse_qsl(urlsplit(link).query)),
    )


def spread(scores: Iterable[float]) -> list[tuple[int, int, int]]:
    """How many scores lie in each class of five points: from, to, count; 100 is in the last one."""
    counts = [0] * (100 // STEP)
    for score in scores:
        counts[min(int(score // STEP), len(counts) - 1)] += 1
    return [(place * STEP, place * STEP + STEP, count) for place, count in enumerate(counts)]


def _weighing(base: Published, shown: Ranking, view: View) -> dict[str, Any]:
    """The sliders of the index, and what was changed; nothing where other weights mean nothing."""
    if not simulates(base, shown):
        return {"domains": [], "changes": []}
    asked = view.weights or read(base, {"categorie": shown.category})
    return {"domains": weighed_domains(base, rows_of(base, asked), asked), "changes": changes(base, asked)}


def weights_asked(base: Published, view: View) -> dict[str, str]:
    """The parameters of the weights that differ from the published ones; none when none does."""
    asked = parameters_of(base, view.weights) if view.weights else {}
    return {name: text for name, text in asked.items() if name.startswith("poids.")}


def _links(found: Screen) -> dict[str, Any]:
    """Addresses that ask the same, but for what the template changes: `link(page=2)`, `csv`, `simulation`."""
    shown, view = found.shown, found.view
    weights, usual = weights_asked(found.base, view), read(found.base, {})
    same = {
        "noeud": shown.node if shown.node != INDEX else "",
        "dans": view.inside,
        "taille": view.size,
        "vue": SPREAD if view.spread else "",
        "territoire": view.followed.ref_area if view.followed else view.stranger,
        **weights,
    }
    here = f"/classements/{shown.category}"

    def link(path: str = here, drop_weights: bool = False, **changed: Any) -> str:
        kept = {**same, **changed}
        if drop_weights:
            kept = {name: text for name, text in kept.items() if name not in weights}
        query = urlencode({name: text for name, text in kept.items() if text})
        return f"{path}?{query}" if query else path

    elsewhere = replace(view.weights or usual, perimeter=shown.category, inside=view.inside)
    return {
        "link": link,
        "weights": weights,
        "csv": link(f"{here}.csv", vue="", territoire=""),
        "simulation": f"/simulation?{urlencode(parameters_of(found.base, elsewhere))}"
        if simulates(found.base, shown)
        else "",
    }
