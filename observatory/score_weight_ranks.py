"""Rows of `score_weight_ranks`: the ranks that each territory could have for the index under other weights."""

import sqlite3
from collections.abc import Iterator

import numpy as np

from observatory.model import HEIGHTS, Framework
from observatory.score_cells import INDEX
from observatory.scoring_weight_ranks import ADMISSIBLE, weight_ranks

Row = dict[str, object]


def weight_rank_rows(framework: Framework, db: sqlite3.Connection) -> Iterator[Row]:
    """Rows for the territories that the edition ranks by the index in `db`, each among the ranked of its category.

    The published scores of the domains are weighed, so that anyone can check a row from the tables alone.
    """
    if framework.mean_of(HEIGHTS["index"]) != "arithmetic":
        return  # the proof is that of a weighted arithmetic mean
    ranked = "select ref_area from scores where edition = ? and node = ? and rank is not null"
    found = db.execute(
        "select peer_group, ref_area, node, score from scores"  # noqa: S608 (a constant)
        f" where edition = ? and node_type = 'domain' and ref_area in ({ranked}) order by peer_group, ref_area",
        [framework.edition, framework.edition, INDEX],
    )
    groups: dict[str, dict[str, dict[str, float]]] = {}
    for peer_group, area, domain, score in found:
        groups.setdefault(peer_group, {}).setdefault(area, {})[domain] = np.nan if score is None else score
    for peer_group, areas in groups.items():
        domains = [d for d in framework.domains if any(d.code in scores for scores in areas.values())]
        scores = np.array([[scores.get(d.code, np.nan) for d in domains] for scores in areas.values()])
        ranks = weight_ranks(scores, np.array([d.weight for d in domains]))
        for row, area in enumerate(areas):
            yield {
                "edition": framework.edition,
                "ref_area": area,
                "peer_group": peer_group,
                "rank_best": int(ranks.best[row]),
                "rank_worst": int(ranks.worst[row]),
                "proven": int(ranks.proven[row]),
                "weight_factor": ADMISSIBLE,
            }
