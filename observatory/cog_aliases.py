"""Other ways to ask for a territory: postcodes, former names and codes, former and delegated communes."""

from collections.abc import Iterator

from observatory import cog_special as special
from observatory.cog import PART_KINDS, Part, plain
from observatory.cog_codelists import Code
from observatory.territories import Territories

Alias = tuple[str, str, str]


def aliases_of(code: Code) -> list[Alias]:
    """(ref_area, type, alias) of the territories of the last vintage, sorted, without the name itself."""
    events = [(e.date, e.from_area, e.to_area, e.weight) for e in code.events]
    territories = Territories(code.territories, events)
    today = code.vintages[-1].date
    found = {*postcodes(code), *parts(code)}
    for alias in [*names(code), *former_codes(code)]:
        found |= set(carried(alias, territories, today))
    found |= {(ref_area, "former-code", old) for ref_area, old in special.FORMER_CODES.items()}
    found |= {*former_regions(), *special.OTHER_NAMES}
    # A delegated or associated commune is a former commune: once is enough.
    found -= {(ref_area, "former-commune", text) for ref_area, kind, text in found if kind in PART_KINDS.values()}
    return sorted(alias for alias in found if not says_nothing(alias, territories))


def says_nothing(alias: Alias, territories: Territories) -> bool:
    """Whether an alias only repeats the name or the code of its territory."""
    territory = territories.get(alias[0])
    return territory is None or alias[2] in (territory.name, territory.code)


def postcodes(code: Code) -> Iterator[Alias]:
    """Postcodes of current communes."""
    for commune in code.vintages[-1].communes.values():
        for postcode in commune.postcodes:
            yield f"COM-{commune.code}", "postcode", postcode


def parts(code: Code) -> Iterator[Alias]:
    """Names and codes of delegated and associated communes and of municipal arrondissements."""
    for part in code.vintages[-1].parts.values():
        yield f"COM-{part.holder}", part.kind, part.name
        if part.kind == "municipal-arrondissement":
            yield from arrondissement_codes(part)


def arrondissement_codes(part: Part) -> Iterator[Alias]:
    """Code and postcodes of a municipal arrondissement, which many files use instead of the commune's."""
    yield f"COM-{part.holder}", "municipal-arrondissement", part.code
    for postcode in part.postcodes:
        yield f"COM-{part.holder}", "postcode", postcode


def names(code: Code) -> Iterator[Alias]:
    """Every name that a commune or EPCI ever had, under the identifier that it had then."""
    for bare, found in code.history.names().items():
        for name in found:
            yield f"COM-{bare}", "former-name", name
    for vintage in code.vintages:
        for commune in vintage.communes.values():
            yield f"COM-{commune.code}", "former-name", commune.name
        for group in [*vintage.groups.values(), *vintage.districts.values()]:
            yield f"EPCI-{group.code}", "former-name", group.name


def former_codes(code: Code) -> Iterator[Alias]:
    """Codes of communes and EPCI that no longer exist."""
    for territory in code.territories:
        if territory.valid_to:
            yield territory.ref_area, "former-code", territory.code


def former_regions() -> Iterator[Alias]:
    """Names and identifiers of the régions that were merged in 2016, under the one that took them in.

    The whole identifier is kept: the bare code of an old région is often that of a département of today.
    """
    for ref_area, (name, successor) in special.FORMER_REGIONS.items():
        yield successor, "former-region", name
        yield successor, "former-code", ref_area


def carried(alias: Alias, territories: Territories, today: str) -> Iterator[Alias]:
    """An alias under each current territory that the one it belonged to became.

    The name of a vanished commune is that of a former commune, unless its successor bears the same name.
    """
    ref_area, kind, text = alias
    gone = not territories.exists(ref_area, today)
    for successor, _ in territories.successors(ref_area, today):
        territory = territories.get(successor)
        if territory is None or (kind == "former-name" and plain(territory.name) == plain(text)):
            continue
        former = gone and kind == "former-name" and ref_area.startswith("COM-")
        yield successor, "former-commune" if former else kind, text
