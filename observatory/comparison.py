"""The scores of two published databases, and why they differ."""

import csv
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from observatory import scores
from observatory.aggregation import Observation
from observatory.french import compact, count, number, word
from observatory.frozen import read_editions
from observatory.model import INDEX, Framework
from observatory.ordinary import no_file
from observatory.published import Published
from observatory.score_changes import Passage, Row, Situation, explain
from observatory.score_series import LEVELS
from observatory.scores import Member, Values
from observatory.scoring_change import CAUSES
from observatory.territories import level_of

COLUMNS = ("edition_from", "period_from", "edition_to", "period_to", "node", "ref_area", "kind", *CAUSES, "change")
Key = tuple[str, str, str]  # indicator, territory, period
SHOWN = 5  # territories named in the summary


class Incomparable(Exception):
    """A database cannot be compared; the message says why, in French."""


@dataclass(frozen=True)
class Publication:
    """What a published database says at its current edition: figures in the perimeters of their time and of its day."""

    framework: Framework
    members: list[Member]
    theirs: dict[Key, Observation]
    constant: dict[Key, Observation]

    @cached_property
    def current(self) -> dict[str, dict[str, list[Observation]]]:
        """Figures in the perimeters of its day, by level and indicator."""
        found: dict[str, dict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
        for o in (self.theirs | self.constant).values():
            found[level_of(o.ref_area)][o.indicator].append(o)
        return found

    def values(self, framework: Framework, level: str) -> Values:
        """What counts at its period, under the rules of an edition."""
        figures, period = self.current[level], self.framework.time_period
        return {i.code: scores.latest(figures.get(i.code, ()), i, period) for i in framework.scored}

    def figure(self, key: Key) -> Observation | None:
        """A figure in the perimeters of its day."""
        return self.constant.get(key) or self.theirs.get(key)


def read_publication(root: Path, database: Path) -> Publication:
    """Reads a database; Incomparable when the repository at `root` has not the edition that it was built with."""
    if not database.is_file():
        raise Incomparable(no_file(database))
    editions = {(edition.edition, edition.sha256): edition for edition in read_editions(root)}
    codes = sorted({i.code for edition in editions.values() for i in edition.scored})
    try:
        with Published(database) as published:
            edition, sha256 = published.edition()
            theirs, constant = (published.observations(t, codes) for t in ("observations", "observations_constant"))
            members = published.members()
    except sqlite3.Error as error:
        raise Incomparable(f"« {database} » n’est pas une base publiée par cette version : {error}.") from error
    if (framework := editions.get((edition, sha256))) is None:
        raise Incomparable(_unknown(database, edition, edition in {number for number, _ in editions}))
    return Publication(framework, members, {o.key: o for o in theirs}, {o.key: o for o in constant})


def _unknown(database: Path, edition: str, other: bool) -> str:
    """Why no method of the repository is that of a database, and what to do: another has its number, or none has."""
    file = f"indicators/editions/{edition}.yml"
    if other:
        return (
            f"« {database} » suit l’édition {edition}, dont ce dépôt a une autre méthode. Donnez par --root un dépôt "
            f"dont {file} est le sien ; si la méthode a changé sous ce numéro, donnez-lui le suivant et reconstruisez."
        )
    return (
        f"« {database} » suit l’édition {edition}, que ce dépôt n’a pas. Ajoutez {file}, du dépôt qui a publié la base."
    )


def compare(before: Publication, after: Publication) -> Iterator[Row]:
    """Rows of `score_changes` between two publications, the levels where nothing changed left out."""
    for level in LEVELS:
        passage = _passage(before, after, level)
        frameworks = before.framework, after.framework
        sides = [[s.members, *(s.values(f) for f in frameworks), s.framework] for s in (passage.before, passage.after)]
        if sides[0] != sides[1]:
            yield from explain(passage)


def _passage(before: Publication, after: Publication, level: str) -> Passage:
    def situation(side: Publication) -> Situation:
        members = [m for m in side.members if m.level == level]
        return Situation(side.framework, members, lambda framework: side.values(framework, level))

    def again(framework: Framework) -> Values:
        """The values that counted before, as the publication after knows them."""
        found: Values = {}
        for code, old in before.values(framework, level).items():
            known = [after.figure((code, area, cell.period)) for area, cell in old.items()]
            indicator = next(i for i in framework.scored if i.code == code)
            found[code] = scores.latest([o for o in known if o], indicator, before.framework.time_period)
        return found

    used = (
        (code, area, cell.period)
        for framework in (before.framework, after.framework)
        for code, cells in before.values(framework, level).items()
        for area, cell in cells.items()
    )
    corrected = frozenset(key[:2] for key in used if _corrected(before, after, key))
    return Passage(situation(before), situation(after), again, corrected)


def _corrected(before: Publication, after: Publication, key: Key) -> bool:
    """Whether a figure is not what it was, perimeters apart: in those of its time, it is another one."""
    old, new = before.theirs.get(key), after.theirs.get(key)
    if old is None and new is None:  # known in today's perimeters only
        old, new = before.constant.get(key), after.constant.get(key)
        if old and new and old.cog != new.cog:
            return False
    return (old and (old.value, old.coverage)) != (new and (new.value, new.coverage))


def write_changes(rows: Iterable[Row], target: Path) -> None:
    """Writes the rows as CSV, in the order of their keys."""
    ordered = sorted(rows, key=lambda row: [str(row[name]) for name in COLUMNS])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)


def summary(rows: Sequence[Row]) -> str:
    """What changed in the index and by which causes, in a few French lines."""
    index = [row for row in rows if row["node"] == INDEX]
    moved = {kind: [r for r in index if r["kind"] == kind and r["change"]] for kind in ("score", "rank")}
    nouns = {"score": "score", "rank": "rang"}
    lines = [
        f"Indice : {' et '.join(count(len(moved[k]), f'{nouns[k]} changé', f'{nouns[k]}s changés') for k in moved)}."
    ]
    causes = Counter(cause for row in index for cause in CAUSES if row["kind"] == "score" and row[cause])
    for cause, found in causes.most_common():
        total = sum(abs(_number(row[cause])) for row in index if row["kind"] == "score") / found
        lines.append(f"- {word(cause, 'cause')} : {count(found, 'score')}, {compact(total)} points en moyenne")
    largest = sorted(moved["score"], key=lambda row: (-abs(_number(row["change"])), str(row["ref_area"])))[:SHOWN]
    for row in largest:
        parts = (f"{word(c, 'cause')} {_signed(row[c])}" for c in CAUSES if row[c])
        lines.append(f"{row['ref_area']} : {_signed(row['change'])} ({', '.join(parts)})")
    return "\n".join(lines)


def _number(cell: object) -> float:
    return cell if isinstance(cell, float) else 0.0


def _signed(cell: object) -> str:
    value = _number(cell)
    return ("+" if value > 0 else "") + number(value, 2)
