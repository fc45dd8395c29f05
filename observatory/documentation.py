"""The documents that are generated: each is a loop over the files that the code itself obeys."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from observatory.catalogue import read_catalogue
from observatory.documents import same_but_data
from observatory.framework import read_framework
from observatory.model import Framework, Indicator
from observatory.problem_examples import EXAMPLES, render_examples
from observatory.problems import render_catalogue
from observatory.tables import core_schemas

NOTICE = "<!-- Page écrite par `make fix` à partir de {source} : ne pas la modifier à la main. -->\n"


def generated(root: Path) -> dict[Path, str]:
    """Every generated document: its path and the text it must have today."""
    fixtures = root / "tests" / "fixtures"
    return published_documents(root) | {
        root / "docs/dictionnaire.md": NOTICE.format(source="`schemas/`") + data_dictionary(root),
        root / "docs/indicateurs.md": NOTICE.format(source="`indicators/`") + indicator_tables(root),
        root / "docs/problems.md": render_catalogue(),
        EXAMPLES: render_examples(fixtures / "problems", fixtures / "site"),
    }


def published_documents(root: Path) -> dict[Path, str]:
    """Documents of the database built last at `root`, none while there is none."""
    database = root / "donnees.db"
    if not database.exists():
        return {}
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("select name, markdown from documents order by name").fetchall()
    return {root / "docs" / f"{name}.md": markdown for name, markdown in rows}


def data_dictionary(root: Path) -> str:
    """Markdown: every table of the database, every column with its title, type and description."""
    parts = ["# Dictionnaire des données\n", "Les tables de `donnees.db`, telles que `/donnees` les sert.\n"]
    for name, schema in core_schemas(root).items():
        parts.append(_table(name, schema["title"], schema["description"], schema))
    parts.append("# Jeux de données contribués\n")
    for dataset in read_catalogue(root)[0]:
        title, description = dataset.descriptor["title"], dataset.descriptor["description"]
        parts.append(_table(dataset.name, title, description, dataset.schema))
    return "\n".join(parts)


def _table(name: str, title: str, description: str, schema: dict[str, Any]) -> str:
    rows = ([f"`{f['name']}`", f.get("title", ""), f["type"], f.get("description", "")] for f in schema["fields"])
    table = _markdown(["Colonne", "Titre", "Type", "Description"], rows)
    return f"## {title} : `{name}`\n\n{_one_line(description)}\n\n{table}"


def indicator_tables(root: Path) -> str:
    """Markdown: domains and indicators with weights, goalposts and reasons, as the files state them."""
    framework, problems = read_framework(root)
    if framework is None:
        raise ValueError(problems[0].sentence)
    parts = [f"# Indicateurs de l’édition {framework.edition}\n", f"{framework.title}.\n", _levels(framework)]
    for domain in framework.domains:
        parts.append(f"## {domain.title}\n\n{domain.question}\n")
        meanings = ([str(level), meaning] for level, meaning in enumerate(domain.levels, start=1))
        parts.append(_markdown(["Niveau", "Ce que cela veut dire pour un territoire"], meanings))
        members = [i for i in framework.indicators if i.domain == domain.code]
        scored = [i for i in members if i.status == "active"]
        if scored:
            heads = ["Indicateur", "Poids", "0 point", "100 points", "Pourquoi ces bornes"]
            parts.append(_markdown(heads, map(_weighed, scored)))
        for indicator in (i for i in members if i.status != "active"):
            reason = _one_line(indicator.details.get("reason", ""))
            state = "hors score" if indicator.status == "context" else "prévu"
            parts.append(f"- **{indicator.details['title']}** (`{indicator.code}`, {state}) : {reason}\n")
    return "\n".join(parts)


def _levels(framework: Framework) -> str:
    rows = ([str(x.level), x.name, f"{x.threshold:g}", _one_line(x.meaning)] for x in framework.levels)
    return _markdown(["Niveau", "Nom", "À partir de", "Ce que cela veut dire"], rows)


def _weighed(i: Indicator) -> list[str]:
    reason = _one_line(i.details["goalposts"]["reason"])
    return [f"{i.details['title']} (`{i.code}`)", f"{i.weight:g}", f"{i.low:g}", f"{i.high:g}", reason]


def _markdown(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def stale(root: Path) -> list[Path]:
    """Generated documents that no longer say what the files say; figures dated by older data are still true."""
    return [
        path
        for path, text in generated(root).items()
        if not path.exists() or not same_but_data(path.read_text("utf-8"), text)
    ]


def write(root: Path) -> list[Path]:
    """Rewrite the documents that differ from the files and the last database, and return them."""
    texts = generated(root)
    wrong = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in wrong:
        path.write_text(texts[path], encoding="utf-8")
    return wrong
