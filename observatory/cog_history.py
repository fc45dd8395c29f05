"""Communes before the first vintage: existence, names and events since 1943, from historique-communes.json."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from observatory.cog import Record

Interval = tuple[str, str]


@dataclass
class Move:
    """Where one territory goes on one date: the kind of event and the codes that follow it."""

    kind: str
    targets: set[str] = field(default_factory=set)


Moves = dict[tuple[str, str], Move]

# The first word found in the reason for which a record ends says what kind of event it is.
REASONS = (
    ("changement de nom", "rename"),
    ("renommage", "rename"),
    ("changement de département", "departement-change"),
    ("changement de chef lieu", "code-change"),
    ("dé-fusion", "split"),
    ("fusion partielle", "split"),
    ("suppression", "removal"),
)


def kind_of(reason: str) -> str:
    """Type of event of a reason written in the history; every other reason is a merger."""
    return next((kind for word, kind in REASONS if reason.startswith(word)), "merger")


class History:
    """The records of historique-communes.json, chained by their identifiers."""

    def __init__(self, records: list[Record]) -> None:
        self.by_id = {record["id"]: record for record in records}
        self.communes = [record for record in records if record["type"] == "COM"]

    def holder(self, identifier: str) -> Record:
        """The commune that a record is, or to which it belongs as delegated, associated or parent commune."""
        record = self.by_id[identifier]
        while record["type"] != "COM":
            record = self.by_id[record["pole"]]
        return record

    def existence(self) -> dict[str, list[Interval]]:
        """Intervals in which each code was that of a commune; "" = before 1943, or still at the last vintage."""
        spans: dict[str, list[Interval]] = defaultdict(list)
        for record in self.communes:
            spans[record["code"]].append((record.get("dateDebut", ""), record.get("dateFin", "")))
        return {code: joined(intervals) for code, intervals in spans.items()}

    def names(self) -> dict[str, list[str]]:
        """Names of each commune code, oldest first."""
        names: dict[str, list[str]] = defaultdict(list)
        for record in sorted(self.communes, key=lambda record: str(record.get("dateDebut", ""))):
            names[record["code"]].append(record["nom"])
        return names

    def born_with_members(self, after: str) -> set[str]:
        """Codes of current communes that were born of others after a date."""
        return {
            record["code"]
            for record in self.communes
            if record.get("dateDebut", "") > after and record.get("membres") and "dateFin" not in record
        }

    def moves(self) -> Moves:
        """Every move of a commune, by (date, code): where its territory goes when one of its records ends."""
        moves: Moves = {}
        for record in self.communes:
            if "dateFin" in record:
                targets = self.targets(record)
                if targets:
                    moves[record["dateFin"], record["code"]] = Move(kind_of(record["raisonFin"]), targets)
        self.add_restored(moves)
        return self.sorted_out(moves)

    def targets(self, record: Record) -> set[str]:
        """Codes of the communes that hold, after the end of a record, the record and its former members."""
        followers = [record.get("successeur")]
        for identifier in record.get("membres", ()):
            member = self.by_id[identifier]
            if member.get("dateFin") == record["dateFin"]:
                followers.append(member.get("successeur"))
        return {self.holder(identifier)["code"] for identifier in followers if identifier}

    def add_restored(self, moves: Moves) -> None:
        """Add communes restored out of a holder whose own record does not tell of it."""
        for record in self.communes:
            before = record.get("predecesseur")
            if not before or self.by_id[before]["type"] == "COM":
                continue
            date, holder = record["dateDebut"], self.holder(before)["code"]
            move = moves.setdefault((date, holder), Move("split", set()))
            move.targets.add(record["code"])
            if any(start <= date and (not end or end > date) for start, end in self.spans(holder)):
                move.targets.add(holder)

    def spans(self, code: str) -> list[Interval]:
        """Intervals of the records of a commune code."""
        return [(r.get("dateDebut", ""), r.get("dateFin", "")) for r in self.by_code.get(code, ())]

    @cached_property
    def by_code(self) -> dict[str, list[Record]]:
        """Records of communes by code."""
        records: dict[str, list[Record]] = defaultdict(list)
        for record in self.communes:
            records[record["code"]].append(record)
        return records

    def sorted_out(self, moves: Moves) -> Moves:
        """Moves without those that change nothing, with the kind that their targets show."""
        arrivals: dict[tuple[str, str], int] = defaultdict(int)
        for (date, _), move in moves.items():
            for target in move.targets:
                arrivals[date, target] += 1
        kept: Moves = {}
        for (date, code), move in moves.items():
            alone = move.targets == {code}
            if alone and arrivals[date, code] == 1:
                move.kind = "rename" if self.renamed(code, date) else ""
            elif len(move.targets) > 1:
                move.kind = "split"
            elif move.kind in ("rename", "split"):
                move.kind = "merger"
            if move.kind:
                kept[date, code] = move
        return kept

    def renamed(self, code: str, date: str) -> bool:
        """Whether the name of a code changes on a date."""
        names = {r.get("dateFin"): r["nom"] for r in self.by_code[code]}
        after = {r.get("dateDebut"): r["nom"] for r in self.by_code[code]}
        return date in after and names.get(date) != after[date]


def joined(intervals: list[Interval]) -> list[Interval]:
    """Intervals in order, contiguous ones made one; "" is open at both ends."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and result[-1][1] and result[-1][1] >= start:
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result
