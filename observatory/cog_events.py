"""Events of territories: differences between two vintages, flows of EPCI, and the weights of both."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from observatory.cog import Vintage, departement_of, plain
from observatory.cog_history import Move, Moves

Population = Callable[[str, str], int | None]


@dataclass(frozen=True, order=True)
class Event:
    """On a date, the share `weight` of the territory `from_area` goes to `to_area`."""

    date: str
    from_area: str
    to_area: str
    type: str
    weight: float


def commune_moves(before: Vintage, after: Vintage) -> Moves:
    """Moves of communes, by (date, code), that two vintages show between them.

    Raises ValueError when a commune vanishes and nothing says where it went.
    """
    moves: dict[str, Move] = {}
    gone = sorted(set(before.communes) - set(after.communes))
    for code in gone:
        target = follower(code, after)
        moves[code] = Move(kind_of_end(code, target, before, after), {target})
        if target in before.communes:
            moves.setdefault(target, Move("merger", {target}))
    reached = {target for move in moves.values() for target in move.targets}
    for code in sorted(set(after.communes) - set(before.communes) - reached):
        holder = before.parts[code].holder
        move = moves.setdefault(holder, Move("split"))
        move.kind = "split"
        move.targets |= {code} | ({holder} & set(after.communes))
    for code in sorted(set(before.communes) & set(after.communes) - set(moves)):
        if before.communes[code].name != after.communes[code].name:
            moves[code] = Move("rename", {code})
    return {(after.date, code): move for code, move in moves.items()}


def follower(code: str, after: Vintage) -> str:
    """The commune of the later vintage that holds a vanished one, as its part or among its former codes."""
    part = after.parts.get(code)
    if part:
        return part.holder
    holders = [c.code for c in after.communes.values() if code in c.former_codes]
    if len(holders) != 1:
        raise ValueError(f"{after.year}: la commune {code} disparaît et rien ne dit où ({holders})")
    return holders[0]


def kind_of_end(code: str, target: str, before: Vintage, after: Vintage) -> str:
    """Whether a vanished commune merged or only took another code (same name under a code that was not one)."""
    same = plain(before.communes[code].name) == plain(after.communes[target].name)
    if target in before.communes or not same:
        return "merger"
    return "code-change" if departement_of(code) == departement_of(target) else "departement-change"


def epci_changes(before: Vintage, after: Vintage, moves: Moves) -> Moves:
    """Communes that keep their code and boundary but are in another EPCI; those with a move already are left out."""
    old, new = before.group_of(), after.group_of()
    return {
        (after.date, code): Move("epci-change", {code})
        for code in sorted(set(before.communes) & set(after.communes))
        if old.get(code) != new.get(code) and (after.date, code) not in moves
    }


def commune_events(moves: Moves, population: Population) -> list[Event]:
    """Events of communes; a split is weighted by population after it, by equal shares when one is unknown."""
    events = []
    for (date, code), move in sorted(moves.items()):
        known = {target: population(target, date) for target in move.targets}
        counts = {target: count or 0 for target, count in known.items()}
        if None in known.values() or not sum(counts.values()):
            counts = dict.fromkeys(move.targets, 1)
        for target, weight in shares(counts).items():
            events.append(Event(date, f"COM-{code}", f"COM-{target}", move.kind, weight))
    return events


def shares(counts: Mapping[str, float]) -> dict[str, float]:
    """Shares of a positive total, rounded to ten decimals, the largest one taking what rounding leaves."""
    total = sum(counts.values())
    result = {key: round(count / total, 10) for key, count in sorted(counts.items())}
    largest = max(result, key=lambda key: (result[key], key))
    result[largest] = round(1 - sum(weight for key, weight in result.items() if key != largest), 10)
    return result


def group_flows(before: Vintage, after: Vintage, moves: Moves, population: Population) -> dict[str, dict[str, float]]:
    """Inhabitants of each EPCI of the first vintage by EPCI of the second, through the moves of its communes."""
    old, new = before.group_of(), after.group_of()
    flows: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    weighted = {
        code: move.targets for (date, code), move in moves.items() if date == after.date and move.targets != {code}
    }
    for code, group in old.items():
        targets = sorted(weighted.get(code, {code}))
        counts = {target: population(target, after.date) or 0 for target in targets}
        if not sum(counts.values()):
            counts = dict.fromkeys(targets, 1)
        for target, share in shares(counts).items():
            if target in new:
                flows[group][new[target]] += share * (population(code, before.date) or 1)
    return flows


def group_events(before: Vintage, after: Vintage, flows: dict[str, dict[str, float]]) -> list[Event]:
    """Events of EPCI between two vintages, at most one type for each EPCI: the one that changes it most."""
    events = []
    for code in sorted(before.groups):
        kind = group_kind(code, flows, before, after)
        if kind:
            events += [
                Event(after.date, f"EPCI-{code}", f"EPCI-{target}", kind, weight)
                for target, weight in shares(flows[code]).items()
            ]
    return events


def group_kind(code: str, flows: dict[str, dict[str, float]], before: Vintage, after: Vintage) -> str:
    """Type of the event of one EPCI, "" when it stays as it was."""
    targets = set(flows[code])
    if code in after.groups:
        if targets != {code}:
            return "transfer" if targets <= set(before.groups) else "split"
        absorbs = any(set(flows[source]) == {code} for source in flows if source not in after.groups)
        return "merger" if absorbs else label_kind(code, before, after)
    if len(targets) > 1:
        return "dissolution"
    (target,) = targets
    sources = {source for source in flows if target in flows[source]}
    return "code-change" if target not in before.groups and sources == {code} else "merger"


def label_kind(code: str, before: Vintage, after: Vintage) -> str:
    """Whether an EPCI changes its legal nature, or else its name beyond typography."""
    old, new = before.groups[code], after.groups[code]
    if old.kind != new.kind:
        return "kind-change"
    return "rename" if plain(old.name) != plain(new.name) else ""
