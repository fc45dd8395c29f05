"""The codelists of territories, assembled from the vintages and the history of communes."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from observatory import cog_special as special
from observatory.cog import Vintage, data_folder, mend_population, read_json, read_vintages
from observatory.cog_events import Event, commune_events, commune_moves, epci_changes, group_events, group_flows
from observatory.cog_history import History, Moves
from observatory.cog_memberships import Existence, Membership, existence_of, memberships_of
from observatory.territories import Territory

Row = Sequence[str | int | float]


@dataclass
class Code:
    """Everything the packages say, put together: what the codelists are written from."""

    vintages: list[Vintage]
    history: History
    existence: Existence
    memberships: list[Membership]
    events: list[Event]
    populations: dict[str, dict[int, int]]
    territories: list[Territory]


def read_code(folder: Path) -> Code:
    """Read every vintage under the folder of the unpacked packages and derive all that the codelists hold."""
    vintages = read_vintages(folder)
    history = History(read_json(data_folder(folder, "0.7.0") / "historique-communes.json"))
    year_before = f"{vintages[0].year - 1}-01-01"
    reference = next(v for v in vintages[1:] if any(c.population for c in v.communes.values()))
    mend_population(vintages[0], history.born_with_members(year_before), reference)
    existence = existence_of(vintages, history.existence())
    memberships = memberships_of(vintages, existence)
    populations = populations_of(vintages, memberships)
    events = events_of(vintages, history, populations)
    territories = territories_of(vintages, history, existence, populations)
    return Code(vintages, history, existence, memberships, events, populations, territories)


def populations_of(vintages: list[Vintage], memberships: list[Membership]) -> dict[str, dict[int, int]]:
    """Municipal population by ref_area and year; that of a higher territory is the sum over its communes."""
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    for vintage in vintages:
        for commune in vintage.communes.values():
            if commune.population is not None:
                counts[f"COM-{commune.code}"][vintage.year] = commune.population
    for vintage in vintages:
        for level in ("COM-", "REG-", "DEP-6"):
            add_sums(vintage, [m for m in memberships if m.member.startswith(level)], counts)
    return counts


def add_sums(vintage: Vintage, memberships: list[Membership], counts: dict[str, dict[int, int]]) -> None:
    """Add the populations of members to their parents for one vintage, where the parent has none yet."""
    sums: dict[str, int] = defaultdict(int)
    for m in memberships:
        valid = m.valid_from <= vintage.date and (not m.valid_to or vintage.date < m.valid_to)
        if valid and vintage.year in counts.get(m.member, ()):
            sums[m.parent] += counts[m.member][vintage.year]
    for parent, total in sums.items():
        counts[parent].setdefault(vintage.year, total)


def near(counts: dict[int, int] | None, date: str) -> int | None:
    """Population of the first vintage from a date on, else of the last one before."""
    if not counts:
        return None
    year = int(date[:4]) + (date[4:] > "-01-01")
    later = [known for known in counts if known >= year]
    return counts[min(later)] if later else counts[max(counts)]


def events_of(vintages: list[Vintage], history: History, populations: dict[str, dict[int, int]]) -> list[Event]:
    """Events of communes since 1943 and of EPCI since the first vintage, sorted."""

    def population(code: str, date: str) -> int | None:
        return near(populations.get(f"COM-{code}"), date)

    moves: Moves = history.moves()
    events: list[Event] = []
    for before, after in zip(vintages, vintages[1:], strict=False):
        changed = commune_moves(before, after)
        flows = group_flows(before, after, changed, population)
        events += group_events(before, after, flows)
        moves |= changed | epci_changes(before, after, changed)
    return sorted(events + commune_events(moves, population))


def territories_of(
    vintages: list[Vintage],
    history: History,
    existence: Existence,
    populations: dict[str, dict[int, int]],
) -> list[Territory]:
    """One territory for every identifier of any vintage, sorted; name, kind and SIREN are the last known."""
    names = {f"COM-{code}": found[-1] for code, found in history.names().items()}
    kinds: dict[str, str] = {}
    sirens: dict[str, str] = {}
    for vintage in vintages:
        names |= {f"COM-{c.code}": c.name for c in vintage.communes.values()}
        sirens |= {f"COM-{c.code}": c.siren for c in vintage.communes.values() if c.siren}
        for group in [*vintage.groups.values(), *vintage.districts.values()]:
            names[f"EPCI-{group.code}"] = group.name
            kinds[f"EPCI-{group.code}"] = group.kind
    last = vintages[-1]
    names |= {f"DEP-{code}": record["nom"] for code, record in last.departements.items()}
    names |= {f"REG-{code}": record["nom"] for code, record in last.regions.items()}
    names |= {"FRA": "France", special.ALSACE: special.ALSACE_NAME}
    result = []
    for ref_area in sorted(existence):
        level, _, bare = ref_area.partition("-")
        kind = kinds.get(ref_area) or special.kind_of(ref_area)
        counts = populations.get(ref_area)
        category = special.category_of(ref_area, kind, counts[max(counts)] if counts else None)
        siren = bare if level == "EPCI" else sirens.get(ref_area, "")
        spans = existence[ref_area]
        powers = special.powers_of(ref_area)
        fields = (ref_area, bare or "FRA", level, names[ref_area], kind, category, siren, powers)
        result.append(Territory(*fields, spans[0][0], spans[-1][1]))
    return result


def write_rows(path: Path, header: str, rows: Iterable[Row]) -> None:
    """Write a codelist: UTF-8, commas, LF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def weight_text(weight: float) -> str:
    """A weight with all its digits and no needless ones."""
    return f"{weight:.10f}".rstrip("0").rstrip(".")


def write_code(code: Code, folder: Path) -> None:
    """Write the codelists that hold territories, populations, memberships and events."""
    header = "ref_area,code,level,name,kind,category,siren,powers,valid_from,valid_to"
    write_rows(folder / "territories.csv", header, map(astuple, code.territories))
    populations = [(a, y, p) for a, counts in code.populations.items() for y, p in counts.items()]
    write_rows(folder / "populations.csv", "ref_area,vintage,population", sorted(populations))
    write_rows(folder / "memberships.csv", "member,parent,valid_from,valid_to", map(astuple, code.memberships))
    events = [(e.date, e.type, e.from_area, e.to_area, weight_text(e.weight)) for e in code.events]
    write_rows(folder / "territory_events.csv", "date,type,from_area,to_area,weight", sorted(events))
