"""Begins a new dataset: its CSV with the header of its schema, and a descriptor in which what remains is marked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from observatory.blanks import blank, prepared, rendered
from observatory.catalogue import ENDING, NAME, read_catalogue, reserved_names
from observatory.model import Dataset
from observatory.problems import did_you_mean, nearest, shown
from observatory.yamlfiles import read_schema

LONG_SCHEMA = "observations"
MARK = "À REMPLIR"
FORMS = {
    "long": "une ligne par observation",
    "wide": "une ligne par territoire",
    "register": "une ligne par objet recensé",
}
# What a person has to write; an empty value is refused by validation, so that none is forgotten.
TO_FILL: dict[str, tuple[str, ...]] = {
    "licenses": ('  - name: ""  # par exemple etalab-2.0',),
    "sources": ('  - title: ""', '    path: ""  # https://…'),
    "contributors": ('  - title: ""', "    role: publisher"),
    "temporal": ('  start: ""', '  end: ""'),
    "expectations": ("  rows: {min: }  # nombre de lignes en dessous duquel le fichier serait tronqué",),
}
HEADING = """# Descripteur de « {name} » : complétez les clés marquées « {mark} », puis lancez « make validate ».
# Chaque clé est expliquée dans schemas/resource.jsonschema.json ; un descripteur voisin peut servir de modèle.
"""


class Impossible(ValueError):
    """The dataset cannot be begun so; the message says why, in French."""


def new_dataset(root: Path, name: str, schema: str = "", form: str = "", ref_area: str | None = None) -> Dataset:
    """Writes datasets/NAME.csv and its descriptor, never over a file; the rows of a territory are begun.

    Impossible when the name, the schema or the form cannot be. Without schema: that of observations.
    """
    _check_name(root, name)
    schema = schema.removesuffix(".schema.json").rpartition("/")[2] or _default_schema(form)
    path = root / "schemas" / f"{schema}.schema.json"
    if not path.is_file():
        raise Impossible(f"le schéma « {shown(schema)} » n'existe pas.{_other_schemas(root, schema)}")
    fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    dataset = _dataset(root, name, fields, form or _usual_form(fields))
    for target in (dataset.csv_path, dataset.descriptor_path):
        if target.exists() or target.is_symlink():
            raise Impossible(f"{target.relative_to(root)} existe déjà : rien n'a été écrit.")
    content = rendered(prepared(root, dataset, ref_area), "csv")
    with dataset.csv_path.open("xb") as stream:
        stream.write(content)
    with dataset.descriptor_path.open("x", encoding="utf-8") as stream:
        stream.write(descriptor_draft(root, dataset, schema))
    return dataset


def existing(root: Path, name: str) -> Dataset:
    """The dataset of that name; Impossible when there is none."""
    datasets = {dataset.name: dataset for dataset in read_catalogue(root)[0]}
    if name not in datasets:
        near = did_you_mean(nearest(name, datasets)) or f" Jeux possibles : {', '.join(datasets)}."
        raise Impossible(f"le jeu de données « {shown(name)} » n'existe pas.{near}")
    return datasets[name]


def write_blank(target: Path, root: Path, dataset: Dataset, ref_area: str | None, form: str) -> Path:
    """The path, once the template of the dataset is written there; Impossible over a file."""
    content = blank(root, dataset, ref_area, form)
    try:
        with target.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        reason = (
            "existe déjà, et n'est pas remplacé" if isinstance(error, FileExistsError) else "ne peut pas être écrit"
        )
        raise Impossible(f"{target} {reason}.") from None
    return target


def descriptor_draft(root: Path, dataset: Dataset, schema: str) -> str:
    """The descriptor to complete: each key with what it means, empty where a person has to answer."""
    known = {
        "name": dataset.name,
        "path": f"{dataset.name}.csv",
        "schema": f"../schemas/{schema}.schema.json",
        "encoding": "utf-8",
        "form": dataset.form,
        "next_update": "inconnue",
    }
    shape = read_schema(root / "schemas" / "resource.jsonschema.json")
    wanted = [*shape["required"]]
    if dataset.form == "wide" and not any(entry.get("period") for entry in dataset.schema["fields"]):
        wanted.insert(wanted.index("expectations"), "time_period")
    lines = [line for key in wanted for line in _key(key, shape["properties"][key], known)]
    return HEADING.format(name=dataset.name, mark=MARK) + "\n".join(lines) + "\n"


def _key(key: str, rule: dict[str, Any], known: dict[str, str]) -> Iterator[str]:
    if key in known:
        yield f"{key}: {known[key]}"
        return
    choices = f" Au choix : {', '.join(rule['enum'])}." if "enum" in rule else ""
    yield f"# {MARK} : {rule['description']}{choices}"
    yield f"{key}:" if key in TO_FILL else f'{key}: ""'
    yield from TO_FILL.get(key, ())


def _dataset(root: Path, name: str, schema: dict[str, Any], form: str) -> Dataset:
    if form not in FORMS:
        raise Impossible(f"forme « {shown(form)} » inconnue ; formes possibles : {_listed()}.")
    folder = root / "datasets"
    descriptor = {"title": name, "cog": _vintage(root)}
    return Dataset(name, form, descriptor, schema, folder / f"{name}{ENDING}", folder / f"{name}.csv")


def _vintage(root: Path) -> str:
    """The latest year whose populations are known: that of the territories proposed."""
    from observatory.territories import read_territories

    return read_territories(root).vintages[-1]


def _check_name(root: Path, name: str) -> None:
    if not NAME.fullmatch(name):
        raise Impossible(
            f"« {shown(name)} » n'est pas un nom : minuscules sans accent, chiffres et _, comme bornes_velo."
        )
    if name in reserved_names(root) or name.startswith("sqlite_") or "_fts" in name:
        raise Impossible(f"« {name} » est déjà le nom d'une table de l'observatoire ; par exemple : {name}_donnees.")


def _default_schema(form: str) -> str:
    if form in ("", "long"):
        return LONG_SCHEMA
    raise Impossible(
        f"la forme « {shown(form)} » demande un schéma : --schema NOM (les colonnes de schemas/NOM.schema.json)."
    )


def _usual_form(schema: dict[str, Any]) -> str:
    """The form of the datasets that follow such a schema."""
    if schema.get("name") == LONG_SCHEMA:
        return "long"
    return "wide" if any(entry.get("feeds") for entry in schema["fields"]) else "register"


def _other_schemas(root: Path, wanted: str) -> str:
    names = sorted(path.name.removesuffix(".schema.json") for path in (root / "schemas").glob("*.schema.json"))
    return did_you_mean(nearest(wanted, names)) or f" Schémas possibles : {', '.join(names)}."


def _listed() -> str:
    return ", ".join(f"{form} ({meaning})" for form, meaning in FORMS.items())
