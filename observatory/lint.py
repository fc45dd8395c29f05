"""Lints Table Schemas for what Frictionless lets through: patterns that may never end, bounds of another type."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from frictionless import FrictionlessException
from frictionless.schema import Field

from observatory.lint_ambiguity import Ambiguous, degree, parser

SHORT = 256  # characters: the longest cell that a pattern of quadratic time is asked to read
LENGTHS = ("minLength", "maxLength")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
PLAIN = {"LITERAL", "ANY", "IN", "MAX_REPEAT", "SUBPATTERN", "BRANCH"}


@lru_cache(maxsize=1000)
def pattern_fault(pattern: str) -> str | None:
    """Why no cell should be matched against the pattern, as the end of a French sentence; None when it is sound."""
    try:
        tree = parser.parse(pattern)
        if tree.state.flags != re.UNICODE.value:
            return "change d'options, comme (?i) : écrivez les deux casses entre crochets"
        steps = degree(tree)
    except (re.error, RecursionError, OverflowError):
        return "est mal écrit"
    except Ambiguous as reason:
        return f"peut ne pas finir : {reason}"
    if steps > 2:
        return f"peut ne pas finir : {steps} répétitions s'y suivent qui lisent les mêmes caractères"
    return None


@lru_cache(maxsize=1000)
def grouped(pattern: str) -> str:
    """The pattern made to match whole cells, as Frictionless' own `^…$` does not; of bounded length if it is slow."""
    bound = rf"(?=[\s\S]{{0,{SHORT}}}\Z)" if degree(parser.parse(pattern)) > 1 else ""
    # Frictionless anchors ^pattern$ without a group: a|b would match « aZZ », and « a⏎ » would pass.
    return rf"{bound}(?:{pattern})\Z"


def schema_faults(descriptor: dict[str, Any]) -> list[str]:
    """What is wrong with the constraints of a Table Schema, in French; empty when nothing is."""
    return [f"« {entry['name']} » : {fault}" for entry in descriptor["fields"] for fault in _field_faults(entry)]


def _field_faults(entry: dict[str, Any]) -> Iterator[str]:
    rules = entry.get("constraints", {})
    if "pattern" in rules and (fault := pattern_fault(rules["pattern"])):
        yield f"le motif {fault}"
    yield from _length_faults(rules)
    try:
        bare = {key: value for key, value in entry.items() if key not in ("constraints", "example")}
        read = Field.from_descriptor(bare).create_value_reader()
    except FrictionlessException:
        return  # what Frictionless itself refuses is said elsewhere
    bounds = {name: read(rules[name]) for name in BOUNDS if name in rules}
    for name, value in bounds.items():
        if value is None or value != value:
            yield f"{name} vaut « {rules[name]} », qui n'est pas du type de la colonne ({entry.get('type')})"
    yield from _disorder([bounds.get("minimum"), bounds.get("maximum")], "minimum", "maximum")
    for choice in rules.get("enum", ()):
        if read(choice) is None:
            yield f"enum contient « {choice} », qui n'est pas du type de la colonne ({entry.get('type')})"


def _length_faults(rules: dict[str, Any]) -> Iterator[str]:
    lengths = [rules.get(name) for name in LENGTHS]
    for name, value in zip(LENGTHS, lengths, strict=True):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            yield f"{name} vaut « {value} » ; attendu : un nombre entier de caractères"
            return
    yield from _disorder(lengths, *LENGTHS)


def _disorder(values: Sequence[Any], low: str, high: str) -> Iterator[str]:
    first, last = values
    if first is not None and last is not None and first == first and last == last and first > last:
        yield f"{low} dépasse {high} : aucune cellule ne conviendrait"


def plain_pattern(pattern: str) -> str | None:
    """A pattern that every engine reads alike and that matches no more than this one; None when there is none.

    Plain are ASCII signs and ranges, repetitions, groups and choices; an anchor may stand at either end.
    """
    bare = pattern.removesuffix(r"\Z").removeprefix("^")
    if bare.endswith("$") and not bare.endswith(r"\$"):
        bare = bare[:-1]
    try:
        tree = parser.parse(bare)
    except (re.error, RecursionError, OverflowError):
        return None
    return bare if tree.state.flags == re.UNICODE.value and _is_plain(tree) else None


def _is_plain(tree: Any) -> bool:
    return all(str(code) in PLAIN and _is_plain_part(str(code), argument) for code, argument in tree)


def _is_plain_part(code: str, argument: Any) -> bool:
    if code == "LITERAL":
        return int(argument) < 128
    if code == "IN":
        return all(_is_plain_choice(str(inner), value) for inner, value in argument)
    if code == "MAX_REPEAT":
        low, high, tree = argument
        return low <= 200 and (high <= 200 or high == parser.MAXREPEAT) and _is_plain(tree)
    if code == "SUBPATTERN":
        return not argument[1] and not argument[2] and _is_plain(argument[3])
    return code == "ANY" or all(_is_plain(tree) for tree in argument[1])


def _is_plain_choice(code: str, value: Any) -> bool:
    if code == "NEGATE":
        return True
    return code in ("LITERAL", "RANGE") and max(value if isinstance(value, tuple) else (value,)) < 128
