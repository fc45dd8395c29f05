"""The catalogue of problems: each kind has its fixtures, its exact French message and its entry in the docs.

A fixture of tests/fixtures/problems/<code>/ holds:
- files to lay over the valid site (tests/fixtures/site, or with its registers when `site: demonstration`), and
  expected.yaml: `problems`, the exact messages; `remove`,
  paths to take away; `links`, symbolic links to make (path: where it leads); `limits`, constants of the library to
  change (module.NAME: value); `contribution`, the `file` to judge as a part of a `dataset`, instead of the whole site;
- valid/: files to lay over them in turn, which mend the case as its message says; or, when mending is to take files
  away, `mended: {remove: [paths]}` in expected.yaml. After it nothing at all is reported.
"""

import importlib
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from repositories import ROOT, copy_demonstration, copy_site, edit

from observatory import problems
from observatory.catalogue import read_catalogue
from observatory.problems import BRACES, Problem, kinds, problem, publishable, render_catalogue
from observatory.reports import text_line
from observatory.shapes import shape_problems
from observatory.validation import judge, validate
from observatory.yamlfiles import read_document, read_yaml, scalar

FIXTURES = ROOT / "tests" / "fixtures" / "problems"
CODES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


IGNORED = shutil.ignore_patterns("valid", "expected.yaml")


@pytest.fixture(name="spec")
def read_spec(code: str) -> dict[str, Any]:
    """What the fixture of that code does to the valid site, and what must be said of it."""
    spec: dict[str, Any] = yaml.safe_load((FIXTURES / code / "expected.yaml").read_text(encoding="utf-8"))
    return spec


@pytest.fixture(name="failing")
def lay_fixture(code: str, spec: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of the site once the fixture's files are laid over it."""
    root = {"demonstration": copy_demonstration}.get(spec.get("site", ""), copy_site)(tmp_path / "site")
    shutil.copytree(FIXTURES / code, root, dirs_exist_ok=True, ignore=IGNORED)
    remove(root, spec)
    for path, target in spec.get("links", {}).items():
        (root / path).symlink_to(target)
    for name, limit in spec.get("limits", {}).items():
        module, constant = name.split(".")
        monkeypatch.setattr(importlib.import_module(f"observatory.{module}"), constant, limit)
    return root


def reported(root: Path, spec: dict[str, Any]) -> list[Problem]:
    """What is said of the site, or of the contribution that the fixture names."""
    if "contribution" not in spec:
        return validate(root)
    asked = spec["contribution"]
    dataset = next(known for known in read_catalogue(root)[0] if known.name == asked["dataset"])
    return judge(root / asked["file"], dataset, root).problems


def remove(root: Path, instructions: dict[str, Any]) -> None:
    """Take away the files that the fixture names."""
    for path in instructions.get("remove", ()):
        (root / path).unlink()


def test_the_site_is_valid(root: Path) -> None:
    assert validate(root) == []


@pytest.mark.parametrize("code", CODES)
def test_fixture_gives_exactly_its_messages(code: str, spec: dict[str, Any], failing: Path) -> None:
    found = reported(failing, spec)
    assert [text_line(entry) for entry in found] == spec["problems"]
    assert code in {entry.code for entry in found}
    for entry in found:
        named = "({name})" in kinds()[entry.code].english  # the French name of a territory
        assert french_words(re.sub(r"\([^)]*\)", "", entry.english) if named else entry.english) == [], entry.english


@pytest.mark.parametrize("code", CODES)
def test_mending_as_the_message_says_leaves_nothing_to_report(code: str, spec: dict[str, Any], failing: Path) -> None:
    valid, instructions = FIXTURES / code / "valid", spec.get("mended", {})
    assert valid.is_dir() or instructions, "le cas corrigé manque : valid/, ou mended dans expected.yaml"
    remove(failing, instructions)
    if valid.is_dir():
        shutil.copytree(valid, failing, dirs_exist_ok=True)
    assert [text_line(entry) for entry in reported(failing, spec)] == []


def test_every_kind_has_a_fixture_and_every_fixture_a_kind() -> None:
    assert sorted(kinds()) == CODES


@pytest.mark.parametrize("kind", kinds().values(), ids=list(kinds()))
def test_kind_is_complete(kind: problems.Kind) -> None:
    assert kind.severity in problems.SEVERITIES
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert kind.title[0].isupper() and not kind.title.endswith(".")
    assert kind.message.endswith((".", "}", "?")) and kind.cause.endswith(".")
    assert kind.mending.endswith((".", "}"))


FRENCH = re.compile(
    r"[À-ÖØ-öø-ÿœ]|\b(?:le|la|les|un|une|des|du|de|est|et|ou|pas|dans|pour|sur|avec|entre|fichier|lignes?|colonnes?)\b"
)


def french_words(sentence: str) -> list[str]:
    """French words of an English sentence, outside of what it quotes."""
    return FRENCH.findall(re.sub(r"“[^”]*”", "", sentence))


@pytest.mark.parametrize("kind", kinds().values(), ids=list(kinds()))
def test_kind_speaks_english_with_the_same_words_filled_in(kind: problems.Kind) -> None:
    assert kind.english[:1].isupper() or kind.english[:1] in "“{"
    assert kind.english.endswith(".") and len(kind.english) > 20
    assert set(BRACES.findall(kind.english)) <= set(BRACES.findall(kind.message + kind.mending))
    assert french_words(BRACES.sub("x", kind.english)) == []


def test_french_left_in_an_english_sentence_is_seen() -> None:
    assert french_words("The row holds 3 lignes, près du début.") == ["lignes", "è", "du", "é"]
    assert french_words("“Évry” is the name of a commune.") == []


def test_an_english_sentence_is_filled_like_the_french_one() -> None:
    entry = problem("decimal-comma", "x.csv", 3, "v", value="0,93", suggestion="0.93")
    assert entry.english == ("“0,93” is not a number; write 0.93, with a decimal point and without unit or space.")


@pytest.mark.parametrize(
    ("severities", "expected"),
    [([], True), (["info"], True), (["info", "warning"], False), (["error"], False)],
)
def test_what_may_be_published(severities: list[str], expected: bool) -> None:
    assert publishable([Problem("jump", severity, "m", "x.csv") for severity in severities]) is expected


def test_docs_hold_the_catalogue() -> None:
    written = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert written == render_catalogue(), "lancez make fix"


def test_docs_show_no_brace_of_a_template() -> None:
    assert not re.search(r"\{\w+\}", render_catalogue())


def test_an_unknown_code_or_a_missing_word_is_a_bug() -> None:
    with pytest.raises(KeyError):
        problem("no-such-code", "x.csv")
    with pytest.raises(KeyError):
        problem("decimal-comma", "x.csv", 3, "obs_value", value="0,93")


def test_values_cannot_break_a_line() -> None:
    entry = problem("not-a-number", "x.csv", 2, "v", value="a\nb\x1b[31m\u202ec")
    assert entry.message == "« a⏎b␛[31m�c » n'est pas un nombre."


def test_names_of_files_and_keys_cannot_reach_the_terminal_raw(root: Path) -> None:
    (root / "datasets" / "\x1b[31mx.csv").write_text("a", encoding="utf-8")
    edit(root / "datasets/france_services.resource.yaml", "form: wide", 'form: wide\n"\\e[31mkey": 1')
    found = validate(root)
    assert [entry.code for entry in found] == ["key-unknown", "missing-descriptor"]
    assert "\x1b" not in "".join(map(text_line, found))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("01001", "01001"),
        ("2A004", "2A004"),
        ("2E5", "2E5"),
        ("no", "no"),
        ("oui", "oui"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("2019-05-01", "2019-05-01"),
        (".5", ".5"),
        ("2018", 2018),
        ("-3", -3),
        ("0.5", 0.5),
        ("0", 0),
        ("true", True),
        ("null", None),
        ("", None),
    ],
)
def test_plain_yaml_words_hold_no_surprise(text: str, value: object) -> None:
    assert scalar(text) == value and type(scalar(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb:\n\t- c\n", 3, "le YAML est illisible ici : une tabulation ou un signe réservé (@, `, %)."),
        ("a: [1, 2\nb: 3\n", 2, "le YAML est illisible ici : il manque une virgule, un crochet ou une accolade."),
        ("a: 1\n---\nb: 2\n", 3, "le YAML est illisible ici : deux documents dans un même fichier."),
        ("a: 1\nb: \x07\n", 2, "le YAML est illisible ici : un caractère de contrôle invisible."),
        ("[" * 5000, 1, "le YAML est illisible ici : trop de niveaux imbriqués."),
        ("? [a]\n: 1\n", 1, "le YAML est illisible ici : une clé qui n'est pas un simple mot."),
        ("a: &x [1]\nb: [*x, *x]\n", 1, "« &x » est une ancre ou un alias YAML, qui ne sont pas admis."),
        ("texte\n", 1, "le fichier n'est qu'un texte ; des lignes « clé : valeur » sont attendues."),
    ],
)
def test_bad_yaml(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text, encoding="utf-8")
    value, found = read_yaml(path, tmp_path)
    assert value is None
    assert [(entry.file, entry.line, entry.message) for entry in found] == [("x.yml", line, message)]


def test_keys_keep_their_line_and_character(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("a: 1\nb:\n  - c: 2\n    d: 3\n", encoding="utf-8")
    document = read_document(path, tmp_path)
    assert document.value == {"a": 1, "b": [{"c": 2, "d": 3}]}
    assert document.mark(("b", 0, "d")) == (4, 5)
    assert document.mark(("b", 0, "absent")) == (3, 5)


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"type": ["string", "number"]}, [], "un texte ou un nombre"),
        ({"const": "oui"}, "non", "« oui »"),
        ({"minimum": 0.5}, 0.2, "un nombre d'au moins 0,5"),
        ({"maximum": 10}, 11, "un nombre d'au plus 10"),
        ({"exclusiveMinimum": 0}, 0, "un nombre plus grand que 0"),
        ({"exclusiveMaximum": 0}, 0, "un nombre plus petit que 0"),
        ({"type": "string", "minLength": 1}, "", "un texte"),
        ({"minLength": 3}, "a", "un texte d'au moins 3 caractères"),
        ({"maxLength": 1}, "ab", "un texte d'au plus 1 caractère"),
        ({"minItems": 1}, [], "une liste d'au moins 1 élément"),
        ({"maxItems": 1}, [1, 2], "une liste d'au plus 1 élément"),
        ({"uniqueItems": True}, [1, 1], "une liste sans doublon"),
        ({"format": "date"}, "hier", "une date comme 2023-02-01"),
        ({"pattern": "^a$"}, "b", "une autre forme"),
        ({"pattern": "^a$", "description": "La lettre a."}, "b", "la lettre a"),
        ({"type": "boolean"}, "oui", "true ou false"),
    ],
)
def test_every_rule_of_a_form_speaks_french(rule: dict[str, Any], value: object, expected: str) -> None:
    found = shape_problems({"k": value}, {"properties": {"k": rule}}, "x.yml", lambda path: (1, 1))
    assert [entry.message.partition(" attendu : ")[2] for entry in found] == [f"{expected}."]
