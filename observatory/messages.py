"""What there is to translate (messages of templates and code, texts of our data files), and the catalogue of it."""

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import jinja2
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from jinja2 import nodes

from observatory import french
from observatory.languages import DATA

PLACE = Path("locale", "en", "LC_MESSAGES", "observatory.po")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
WRITTEN = {"kept": None}  # texts that the build writes in the database
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.do"}
# Where our data files hold texts that pages show: keys of YAML and JSON, columns of code lists.
TEXT_KEYS = {
    *("title", "title_plural", "short_title", "definition", "question", "description", "limits", "reason"),
    *("competence", "goalpost_reason", "meaning", "name", "symbol", "note", "period_note", "unit_title", "changes"),
    *("scope", "license", "numerator", "inverse", "one"),
}
# A domain gives the portraits of its five levels in a list; elsewhere the same key holds codes.
PORTRAITS = "levels"
# The words that a view gives to a code.
WORDED = re.compile(r"\b(?:then|else)\s+'([^']*\w[^']*)'")
CODE = re.compile(r"[a-z_]*|[A-Z]+")
KIND_KEYS = ("title", "cause", "desk")  # of a kind of problem; its sentence is written in both languages there
LISTS = ("categories", "levels", "licences", "obs_status", "statuses", "units", "event_types")


# Lines of a catalogue that depend on the day or on nothing of ours.
VOLATILE = tuple(
    b'"' + name for name in (b"POT-", b"PO-R", b"Generated", b"Last-T", b"Language-Team", b"Report", b"Project")
)


def collect(root: Path) -> Catalog:
    """Every message of the repository at `root`, without a translation; its place is the file that says it."""
    found = Catalog(locale="en", header_comment="# Le texte anglais des pages ; le français est la clé.", fuzzy=False)
    for place, message, context in [*spoken(root, "templates"), *spoken(root, "observatory"), *spoken(root, "plugins")]:
        found.add(message, locations=[(place, 0)], context=context)
    for place, noun, plural in counted(root / "templates"):
        found.add((noun, plural), locations=[(place, 0)])
    for family in french.WORDS.values():
        for text in family.values():
            found.add(text, locations=[("observatory/french.py", 0)])
    for place, text in texts(root):
        found.add(text, locations=[(place, 0)], context=DATA)
    return found


def spoken(root: Path, folder: str) -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """Each message that the templates or the Python of a folder give to gettext: its file, itself, its context."""
    pattern, method = ("**.html", "jinja2.ext:babel_extract") if folder == "templates" else ("**.py", "python")
    for keywords, kept in ((KEYWORDS, None), (WRITTEN, DATA)):
        for name, _, message, _, context in extract_from_dir(
            root / folder, [(pattern, method)], {pattern: OPTIONS}, keywords
        ):
            yield f"{folder}/{name}", message, kept or context


def counted(templates: Path) -> Iterator[tuple[str, str, str]]:
    """Each noun that a template gives to the filter `counted`: the template, the singular, the plural."""
    env = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    for path in sorted(templates.rglob("*.html")):
        for call in env.parse(path.read_text(encoding="utf-8")).find_all(nodes.Filter):
            if call.name == "counted" and (
                words := [given.value for given in call.args if isinstance(given, nodes.Const)]
            ):
                singular, plural = [*words, words[0] + "s"][:2]
                yield f"templates/{path.relative_to(templates)}", singular, plural


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Each text of the data files that pages show, and its file, in the order of the files."""
    for path, found in _files(root):
        yield from ((str(path.relative_to(root)), text) for text in found)


def _files(root: Path) -> Iterator[tuple[Path, Iterable[str]]]:
    described = [*(root / "indicators").rglob("*.yml"), *(root / "datasets").glob("*.yaml"), root / "metadata.yml"]
    for path in sorted(described):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        # Of a former edition, pages say what it changed, and the rest as the indicators of today do.
        yield path, [told["changes"]] if "editions" in path.parts else _held(told)
    for path in sorted((root / "schemas").rglob("*.schema.json")):
        yield path, _held(json.loads(path.read_text(encoding="utf-8")), skipped={"name"})  # there, the name of a column
    for path in sorted((root / "observatory").glob("problems.yml")):
        kinds = [kind for entries in yaml.safe_load(path.read_text("utf-8")).values() for kind in entries.values()]
        yield path, [kind[key] for kind in kinds for key in KIND_KEYS if kind.get(key)]
    for path in sorted((root / "observatory").glob("views/*.sql")):
        yield path, [text for text in WORDED.findall(path.read_text(encoding="utf-8")) if not CODE.fullmatch(text)]
    for path in sorted((root / "codelists").glob("*.csv")):
        if path.stem in LISTS:
            with path.open(encoding="utf-8", newline="") as stream:
                yield path, [text for row in csv.DictReader(stream) for text in _held(row)]


def _held(value: Any, key: str = "", skipped: Collection[str] = ()) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _held(inner, name, skipped)
    elif isinstance(value, list):
        for inner in value:
            yield from _held(inner, key, skipped)
    elif isinstance(value, str) and _is_text(key, value) and key not in skipped:
        yield value


def _is_text(key: str, value: str) -> bool:
    return any(c.isalpha() for c in value) and (key in TEXT_KEYS or (key == PORTRAITS and " " in value))


def updated(root: Path, found: Catalog | None = None) -> bytes:
    """The catalogue with every message of the repository, its translations kept, those of no message left out.

    `found` is what `collect` gave, when it is known already: it takes seconds.
    """
    with (root / PLACE).open("rb") as stream:
        known = read_po(stream, locale="en")
    fresh = collect(root) if found is None else found
    for message in fresh:
        old = known.get(message.id, context=message.context) if message.id else None
        # A message that gained or lost its plural is another one: its old forms do not fit.
        if old is not None and isinstance(old.string, (tuple, list)) == isinstance(message.id, (tuple, list)):
            message.string = old.string
    written = BytesIO()
    write_po(written, fresh, width=120, sort_output=True, omit_header=False, include_lineno=False)
    return b"\n".join(line for line in written.getvalue().split(b"\n") if not line.startswith(VOLATILE))


def untranslated(root: Path, found: Catalog | None = None) -> list[str]:
    """The messages that have no English yet, but for those of datasets alone: a contributor is no translator."""
    catalogue = read_po(BytesIO(updated(root, found)), locale="en")
    missing = []
    for message in catalogue:
        said = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and not all(said) and not _contributed(message):
            missing.append(_key(message)[1])
    return missing


def stale(root: Path, found: Catalog | None = None) -> list[str]:
    """The messages that the catalogue of the repository does not have, or has and that nothing says any more."""
    with (root / PLACE).open("rb") as stream:
        known = read_po(stream, locale="en")
    found = collect(root) if found is None else found
    sets = [{_key(m) for m in catalogue if m.id and not _contributed(m)} for catalogue in (known, found)]
    return sorted(text for _, text in sets[0] ^ sets[1])


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _contributed(message: Message) -> bool:
    return all(place.startswith("datasets/") for place, _ in message.locations)
