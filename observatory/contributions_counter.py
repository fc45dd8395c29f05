"""The steps of /contribuer after the choice: check, weigh, send. Each takes a form and answers a page."""

import csv
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import compare_digest
from typing import Any
from urllib.parse import quote

from observatory.catalogue import ENDING, NAME, read_dataset
from observatory.confined import Crashed, TooExpensive, confined
from observatory.contributions_bundle import COMMITMENT, ROLES, Contribution, Declaration, read_declaration
from observatory.contributions_desk import PRIVATE, Desk
from observatory.contributions_form import FLAG, filled, identifiers, told
from observatory.contributions_input import Form, Given, Receive, Refused, given_table, read_form
from observatory.contributions_report import written_report
from observatory.contributions_scope import levels_taken
from observatory.differences import schema_key
from observatory.export import OWN_LICENCE
from observatory.french import capital
from observatory.headers import headings
from observatory.languages import SOURCE, current, data, kept, speaking
from observatory.model import Dataset
from observatory.outbox import OutboxFault, Taken, new_reference
from observatory.problems import Problem
from observatory.reading import table_schema
from observatory.registers import of_dataset

SECONDS = 60
MEGABYTES = 1000  # what a change to a national file needs to be carried up to every territory (550 measured)
TOKENS = {"verifier": 1, "telecharger": 1, "effet": 2, "envoyer": 5}
EMPTY = kept(
    "Rien n’a été donné : choisissez un fichier, collez des cellules ou remplissez au moins une ligne du tableau."
)
STALE = kept("Cette page a expiré. Revenez à la page précédente, rechargez-la, puis recommencez.")
MODULE = "observatory.contributions"


@dataclass
class Visit:
    """A request to the counter: for which dataset, to do what, by whom; `token` is that of the visitor's cookie."""

    dataset: str
    action: str
    client: str
    token: str
    headers: Mapping[str, str]
    receive: Receive


@dataclass
class Answer:
    """A page to show, an address to go to, or a file to keep."""

    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(PRIVATE))
    location: str = ""
    file: str | bytes = ""
    content_type: str = "text/html; charset=utf-8"


async def answer(desk: Desk, visit: Visit) -> Answer:
    """The answer to a visit; a refusal is a page too, in French, with its status."""
    try:
        desk.admit(visit.client, TOKENS[visit.action])
        form = await read_form(visit.headers, visit.receive)
        if not compare_digest(form.fields.get("csrftoken", "").encode(), visit.token.encode()):
            raise Refused(403, STALE)
        return await _STEPS[visit.action](_Step(desk, visit, form, dataset_of(desk, visit.dataset)))
    except Refused as refused:
        return refusal(refused, visit.dataset)


def refusal(refused: Refused, dataset: str) -> Answer:
    """The page that says why a request cannot be answered."""
    context = {"message": str(refused), "status": refused.status, "name": dataset}
    return Answer("contribuer/refus.html", context, refused.status, {**PRIVATE, **refused.headers})


def run_confined(function: str, what: Mapping[str, Any], folder: Path) -> Any:
    """What the function answers, called in a process of its own that may write in the folder; Refused when it fails."""
    try:
        return confined(function, what, SECONDS, MEGABYTES, folder)
    except TooExpensive as error:
        raise Refused(422, capital(str(error))) from None
    except Crashed as error:
        print(error.trace, file=sys.stderr)  # noqa: T201 (the operator's log)
        raise Refused(500, capital(str(error))) from None


def dataset_of(desk: Desk, name: str) -> Dataset:
    """The dataset of that name; Refused 404 when there is none."""
    path = desk.root / "datasets" / f"{name}{ENDING}"
    found = read_dataset(path, desk.root)[0] if NAME.fullmatch(name) and path.is_file() else None
    if found is None:
        raise Refused(404, kept("Ce jeu de données n’existe pas, ou ne peut pas recevoir de contribution."))
    return found


def levels_of(desk: Desk, name: str) -> list[str]:
    """Levels of territory that the dataset takes, read once; empty when any, or when its files are not there."""
    if name not in desk.levels:
        try:
            desk.levels[name] = levels_taken(dataset_of(desk, name))
        except Refused:
            return []
    return desk.levels[name]


def columns_of(dataset: Dataset) -> list[dict[str, Any]]:
    """The columns of the dataset's schema, their titles and descriptions in the language of the page."""
    return [
        {**entry, **{key: data(entry[key]) for key in ("title", "description") if key in entry}}
        for entry in dataset.schema["fields"]
    ]


def licences(root: Path) -> dict[str, dict[str, str]]:
    """The licences under which data may be given, by code."""
    with (root / "codelists" / "licences.csv").open(encoding="utf-8", newline="") as stream:
        return {row["licence"]: row for row in csv.DictReader(stream)}


def area_name(database: Path, ref_area: str) -> str:
    """Name of the territory, empty when there is none of that code."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("select name from territories where ref_area = ?", [ref_area]).fetchone()
    finally:
        connection.close()
    return str(row[0]) if row else ""


@dataclass
class _Step:
    desk: Desk
    visit: Visit
    form: Form
    dataset: Dataset

    def __post_init__(self) -> None:
        self.is_form = FLAG in self.form.fields and of_dataset(self.dataset) is not None
        if self.is_form:
            taken = identifiers(self.desk.database, self.dataset.name)
            self.form.fields = filled(self.form.fields, self.dataset.schema["fields"], taken)
        self.given = self._given()
        self.today = datetime.now(UTC).date()
        written = self.form.get("territoire", 20)
        self.area = area_name(self.desk.database, written)
        self.ref_area = written if self.area else ""

    def _given(self) -> Given:
        names = headings(table_schema(self.dataset.schema))
        try:
            given = given_table(self.form, names, schema_key(self.dataset.schema))
        except (csv.Error, RecursionError, OverflowError):  # a cell without end, mendings nested or numbered so
            raise Refused(400, kept("L’envoi est incomplet ou abîmé ; recommencez.")) from None
        if given is None:
            raise Refused(400, EMPTY)
        return given

    async def run(self, function: str, **more: str) -> dict[str, Any]:
        """What the function of observatory.contributions answers of the table, in a process of its own."""
        return await self.desk.work(lambda: self._run(function, more))

    def _run(self, function: str, more: Mapping[str, str]) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="contribution-") as folder:
            path = Path(folder) / self.given.name
            path.write_bytes(self.given.content)
            what = {
                "root": str(self.desk.root),
                "dataset": self.dataset.name,
                "path": str(path),
                "name": self.given.name,
                "today": self.today.isoformat(),
                **more,
            }
            found: dict[str, Any] = run_confined(f"{MODULE}:{function}", what, Path(folder))
            return found

    def page(self, template: str, status: int = 200, **context: Any) -> Answer:
        """The page, with what every step shows and carries to the next one."""
        shared = {
            "name": self.dataset.name,
            "dataset": {"title": data(str(self.dataset.descriptor["title"]))},
            "columns": {entry["name"]: entry for entry in columns_of(self.dataset)},
            "file": self.given.name,
            "ref_area": self.ref_area,
            "area": self.area,
            "table": self.given.content.decode("utf-8", "replace"),
        }
        return Answer(f"contribuer/{template}.html", {**shared, **context}, status)

    def licence(self) -> str:
        """The licence proposed first: the open licence of the State, which any dataset can take in."""
        return OWN_LICENCE if OWN_LICENCE in licences(self.desk.root) else self.dataset.licence


async def _check(step: _Step) -> Answer:
    report = await step.run("examine", sheet=step.form.get("feuille"), ref_area=step.ref_area, language=current())
    report |= {"changes": step.given.changes, "repaired": "table" in step.form.fields}
    report["understood"] = [*step.given.understood, *report["understood"]]
    if step.is_form and report["table"]:
        found = told(report["table"], report)
        return step.page("formulaire", report=report, told=found, table=report["table"])
    return step.page("rapport", report=report, **({"table": report["table"]} if report["table"] else {}))


async def _keep(step: _Step) -> Answer:
    name = Path(step.given.name).stem
    headers = {**PRIVATE, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}-corrige.csv"}
    content = step.given.content.decode("utf-8", "replace")
    return Answer(file=content, headers=headers, content_type="text/csv; charset=utf-8")


async def _weigh(step: _Step) -> Answer:
    weight = await step.run("weigh", database=str(step.desk.database), ref_area=step.ref_area)
    if weight["errors"]:
        return await _check(step)
    return _effect_page(step, weight, Declaration("", "author", "", "", "", step.licence()), {})


def _effect_page(step: _Step, weight: Mapping[str, Any], who: Declaration, faults: Mapping[str, str]) -> Answer:
    known = licences(step.desk.root)
    surprising = [Problem(**entry) for entry in weight["surprises"]]
    context = {
        "weight": weight,
        "surprises": [(entry.line, entry.told[0]) for entry in surprising],
        "who": who,
        "faults": faults,
        "roles": ROLES,
        "licences": known,
        "commitment": COMMITMENT,
    }
    return step.page("effet", 400 if faults else 200, **context)


async def _send(step: _Step) -> Answer:
    who, faults = read_declaration(step.form, licences(step.desk.root), lambda area: area == step.ref_area != "")
    sealed = await step.run("seal", database=str(step.desk.database), ref_area=step.ref_area)
    if sealed["errors"]:
        return await _check(step)
    shared = licences(step.desk.root).get(who.licence, {}).get("share_alike") == "1"
    if shared and who.licence != step.dataset.licence:
        faults["licence"] = kept("Ce jeu de données ne peut pas recevoir de données à partage à l’identique.")
    if sealed["warnings"] and len(who.justification) < 20:
        faults["justification"] = kept("Expliquez en une phrase pourquoi les valeurs signalées sont justes.")
    if faults:
        return _effect_page(step, sealed, who, faults)
    with speaking(SOURCE):  # what the team reads, whatever the language of the visitor
        reference = await _deliver(step, who, sealed)
    return Answer(location=f"/contribuer/suivi/{reference}", status=303)


async def _deliver(step: _Step, who: Declaration, sealed: Mapping[str, Any]) -> str:
    outbox = step.desk.outbox
    assert outbox is not None  # noqa: S101 (admit refused the visit otherwise)
    while True:
        contribution = _contribution(step, who, sealed, step.today)
        try:
            await step.desk.work(
                lambda given=contribution: outbox.deliver(given.reference, given.compose, given.message)  # type: ignore[misc]
            )
        except Taken:
            continue
        except (OutboxFault, KeyError) as fault:
            print(fault, file=sys.stderr)  # noqa: T201 (the operator's log)
            raise Refused(502, str(fault) if isinstance(fault, OutboxFault) else EMPTY) from None
        return contribution.reference


def _contribution(step: _Step, who: Declaration, sealed: Mapping[str, Any], day: date) -> Contribution:
    return Contribution(
        reference=new_reference(day),
        received=day,
        dataset=step.dataset.name,
        title=str(step.dataset.descriptor["title"]),
        key=schema_key(step.dataset.schema),
        header=sealed["header"],
        rows=sealed["rows"],
        declaration=who,
        reports={**sealed["reports"], "report.md": written_report(sealed, who.justification)},
    )


_STEPS = {"verifier": _check, "telecharger": _keep, "effet": _weigh, "envoyer": _send}
