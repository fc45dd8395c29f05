"""What takes long to compute from a few scores, in a process of its own while the build does the rest."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from observatory import score_weight_ranks, scores, uncertainty
from observatory.model import INDEX, Framework
from observatory.scores import Member, Values

Tables = dict[str, list[dict[str, object]]]
# Ranked territories below which a process would take longer to start than it saves.
ENOUGH = 500


@contextmanager
def beside(framework: Framework, members: list[Member], values: Values) -> Iterator[Future[Tables]]:
    """The studies of the territories that may be ranked, under way; `result()` raises what went wrong in them."""
    ranked = [m for m in members if m.ranked]
    areas = {m.ref_area for m in ranked}
    theirs = {code: {area: cells[area] for area in cells.keys() & areas} for code, cells in values.items()}
    if len(ranked) < ENOUGH:
        done: Future[Tables] = Future()
        done.set_result(study(framework, ranked, theirs))
        yield done
        return
    # A new interpreter rather than a copy of this one, which has a database open; Ctrl-C is for this one to handle.
    quiet = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=signal.signal, initargs=quiet) as pool:
        yield pool.submit(study, framework, ranked, theirs)


def study(framework: Framework, members: list[Member], values: Values) -> Tables:
    """Rows of the tables that say where an edition ranks these territories, and where it otherwise could."""
    rows = list(scores.score(framework, members, values))
    places = [(str(r["node"]), str(r["peer_group"]), str(r["ref_area"])) for r in rows if r["rank"] is not None]
    leaves = {i.code for i in framework.scored}
    ranked = [uncertainty.Ranked(*place) for place in sorted(places) if place[0] not in leaves]
    found = list(uncertainty.groups(framework, ranked, values))
    whole = [group for group in found if group.node == INDEX]
    return {
        "score_uncertainty": [row for group in found for row in uncertainty.uncertainty_rows(group)],
        "score_sensitivity": [row for group in whole for row in uncertainty.sensitivity_rows(group)],
        "score_weight_ranks": list(score_weight_ranks.weight_rank_rows(framework, rows)),
    }
