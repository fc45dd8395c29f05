"""A ranking as CSV: the rows of its page, all of them and in its order, kept a while for who asks for them again."""

import csv
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from observatory import languages
from observatory.downloads import Asked
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.ranking import Ranking, details, ranking
from observatory.ranking_page import Screen, followed, last_page, page_asked, screened, weights_asked
from observatory.ranking_reading import NAMES, view_of
from observatory.simulation import published

COLUMNS = ("ref_area", "name", "population", "rank", "score")
PUBLISHED = ("score_low", "score_high", "maturity", "rank_p05", "rank_p95", "rank_low", "rank_high")
COMMON = ("rank_best", "rank_worst", "coverage")
ANEW = ("published_rank", "published_score", "places_gained")
ASKED = Asked(COLUMNS, lambda: iter(()))  # scores are the observatory's own: it is all that their headers must know
# Files kept, compressed: the largest, 35,000 communes, is 5.6 MB of text and takes a second of work, then 0.7 MB.
KEPT = 16


class File(NamedTuple):
    """The file of a ranking, zlib-compressed, and a tag that changes with its bytes."""

    compressed: bytes
    tag: str

    @property
    def text(self) -> bytes:
        """The CSV, in UTF-8."""
        return zlib.decompress(self.compressed)


def file(
    path: str | Path, category: str, node: str, parameters: Mapping[str, str], repeated: Iterable[str] = ()
) -> tuple[Ranking, File | None]:
    """The ranking and its file, none without a line; Refused for what is to be mended in the parameters."""
    base, shown = published(path), ranking(path, category, node)
    mine = followed(path, shown, parameters.get("territoire", ""))
    view, faults = view_of(base, shown, parameters, mine, repeated)
    if not shown.lines:
        return shown, None
    if faults:
        wrong = "malformed-weights" if faults[0].parameter.startswith("poids.") else "malformed-value"
        raise Refused(wrong, detail=" ".join(fault.said for fault in faults))
    if view.strange:
        known = [*NAMES, *(f"poids.{node.code}" for node in base.nodes)]
        raise Refused("unknown-filter", view.strange[0], known)
    if typed := parameters.get("page", "").strip():
        _exists(screened(path, category, node, parameters), typed)
    # What changes no row, a territory to follow or a page, makes no other file.
    asked = {"noeud": node, "dans": view.inside, "taille": view.size, **weights_asked(base, view)}
    state = Path(path).stat()
    return (
        shown,
        _kept(str(path), (state.st_mtime_ns, state.st_size, languages.current()), category, *asked.items()),
    )


def _exists(found: Screen, typed: str) -> None:
    """Refuse a page that the ranking has not; the file holds them all."""
    last = last_page(found)
    if page_asked(typed, last) is None:
        said = _("Ce classement va de la page 1 à la page {last}.").format(last=last)
        raise Refused("unknown-page", typed, (), said)


@lru_cache(maxsize=KEPT)
def _kept(path: str, state: tuple[int, int, str], category: str, *asked: tuple[str, str]) -> File:
    text = table(screened(path, category, dict(asked)["noeud"], dict(asked)), path).encode()
    return File(zlib.compress(text, 1), hashlib.sha256(text).hexdigest()[:20])


def table(found: Screen, path: str | Path) -> str:
    """The rows of the page, all of them and in its order, as CSV; whoever is not ranked comes after, with why."""
    rows = [*found.ranked, *found.unranked]
    of = details(path, found.shown, [row.line.ref_area for row in rows])
    anew = any(row.standing for row in rows)
    names = [
        *COLUMNS,
        *(ANEW if anew else PUBLISHED),
        *COMMON,
        *(() if anew else ("rank_before",)),
        "reason",
        "figure_status",
    ]
    written = StringIO()
    writer = csv.DictWriter(written, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        standing = row.standing
        now: dict[str, Any] = {"rank": row.rank, "score": row.score}
        if standing:
            now |= {"published_rank": standing.published_rank, "published_score": standing.territory.score}
            now |= {"places_gained": standing.gain, "reason": standing.reason}
        writer.writerow({**of[row.line.ref_area], **now})
    return written.getvalue()
