"""Figures of an indicator's page: how its values are spread, and its course through time."""

from collections.abc import Mapping
from typing import Any

from observatory.distributions import Bar
from observatory.indicator_choice import Choice
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.maps import credited
from observatory.plots import Plot
from observatory.plots_bars import Histogram, counted
from observatory.plots_curves import Curve, Curves, day, graduated, month
from observatory.spoken import compact, number, period, said

Row = Mapping[str, Any]
KEPT = ("territoire", "niveau", "periode", "geographie")


def bars(indicator: Row, screen: Mapping[str, Any]) -> Plot | None:
    """The distribution of a screen of `indicator_page`, None when it has none."""
    d, choice = screen.get("spread"), screen.get("choice")
    if not d or choice is None:
        return None
    who = said("typeset")(said("noun")((screen["kind"] or screen["here"])["title_plural"]))
    title = _("{title} : répartition des {who}, {period}")
    shown = tuple((value, _graduation(indicator, value, value == d["axis"][-1])) for value in d["axis"])
    # A count stands in the middle of its bar.
    shift = (d["bars"][0].high - d["low"]) / 2 if d["whole"] else 0.0
    return Plot(
        name=f"repartition-{indicator['code']}",
        title=said("typeset")(
            title.format(title=data(indicator["short_title"]), who=who, period=period(choice.period))
        ),
        description=said("typeset")(_spread_said(indicator, d)),
        notes=_spread_notes(indicator, d, choice, who),
        key=tuple((kind, _marked(indicator, screen, kind, value)) for kind, value in d["marks"]),
        content=Histogram(
            bars=tuple((bar.low, bar.high, bar.held) for bar in d["bars"]),
            mine=d["mine"],
            marks=tuple((kind, value + shift) for kind, value in d["marks"]),
            values=tuple((value + shift, label) for value, label in shown),
            counts=counted(max(bar.held for bar in d["bars"])),
            told=tuple(_bar_said(indicator, bar, d["whole"]) for bar in d["bars"]),
        ),
        **_common(indicator, screen, choice, "repartition", choice.period),
    )


def course(indicator: Row, screen: Mapping[str, Any]) -> Plot | None:
    """The trend of a screen of `indicator_page`, None when it has none."""
    t, choice = screen.get("trend"), screen.get("choice")
    if not t or choice is None:
        return None
    periods = t["periods"][::-1]
    span, geography = said("span")(periods[0], periods[-1]), said("word")(choice.geography, "geography")
    title = _("{title}, {span}, {geography}")
    return Plot(
        name=f"evolution-{indicator['code']}",
        title=said("typeset")(title.format(title=data(indicator["short_title"]), span=span, geography=geography)),
        description=_(" ; ").join(_course_said(indicator, line, choice.geography) for line in t["lines"]),
        notes=_course_notes(t, choice),
        key=tuple((line["kind"], line_name(line, choice.geography)) for line in t["lines"]),
        content=Curves(
            curves=tuple(
                Curve(
                    line["kind"],
                    tuple(tuple((month(p), v) for p, v in piece) for piece in line["pieces"]),
                    tuple((month(p), v) for p, v in line["dots"]),
                    told=tuple(
                        _point_said(indicator, line, choice.geography, p) for p in sorted(line["values"], key=month)
                    ),
                )
                for line in t["lines"]
            ),
            months=graduated(periods),
            values=tuple((value, compact(value)) for value in t["levels"]),
            span=(month(periods[0]), month(periods[-1])),
            now=month(t["now"]) if t["now"] else None,
            breaks=tuple(day(change["date"]) for change in t["breaks"]),
        ),
        **_common(indicator, screen, choice, "evolution", periods[0], periods[-1]),
    )


def line_name(line: Row, geography: str) -> str:
    """The words of a curve."""
    name = str(line["name"])
    if line["kind"] == "median":
        return _("Médiane des {kind}").format(kind=said("noun")(name))
    if line["kind"] == "other":
        other = _("{name}, géographie constante") if geography == "epoque" else _("{name}, géographie d’époque")
        return other.format(name=name)
    return name


def _common(indicator: Row, screen: Mapping[str, Any], choice: Choice, anchor: str, *periods: str) -> dict[str, Any]:
    asked = {**choice.asked, "niveau": choice.level}
    query = tuple((name, asked[name]) for name in KEPT if asked.get(name))
    path = f"/indicateurs/{indicator['code']}"
    return {
        "source": said("typeset")(credited(screen["sources"], *periods)),
        "time_period": said("span")(*periods) if len(periods) > 1 else period(*periods),
        "path": path,
        "query": query,
        "twin": f"{anchor}-table",
    }


def _quantity(indicator: Row, value: float) -> str:
    return said("quantity")(value, indicator["symbol"], indicator["decimals"])


def _graduation(indicator: Row, value: float, last: bool) -> str:
    # The unit is said once, at the end of the axis.
    return said("quantity")(value, "%", 0) if last and indicator["symbol"] == "%" else compact(value)


def _middle(indicator: Row, value: float) -> str:
    # A median may fall between two whole numbers.
    return said("quantity")(value, indicator["symbol"], indicator["decimals"] or (1 if value % 1 else 0))


def _marked(indicator: Row, screen: Mapping[str, Any], kind: str, value: float) -> str:
    if kind == "median":
        text = _("{name} : {value}").format(name=_("Médiane"), value=_middle(indicator, value))
        return said("typeset")(text)
    name = screen["choice"].shown["name"] if kind == "own" else screen["parent"]["name"]
    return said("typeset")(_("{name} : {value}").format(name=name, value=_quantity(indicator, value)))


def _bar_said(indicator: Row, bar: Bar, whole: bool) -> str:
    if whole and bar.high - bar.low == 1:
        held = number(bar.low)
    else:
        high = said("quantity")(
            bar.high, indicator["symbol"], 0 if round(bar.high) == bar.high else indicator["decimals"]
        )
        held = _("de {low} à moins de {high}").format(low=compact(bar.low), high=high)
    return said("typeset")(_("{name} : {value}").format(name=held, value=said("count")(bar.held, "territoire")))


def _point_said(indicator: Row, line: Row, geography: str, at: str) -> str:
    value = (_middle if line["kind"] == "median" else _quantity)(indicator, line["values"][at])
    name = f"{line_name(line, geography)}, {period(at)}"
    return said("typeset")(_("{name} : {value}").format(name=name, value=value))


def _spread_said(indicator: Row, d: Mapping[str, Any]) -> str:
    text = _("Barres de {low} à {high} ; la plus haute compte {most} territoires. Le tableau lié dit les nombres.")
    most = number(max(bar.held for bar in d["bars"]))
    return text.format(low=_quantity(indicator, d["low"]), high=_quantity(indicator, d["high"]), most=most)


def _spread_notes(indicator: Row, d: Mapping[str, Any], choice: Choice, who: str) -> tuple[str, ...]:
    geography = said("word")(choice.geography, "geography")
    notes = [_("{count} {who}, {geography}.").format(count=number(d["count"]), who=who, geography=geography)]
    if many := d["crowd"]:
        text = _("{held} d’entre eux ont la même valeur, {value} ; les barres comptent les {rest} autres.")
        value, rest = _quantity(indicator, many.low), number(d["count"] - many.held)
        notes.append(text.format(held=number(many.held), value=value, rest=rest))
    else:
        notes.append(_("Chaque barre compte des territoires."))
    if indicator["symbol"]:
        notes.append(_("En bas, la valeur ({unit}).").format(unit=indicator["symbol"]))
    return tuple(map(said("typeset"), notes))


def _course_said(indicator: Row, line: Row, geography: str) -> str:
    name = line_name(line, geography)
    values = list(line["values"].values())
    first, last = (_quantity(indicator, value) for value in (values[0], values[-1]))
    if len(values) == 1:
        text = _("{name} : {value}, une seule période ({period})")
        return said("typeset")(text.format(name=name, value=first, period=period(next(iter(line["values"])))))
    return said("typeset")(_("{name} : de {first} à {last}").format(name=name, first=first, last=last))


def _course_notes(t: Mapping[str, Any], choice: Choice) -> tuple[str, ...]:
    notes = [_("L’axe vertical ne commence pas à zéro.")] if t["levels"][0] else []
    notes.append(_("Une ligne s’interrompt où une période manque."))
    if choice.territory:
        notes.append(_("Le parent et la médiane sont dans les limites d’aujourd’hui."))
    if t["breaks"]:
        changes = [f"{n}. {change['title']}, {said('date')(change['date'])}" for n, change in enumerate(t["breaks"], 1)]
        notes.append(_("Changements de périmètre : {changes}.").format(changes=" · ".join(changes)))
    return tuple(map(said("typeset"), notes))
