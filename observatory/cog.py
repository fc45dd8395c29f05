"""Vintages of the official geographic code, read from the packages @etalab/decoupage-administratif."""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """One version of the package: the year it describes and which of its files holds that year's population.

    `communes_year` is the year in which the populations of its communes.json came into force.
    """

    year: int
    version: str
    population: str = "epci"
    communes_year: int = 0


PACKAGE = "@etalab/decoupage-administratif"
# The population in force on 1 January is the one of epci.json (commune by commune); communes.json is already
# that of the following year, except in 2019 and 2026. 2020 publishes EPCI only, without population.
RELEASES = (
    Release(2019, "0.7.0", "communes", 2019),
    Release(2020, "0.8.0", "none"),
    Release(2021, "1.1.1", "epci", 2022),
    Release(2022, "2.3.1", "epci", 2023),
    Release(2023, "3.1.1", "epci", 2023),
    Release(2024, "4.1.0", "epci", 2025),
    Release(2025, "5.3.0", "epci", 2026),
    Release(2026, "6.0.0", "communes", 2026),
)


@dataclass
class Commune:
    """A commune of one vintage."""

    code: str
    name: str
    siren: str = ""
    population: int | None = None
    postcodes: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A delegated or associated commune, or a municipal arrondissement, and the commune that holds it."""

    code: str
    name: str
    kind: str
    holder: str
    postcodes: tuple[str, ...] = ()


@dataclass
class Group:
    """An EPCI or EPT of one vintage with the codes of its communes; `population` is the published total."""

    code: str
    name: str
    kind: str
    members: tuple[str, ...]
    population: int | None = None


@dataclass
class Vintage:
    """The territories on 1 January of a year, by bare code."""

    year: int
    communes: dict[str, Commune]
    parts: dict[str, Part]
    groups: dict[str, Group]
    departements: dict[str, Record]
    regions: dict[str, Record]
    districts: dict[str, Group] = field(default_factory=dict)

    @property
    def date(self) -> str:
        """First day of the vintage, ISO."""
        return f"{self.year}-01-01"

    def group_of(self) -> dict[str, str]:
        """Code of the EPCI of every commune that has one."""
        return {member: group.code for group in self.groups.values() for member in group.members}


def departement_of(code: str) -> str:
    """Code of the département (or overseas collectivity) that the first characters of a commune code state."""
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def plain(name: str) -> str:
    """A name without accents, case, punctuation or spaces, so that two spellings of one name are equal."""
    bare = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(character for character in bare.lower() if character.isalnum())


def read_json(path: Path) -> list[Record]:
    """The records of one data file of a package."""
    records: list[Record] = json.loads(path.read_text(encoding="utf-8"))
    return records


def data_folder(folder: Path, version: str) -> Path:
    """Where the data files of one version are, under the folder of the unpacked packages."""
    return folder / f"v{version}" / "package" / "data"


def read_vintages(folder: Path, releases: Iterable[Release] = RELEASES) -> list[Vintage]:
    """All vintages in order of year; one without communes of its own is completed from its two neighbours."""
    releases = tuple(releases)
    vintages = [read_vintage(data_folder(folder, release.version), release) for release in releases]
    for position, release in enumerate(releases):
        if release.population == "none":
            complete(vintages[position], vintages[position - 1], vintages[position + 1])
    published = {}
    for release, vintage in zip(releases, vintages, strict=True):
        published[release.communes_year] = {c.code: c.population for c in vintage.communes.values()}
    for vintage in vintages:
        add_outside_population(vintage, published.get(vintage.year, {}))
    return vintages


def add_outside_population(vintage: Vintage, published: dict[str, int | None]) -> None:
    """Give communes outside any EPCI the population in force in that year, where some communes.json states it.

    None does for 2021 and 2024: these communes then keep the figure of their own package, one year younger.
    """
    for code in set(vintage.communes) - set(vintage.group_of()):
        vintage.communes[code].population = published.get(code, vintage.communes[code].population)


def read_vintage(data: Path, release: Release) -> Vintage:
    """One vintage from the data folder of its package."""
    records = read_json(data / "communes.json")
    groups = read_json(data / "epci.json")
    optional = data / "ept.json"
    vintage = Vintage(
        year=release.year,
        communes={c.code: c for c in read_communes(records)},
        parts={p.code: p for p in read_parts(records)},
        groups={g.code: g for g in map(read_group, groups)},
        departements={d["code"]: d for d in read_json(data / "departements.json")},
        regions={r["code"]: r for r in read_json(data / "regions.json")},
        districts={g.code: g for g in map(read_group, read_json(optional))} if optional.exists() else {},
    )
    add_members_facts(vintage, groups, release)
    return vintage


def read_communes(records: Iterable[Record]) -> Iterator[Commune]:
    """The communes proper among the records of communes.json."""
    for record in records:
        if record["type"] == "commune-actuelle":
            yield Commune(
                record["code"],
                record["nom"],
                record.get("siren", ""),
                record.get("population"),
                tuple(record.get("codesPostaux", ())),
                tuple(record.get("anciensCodes", ())),
            )


PART_KINDS = {
    "commune-deleguee": "delegated-commune",
    "commune-associee": "associated-commune",
    "arrondissement-municipal": "municipal-arrondissement",
}


def read_parts(records: Iterable[Record]) -> Iterator[Part]:
    """The delegated and associated communes and the arrondissements among the records of communes.json."""
    for record in records:
        kind = PART_KINDS.get(record["type"])
        if kind:
            holder = record["commune"] if "commune" in record else record["chefLieu"]
            yield Part(record["code"], record["nom"], kind, holder, tuple(record.get("codesPostaux", ())))


KINDS = {"METRO": "metropole", "MET69": "met69", "CU": "cu", "CA": "ca", "CC": "cc", "EPT": "ept"}


def read_group(record: Record) -> Group:
    """An EPCI or EPT from its record."""
    members = tuple(sorted(member["code"] for member in record["membres"]))
    kind = KINDS[record["type"]]
    return Group(record["code"], record["nom"], kind, members, record.get("populationMunicipale"))


def add_members_facts(vintage: Vintage, groups: Iterable[Record], release: Release) -> None:
    """Give communes the SIREN, and where the release says so the population, that epci.json states."""
    for group in groups:
        for member in group["membres"]:
            commune = vintage.communes.get(member["code"])
            if commune is None:
                continue
            commune.siren = commune.siren or member["siren"]
            if release.population == "epci":
                commune.population = member.get("populationMunicipale", commune.population)


def complete(vintage: Vintage, before: Vintage, after: Vintage) -> None:
    """Rebuild the communes of a vintage of which only the EPCI are published, without population.

    The communes are the members of its EPCI and those outside any EPCI both before and after; names are those
    of the vintage before, former codes and delegated communes those of the vintage after.
    """
    grouped = set(vintage.group_of())
    outside = (set(before.communes) - set(before.group_of())) & set(after.communes)
    communes = {}
    for code in sorted(grouped | outside):
        known = before.communes.get(code) or after.communes[code]
        former = after.communes[code].former_codes if code in after.communes else known.former_codes
        communes[code] = Commune(code, known.name, known.siren, None, known.postcodes, former)
    vintage.communes, vintage.parts = communes, after.parts


def mend_population(vintage: Vintage, recent: set[str], reference: Vintage) -> None:
    """Correct the population of communes born of a merger in the year before the vintage, or left without any.

    The package gives such a commune the population of its chef-lieu alone, while its EPCI total is right: what is
    missing goes to the recent communes of the EPCI, in proportion to their population in the reference vintage.
    """
    for group in vintage.groups.values():
        members = [vintage.communes[code] for code in group.members]
        born = [commune for commune in members if commune.code in recent or commune.population is None]
        rest = [commune for commune in members if commune not in born]
        if not born or group.population is None:
            continue
        left = group.population - sum(commune.population or 0 for commune in rest)
        known = [reference.communes[commune.code].population or 0 for commune in born]
        given = 0
        for commune, weight in zip(born[:-1], known[:-1], strict=True):
            commune.population = round(left * weight / sum(known))
            given += commune.population
        born[-1].population = left - given
