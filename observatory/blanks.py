"""Templates to fill in: the columns of a dataset explained, and the rows of a territory with what is already known."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from observatory.blanks_rows import PERIOD, Published, Scope
from observatory.codelists import codes
from observatory.french import compact
from observatory.model import Dataset
from observatory.numberformats import number_text
from observatory.references import IndicatorFile, read_indicators
from observatory.territories import Territories, read_territories

FORMS = {"csv": "CSV", "csv-fr": "CSV pour tableurs français", "xlsx": "XLSX (Excel)", "ods": "ODS (LibreOffice)"}
TYPES = {
    "integer": "nombre entier", "number": "nombre, décimales après un point ou une virgule",
    "date": "date (2023-02-01)",
    "datetime": "date et heure (2023-02-01T08:30:00)", "time": "heure (08:30:00)", "year": "année (2023)",
    "yearmonth": "mois (2023-02)", "boolean": "oui ou non", "geopoint": "point (longitude, latitude)",
}  # fmt: skip
ASK = "Une ligne sans valeur ne compte pas : remplissez celles que vous connaissez, laissez les autres telles quelles."
GUIDE = (
    "Remplissez la feuille « Données » : une ligne par {row}, une valeur par cellule, sans changer l'en-tête.",
    "Laissez vide une valeur inconnue. Les lignes déjà remplies sont publiées : corrigez-les, ou laissez-les telles.",
    ASK,
)
ROWS = {"long": "observation", "wide": "territoire", "register": "objet recensé"}
MAX_CHOICES = 5_000
NAMED = 10  # indicators explained in a heading
# What the columns of observations hold, in plain words.
WORDS = {
    "ref_area": "Le territoire : niveau (REG, DEP, EPCI ou COM), tiret, code INSEE ou SIREN ; FRA pour la France.",
    "time_period": "La période que la valeur décrit, écrite comme dans les lignes déjà remplies : une année (2022), "
    "un mois (2022-09) ou un trimestre (2022-Q3).",
    "obs_value": "La valeur, sans unité.",
}  # fmt: skip
# Sheets of a workbook to fill in.
DATA, GUIDE_SHEET, LISTS = "Données", "Mode d'emploi", "Listes"
GUIDE_HEADER = ("Colonne", "Titre", "À remplir", "À respecter", "Exemple", "Description")
ROOM = 500  # rows beyond the known ones that lists and bounds still hold to
STILL = (1980, 1, 1, 0, 0, 0)  # the only date that a ZIP of ours bears
FIGURE = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
ISO_DATE = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])")


class UnknownTerritory(ValueError):
    """No territory has that identifier; the message says so, in French."""


class UnknownForm(ValueError):
    """A template cannot be given in that form; the message says so, in French."""


@dataclass(frozen=True)
class Column:
    """A column to fill in, in words for people, with what a spreadsheet can hold its cells to."""

    name: str
    title: str
    description: str
    type: str
    required: bool
    example: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    rules: str = ""
    open: bool = False  # whether another text than the choices may be written

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self.type in ("integer", "number")

    def kind_of(self, text: str) -> str:
        """number or date when a spreadsheet's cell of that kind loses nothing of the text; otherwise text."""
        if self.is_number and FIGURE.fullmatch(text) and number_text(float(text)) == text:
            return "number"
        return "date" if self.type == "date" and ISO_DATE.fullmatch(text) else "text"

    @property
    def bounds(self) -> tuple[str, str]:
        """The lowest and highest number that its cells may hold, as spreadsheets want them."""
        return number_text(-1e15 if self.low is None else self.low), number_text(
            1e15 if self.high is None else self.high
        )

    @property
    def guide(self) -> tuple[str, ...]:
        """Its row of the sheet that explains the columns."""
        required = "oui" if self.required else "non"
        return self.name, self.title, required, self.rules, self.example, self.description

    @property
    def note(self) -> str:
        """What a person who fills it in must know, in a few lines."""
        lines = [self.title, self.description, self.rules and f"À respecter : {self.rules}."]
        return "\n".join(line for line in [*lines, self.example and f"Exemple : {self.example}"] if line)


@dataclass(frozen=True)
class Blank:
    """A template: its title, what to do with it, its columns and the rows that are already known."""

    title: str
    guide: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: list[list[str]] = field(default_factory=list)
    date: str = "2000-01-01"


def blank(root: Path, dataset: Dataset, ref_area: str | None, form: str) -> bytes:
    """The template of a dataset for a territory (None: no row), as a file of that form.

    UnknownTerritory and UnknownForm when there is none. The same repository gives the same bytes.
    """
    if form not in FORMS:
        raise UnknownForm(f"forme « {form} » inconnue ; formes possibles : {', '.join(FORMS)}.")
    return rendered(prepared(root, dataset, ref_area), form)


def rendered(template: Blank, form: str) -> bytes:
    """The template as a file of that form."""
    if form == "xlsx":
        from observatory.blanks_xlsx import render_xlsx

        return render_xlsx(template)
    if form == "ods":
        from observatory.blanks_ods import render_ods

        return render_ods(template)
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";" if form == "csv-fr" else ",", lineterminator="\n")
    writer.writerow(column.name for column in template.columns)
    writer.writerows(template.rows)
    return target.getvalue().encode("utf-8-sig" if form == "csv-fr" else "utf-8")


def prepared(root: Path, dataset: Dataset, ref_area: str | None = None) -> Blank:
    """The template of a dataset: for a territory, itself and its members with what is published of them."""
    territories = read_territories(root) if ref_area else Territories(())
    if ref_area and ref_area not in territories.by_ref:
        raise UnknownTerritory(f"le territoire « {ref_area} » est inconnu (exemple : DEP-68, COM-68224).")
    published, indicators = Published(dataset), read_indicators(root) if dataset.form == "long" else {}
    scope = Scope(published, territories, ref_area) if ref_area else None
    return Blank(
        title=str(dataset.descriptor.get("title", dataset.name)),
        guide=tuple(line.format(row=ROWS[dataset.form]) for line in GUIDE),
        columns=tuple(_columns(root, published, scope, indicators)),
        rows=scope.rows(indicators) if scope else [],
        date=str(dataset.descriptor.get("last_update", "2000-01-01")),
    )


def _columns(
    root: Path, published: Published, scope: Scope | None, indicators: dict[str, IndicatorFile]
) -> Iterable[Column]:
    measured = _measured(published, indicators)
    for entry in published.dataset.schema["fields"]:
        rules, name = entry.get("constraints", {}), entry["name"]
        long = published.dataset.form == "long"
        choices = measured if long and name == "indicator" else _choices(root, entry)
        if long and name == PERIOD:
            choices = published.likely_periods
        if scope and name == scope.column:
            choices = scope.choices
        description = _in_words(name, measured, indicators) if long else ""
        yield Column(
            name=name,
            title=entry.get("title", name),
            description=description or entry.get("description", ""),
            type=entry["type"],
            required=bool(rules.get("required")),
            example=_example(entry, published.texts(name)[-1:] if long and name == PERIOD else choices),
            choices=tuple(choices) if len(choices) <= MAX_CHOICES else (),
            low=_bound(rules.get("minimum")),
            high=_bound(rules.get("maximum")),
            rules=_rules(entry, rules, bool(choices)),
            open=long and name == PERIOD,
        )


def _measured(published: Published, indicators: dict[str, IndicatorFile]) -> list[str]:
    """The indicators that a long dataset publishes; those of the observatory when it begins."""
    active = sorted(code for code, file in indicators.items() if file.content.get("status") == "active")
    return published.texts("indicator") or active if published.dataset.form == "long" else []


def _in_words(name: str, measured: Sequence[str], indicators: dict[str, IndicatorFile]) -> str:
    """What a column of observations holds, for those who never saw the observatory's files."""
    if name != "indicator":
        return WORDS.get(name, "")
    titles = {code: _title(indicators[code].content) for code in measured if code in indicators}
    told = " ; ".join(f"{code} : {title}" for code, title in list(titles.items())[:NAMED])
    return f"Ce qui est mesuré. {told}." if titles else ""


def _title(indicator: dict[str, Any]) -> str:
    """What the values of an indicator are, in its file's words: itself, or the count from which it is computed."""
    counted = indicator.get("numerator") if indicator.get("published") == "numerator" else None
    return str(counted or indicator.get("title", ""))


def _example(entry: dict[str, Any], choices: Sequence[str]) -> str:
    """The schema's example, or the first choice when the list has not that one."""
    example = str(entry.get("example", ""))
    return example if not choices or example in choices else choices[0]


def _choices(root: Path, entry: dict[str, Any]) -> list[str]:
    """The closed list that a column draws from, or nothing."""
    if enum := entry.get("constraints", {}).get("enum"):
        return [str(choice) for choice in enum]
    if entry["type"] == "boolean":
        return [
            str(entry.get(name, [default])[0]) for name, default in (("trueValues", "true"), ("falseValues", "false"))
        ]
    return list(codes(root, "obs_status")) if entry["name"] == "obs_status" else []


def _bound(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _rules(entry: dict[str, Any], rules: dict[str, Any], listed: bool) -> str:
    """The constraints of a column in a few words."""
    words = [TYPES[entry["type"]]] if entry["type"] in TYPES else []
    words += ["à choisir dans la liste"] if listed and not words else []
    words.append("à remplir" if rules.get("required") else "facultatif")
    low, high = _bound(rules.get("minimum")), _bound(rules.get("maximum"))
    if low is not None and high is not None:
        words.append(f"entre {compact(low)} et {compact(high)}")
    elif low is not None:
        words.append(f"au moins {compact(low)}")
    elif high is not None:
        words.append(f"au plus {compact(high)}")
    if "maxLength" in rules:
        words.append(f"{rules['maxLength']} caractères au plus")
    if rules.get("unique"):
        words.append("sans doublon")
    if "enum" in rules:
        words.append("une des valeurs " + ", ".join(map(str, rules["enum"])))
    return ", ".join(words)
