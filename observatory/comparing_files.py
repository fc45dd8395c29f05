"""The comparison as files: JSON with the verdict of each row, CSV and workbook of exactly the table on the screen."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from observatory import links
from observatory.comparability import Verdict
from observatory.comparability_rules import COMPARABLE, RESERVE
from observatory.comparing import Line
from observatory.comparing_facts import Row, connected
from observatory.downloads import Asked, described
from observatory.languages import gettext as _
from observatory.outputs import Download, as_csv, as_tableur, as_xlsx
from observatory.problem_details import Refused


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
        return {"ok": False, "error": _too_few_or_many(), **answer}
    return {
        "ok": True,
        "page": asked.address(),
        **answer,
        "verdict": _verdict(shown["verdict"]),
        "scores": [_line(line, "node", "score") for line in shown["scores"]],
        "indicators": [_line(line, "code", "obs_value") for line in shown["shown"]],
    }


def _too_few_or_many() -> str:
    return _("Une comparaison demande de deux à six territoires.")


def refusal(shown: dict[str, Any], url: str) -> str:
    """Why there is no file, as text for a reader: what was understood, what was not, and where to mend it."""
    asked, named = shown["asked"], shown["named"]
    said = [_too_few_or_many()]
    if shown["cards"]:
        said.append(_("Reconnus : {names}.").format(names=_named(shown["cards"])))
    for one in asked.others:
        if one.choices:
            known = _("« {text} » peut être : {names}."), _named([named[area] for area in one.choices])
        elif one.vanished:
            codes = (named[one.vanished]["successors"] or "—").split()
            known = _("« {text} » n’existe plus ; ce qui lui succède : {names}."), ", ".join(codes)
        else:
            known = _("« {text} » n’est le nom ni le code d’aucun territoire."), ""
        said.append(known[0].format(text=one.text, names=known[1]))
    page = urljoin(url, links.here(shown.get("first", asked.address())))
    said.append(_("Pour choisir les territoires, puis reprendre le fichier : {url}").format(url=page))
    return "\n".join(said)


def _named(cards: list[Row]) -> str:
    return ", ".join(f"{card['name']} ({card['ref_area']})" for card in cards)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    reasons = [{"grade": r.grade, "code": r.code, "said": r.said, "ref_areas": list(r.areas)} for r in verdict.reasons]
    return {"grade": verdict.grade, "reasons": reasons}


def _line(line: Line, code: str, value: str) -> dict[str, Any]:
    return {
        "code": line.head[code],
        "title": line.head["title"],
        "verdict": _verdict(line.verdict),
        "values": {cell["ref_area"]: cell[value] for cell in line.cells if cell},
        "statuses": {
            cell["ref_area"]: {"status": cell["figure_status"], "status_date": cell["status_date"]}
            for cell in line.cells
            if cell and cell.get("figure_status")
        },
        "best": sorted(line.best),
        "gap": line.gap,
        "score_gap": line.points,
    }


def table(shown: dict[str, Any], spreadsheet: bool = False) -> bytes:
    """CSV of the rows on the screen, in their order; for a spreadsheet: BOM, semicolons and decimal commas."""
    rows = [tuple(map(_exact, _cells(line, shown["verdict"].grade))) for line in shown["shown"]]
    target = io.BytesIO()
    sheet = Download("", _heads(shown["territories"]), lambda: iter(rows))
    (as_tableur if spreadsheet else as_csv).write(sheet, target)
    return target.getvalue()


def written_as(kind: str, path: str | Path, shown: dict[str, Any], url: str, spreadsheet: bool) -> tuple[Any, str]:
    """What is answered for « json », « csv » or « xlsx », text or bytes, and its type; `url` is its own address.

    Refused when there is nothing to compare.
    """
    if not shown["ready"]:
        wrong = "too-much" if shown["too_many"] else "malformed-value"
        raise Refused(wrong, detail=refusal(shown, url), more=payload(shown))
    if kind == "json":
        return json.dumps(payload(shown)), "application/json; charset=utf-8"
    if kind == "xlsx":
        return workbook(path, shown, url), as_xlsx.TYPE
    return table(shown, spreadsheet), as_csv.TYPE


def asked(shown: dict[str, Any], url: str) -> Asked:
    """The datasets of the table on the screen, for `downloads.described`."""
    told = {cell["dataset"] for line in shown["shown"] for cell in line.cells if cell and cell["dataset"]}
    title = _("Comparaison : {names}").format(names=_named(shown["territories"]))
    return Asked(["dataset"], lambda: iter(()), url, title=title, count=len(shown["shown"]), told=told)


def tag(body: bytes) -> str:
    """A tag that changes with the bytes of a file."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def workbook(path: str | Path, shown: dict[str, Any], url: str) -> bytes:
    """The table on the screen as XLSX; a second sheet tells the verdict, the sources, the licences and the edition."""
    verdict = shown["verdict"]
    rows = [tuple(_cells(line, verdict.grade)) for line in shown["shown"]]
    db = connected(path)
    try:
        sheet = described(db, asked(shown, url))
    finally:
        db.close()
    said = [(_("Verdict"), grade_title(verdict.grade, whole=True)), *((_("Raison"), r.said) for r in verdict.reasons)]
    # Its first note counts the rows that it was given: here, the datasets.
    notes = [(_("Lignes"), str(len(rows))), *said, *sheet.notes[1:]]
    heads, target = _heads(shown["territories"]), io.BytesIO()
    as_xlsx.write(replace(sheet, columns=heads, heads=(), rows=lambda: iter(rows), notes=notes, dictionary=[]), target)
    return target.getvalue()


def _heads(territories: list[Row]) -> list[str]:
    heads = [_("Domaine"), _("Indicateur"), _("Code"), _("Unité"), _("Verdict"), _("Raisons")]
    for row in territories:
        named = f"{row['name']} ({row['ref_area']})"
        heads += [f"{named} – {what}" for what in _told()]
    return [*heads, _("Meilleure valeur"), _("Écart"), _("Écart de score")]


def _told() -> tuple[str, ...]:
    """What is said of each value: its columns, after the name of the territory."""
    return _("valeur"), _("période"), _("statut"), _("statut du chiffre"), _("date du statut"), _("score")


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
        columns = ("obs_value", "time_period", "obs_status_title", "figure_status_title", "status_date", "score")
        yield from (cell[name] if cell and cell["obs_value"] is not None else None for name in columns)
    yield " ".join(sorted(line.best))
    yield line.gap
    yield line.points


def _exact(value: Any) -> Any:
    """A number without what the arithmetic of machines adds to it after its twelfth digit."""
    if not isinstance(value, float):
        return value
    number = float(f"{value:.12g}")
    return int(number) if number.is_integer() else number
