"""Schemas and files as hypothesis draws them, and both verdicts on them: the screen's and Frictionless' alone."""

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frictionless import Package, Resource
from hypothesis import strategies as st

from observatory.screen import screened

HOSTILE = [
    "", "", "NA", " ", "NA ", "-", "1", "01", "1.0", "1.00", " 12 ", "\u00a012", "1_000", "１２", "NaN", "-NaN", "sNaN",
    "inf", "-Infinity", "1e5", "1e400", "+5", "1.", ".5", "-0", "0", "1,5", "12%", "€ 5", "100", "1000000000",
    "100.0000000000000000001", "99.9999999", "1000000000.0000000001", "9" * 16, "a", "abc", "ABC", "é", "e\u0301",
    "abc\n", "a b", "01001", "2A004", "01001ZZ", "١٢٣٤٥", "2023", "2_23", "  23", "２０２３", "2023-01-05", "2023-1-5",
    " 2023-01-05", "31/12/2023", "01/02/23", "true", "TRUE", "oui", "vrai", "http://x.fr", "http://", "urn:x",
    "https://www.insee.fr/a?b=c", "www.x.fr", "https://a b/", "https://a.fr/%C3%A9", "javascript:alert(1)", "x" * 12,
    'q"uote', "com,ma", "semi;colon", "l1\nl2", "l1\r\nl2", "l1\rl2", "\0", "\ufeff", "👨‍👩‍👧", "1.0,2.0", "[1]", "{}",
    "2023-02", "12:30:00", "2023-01-05T12:30:00Z", "P1Y", "a@b.fr", "#comment",
]  # fmt: skip
GOOD = {
    "string": ["a", "abc", "01001", "é"],
    "uri": ["https://www.insee.fr/a?b=c", "http://x.fr", "https://x.fr/1", "https://x.fr/2", "https://x.fr/3"],
    "number": ["1", "12.5", "1.50", "1.5", "7", "-3"],
    "integer": ["7", "12", "07", "3", "99"],
    "date": ["2023-01-05", "2023-1-5", "2024-02-29"],
    "year": ["2023", "1999"],
    "boolean": ["true", "0", "1"],
    "yearmonth": ["2023-01", "2023-1"],
    "any": ["z", "zz"],
    "datetime": ["2023-01-05T12:30:00Z"],
    "time": ["12:30:00"],
    "geopoint": ["1.0,2.0"],
    "duration": ["P1Y"],
    "array": ["[1]"],
    "object": ["{}"],
}
PATTERNS = [
    "[0-9]{5}|2[AB][0-9]{3}", "(?:[0-9]{5}|2[AB][0-9]{3})", "\\w+", "\\d+", "\\d{5}", "[a-z]*", "(?=a).*", "abc",
    "^[0-9]{2,3}$", "https?://.+", "[^,]+", "(?i)abc", "a.c", "(?:a|ab)(?:c|bcd)?", "(",
]  # fmt: skip
KEYS = [["a", "1"], ["abc", "12.5"], ["01001", "7"], ["é", "2023"], ["", "1"], ["", ""], ["é", ""]]


@dataclass
class Case:
    """A schema, a file, and the table that foreign keys refer to."""

    schema: dict[str, Any]
    content: bytes
    limit: int = 0
    encoding: str | None = "utf-8"
    dialect: dict[str, Any] | None = None
    keys: list[list[str]] = field(default_factory=lambda: KEYS)


def resource(case: Case, folder: Path) -> Any:
    """The case as Frictionless reads it."""
    (folder / "data.csv").write_bytes(case.content)
    descriptor: dict[str, Any] = {"name": "data", "path": "data.csv", "type": "table"}
    if case.encoding:
        descriptor["encoding"] = case.encoding
    if case.dialect:
        descriptor["dialect"] = case.dialect
    schema = json.loads(json.dumps(case.schema))
    if "foreignKeys" not in schema:
        return Resource.from_descriptor(descriptor | {"schema": schema}, basepath=str(folder))
    with (folder / "keys.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([["k0", "k1"], *case.keys])
    fields = [{"name": "k0", "type": "string"}, {"name": "k1", "type": "any"}]
    keys = {"name": "keys", "path": "keys.csv", "type": "table", "encoding": "utf-8", "schema": {"fields": fields}}
    resources = [descriptor | {"schema": schema}, keys]
    return Package({"name": "p", "resources": resources}, basepath=str(folder)).get_resource("data")


def outcome(report: Any) -> str:
    """The report as text, without how long it took."""
    descriptor = report.to_descriptor()
    for stats in [descriptor["stats"], *(task["stats"] for task in descriptor["tasks"])]:
        stats.pop("seconds")
    return json.dumps(descriptor, ensure_ascii=False, indent=1)


def alone(case: Case, folder: Path) -> str:
    """What Frictionless says, or the exception that it lets through."""
    try:
        return outcome(resource(case, folder).validate(limit_errors=case.limit))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def with_screen(case: Case, folder: Path) -> tuple[str, str]:
    """What the screen says, and why it left the file to Frictionless (empty: it did not)."""
    try:
        report, reason = screened(resource(case, folder), limit_errors=case.limit, small=0)
        return outcome(report), reason
    except Exception as error:
        return f"{type(error).__name__}: {error}", f"exception {type(error).__name__}"


# What hypothesis draws

TYPES = [*GOOD, "string", "string", "number", "integer", "uri"]


def _sometimes(strategy: st.SearchStrategy[Any], chance: int = 3) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * (chance - 1), strategy)


OPTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "string": {
        "pattern": st.sampled_from(PATTERNS),
        "enum": st.just(["a", "abc", "1", "é"]),
        "maxLength": st.sampled_from([1, 3, 10]),
        "minLength": st.sampled_from([1, 2]),
    },
    "number": {
        "minimum": st.sampled_from([0, 1, -5, "abc"]),
        "maximum": st.sampled_from([100, 1000000000, 12]),
    },
    "integer": {"minimum": st.sampled_from([0, 5]), "maximum": st.sampled_from([50])},
    "year": {"minimum": st.sampled_from([1900, 2020])},
    "date": {"minimum": st.just("2000-01-01")},
}
PROPERTIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "number": {
        "bareNumber": st.just(False),
        "decimalChar": st.just(","),
        "groupChar": st.just(" "),
        "floatNumber": st.just(True),
    },
    "integer": {"bareNumber": st.just(False)},
    "date": {"format": st.sampled_from(["%d/%m/%Y", "any"])},
    "string": {"format": st.sampled_from(["email", "uuid", "binary"])},
    "boolean": {"trueValues": st.just(["oui", "vrai"]), "falseValues": st.just(["0", "non"])},
}


@st.composite
def fields(draw: st.DrawFn, place: int) -> dict[str, Any]:
    """A field of any type, with some of the constraints that the type knows."""
    kind = draw(st.sampled_from(TYPES))
    entry: dict[str, Any] = {"name": f"f{place}", "type": "string" if kind == "uri" else kind}
    rules = {"required": _sometimes(st.just(True)), "unique": _sometimes(st.just(True), 8)}
    rules |= {name: _sometimes(values) for name, values in OPTIONS.get(kind, {}).items()}
    constraints = {name: value for name, values in rules.items() if (value := draw(values)) is not None}
    if constraints:
        entry["constraints"] = constraints
    for name, values in PROPERTIES.get(kind, {}).items():
        if (value := draw(_sometimes(values, 6))) is not None:
            entry[name] = value
    if kind == "uri":
        entry["format"] = "uri"
    if draw(st.integers(0, 9)) == 0:
        entry["missingValues"] = draw(st.sampled_from([["", "-0"], ["1"], []]))
    return entry


@st.composite
def schemas(draw: st.DrawFn, keys: bool = True) -> dict[str, Any]:
    """A schema of one to four fields, with keys."""
    entries = [draw(fields(place)) for place in range(draw(st.integers(1, 4)))]
    names = [entry["name"] for entry in entries]
    schema: dict[str, Any] = {"fields": entries}
    if (missing := draw(_sometimes(st.sampled_from([["", "NA"], [""], ["", "-"], ["NA"], []]), 2))) is not None:
        schema["missingValues"] = missing
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    if draw(st.booleans()):
        schema["primaryKey"] = draw(some)
    if keys and draw(st.booleans()):
        schema["foreignKeys"] = [draw(_foreign(some)) for _ in range(draw(st.integers(1, 2)))]
    return schema


@st.composite
def _foreign(draw: st.DrawFn, some: st.SearchStrategy[list[str]]) -> dict[str, Any]:
    names = draw(some)
    if draw(st.integers(0, 4)) == 0:
        return {"fields": names, "reference": {"resource": "", "fields": names}}
    return {"fields": names, "reference": {"resource": "keys", "fields": ["k0", "k1"][: len(names)]}}


@st.composite
def rows(draw: st.DrawFn, schema: dict[str, Any], hostile: int) -> list[list[str]]:
    """Rows of the schema's width for the most part; of ten cells, `hostile` are drawn from the traps."""
    kinds = [entry["format"] if entry.get("format") == "uri" else entry["type"] for entry in schema["fields"]]
    chance = draw(st.randoms(use_true_random=False))
    found: list[list[str]] = []
    for _ in range(draw(st.sampled_from([0, 1, 3, 8, 30, 130]))):
        cells = [chance.choice(HOSTILE if chance.randrange(10) < hostile else GOOD[kind]) for kind in kinds]
        shape = chance.randrange(40)
        if shape == 0:
            cells = []
        elif shape == 1:
            cells = cells[:-1]
        elif shape == 2:
            cells = [*cells, "de trop"]
        elif shape in (3, 4) and found:
            cells = list(chance.choice(found))
        elif shape == 5:
            cells = [""] * len(cells)
        found.append(cells)
    return found


TAILS = ['"jamais fermé,1\n2,3\n', 'a"b,c\n', '"a"b,c\n', "\n\n", '""\n', "x", '"x\r\n\ny"']
DIALECTS: list[dict[str, Any]] = [
    {"commentChar": "#"},
    {"headerRows": [2]},
    {"header": False},
    {"headerCase": False},
    {"skipBlankRows": True},
]


@st.composite
def cases(draw: st.DrawFn, hostile: int = 3, odd: bool = True, keys: bool = True) -> Case:
    """A whole case; `odd` files have other headers, delimiters, encodings and quotes."""
    schema = draw(schemas(keys))
    header = [entry["name"] for entry in schema["fields"]]
    rare = st.integers(0, 9).map(lambda number: odd and number == 0)
    if draw(rare):
        header = draw(st.sampled_from([header[:-1], [*header, "z"], header[::-1], [*header, header[0]], []]))
    ending = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"] if odd else ["\n", "\r\n"]))
    content = io.StringIO(newline="")
    delimiter = draw(st.sampled_from([",", ",", ",", ";", "\t"] if odd else [","]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer = csv.writer(content, lineterminator=ending, delimiter=delimiter, quoting=quoting)
    for cells in [header, *draw(rows(schema, hostile))]:
        if cells:
            writer.writerow(cells)
        else:
            content.write(ending)
    text = content.getvalue()
    if draw(rare):
        text += draw(st.sampled_from(TAILS))
    if draw(rare):
        text = text.removesuffix(ending)
    data = text.encode("utf-8")
    if draw(rare):
        data = draw(st.sampled_from([text.encode("utf-8-sig"), text.encode("cp1252", "replace"), data + b",\xe9\n"]))
    declared = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "cp1252", None] if odd else ["utf-8"]))
    dialect: dict[str, Any] | None = {"csv": {"delimiter": delimiter}} if draw(st.booleans()) else None
    if draw(rare):
        dialect = draw(st.sampled_from(DIALECTS))
    return Case(schema, data, draw(st.sampled_from([0, 0, 1000, 5])), declared, dialect)
