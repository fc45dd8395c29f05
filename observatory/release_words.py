"""The changelog of an edition, in French: what each table gained, changed and lost, and why figures were corrected."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from observatory import release_changes
from observatory.french import compact, count, date

HOW = {
    release_changes.MAJOR: "majeure",
    release_changes.MINOR: "mineure",
    release_changes.PATCH: "corrective",
    release_changes.SAME: "inchangée",
    release_changes.NEW: "première version",
}
ROWS = {
    "added": ("ligne ajoutée", "lignes ajoutées"),
    "changed": ("ligne modifiée", "lignes modifiées"),
    "removed": ("ligne retirée", "lignes retirées"),
}
COLUMNS = {
    "columns_added": "Colonnes ajoutées",
    "columns_removed": "Colonnes retirées",
    "columns_retyped": "Colonnes dont le type a changé",
}
TURNS = {
    "columns_moved": "L’ordre des colonnes a changé.",
    "key_changed": "La clé a changé.",
    "licence_changed": "La licence a changé.",
    "texts_changed": "Les textes qui décrivent la table ont changé.",
}


def changelog(about: Mapping[str, Any]) -> str:
    """CHANGELOG.md of the edition that `about` describes (its edition.json, the files apart)."""
    return "\n".join([*_head(about), *_tables(about), *_corrections(about["corrections"])]).rstrip() + "\n"


def _head(about: Mapping[str, Any]) -> Iterator[str]:
    previous = about["previous"]
    yield f"# Édition {about['version']} : ce qui a changé\n"
    since = f"depuis l’édition {previous['version']}" if previous else "première édition publiée"
    yield f"Publiée le {date(about['date'])}, {since}. Méthode : édition {about['edition']}.\n"
    yield (
        "Le numéro d’une table se déduit de ce qui a changé : majeur quand une colonne ou une ligne disparaît, ou que "
        "le type, l’ordre, la clé ou la licence change ; mineur quand une colonne ou une ligne s’ajoute ; correctif "
        "quand seuls des valeurs ou des textes changent.\n"
    )


def _tables(about: Mapping[str, Any]) -> Iterator[str]:
    for table in about["tables"]:
        yield f"## {table['title']} (`{table['name']}`)\n"
        yield f"Version {table['table_version']} ({HOW[table['change']]}) : {count(table['rows'], 'ligne')}.\n"
        lines = list(_changes(table))
        yield from lines
        if lines:
            yield ""
    for table in about["tables_removed"]:
        yield f"## {table['title']} (`{table['name']}`)\n"
        yield f"Retirée : la dernière version, {table['table_version']}, reste dans l’édition d’avant.\n"


def _changes(table: Mapping[str, Any]) -> Iterator[str]:
    changes = table["changes"]
    for what, title in COLUMNS.items():
        if changes[what]:
            yield f"- {title} : {', '.join(f'`{name}`' for name in changes[what])}."
    yield from (f"- {said}" for what, said in TURNS.items() if changes[what])
    for what, words in ROWS.items():
        if changes[what]:
            examples = changes["examples"][what]
            more = changes[what] - len(examples)
            yield f"- {count(changes[what], *words)}{' ; les premières' if more > 0 else ''} :"
            yield from (f"  - {example(one)}" for one in examples)


def example(row: Mapping[str, Any]) -> str:
    """A row by its key, and the values that changed: « `ref_area` DEP-68, … : `obs_value` 2 → 3 »."""
    key = ", ".join(f"`{name}` {_shown(value)}" for name, value in row.items() if name != "changes")
    changed = ", ".join(
        f"`{name}` {_shown(was)} → {_shown(now)}" for name, (was, now) in row.get("changes", {}).items()
    )
    return f"{key} : {changed}" if changed else key


def _shown(value: Any) -> str:
    if isinstance(value, float):
        value = compact(value, 12)
    text = "vide" if value is None else str(value).replace("\n", " ")
    return f"{text[:80]}…" if len(text) > 80 else text


def _corrections(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = list(found)
    yield "## Corrections, avec leur motif\n"
    if not rows:
        yield "Aucune."
    for row in rows:
        where = f"`{row['indicator']}`, `{row['ref_area']}`, {row['time_period']}"
        was = f", valait {_number(row['previous_value'])}" if row["previous_value"] is not None else ""
        source = f" Source : {row['source']}" if row["source"] else ""
        yield f"- {where}, corrigée le {date(row['status_date'])}{was} : {row['reason']}{source}"


def _number(value: Any) -> str:
    return compact(value, 12) if isinstance(value, int | float) else str(value)
