"""The catalogue of problems: what can be wrong with a contribution, in words for the person who mends it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from observatory.languages import SOURCE, current, data, kept

CATALOGUE = Path(__file__).with_name("problems.yml")
HELP = "/aide/erreurs"  # the portal's page that explains each kind
SEVERITIES = {"error": kept("erreur"), "warning": kept("avertissement"), "info": kept("information")}
SHOWN = 80
BRACES = re.compile(r"(?<!\{)\{\w+\}(?!\})")
QUOTED, NAMES = re.compile("“[^”]*”"), re.compile(r"\{(\w+)\}")
FRENCH_NUMBER = re.compile(r"[-−]?\d{1,3}([\u00a0\u202f]\d{3})*(,\d+)?")
VISIBLE = str.maketrans({"\n": "⏎", "\r": "␍", "\t": "⇥", "\0": "␀", "\ufeff": "␣", "\x1b": "␛"})


@dataclass(frozen=True)
class Kind:
    """A kind of problem as the catalogue states it; `message`, `mending` and `english` are templates of str.format.

    `desk` is how to mend it for who gives figures on a page, without the repository; empty when `mending` says it.
    """

    code: str
    group: str
    severity: str
    title: str
    message: str
    mending: str
    cause: str
    english: str = ""
    desk: str = ""

    @property
    def sentence(self) -> str:
        """What it says in French, with an ellipsis for each word that the case fills in."""
        return outline(f"{self.message} {self.mending}")


@dataclass(frozen=True)
class Problem:
    """A problem at a place: `line` is the physical line of the file, `position` the character in it.

    `cell` is the address of a spreadsheet's cell (B12). `correction` is the exact text to write in the cell, given
    only when the mending is certain (an empty text: leave the cell empty).
    """

    code: str
    severity: str
    message: str
    file: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str | None = None
    mending: str = ""
    position: int | None = None
    cell: str | None = None
    correction: str | None = None
    english: str = ""

    @property
    def place(self) -> str:
        """`file:line`, `file:B12` in a spreadsheet, or the file alone."""
        where = self.cell or self.line
        return self.file if where is None else f"{self.file}:{where}"

    @property
    def title(self) -> str:
        """Title of its kind, in French."""
        return kinds()[self.code].title

    @property
    def sentence(self) -> str:
        """What was found, what was expected and how to mend it, as one text."""
        return f"{self.message} {self.mending}".strip()

    @property
    def told(self) -> tuple[str, str]:
        """What was found (and expected), and how to mend it, in the language of the page.

        English says both in one sentence, parted by a semicolon; at the desk, its mending is that of the desk.
        """
        if current() == SOURCE:
            return self.message, self.mending
        kind = kinds()[self.code]
        # A cell quoted before may hold a semicolon too: what mends has as many as in the catalogue.
        found, *mending = self.english.rsplit("; ", kind.english.count("; "))
        if kind.desk and self.mending == kind.desk:
            mending = [data(kind.desk)]
        mends = "; ".join(mending)
        return f"{found.rstrip('.')}.", mends[:1].upper() + mends[1:]

    @property
    def at_desk(self) -> "Problem":
        """The same problem, mended as one can without the repository."""
        return replace(self, mending=kinds()[self.code].desk or self.mending)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of problem by code, in the order of the catalogue."""
    groups = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return {code: Kind(code, group, **entry) for group, entries in groups.items() for code, entry in entries.items()}


def problem(
    code: str, file: str | Path, line: int | None = None, column: str | None = None, **details: object
) -> Problem:
    """The problem of that code at that place; `details` fill the braces of the catalogue's templates.

    `position` (character in the line), `cell` and `correction` may be among them. KeyError for an unknown code or a
    missing detail.
    """
    kind = kinds()[code]
    correction, cell = details.pop("correction", None), details.pop("cell", None)
    texts = {name: visible(detail) for name, detail in details.items()}
    position = details.get("position")
    return Problem(
        code=code,
        severity=kind.severity,
        message=kind.message.format_map(texts),
        file=str(file),
        line=line,
        column=column,
        value=texts.get("value"),
        expected=texts.get("expected"),
        mending=kind.mending.format_map(texts),
        position=position if isinstance(position, int) else None,
        cell=None if cell is None else str(cell),
        correction=None if correction is None else str(correction),
        english=kind.english.format_map(_in_english(texts, kind.english)),
    )


def _in_english(texts: dict[str, str], template: str) -> dict[str, str]:
    """The texts that fill an English sentence: its quotes and numbers, but in what it quotes of the file."""
    quoted = {name for quote in QUOTED.findall(template) for name in NAMES.findall(quote)}
    return {name: text if name in quoted else _signs(text) for name, text in texts.items()}


def _signs(text: str) -> str:
    if FRENCH_NUMBER.fullmatch(text):
        return text.replace(",", ".").replace("\u00a0", ",").replace("\u202f", ",")
    return text.replace("« ", "“").replace(" »", "”")


def visible(value: object, limit: int = 400) -> str:
    """The value as one printable line of at most `limit` characters; control characters get a sign."""
    whole = str(value)
    text = whole[:limit]  # before it is walked: a cell may be of any length
    if not text.isprintable():
        text = text.translate(VISIBLE)
        text = "".join(sign if sign.isprintable() or sign in "\u00a0\u202f" else "�" for sign in text)
    return text if len(whole) <= limit else f"{text[: limit - 1]}…"


def shown(value: object) -> str:
    """A cell as quoted in a message: one line, 80 characters at most."""
    return visible(value, SHOWN)


def did_you_mean(suggestions: Iterable[str]) -> str:
    """« Vouliez-vous dire … ? » after a space, or nothing without suggestion."""
    quoted = " ou ".join(f"« {suggestion} »" for suggestion in suggestions)
    return f" Vouliez-vous dire {quoted} ?" if quoted else ""


def nearest(word: str, choices: Iterable[str], limit: int = 1) -> list[str]:
    """The choices that look like `word` (at least two letters in three), nearest first."""
    scored = process.extract(word, list(choices), scorer=fuzz.ratio, limit=limit, score_cutoff=66)
    return [choice for choice, _, _ in scored]


def has_errors(problems: Sequence[Problem]) -> bool:
    """True when at least one problem forbids the publication."""
    return any(problem.severity == "error" for problem in problems)


def outline(template: str) -> str:
    """A template of str.format as text, each of its braces an ellipsis."""
    return BRACES.sub("…", template).replace("{{", "{").replace("}}", "}")


def publishable(problems: Sequence[Problem]) -> bool:
    """True without any error or warning: validation has left out the warnings that a descriptor justifies."""
    return all(problem.severity == "info" for problem in problems)


def render_catalogue() -> str:
    """The text of docs/problems.md: a loop over the catalogue."""
    parts = [INTRODUCTION]
    group = ""
    for kind in kinds().values():
        if kind.group != group:
            group = kind.group
            parts.append(f"\n## {GROUPS[group]}\n")
        parts.append(ENTRY.format(kind=kind, severity=SEVERITIES[kind.severity], english=outline(kind.english)))
    return "".join(parts)


GROUPS = {
    "fichier": kept("Le fichier"),
    "en-tête": kept("L'en-tête"),
    "lignes": kept("Les lignes"),
    "cellules": kept("Les cellules"),
    "territoires": kept("Les territoires"),
    "registres": kept("Les registres"),
    "indicateurs": kept("Les indicateurs et les périodes"),
    "descripteur": kept("Le descripteur"),
    "yaml": kept("L'écriture des fichiers YAML"),
    "cadre": kept("Le cadre d'indicateurs et les listes"),
    "vraisemblance": kept("La vraisemblance"),
}

INTRODUCTION = """# Les problèmes signalés par la validation

`python scripts/validate.py` relit les jeux de données et signale tous les problèmes à la fois, un par ligne :
le fichier, la ligne, la colonne, ce qui a été trouvé, ce qui était attendu, et comment corriger.

- Une **erreur** bloque : rien n'est publié tant qu'elle n'est pas corrigée.
- Un **avertissement** est à corriger, ou à justifier par écrit dans `accepted` du descripteur ; sans l'un ou l'autre,
  il bloque aussi.
- Une **information** ne demande rien.

La phrase en anglais dit la même chose à qui ne lit pas le français.

Cette page est écrite par `make fix` à partir de `observatory/problems.yml`.
"""

ENTRY = """
### {kind.title}

`{kind.code}` · {severity}

> {kind.sentence}

{kind.cause}

*{english}*
"""
