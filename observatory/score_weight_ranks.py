"""Rows of `score_weight_ranks`: the ranks that each territory could have for the index under other weights."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from observatory.model import HEIGHTS, INDEX, Framework
from observatory.scoring_weight_ranks import ADMISSIBLE, weight_ranks

Row = dict[str, object]


def weight_rank_rows(framework: Framework, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows for the territories that the edition ranks by the index in `rows` of scores, among those of their category.

    The published scores of the domains are weighed, so that anyone can check a row from the tables alone.
    """
    if framework.mean_of(HEIGHTS["index"]) != "arithmetic":
        return  # the proof is that of a weighted arithmetic mean
    ranked: dict[str, set[str]] = {}
    parts: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["node"] == INDEX and row["rank"] is not None:
            ranked.setdefault(str(row["peer_group"]), set()).add(str(row["ref_area"]))
        if row["node_type"] == "domain":
            score = np.nan if row["score"] is None else row["score"]
            parts.setdefault(str(row["ref_area"]), {})[str(row["node"])] = score
    for peer_group, found in sorted(ranked.items()):
        areas = {area: parts[area] for area in sorted(found)}
        domains = [d for d in framework.domains if any(d.code in scores for scores in areas.values())]
        scores = np.array([[scores.get(d.code, np.nan) for d in domains] for scores in areas.values()])
        ranks = weight_ranks(scores, np.array([d.weight for d in domains]))
        for place, area in enumerate(areas):
            yield {
                "edition": framework.edition,
                "ref_area": area,
                "peer_group": peer_group,
                "rank_best": int(ranks.best[place]),
                "rank_worst": int(ranks.worst[place]),
                "proven": int(ranks.proven[place]),
                "weight_factor": ADMISSIBLE,
            }
