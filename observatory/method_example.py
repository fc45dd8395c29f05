"""The territory whose score a page of the method works out again, and those that answer to the same words."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from observatory.resolving import MOST_NEAR, resolve

LONGEST = 60
SCORED = "select ref_area from scores where edition = ? and node = 'index' and score is not null"
FIRST = """
select c.* from scores s join territory_card c on c.ref_area = s.ref_area
where s.edition = ? and s.node = 'index' and s.peer_group = 'departement' and s.rank is not null
order by s.ref_area limit 1
"""


@dataclass(frozen=True)
class Example:
    """A card of territory_card, None where there is no such territory, and its namesakes, `more` beyond those shown."""

    asked: str
    territory: Any | None
    namesakes: tuple[Any, ...] = ()
    more: bool = False

    @property
    def meant(self) -> str:
        """What leads from another page to this very territory: what was asked, or the identifier when in doubt."""
        return self.territory["ref_area"] if self.territory and self.namesakes else self.asked


def example(db: sqlite3.Connection, edition: str, text: str | None) -> Example:
    """The first territory named by `text` that the edition scores, else the first named; without any text, the first
    ranked département. `db` gives its rows by name."""
    asked = (text or "").strip()[:LONGEST].strip()
    if not asked:
        return Example("", db.execute(FIRST, [edition]).fetchone())
    named = resolve(db, asked).exact
    marks = ",".join("?" * len(named))
    scored = {row[0] for row in db.execute(f"{SCORED} and ref_area in ({marks})", [edition, *_areas(named)])}
    shown = next((card for card in named if card["ref_area"] in scored), next(iter(named), None))
    others = tuple(card for card in named if card is not shown)
    return Example(asked, shown, others[:MOST_NEAR], len(others) > MOST_NEAR)


def _areas(cards: tuple[Any, ...]) -> list[str]:
    return [card["ref_area"] for card in cards]
