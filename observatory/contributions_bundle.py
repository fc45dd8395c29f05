"""What is handed to the outbox: the dataset as it would be published, and what is said of it.

A declaration names organisations, never a person; nothing of it is secret, since the branch is public.
"""

import calendar
import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from observatory.contributions_input import Form, as_csv
from observatory.differences import merged
from observatory.languages import kept
from observatory.outbox import Read, initial_status
from observatory.periods import PERIOD, end_month
from observatory.refusals import refused

ROLES = {
    "author": kept("produit ces données"),
    "publisher": kept("les publie déjà ailleurs"),
    "maintainer": kept("les tient à jour"),
    "wrangler": kept("les a préparées pour une autre organisation"),
    "contributor": kept("les transmet"),
}
ADDRESS = re.compile(r"https://[^\s<>\"'\\]{4,300}")
COMMITMENT = kept(
    "L’organisation déclare pouvoir publier ces données sous cette licence, et qu’elles ne contiennent aucune donnée "
    "personnelle."
)


@dataclass(frozen=True)
class Declaration:
    """Who gives, from what source, under which licence."""

    organisation: str
    role: str
    source: str
    address: str
    state: str
    licence: str
    ref_area: str = ""
    justification: str = ""


@dataclass(frozen=True)
class Contribution:
    """Rows to add to a dataset or to replace in it, judged valid, and their declaration."""

    reference: str
    received: date
    dataset: str
    title: str
    key: tuple[str, ...]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    declaration: Declaration
    reports: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What the commit says, in French; each text of the visitor stays on its own line."""
        who = self.declaration
        return (
            f"Contribution {self.reference} : {self.title}\n\n"
            f"Organisation : {who.organisation} ({ROLES[who.role]})\n"
            f"Source : {who.source}{f' <{who.address}>' if who.address else ''}\n"
            f"Licence : {who.licence}\n"
            f"Lignes données : {len(self.rows)}\n"
        )

    def compose(self, read: Read) -> dict[str, bytes]:
        """The files of the bundle, given what is published; KeyError when the dataset is no longer there."""
        table, descriptor = (read(f"datasets/{self.dataset}{end}") for end in (".csv", ".resource.yaml"))
        if table is None or descriptor is None:
            raise KeyError(self.dataset)
        amended = amended_descriptor(descriptor, self.declaration, self._last_day())
        texts = {
            f"datasets/{self.dataset}.csv": merged_csv(table, self.header, self.rows, self.key),
            f"datasets/{self.dataset}.resource.yaml": amended,
            "declaration.yml": self._declaration(),
            **self.reports,
        }
        files = {name: text.encode() for name, text in texts.items()}
        return {**files, "status.yml": initial_status(self.received)}

    def _last_day(self) -> str:
        if "time_period" not in self.header:
            return ""
        place = list(self.header).index("time_period")
        return max((_last_day(row[place]) for row in self.rows), default="")

    def _declaration(self) -> str:
        who = self.declaration
        source = {"title": who.source, "path": who.address, "version": who.state}
        content = {
            "reference": self.reference,
            "received": self.received.isoformat(),
            "dataset": self.dataset,
            "territory": who.ref_area,
            "organisation": who.organisation,
            "role": who.role,
            "source": {name: text for name, text in source.items() if text},
            "licence": who.licence,
            "rows": len(self.rows),
            "justification": who.justification,
            "commitment": COMMITMENT,
        }
        kept = {name: value for name, value in content.items() if value != ""}
        return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=110)


def read_declaration(
    form: Form, licences: Mapping[str, Any], areas: Callable[[str], bool]
) -> tuple[Declaration, dict[str, str]]:
    """The declaration that the form holds, and what is wrong with each of its fields, in French."""
    who = Declaration(
        organisation=form.get("organisation", 120),
        role=form.get("role"),
        source=form.get("source", 200),
        address=form.get("adresse", 300),
        state=form.get("etat", 10),
        licence=form.get("licence"),
        ref_area=form.get("territoire", 20),
        justification=form.get("justification", 500),
    )
    checks = {
        "organisation": (
            len(who.organisation) >= 2,
            kept("Indiquez le nom de l’organisation, comme « Ville de Mulhouse »."),
        ),
        "role": (who.role in ROLES, kept("Choisissez ce que l’organisation fait de ces données.")),
        "source": (
            len(who.source) >= 5,
            kept("Indiquez d’où viennent les données, comme « Rapport d’activité 2025 »."),
        ),
        "adresse": (
            not who.address or bool(ADDRESS.fullmatch(who.address)),
            kept("Donnez une adresse complète qui commence par https://, ou laissez ce champ vide."),
        ),
        "etat": (
            not who.state or _is_date(who.state),
            kept("Écrivez la date comme 2026-11-23, ou laissez ce champ vide."),
        ),
        "licence": (who.licence in licences, kept("Choisissez une licence de la liste.")),
        "engagement": (
            form.get("engagement") == "oui",
            kept("Cochez la case : sans cet engagement, rien ne peut être publié."),
        ),
    }
    faults = {name: message for name, (fine, message) in checks.items() if not fine}
    for name in ("organisation", "source", "justification"):
        text = getattr(who, name)
        if refused(text):
            faults[name] = kept(
                "Ni adresse électronique, ni téléphone, ni balise, ni caractère invisible ici : ce texte est public. "
                "Nommez l’organisation."
            )
    return (who if areas(who.ref_area) else Declaration(**{**vars(who), "ref_area": ""})), faults


def _last_day(period: str) -> str:
    if not PERIOD.match(period):
        return ""
    year, month = end_month(period)
    return date(year, month, calendar.monthrange(year, month)[1]).isoformat()


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def merged_csv(published: str, header: Sequence[str], rows: Sequence[Sequence[str]], key: Sequence[str]) -> str:
    """The published table with the given rows in place of those of the same key, the new ones added."""
    before = csv.DictReader(io.StringIO(published, newline=""))
    columns = list(before.fieldnames or header)
    given = [dict(zip(header, row, strict=True)) for row in rows]
    after = merged(list(before), given, key)
    return as_csv(columns, [[row[column] for column in columns] for row in after])


def amended_descriptor(text: str, who: Declaration, last: str) -> str:
    """The descriptor with the new source and contributor, its dates widened; all other lines stay as they are."""
    source = {"title": who.source, "path": who.address, "version": who.state}
    contributor = {"title": who.organisation, "role": who.role}
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edits = [_added(text, root, "sources", source), _added(text, root, "contributors", contributor)]
    for path, value in ((("temporal", "end"), last), (("last_update",), who.state)):
        node = _node(root, path)
        if value and isinstance(node, yaml.ScalarNode) and node.value < value:
            edits.append((node.start_mark.index, node.end_mark.index, json.dumps(value)))
    for start, end, replacement in sorted((edit for edit in edits if edit), reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _added(text: str, root: yaml.Node | None, key: str, entry: Mapping[str, str]) -> tuple[int, int, str] | None:
    """The edit that adds the entry to the list under `key`; None when the list already has it."""
    node = _node(root, (key,))
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return None
    entry = {name: value for name, value in entry.items() if value}
    if any(_plain(item).get("title") == entry["title"] for item in node.value):
        return None
    written = ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items())
    if node.flow_style:
        place = node.value[-1].end_mark.index
        return place, place, f", {{{written}}}"
    column = node.start_mark.column
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in entry.items()]
    block = " " * column + "- " + (" " * (column + 2)).join(lines)
    # The mark of a block ends after the blank lines and comments that follow it: its last item knows better.
    place = len(text[: _last_sign(node.value[-1])].rstrip())
    place = text.find("\n", place) + 1 or len(text)
    return place, place, block


def _last_sign(node: yaml.Node) -> int:
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last_sign(node.value[-1][1])
    return int(node.end_mark.index)


def _plain(node: yaml.Node) -> dict[str, str]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(name.value): str(value.value) for name, value in node.value}


def _node(node: yaml.Node | None, path: Sequence[str]) -> yaml.Node | None:
    for key in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == key), None)
    return node
