"""The figure of a comparison: the course of one indicator for several territories."""

from collections.abc import Mapping
from typing import Any

from observatory.comparability_rules import REFUSED
from observatory.comparing import Line
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.maps import credited
from observatory.plots import Plot
from observatory.plots_curves import Curve, Curves, graduated, month
from observatory.spoken import compact, said
from observatory.spoken import period as worded

# Reasons of a refusal for which two curves on one plane would be the comparison itself.
BARRING = {"level-differs", "same-ground", "population-scale", "size"}
MOST_DOTS = 8


def barred(line: Line) -> bool:
    """Whether the curves of that row may not be laid over each other."""
    return any(reason.code in BARRING and reason.grade == REFUSED for reason in line.verdict.reasons)


def course(screen: Mapping[str, Any]) -> Plot | None:
    """The course that a screen of `comparing` draws; None when it draws none, or may not."""
    if not screen.get("ready"):
        return None
    asked, found = screen["asked"], screen["course"]
    d, line = found["drawn"], next((one for one in screen["lines"] if one.head["code"] == found["code"]), None)
    if not d or line is None or barred(line):
        return None
    names = {territory["ref_area"]: territory["name"] for territory in screen["territories"]}
    people = [names[one["area"]] for one in d["lines"]]
    first, last = d["periods"][0], d["periods"][-1]
    unit = f" ({line.head['symbol']})" if line.head["symbol"] else ""
    title = _("{title}{unit}, {span}").format(title=data(line.head["title"]), unit=unit, span=said("span")(first, last))
    described = _("Évolution de {names}. Le tableau lié dit les valeurs.").format(names=", ".join(people))
    notes = (_("L’axe vertical ne commence pas à zéro."),) if d["ticks"][0] else ()
    return Plot(
        name="comparaison",
        title=said("typeset")(title),
        description=described,
        notes=notes,
        source=said("typeset")(credited(found["sources"], first, last)),
        time_period=said("span")(first, last),
        path="/comparer",
        query=(*(("t", area) for area in asked.areas), ("indicateur", found["code"])),
        twin="evolution-table",
        key=tuple((str(one["number"]), f"{one['number']} · {names[one['area']]}") for one in d["lines"]),
        content=Curves(
            curves=tuple(_curve(one, names[one["area"]], line.head) for one in d["lines"]),
            months=graduated(d["periods"]),
            values=tuple((tick, compact(tick)) for tick in d["ticks"]),
            span=(month(first), month(last)),
        ),
    )


def _curve(line: Mapping[str, Any], name: str, head: Mapping[str, Any]) -> Curve:
    points = tuple((month(period), value) for period, value in line["points"])
    dots = points if len(points) <= MOST_DOTS else points[-1:]
    told = tuple(
        said("typeset")(
            _("{name} : {value}").format(
                name=f"{name}, {worded(period)}", value=said("quantity")(value, head["symbol"], head["decimals"])
            )
        )
        for period, value in line["points"]
    )
    return Curve(str(line["number"]), (points,), dots, str(line["number"]), line["label"], told)
