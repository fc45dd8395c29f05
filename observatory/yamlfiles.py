"""Reads the YAML that people write: safe, without surprise on codes, every fault at its line and column.

Codes stay text: 01001, 2A004, no, 12:30 and 2019-05-01 are strings; only true/false, null, plain integers
without leading zero and plain decimals are anything else (YAML 1.1 would read 01001 as octal 513).
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from observatory.ordinary import hindrance
from observatory.problems import Problem, problem, shown, visible
from observatory.shapes import shape_problems

MAX_BYTES = 500_000
MAX_DEPTH = 20  # levels; our deepest file has six
MAX_KEYS = 1_000  # of one block
TOO_DEEP = "trop de niveaux imbriqués"
PLAIN = (None, "")
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,15})")
DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,15})\.[0-9]+([eE][-+]?[0-9]{1,3})?")
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

TWO_DOCUMENTS = "deux documents dans un même fichier"

# libyaml speaks English; these are the faults that people really make.
FAULTS = {
    "mapping values are not allowed": "un deux-points de trop, ou un texte avec deux-points sans guillemets",
    "could not find expected ':'": "il manque un deux-points après la clé",
    "did not find expected key": "le retrait ou les guillemets ne vont pas avec les lignes précédentes",
    "did not find expected '-'": "le retrait de la liste ne va pas avec les lignes précédentes",
    "did not find expected ',' or": "il manque une virgule, un crochet ou une accolade",
    "found character that cannot start any token": "une tabulation ou un signe réservé (@, `, %)",
    "found a tab character": "une tabulation dans le retrait, où des espaces sont attendues",
    "found unexpected end of stream": "un guillemet n'est pas refermé",
    "control characters are not allowed": "un caractère de contrôle invisible",
    "expected <document start>": TWO_DOCUMENTS,
}

KeyPath = tuple[str | int, ...]
Mark = tuple[int, int]


@dataclass
class Document:
    """A YAML file while it is read: its value, where each key stands, and what is wrong."""

    file: str
    value: Any = None
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, mark: Mark, column: str | None = None, **details: object) -> None:
        """Notes a problem at line and character `mark`."""
        self.problems.append(problem(code, self.file, mark[0], column, position=mark[1], **details))

    def mark(self, path: KeyPath) -> Mark:
        """Line and character of the deepest key of `path` that the file has."""
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


class Refused(Exception):
    """The rest of the file cannot be read; the reason is already noted."""


def read_yaml(path: Path, root: Path, schema_path: Path | None = None) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The mapping of a YAML file, None when unreadable, and its problems; a schema judges its shape."""
    document = read_document(path, root)
    if isinstance(document.value, dict) and schema_path is not None:
        schema = read_schema(schema_path)
        document.problems += shape_problems(document.value, schema, document.file, document.mark)
    return document.value, document.problems


def read_document(path: Path, root: Path) -> Document:
    """The YAML file with the place of each key; its value is a dict, or None when it cannot be read."""
    document = Document(shown_path(path, root))
    try:
        text = _decode(_bytes(path, document), document)
        document.value = _Builder(document, text).build()
    except Refused:
        return document
    except yaml.MarkedYAMLError as error:
        document.report("yaml-invalid", _place(error), value=_fault(error))
        return document
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.report("yaml-invalid", (line, 1), value="un caractère de contrôle invisible")
        return document
    if not isinstance(document.value, dict):
        found = {list: "est une liste", type(None): "est vide"}
        what = found.get(type(document.value), "n'est qu'un texte")
        document.report("yaml-not-mapping", (1, 1), value=what)
        document.value = None
    return document


def shown_path(path: Path, root: Path) -> str:
    """The path as messages write it: from the root with /, or as given when it stands elsewhere; no link is told."""
    try:
        return visible((path.parent.resolve() / path.name).relative_to(root.resolve()).as_posix())
    except ValueError:
        return visible(path.as_posix())


@cache
def read_schema(path: Path) -> dict[str, Any]:
    """The JSON Schema at that path (ours: a fault in it is a bug, hence raises)."""
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _bytes(path: Path, document: Document) -> bytes:
    if reason := hindrance(path):
        document.problems.append(problem("unreadable-file", document.file, value=reason))
        raise Refused
    size = path.stat().st_size
    if size > MAX_BYTES:
        document.report("yaml-too-large", (1, 1), size=size // 1000, limit=MAX_BYTES // 1000)
        raise Refused
    return path.read_bytes()


def _decode(data: bytes, document: Document) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        document.report("yaml-encoding", (line, 1), value=f"0x{data[error.start]:02X}")
        raise Refused from None


class _Builder:
    """Builds plain Python values from YAML events, so that no tag, alias or implicit type can play a part."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)

    def build(self) -> Any:
        documents = []
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                documents.append(self.node(event, ()))
            if len(documents) > 1:
                self.refuse(event, TWO_DOCUMENTS)
        return documents[0] if documents else None

    def node(self, event: Any, path: KeyPath) -> Any:
        self.document.marks.setdefault(path, _mark(event.start_mark))
        self.refuse_tricks(event)
        if len(path) > MAX_DEPTH:
            self.refuse(event, TOO_DEEP)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return scalar(event.value) if event.style in PLAIN else event.value

    def refuse(self, event: Any, reason: str) -> None:
        self.document.report("yaml-invalid", _mark(event.start_mark), value=reason)
        raise Refused

    def refuse_tricks(self, event: Any) -> None:
        mark = _mark(event.start_mark)
        if event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.document.report("yaml-anchor", mark, value=sign + event.anchor)
            raise Refused
        if event.tag is not None:
            self.document.report("yaml-tag", mark, value=event.tag.replace("tag:yaml.org,2002:", "!!"))
            raise Refused

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            mark = _mark(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                self.refuse(event, "une clé qui n'est pas un simple mot")
            if len(result) == MAX_KEYS:
                self.refuse(event, f"plus de {MAX_KEYS} clés dans un même bloc")
            self.refuse_tricks(event)
            key = event.value
            if key in result:
                first = self.document.marks[(*path, key)][0]
                self.document.report("yaml-duplicate-key", mark, shown(key), value=shown(key), other_line=first)
            self.document.marks.setdefault((*path, key), mark)
            result[key] = self.node(next(self.events), (*path, key))
        return result

    def sequence(self, path: KeyPath) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            result.append(self.node(event, (*path, len(result))))
        return result


def scalar(text: str) -> Any:
    """The value of a plain (unquoted) YAML word."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _mark(mark: Any) -> Mark:
    return mark.line + 1, mark.column + 1


def _place(error: yaml.MarkedYAMLError) -> Mark:
    # An unclosed quote is better shown where it opens than where the file ends.
    quoted = "quoted scalar" in (error.context or "")
    mark = error.context_mark if quoted else error.problem_mark or error.context_mark
    return _mark(mark) if mark is not None else (1, 1)


def _fault(error: yaml.MarkedYAMLError) -> str:
    text = error.problem or ""
    return next((french for english, french in FAULTS.items() if english in text), "écriture inattendue")
