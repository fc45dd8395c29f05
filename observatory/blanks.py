"""Templates to fill in: the columns of a dataset explained, and the rows of a territory with what is already known."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from observatory.codelists import codes
from observatory.csvfiles import read_sheet
from observatory.french import compact
from observatory.model import Dataset
from observatory.numberformats import number_text
from observatory.references import read_indicators
from observatory.sheets import Dialect
from observatory.territories import Territories, level_of, read_territories

FORMS = {"csv": "CSV", "csv-fr": "CSV pour tableurs français", "xlsx": "XLSX (Excel)", "ods": "ODS (LibreOffice)"}
LEVELS = ("REG", "DEP", "EPCI", "COM")
TYPES = {
    "string": "texte", "integer": "nombre entier", "number": "nombre", "date": "date (2023-02-01)",
    "datetime": "date et heure (2023-02-01T08:30:00)", "time": "heure (08:30:00)", "year": "année (2023)",
    "yearmonth": "mois (2023-02)", "boolean": "oui ou non", "geopoint": "point (longitude, latitude)",
}  # fmt: skip
ASK = "Supprimez les lignes que vous ne remplissez pas : une ligne incomplète est signalée à la relecture."
GUIDE = (
    "Remplissez la feuille « Données » : une ligne par {row}, une valeur par cellule, sans changer l'en-tête.",
    "Laissez vide une valeur inconnue. Les lignes déjà remplies sont publiées : corrigez-les, ou laissez-les telles.",
    ASK,
)
ROWS = {"long": "observation", "wide": "territoire", "register": "objet recensé"}
MAX_CHOICES = 5_000
# Sheets of a workbook to fill in.
DATA, GUIDE_SHEET, LISTS = "Données", "Mode d'emploi", "Listes"
GUIDE_HEADER = ("Colonne", "Titre", "Obligatoire", "À respecter", "Exemple", "Description")
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
    scope = _Scope(dataset, territories, ref_area) if ref_area else None
    return Blank(
        title=str(dataset.descriptor.get("title", dataset.name)),
        guide=tuple(line.format(row=ROWS[dataset.form]) for line in GUIDE),
        columns=tuple(_columns(root, dataset, scope)),
        rows=scope.rows(root) if scope else [],
        date=str(dataset.descriptor.get("last_update", "2000-01-01")),
    )


class _Scope:
    """A territory and its members, in the geography of a dataset."""

    def __init__(self, dataset: Dataset, territories: Territories, ref_area: str) -> None:
        self._dataset, self._territories = dataset, territories
        self._day = f"{dataset.descriptor.get('cog', '2000')}-01-01"
        entry = next((entry for entry in dataset.schema["fields"] if "territory" in entry), None)
        self.column = entry["name"] if entry else ""
        self._level = entry["territory"] if entry else ""
        self._prefix = "" if self._level in ("", "ref_area", "FRA") else f"{self._level}-"
        self._tops = self._then(ref_area)

    def _then(self, ref_area: str) -> list[str]:
        """The territory at the dataset's vintage: itself, or those that it was made of."""
        if self._territories.exists(ref_area, self._day):
            return [ref_area]
        origins = {source for _, source in self._territories.origins(ref_area)}
        return sorted(origin for origin in origins if self._territories.exists(origin, self._day))

    def members(self, levels: Iterable[str]) -> list[str]:
        """The territory and its members at these levels, as the dataset writes them."""
        found = {top for top in self._tops if level_of(top) in levels}
        for level in levels:
            found |= {low for top in self._tops for low in self._territories.children(top, level, self._day)}
        return [ref.removeprefix(self._prefix) for ref in sorted(found)]

    @cached_property
    def choices(self) -> list[str]:
        """What the territory column may hold."""
        return self.members(("FRA", *LEVELS) if self._level == "ref_area" else (self._level,))

    def rows(self, root: Path) -> list[list[str]]:
        """The published rows of the scope, then a row to complete for each member that has none."""
        names = [entry["name"] for entry in self._dataset.schema["fields"]]
        published = _published(self._dataset, names)
        if not self.column:
            return published
        place = names.index(self.column)
        scope = set(self.choices)
        known = [row for row in published if row[place] in scope]
        return known + [row for row in self._unanswered(root, names, published) if row[place] in scope]

    def _unanswered(self, root: Path, names: list[str], published: list[list[str]]) -> list[list[str]]:
        place = names.index(self.column)
        answered = {row[place] for row in published}
        if self._dataset.form == "register":
            return []
        if self._level != "ref_area":
            missing = [code for code in self.choices if code not in answered]
            return [_row(names, {self.column: code}) for code in missing]
        levels = {level_of(ref) for ref in answered} or set(map(level_of, self._tops))
        series = self._series(root, names, published)
        missing = [code for code in self.members(sorted(levels)) or self._tops if code not in answered]
        return [
            _row(names, {self.column: code, "indicator": indicator, "time_period": period})
            for code in missing
            for indicator, period, allowed in series
            if not allowed or level_of(code) in allowed
        ]

    def _series(self, root: Path, names: list[str], published: list[list[str]]) -> list[tuple[str, str, Sequence[str]]]:
        """Each indicator of a long dataset with its last period, and the levels that it admits."""
        if not {"indicator", "time_period"} <= set(names):
            return [("", "", ())]
        what, when = names.index("indicator"), names.index("time_period")
        last: dict[str, str] = {}
        for row in published:
            last[row[what]] = max(last.get(row[what], ""), row[when])
        known = read_indicators(root)
        return [(code, last[code], known[code].levels if code in known else ()) for code in sorted(last)] or [
            ("", "", ())
        ]


def _published(dataset: Dataset, names: list[str]) -> list[list[str]]:
    """The rows of the published file, in the order of the schema's columns."""
    if not dataset.csv_path.is_file():
        return []
    sheet = read_sheet(dataset.csv_path, dataset.csv_path.name, Dialect(), names)
    places = [sheet.header.index(name) if name in sheet.header else -1 for name in names]
    return [["" if place < 0 else cells[place] for place in places] for cells in sheet.rows]


def _row(names: list[str], known: dict[str, str]) -> list[str]:
    return [known.get(name, "") for name in names]


def _columns(root: Path, dataset: Dataset, scope: _Scope | None) -> Iterable[Column]:
    for entry in dataset.schema["fields"]:
        rules = entry.get("constraints", {})
        choices = _choices(root, dataset, entry)
        if scope and entry["name"] == scope.column:
            choices = scope.choices
        yield Column(
            name=entry["name"],
            title=entry.get("title", entry["name"]),
            description=entry.get("description", ""),
            type=entry["type"],
            required=bool(rules.get("required")),
            example=str(entry.get("example", "")),
            choices=tuple(choices) if len(choices) <= MAX_CHOICES else (),
            low=_bound(rules.get("minimum")),
            high=_bound(rules.get("maximum")),
            rules=_rules(entry, rules),
        )


def _choices(root: Path, dataset: Dataset, entry: dict[str, Any]) -> list[str]:
    """The closed list that a column draws from, or nothing."""
    if enum := entry.get("constraints", {}).get("enum"):
        return [str(choice) for choice in enum]
    if entry["type"] == "boolean":
        return [
            str(entry.get(name, [default])[0]) for name, default in (("trueValues", "true"), ("falseValues", "false"))
        ]
    if entry["name"] == "indicator" and dataset.form == "long":
        return sorted(code for code, file in read_indicators(root).items() if file.content.get("status") == "active")
    if entry["name"] == "obs_status":
        return list(codes(root, "obs_status"))
    return []


def _bound(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _rules(entry: dict[str, Any], rules: dict[str, Any]) -> str:
    """The constraints of a column in a few words."""
    words = [TYPES.get(entry["type"], "texte"), "obligatoire" if rules.get("required") else "facultatif"]
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
