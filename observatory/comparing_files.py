"""The comparison as files: JSON with the verdict of each row, CSV of exactly the table on the screen."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from observatory.comparability import Verdict
from observatory.comparability_rules import COMPARABLE, RESERVE
from observatory.comparing import Line
from observatory.comparing_facts import Row
from observatory.languages import gettext as _


def grade_title(grade: str, whole: bool = False, above: str = "") -> str:
    """What a grade is called: in full for the whole, in a word in the rows; `above` is the grade of that whole."""
    if grade == COMPARABLE and above == RESERVE:
        return _("Réserve ci-dessus")
    if whole:
        full = {"comparable": _("Comparables"), "reserve": _("Comparables avec réserve")}
        return full.get(grade, _("Comparaison refusée"))
    return {"comparable": _("Comparable"), "reserve": _("Avec réserve")}.get(grade, _("Refusée"))


def payload(shown: dict[str, Any]) -> dict[str, Any]:
    """What /comparer.json answers: the same verdicts as the page, for the same rows in the same order."""
    asked = shown["asked"]
    answer: dict[str, Any] = {
        "territories": [{"ref_area": card["ref_area"], "name": card["name"]} for card in shown["cards"]],
        "not_found": [one.text for one in asked.others if not one.choices and not one.vanished],
        "ambiguous": {one.text: list(one.choices) for one in asked.others if one.choices},
        "vanished": {
            one.vanished: (shown["named"][one.vanished]["successors"] or "").split()
            for one in asked.others
            if one.vanished
        },
    }
    if not shown["ready"]:
        return {"ok": False, "error": _("Une comparaison demande de deux à six territoires."), **answer}
    return {
        "ok": True,
        "page": asked.address(),
        **answer,
        "verdict": _verdict(shown["verdict"]),
        "scores": [_line(line, "node", "score") for line in shown["scores"]],
        "indicators": [_line(line, "code", "obs_value") for line in shown["shown"]],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    reasons = [{"grade": r.grade, "code": r.code, "said": r.said, "ref_areas": list(r.areas)} for r in verdict.reasons]
    return {"grade": verdict.grade, "reasons": reasons}


def _line(line: Line, code: str, value: str) -> dict[str, Any]:
    return {
        "code": line.head[code],
        "title": line.head["title"],
        "verdict": _verdict(line.verdict),
        "values": {cell["ref_area"]: cell[value] for cell in line.cells if cell},
        "best": sorted(line.best),
        "gap": line.gap,
        "score_gap": line.points,
    }


def table(shown: dict[str, Any], spreadsheet: bool = False) -> str:
    """CSV of the rows on the screen, in their order; for a spreadsheet: BOM, semicolons and decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if spreadsheet else ",", lineterminator="\r\n")
    writer.writerow(_heads(shown["territories"]))
    for line in shown["shown"]:
        writer.writerow([_written(cell, spreadsheet) for cell in _cells(line, shown["verdict"].grade)])
    return ("\ufeff" if spreadsheet else "") + out.getvalue()


def _heads(territories: list[Row]) -> list[str]:
    heads = [_("Domaine"), _("Indicateur"), _("Code"), _("Unité"), _("Verdict"), _("Raisons")]
    for row in territories:
        named = f"{row['name']} ({row['ref_area']})"
        heads += [f"{named} – {what}" for what in (_("valeur"), _("période"), _("statut"), _("score"))]
    return [*heads, _("Meilleure valeur"), _("Écart"), _("Écart de score")]


def _cells(line: Line, above: str) -> Iterator[Any]:
    head = line.head
    yield from (
        head["domain_title"],
        head["title"],
        head["code"],
        head["symbol"] or "",
        grade_title(line.verdict.grade, above=above),
    )
    yield " ; ".join(reason.said for reason in line.verdict.reasons)
    for cell in line.cells:
        columns = ("obs_value", "time_period", "obs_status_title", "score")
        yield from (cell[name] if cell and cell["obs_value"] is not None else None for name in columns)
    yield " ".join(sorted(line.best))
    yield line.gap
    yield line.points


def _written(value: Any, spreadsheet: bool) -> str:
    if isinstance(value, float):
        text = f"{value:.12g}"
        return text.replace(".", ",") if spreadsheet else text
    return "" if value is None else str(value)
