"""Charts that are not maps: what is drawn, in marks that differ and colours that are seen."""

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert
from repositories import ROOT

from observatory import images, plots, plots_scores
from observatory.plots_bars import Histogram, counted
from observatory.plots_curves import Curve, Curves, graduated, month, pieces

BARS = Histogram(
    bars=((0.0, 50.0, 4), (50.0, 100.0, 0), (100.0, 150.0, 9_000)), mine=2, marks=(("own", 120.0), ("median", 40.0)),
    values=((0.0, "0"), (100.0, "100\u202f%")), counts=counted(9_000),
)  # fmt: skip
COURSE = Curves(
    curves=(
        Curve("own", (((24_220, 1.0), (24_225, 3.0)), ((24_231, 2.0),)), ((24_231, 2.0),), "1", 2.0),
        Curve("median", (((24_220, 2.0), (24_231, 2.5)),)),
    ),
    months=((24_220, "2018"), (24_231, "2019")), values=((0.0, "0"), (4.0, "4")), span=(24_220, 24_231),
    band=((24_220, 1.0, 3.0), (24_231, 1.5, 2.5)), now=24_231, breaks=(24_225,),
)  # fmt: skip


def data_of(content: plots.Content) -> list[dict[str, object]]:
    """The rows of every layer of the Vega-Lite of a content, checked against its schema."""
    spec = content.chart().to_dict(validate=True)
    return [row for layer in spec["layer"] for row in layer["data"]["values"]]


def test_bars_of_nobody_are_not_drawn_and_few_are_still_seen() -> None:
    rows = [row for row in data_of(BARS) if "held" in row]
    assert [(row["low"], row["high"], row["held"]) for row in rows] == [(0.0, 50.0, 4), (100.0, 150.0, 9_000)]
    assert rows[0]["tall"] == 100.0 and rows[1]["tall"] == 9_000
    assert [label for _, label in counted(9_000)] == ["0", "5\u202f000", "10\u202f000"]
    assert counted(0) == ((0.0, "0"), (1.0, "1"))


def test_course_breaks_where_it_has_no_value() -> None:
    rows = data_of(COURSE)
    assert [row["piece"] for row in rows if row.get("y") in (1.0, 3.0, 2.0) and "piece" in row] == [0, 0, 0, 1]
    assert pieces([("2019", 1.0), ("2021", 3.0)], ["2019", "2020", "2021"]) == [[("2019", 1.0)], [("2021", 3.0)]]


def test_graduation_of_time_is_where_the_values_are() -> None:
    assert graduated(["2019", "2022"]) == tuple((month(str(year)), str(year)) for year in range(2019, 2023))
    assert [label for _, label in graduated(["2017-Q4", "2020-Q1"])] == ["2018", "2019", "2020"]
    assert [label for _, label in graduated(["2022-Q2", "2022-Q3"])] == ["2ᵉ trimestre 2022", "3ᵉ trimestre 2022"]
    many = graduated([str(year) for year in range(1990, 2027)])
    assert len(many) <= 8 and many[-1][1] == "2026"


@pytest.mark.parametrize("content", [BARS, COURSE])
def test_drawing_is_shapes_and_letters_only(content: plots.Content) -> None:
    svg = plots.drawing(content)
    ElementTree.fromstring(svg)
    assert not re.search(r"<style|<script|style=|class=|aria-|role=|\son\w+=|xlink|href|url\(| id=", svg)
    assert plots.drawing(content) is svg  # kept
    assert set(re.findall(r'(?:fill|stroke)="(#\w+)"', svg)) <= {
        images.INK, images.SOFT, images.LINE, images.PAPER, images.WARM, images.ACCENT, images.COLUMN, images.RANGE
    }  # fmt: skip


def test_every_graduation_is_written_in_the_words_given() -> None:
    said = re.findall(r">([^<]+)</text>", plots.drawing(BARS))
    assert said == ["0", "100\u202f%", "0", "5\u202f000", "10\u202f000"]
    assert re.findall(r">([^<]+)</text>", plots.drawing(COURSE)) == ["2018", "2019", "0", "4", "1", "1"]
    many = tuple((float(at), str(at)) for at in range(0, 101, 10))
    said = re.findall(r">([^<]+)</text>", plots.drawing(replace(COURSE, values=many)))
    assert said[2:-2] == [label for _, label in many]


def test_marks_differ_by_dash_or_shape_and_not_only_by_colour() -> None:
    together = (("own", "other", "parent", "median"), ("score", "today"), tuple("123456"))
    for kinds in together:
        said = [(plots.MARKS[kind].dash, plots.MARKS[kind].shape, plots.MARKS[kind].hollow) for kind in kinds]
        assert len(set(said)) == len(said)
        drawn = [re.sub(r"#\w+", "", plots.swatch(kind)) for kind in kinds]
        assert len(set(drawn)) == len(drawn)
    # A long course has its shape at the end only.
    dashes = [plots.MARKS[kind].dash for kind in "123456"]
    assert len(set(dashes)) == 6
    for kind, dash in zip("123456", dashes, strict=True):
        long = Curves((Curve(kind, (((24_220, 1.0), (24_231, 2.0)),)),), COURSE.months, COURSE.values, COURSE.span)
        drawn = re.findall(r'stroke-dasharray="([\d,]+)"', plots.drawing(long))
        assert drawn == ([",".join(map(str, dash))] if dash else [])
        assert re.findall(r'dasharray="([\d ]+)"', plots.swatch(kind)) == [text.replace(",", " ") for text in drawn]


def test_dark_scheme_has_each_colour_that_is_drawn() -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text("utf-8")
    light = dict(reversed(re.findall(r"--([\w-]+): (#\w+);", sheet)))  # the first is that of the light scheme
    rules = dict(re.findall(r'\.plot \[(?:fill|stroke)="(#\w+)"\] \{ (?:fill|stroke): var\(--([\w-]+)\); \}', sheet))
    for name in ("INK", "SOFT", "LINE", "PAPER", "WARM", "ACCENT", "COLUMN", "RANGE"):
        colour = getattr(images, name)
        shown = light[rules[colour]]
        assert shown in (colour, "#fff" if colour == "#ffffff" else colour)
    for content in (BARS, COURSE):
        for kind, colour in re.findall(r'(fill|stroke)="(#\w+)"', plots.drawing(content)):
            assert f'.plot [{kind}="{colour}"]' in sheet, (kind, colour)


def schemes() -> list[dict[str, str]]:
    """The variables of the stylesheet that are colours, by day then by night."""
    sheet = (ROOT / "static" / "observatoire.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\n *\}", sheet, re.S)[:2]
    return [dict(re.findall(r"--([\w-]+): (#\w+);", part)) for part in (light, dark)]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_recommendation() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def marks_of(content: plots.Content) -> list[dict[str, Any]]:
    """The marks of a content that have a colour, axes and their grid apart."""
    marks = [layer["mark"] for layer in content.chart().to_dict(validate=False)["layer"]]
    return [mark for mark in marks if {"color", "fill", "stroke"} & mark.keys() and mark.get("fillOpacity") != 0]


@pytest.mark.parametrize(("scheme", "colours"), list(zip(("light", "dark"), schemes(), strict=True)))
def test_each_mark_is_told_from_the_paper(scheme: str, colours: dict[str, str]) -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text("utf-8")
    variables = dict(
        re.findall(r'\.plot \[(?:fill|stroke)="(#\w+)"\] \{ (?:fill|stroke): var\(--([\w-]+)\); \}', sheet)
    )
    every = tuple(Curve(kind, (((24_220, 1.0), (24_231, 2.0)),), ((24_231, 2.0),)) for kind in plots.MARKS)
    marks = [mark for content in (BARS, replace(COURSE, curves=every)) for mark in marks_of(content)]
    assert len(marks) > 2 * len(plots.MARKS)
    for mark in marks:
        drawn = {mark[name] for name in ("color", "fill", "stroke") if name in mark}
        if drawn == {images.PAPER}:
            continue  # what parts a mark from the bars under it
        best = max(contrast(colours[variables[colour]], colours["paper"]) for colour in drawn)
        assert best >= 3, (scheme, mark)
    for kind in ("bar", "band", *plots.MARKS):
        drawn = set(re.findall(r'(?:fill|stroke)="(#\w+)"', plots.swatch(kind)))
        assert max(contrast(colours[variables[colour]], colours["paper"]) for colour in drawn) >= 3, (scheme, kind)


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    real = vl_convert.vegalite_to_svg

    def watched(spec: str, **options: object) -> str:
        given.append((json.loads(spec), options))
        return str(real(spec, **options))

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", watched)
    plots.drawing.__wrapped__(BARS)
    ((spec, options),) = given
    assert options["allowed_base_urls"] == []
    assert not re.search(r'"url"|https?://', json.dumps({**spec, "$schema": ""}))


def test_very_long_courses_do_without_words_under_the_pointer_and_words_are_whole() -> None:
    def course(points: int) -> str:
        run = tuple((24_220 + n, 1.0) for n in range(points))
        curve = Curve("own", (run,), told=("0.123456 & <plus>",) * points)
        return plots.drawing(replace(COURSE, curves=(curve,), span=(24_220, 24_220 + points)))

    assert course(150).count("<title>0.123456 &amp; &lt;plus&gt;</title>") == 150
    assert "<title>" not in course(151)


def test_years_of_a_score_are_those_of_the_index_or_of_the_longest_domain() -> None:
    def row(node: str, year: str, score: float | None, geography: str = "epoque") -> dict[str, object]:
        return {"node": node, "time_period": year, "score": score, "geography": geography, "score_low": score,
                "score_high": score}  # fmt: skip

    titles = {"index": "Indice", "a": "A", "b": "B"}
    domains = [row(node, year, 5.0) for node, year in (("a", "2021"), ("b", "2021"), ("b", "2022"), ("x", "2020"))]
    found = plots_scores.years([row("index", "2022", 1.0), *domains], titles)
    assert found and found["shown"] == "b" and [r["time_period"] for r in found["own"]] == ["2021", "2022"]
    found = plots_scores.years([row("index", "2022", 1.0), row("index", "2021", 2.0), *domains], titles)
    assert found and found["shown"] == "index"
    assert plots_scores.years([row("a", "2022", None)], titles) is None
    again = [row("a", y, s, g) for g, s in (("epoque", 1.0), ("constante", 1.0)) for y in ("2021", "2022")]
    found = plots_scores.years(again, titles)
    assert found and found["same"] and found["others"] == []
    again[-1]["score"] = 3.0
    found = plots_scores.years(again, titles)
    assert found and not found["same"] and len(found["others"]) == 2
    drawn = plots_scores.course(found, "DEP-68", "Haut-Rhin", "2024.1")
    assert drawn and [kind for kind, _ in drawn.key] == ["score", "today"]  # and no band where nothing was missing
    again[0]["score_low"] = 0.0
    found = plots_scores.years(again, titles)
    drawn = plots_scores.course(found, "DEP-68", "Haut-Rhin", "2024.1")
    assert drawn and [kind for kind, _ in drawn.key] == ["score", "today", "band"] and drawn.notes
