"""The facts that a comparison is judged on, and the rules, one function each, that draw reasons from them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from observatory import periods
from observatory.formats import spoken
from observatory.languages import gettext as _

COMPARABLE, RESERVE, REFUSED = GRADES = ("comparable", "reserve", "refused")
MAX_YEARS = 2
SCALE_RESERVE, SCALE_REFUSED = 10, 1000
SIZE_RESERVE, SIZE_REFUSED = 1.1, 10
COVERED = 0.995
# Words of the sentence « competence » of an indicator that name a level; « dans le département » is a place.
HOLDERS = (
    ("COM", re.compile(r"\bcommunes?\b", re.I)),
    ("EPCI", re.compile(r"\b(intercommunalités?|groupements?)\b", re.I)),
    ("DEP", re.compile(r"(?<!dans le )\bdépartements?\b", re.I)),
    ("REG", re.compile(r"\brégions?\b", re.I)),
)


@dataclass(frozen=True)
class Side:
    """A territory in a comparison. `powers` are the levels whose powers it exercises, `communes` those it is made of.

    `changes` are the dates (ISO) on which its perimeter changed or on which it was created.
    """

    ref_area: str
    name: str
    level: str
    category: str = ""
    level_title: str = ""
    category_title: str = ""
    powers: frozenset[str] = frozenset()
    population: int | None = None
    communes: frozenset[str] = frozenset()
    departements: int = 1
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """The value of an indicator for one territory, as it is published; `recalculated` in today's perimeter."""

    ref_area: str
    value: float | None = None
    period: str | None = None
    status: str | None = None
    dataset: str | None = None
    coverage: float | None = None
    recalculated: bool = False


@dataclass(frozen=True)
class Measure:
    """An indicator, as far as comparing goes: `holders` are the levels that hold the competence (see `holders_of`)."""

    code: str
    counts_things: bool = False
    holders: frozenset[str] = frozenset()
    scored: bool = True


@dataclass(frozen=True)
class Standing:
    """The score of a domain or of the index for one territory, and the codes of the parts that it rests on."""

    ref_area: str
    score: float | None = None
    coverage: float | None = None
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reason:
    """One reason: its grade, a code for programs, a sentence for people, and the territories that it names."""

    grade: str
    code: str
    said: str
    areas: tuple[str, ...] = ()


def holders_of(competence: str | None) -> frozenset[str]:
    """Levels that the sentence « competence » of an indicator names as holders; empty when it names none."""
    return frozenset(level for level, words in HOLDERS if words.search(competence or ""))


Pairs = Sequence[tuple[Side, Figure]]


def areas_of(sides: Iterable[Side]) -> tuple[str, ...]:
    """Identifiers of the territories."""
    return tuple(side.ref_area for side in sides)


def names(sides: Sequence[Side]) -> str:
    """« Ain, Aisne et Allier », in the language of the page."""
    known = [side.name for side in sides]
    own = [f"{s.name} ({s.level_title.lower()})" if known.count(s.name) > 1 else s.name for s in sides]
    return _("{others} et {last}").format(others=", ".join(own[:-1]), last=own[-1]) if own[1:] else "".join(own)


def about(grade: str, code: str, said: str, sides: Sequence[Side], **values: str) -> Reason:
    """A reason whose sentence names these territories."""
    return Reason(grade, code, said.format(names=names(sides), **values), areas_of(sides))


def _number(ratio: float) -> str:
    return str(spoken().number(ratio))


def grounds(sides: Sequence[Side]) -> Iterator[Reason]:
    """One place twice, a part and its whole, communes in common."""
    for pair in combinations(sorted(sides, key=lambda side: (len(side.communes), side.ref_area)), 2):
        small, large = pair
        common = small.communes & large.communes
        if common and small.communes == large.communes:
            said = _("{names} sont le même espace, vu à deux échelons ou sous deux identifiants.")
            yield about(REFUSED, "same-ground", said, pair)
        elif common and common == small.communes:
            said = _("{inner} fait partie de {outer} : la partie compte aussi dans le tout.")
            yield Reason(RESERVE, "nested", said.format(inner=small.name, outer=large.name), areas_of(pair))
        elif common:
            said = _("{names} ont des communes en commun, qui comptent des deux côtés.")
            yield about(RESERVE, "overlap", said, pair)


def _ratio(sides: Sequence[Side]) -> float:
    known = [side.population for side in sides if side.population]
    return max(known) / min(known) if known else 1.0


def scale(sides: Sequence[Side]) -> Iterator[Reason]:
    """Populations that are not of one order of magnitude."""
    ratio = _ratio(sides)
    if ratio >= SCALE_RESERVE:
        known = sorted((side for side in sides if side.population), key=lambda side: side.population or 0)
        said = _(
            "La population de {large} vaut {times} fois celle de {small} : leurs moyens ne sont pas du même ordre."
        )
        values = {"large": known[-1].name, "small": known[0].name, "times": _number(int(ratio))}
        grade = REFUSED if ratio >= SCALE_REFUSED else RESERVE
        yield Reason(grade, "population-scale", said.format(**values), areas_of((known[0], known[-1])))


def straddling(sides: Sequence[Side]) -> Iterator[Reason]:
    """Intercommunalités over several départements."""
    across = [side for side in sides if side.level == "EPCI" and side.departements > 1]
    if across:
        yield about(COMPARABLE, "straddling", _("À cheval sur plusieurs départements : {names}."), across)


def categories(sides: Sequence[Side]) -> Iterator[Reason]:
    """Several categories of one level."""
    if len({side.category for side in sides}) > 1:
        said = ", ".join(f"{s.name} ({spoken().noun(s.category_title) or s.category})" for s in sides)
        reason = _("Ces territoires ne sont pas de la même catégorie : {territories}. Leurs rangs ne se comparent pas.")
        yield Reason(RESERVE, "category-differs", reason.format(territories=said), areas_of(sides))


def powers(sides: Sequence[Side]) -> Iterator[Reason]:
    """Powers that some exercise and others do not."""
    common = frozenset.intersection(*(side.powers for side in sides))
    more = [side for side in sides if side.powers != common]
    none = [side for side in sides if not side.powers]
    if none and len(none) < len(sides):
        said = _("Une autre collectivité exerce les compétences de {names}, ce qui n’est pas le cas des autres.")
        yield about(RESERVE, "powers-differ", said, none)
    elif more:
        said = _("Les compétences ne sont pas les mêmes ; exercent aussi celles d’un autre échelon : {names}.")
        yield about(RESERVE, "powers-differ", said, more)


def missing(sides: Sequence[Side], known: Sequence[Side]) -> Iterator[Reason]:
    """Territories without a value; nothing to compare when less than two have one."""
    absent = [side for side in sides if side not in known]
    if len(known) < 2:
        yield about(REFUSED, "missing", _("Il n’y a rien à comparer : aucune valeur pour {names}."), absent)
    elif absent:
        yield about(COMPARABLE, "missing", _("Aucune valeur pour {names}."), absent)


def _months(period: str) -> int:
    year, month = periods.end_month(period)
    return 12 * year + month


def periods_differ(pairs: Pairs) -> Iterator[Reason]:
    """Values of other periods, or of times too far apart."""
    dated = [(s, f.period) for s, f in pairs if f.period]
    if len({period for _s, period in dated}) < 2:
        return
    ends = [_months(period) for _s, period in dated]
    older = [s for (s, _p), end in zip(dated, ends, strict=True) if end < max(ends)]
    if max(ends) - min(ends) > 12 * MAX_YEARS:
        said = _("Plus de {years} ans séparent ces valeurs ; les plus anciennes : {names}.")
        yield about(REFUSED, "period-far", said, older, years=_number(MAX_YEARS))
    else:
        said = _("Ces valeurs ne sont pas de la même période ; plus anciennes ou plus courtes : {names}.")
        yield about(RESERVE, "period-differs", said, older or [s for s, _p in dated])


def origins(pairs: Pairs) -> Iterator[Reason]:
    """Values published here and calculated there, or of several sources."""
    if len({f.status for _s, f in pairs}) > 1:
        own = [s for s, f in pairs if f.status != "A"]
        said = _("Publiée par la source pour les uns, calculée par l’observatoire pour {names}.")
        yield about(RESERVE, "status-differs", said, own)
    if len({f.dataset for _s, f in pairs}) > 1:
        said = _("Ces valeurs viennent de plusieurs jeux de données, qui peuvent ne pas compter de la même façon.")
        yield Reason(RESERVE, "source-differs", said, areas_of(s for s, _f in pairs))


def coverage(pairs: Pairs) -> Iterator[Reason]:
    """Values or scores behind which a part is not observed."""
    partial = [s for s, f in pairs if f.coverage is not None and f.coverage < COVERED]
    if partial:
        yield about(RESERVE, "coverage", _("Une partie seulement du total est observée pour {names}."), partial)


def perimeters(pairs: Pairs) -> Iterator[Reason]:
    """Values of a perimeter that is no longer, or of two geographies."""
    moved = [s for s, f in pairs if not f.recalculated and f.period and any(_after(d, f.period) for d in s.changes)]
    if moved:
        said = _("Le périmètre a changé depuis la période de la valeur pour {names}.")
        yield about(RESERVE, "perimeter-since", said, moved)
    today = [s for s, f in pairs if f.recalculated]
    if 0 < len(today) < len(pairs):
        said = _("Recalculée dans le périmètre d’aujourd’hui pour {names}, dans celui de l’époque pour les autres.")
        yield about(RESERVE, "geography-differs", said, today)


def _after(date: str, period: str) -> bool:
    year, month = periods.end_month(period)
    return date > f"{year}-{month:02}-31"


def sizes(measure: Measure, sides: Sequence[Side]) -> Iterator[Reason]:
    """Numbers of things, which follow the size."""
    ratio = _ratio(sides)
    if measure.counts_things and ratio >= SIZE_RESERVE:
        said = _("C’est un nombre, qui suit d’abord la taille : les populations vont de 1 à {times}.")
        grade = REFUSED if ratio >= SIZE_REFUSED else RESERVE
        yield Reason(grade, "size", said.format(times=spoken().compact(ratio, 1)), areas_of(sides))


def competence(measure: Measure, sides: Sequence[Side]) -> Iterator[Reason]:
    """A competence that only some hold, or that none holds."""
    if not measure.holders:
        return
    holding = [side for side in sides if side.powers & measure.holders]
    if len(holding) not in (0, len(sides)):
        said = _("Compétence exercée par {names}, mais pas par tous ces territoires.")
        yield about(RESERVE, "competence-differs", said, holding)
    elif len({side.powers & measure.holders for side in sides}) > 1:
        common = frozenset.intersection(*(side.powers & measure.holders for side in sides))
        more = [side for side in sides if side.powers & measure.holders != common]
        said = _("Compétence exercée à plus d’un titre par {names}, à un seul par les autres.")
        yield about(RESERVE, "competence-differs", said, more)
    elif not holding:
        said = _("Aucun de ces territoires n’exerce cette compétence : la valeur décrit le lieu, pas la collectivité.")
        yield Reason(COMPARABLE, "competence-elsewhere", said, areas_of(sides))
