"""Choropleths as SVG of a page: shapes coloured by class, each a named link to its territory, in its language."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from observatory import french
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.maps_base import Base, Shape
from observatory.maps_classes import quintiles
from observatory.maps_grid import box
from observatory.maps_reading import Facts
from observatory.model import INDEX
from observatory.spoken import said

# Colours are those of the stylesheet, but for what has no value: a pattern cannot be named there.
NOTHING = 0
# A link for each of so many shapes is a stop of the keyboard; of more, none is: their table is one link away.
STOPS = 150
# Classes are said to be of similar size when the largest holds less than so many times the smallest.
EVEN = 1.5
# Steps of the plane (of some 1,200) up to which a territory is ringed: its outline alone would hide it.
SMALL = 45
SHAPE = re.compile(r'(<a href="/territoires/([^"]+)"[^>]*>)(<title>[^<]*</title>)<path ([^>]*?)d="([^"]*)"/></a>')


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: the class of the stylesheet (0 to 5), its words and how many territories have it."""

    colour: int
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map and all that must be said with it: a row of the table `charts`, `legend` read from its JSON.

    `page` is where it is shown, `twin` where the same figures are a table, `mine` says the outlined territory.
    """

    name: str
    subject: str
    level: str
    title: str
    description: str
    source: str
    time_period: str
    page: str
    twin: str
    legend: tuple[Entry, ...]
    svg: str
    mine: str = ""

    def row(self) -> dict[str, Any]:
        """The row of `charts`."""
        kept = {name: getattr(self, name) for name in KEPT}
        legend = [[e.colour, e.label, e.count] for e in self.legend]
        return {**kept, "legend": json.dumps(legend, ensure_ascii=False), "drawing": None}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Drawing":
        """The drawing of a row of `charts`."""
        legend = tuple(Entry(*entry) for entry in json.loads(row["legend"]))
        kept: dict[str, Any] = {name: row[name] for name in KEPT}
        return cls(**{**kept, "legend": legend})

    @property
    def stops(self) -> int:
        """How many links the keyboard goes through."""
        return len(SHAPE.findall(self.svg)) - self.svg.count('tabindex="-1"')


# Its fields that are columns of `charts`.
KEPT = tuple(f.name for f in fields(Drawing) if f.name != "mine")


def drawn(facts: Facts) -> Drawing:
    """The map of those facts in the current language."""
    classes, legend = _levels(facts) if facts.scored else _groups(facts)
    words = {area: _words(facts, area) for area in facts.values}
    nothing = _("non classé") if facts.scored else _("pas de valeur")
    missing = sum(s.ref_area not in classes for s in facts.base.shapes if not s.again)
    if missing:
        legend = (*legend, Entry(NOTHING, french.capital(nothing), missing))
    title, description = _title(facts), _description(facts, legend, missing)
    label = _("{name} : {figure}")
    named = {s.ref_area: label.format(name=s.name, figure=words.get(s.ref_area, nothing)) for s in facts.base.shapes}
    svg = picture(facts.base, classes, named, facts.asked.name, (title, description))
    page, twin = _addresses(facts)
    return Drawing(
        name=facts.asked.name,
        subject=facts.asked.subject,
        level=facts.asked.level,
        title=title,
        description=description,
        source=_source(facts),
        time_period=facts.time_period,
        page=page,
        twin=twin,
        legend=legend,
        svg=svg,
    )


def shown(found: Facts | Mapping[str, Any] | None, mine: str | None = None) -> Drawing | None:
    """The map of facts or of a row of `charts`, with the territory `mine` outlined; None for None."""
    if found is None:
        return None
    drawing = drawn(found) if isinstance(found, Facts) else Drawing.of_row(found)
    return marked(drawing, mine)


def _addresses(facts: Facts) -> tuple[str, str]:
    subject, level, departement = facts.asked.subject, facts.asked.level, facts.asked.departement
    below = f"&ref_area__startswith={level}-{departement or ''}"
    if not facts.scored:
        page = f"/indicateurs/{subject}?niveau={level}" + (f"&departement={departement}" if departement else "")
        table = f"/donnees/indicator_values?indicator={subject}&level={level}&time_period={facts.time_period}"
        return page, f"{page}#valeurs" if level != "COM" else table + below
    ranking = {"REG": "/classements/region", "DEP": "/classements/departement"}.get(level)
    node = "" if subject == INDEX else f"?noeud={subject}"
    page = f"/domaines/{subject}" if node else ranking or "/classements"
    if ranking and not facts.asked.edition:
        return page, ranking + node
    return page, f"/donnees/scores?edition={facts.sources[0]}&node={subject}{below}"


def _levels(facts: Facts) -> tuple[dict[str, int], tuple[Entry, ...]]:
    shown = {area: facts.levels[area] for area in facts.levels}
    once = Counter(shown[s.ref_area] for s in facts.base.shapes if s.ref_area in shown and not s.again)
    number = said("number")
    entries = (
        Entry(level, _("{level} · {name}, à partir de {score} sur 100").format(
            level=level, name=data(name), score=number(least)), once[level])
        for level, name, least in facts.scale
    )  # fmt: skip
    return shown, tuple(entries)


def _groups(facts: Facts) -> tuple[dict[str, int], tuple[Entry, ...]]:
    groups, classes = quintiles(facts.values, facts.decimals)
    entries = []
    for group in groups:
        low = said("number")(group.low, facts.decimals)
        high = said("quantity")(group.high, facts.symbol, facts.decimals)
        label = high if group.low == group.high else _("de {low} à {high}").format(low=low, high=high)
        entries.append(Entry(group.colour, label, group.count))
    return classes, tuple(entries)


def _words(facts: Facts, area: str) -> str:
    value = facts.values[area]
    if not facts.scored:
        return said("quantity")(value, facts.symbol, facts.decimals)
    level = facts.levels[area]
    name = next(data(name) for number, name, _least in facts.scale if number == level)
    return _("niveau {level} · {name}, score {score} sur 100").format(
        level=level, name=name, score=said("number")(value, 1)
    )


def _title(facts: Facts) -> str:
    title = data(facts.title)
    if facts.scored and facts.asked.subject != INDEX:
        title = _("Niveau de maturité : {domain}").format(domain=title)
    by_level = {
        "REG": _("{title}, par région"),
        "DEP": _("{title}, par département"),
        "EPCI": _("{title}, par intercommunalité"),
        "COM": _("{title}, par commune : {place}"),
    }
    return said("typeset")(by_level[facts.asked.level].format(title=title, place=facts.place))


def _description(facts: Facts, legend: tuple[Entry, ...], missing: int) -> str:
    sizes = [entry.count for entry in legend if entry.colour != NOTHING]
    if facts.scored:
        texts = [_("Cinq niveaux de maturité selon le score, du plus bas au plus haut.")]
    elif len(sizes) == 1:
        texts = [_("Tous les territoires ont la même valeur.")]
    elif max(sizes) < EVEN * min(sizes):
        texts = [_("{number} classes d’effectifs proches, de la plus basse valeur à la plus haute.")]
    else:
        texts = [_("{number} classes, de la plus basse valeur à la plus haute.")]
        texts.append(_("Leurs effectifs sont inégaux parce que des valeurs égales restent ensemble."))
    if missing:
        texts.append(_("Hachures : non classé, faute de données.") if facts.scored else _("Hachures : pas de valeur."))
    if facts.asked.level == "EPCI":
        texts.append(_("Encadré de Paris : les établissements publics territoriaux de la métropole."))
    return said("typeset")(" ".join(texts).format(number=len(sizes)))


def _source(facts: Facts) -> str:
    if facts.scored:
        return scored_by(facts.sources[0])
    return credited(zip(facts.sources, facts.producers or ((),) * len(facts.sources), strict=True), facts.time_period)


def credited(sources: Iterable[tuple[str, tuple[str, ...]]], *periods: str) -> str:
    """Who made the datasets (title, producers), their titles, and the period of the data, or the first and the last."""
    made = [(data(title), ", ".join(map(data, by))) for title, by in sources]
    named = " ; ".join(f"{by}, {title}" if by else title for title, by in made)
    spoken = said("span")(*periods) if len(periods) > 1 else said("period")(*periods)
    return _("{sources}, données : {period}").format(sources=named, period=spoken)


def scored_by(edition: str) -> str:
    """The source of a score."""
    return _("Observatoire de la maturité numérique des territoires, édition {edition}").format(edition=edition)


def picture(base: Base, classes: Mapping[str, int], named: Mapping[str, str], name: str, texts: tuple[str, str]) -> str:
    """SVG of a base whose territories have the colours of `classes`; `texts` are its title and description."""
    many = len(base.shapes) > STOPS
    twice = {s.ref_area for s in base.shapes if s.again}
    shapes = "".join(_shape(s, classes.get(s.ref_area, 0), named, name, many or s.ref_area in twice and not s.again)
                     for s in base.shapes)  # fmt: skip
    labels = "".join(f'<text x="{x}" y="{y}">{html.escape(_place(text))}</text>' for x, y, text in base.labels)
    title, description = (html.escape(text, quote=False) for text in texts)
    return (
        f'<svg class="choropleth{" fine" if many else ""}" viewBox="-3 -3 {base.width + 6} {base.height + 6}"'
        f' role="group" aria-labelledby="{name}-titre" aria-describedby="{name}-texte">'
        f'<title id="{name}-titre">{title}</title><desc id="{name}-texte">{description}</desc>'
        f'{hatching(name)}{shapes}{labels}</svg>'
    )  # fmt: skip


def _place(box: str) -> str:
    # Of the boxes only these have another name in English.
    return {"Paris et ses voisins": _("Paris et ses voisins"), "Guyane": _("Guyane")}.get(box, box)


def _shape(shape: Shape, colour: int, named: Mapping[str, str], name: str, untabbed: bool) -> str:
    fill = f'class="l{colour}" ' if colour else f'fill="url(#{name}-vide)" '
    stop = ' tabindex="-1"' if untabbed else ""
    text = html.escape(named[shape.ref_area], quote=False)
    return f'<a href="/territoires/{shape.ref_area}"{stop}><title>{text}</title><path {fill}d="{shape.path}"/></a>'


def hatching(name: str) -> str:
    """The pattern of what has no class, for the map of that name; the stylesheet colours its two parts."""
    return (
        f'<defs><pattern id="{name}-vide" width="12" height="12" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect class="none" width="12" height="12"/>'
        '<rect class="hatch" width="3" height="12"/></pattern></defs>'
    )


def outlined(path: str) -> str:
    """The outline of a shape over its halo, within a ring where the shape is too small to be seen."""
    left, top, right, bottom = box(path)
    halo, mine = f'<path class="halo" d="{path}"/>', f'<path class="mine" d="{path}"/>'
    if max(right - left, bottom - top) > SMALL:
        return halo + mine
    at = f'cx="{(left + right) // 2}" cy="{(top + bottom) // 2}" r="{SMALL}"'
    return f'<circle class="halo" {at}/><circle class="ring" {at}/>{mine}'


def marked(drawing: Drawing, ref_area: str | None) -> Drawing:
    """The same map with a territory outlined over the others, wherever it is drawn; as it is when it is nowhere."""
    found = [(title, path) for _a, area, title, _fill, path in SHAPE.findall(drawing.svg) if area == ref_area]
    if not found:
        return drawing
    paths = "".join(outlined(path) for _title, path in found)
    said_of_it = html.unescape(found[0][0].removeprefix("<title>").removesuffix("</title>"))
    return replace(drawing, svg=drawing.svg.replace("</svg>", f"{paths}</svg>"), mine=said_of_it)
