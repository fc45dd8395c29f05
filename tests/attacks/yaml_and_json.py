"""YAML and JSON that exhaust, deceive or execute."""

from functools import partial
from pathlib import Path

from attacks.recipes import DESCRIPTOR, INITIATIVES, attack, descriptor, family
from repositories import edit

SCHEMA = "schemas/observations.schema.json"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def write(root: Path, text: str) -> list[str]:
    (root / DESCRIPTOR).write_text(text, encoding="utf-8")
    return [str(root / DESCRIPTOR)]


key = partial(descriptor, old="form: long")


@attack("yaml-anchor", "est une ancre ou un alias YAML")
def billion_laughs(root: Path) -> list[str]:
    return write(root, LAUGHS)


@attack("yaml-anchor", "est une ancre ou un alias YAML")
def merge_key(root: Path) -> list[str]:
    return key(root, new="form: long\n<<: *tout")


@attack("yaml-tag", "est une étiquette YAML")
def object_that_runs(root: Path) -> list[str]:
    return key(root, new='form: !!python/object/apply:os.system ["touch pris"]')


@attack("yaml-duplicate-key", "est déjà en ligne")
def licence_given_twice(root: Path) -> list[str]:
    return key(root, new="form: long\nlicenses: [{name: odbl-1.0}]")


@attack("yaml-too-large", "la limite est de 500 Ko")
def yaml_of_ten_gigabytes(root: Path) -> list[str]:
    with (root / DESCRIPTOR).open("wb") as stream:
        stream.truncate(10**10)
    return [str(root / DESCRIPTOR)]


@attack("yaml-invalid", "trop de niveaux imbriqués")
def yaml_nested_a_hundred_thousand_times(root: Path) -> list[str]:
    return write(root, "[" * 100_000)


@attack("yaml-invalid", "trop de niveaux imbriqués")
def yaml_blocks_in_blocks(root: Path) -> list[str]:
    return write(root, "".join(f"{' ' * depth}a:\n" for depth in range(900)))


@attack("yaml-invalid", "plus de 1000 clés dans un même bloc")
def yaml_of_ten_thousand_keys(root: Path) -> list[str]:
    return write(root, "".join(f"cle{n}: 1\n" for n in range(10_000)))


@attack("key-unknown", "la clé « cccc")
def yaml_key_of_a_thousand_letters(root: Path) -> list[str]:
    return key(root, new=f"form: long\n{'c' * 1_000}: 1")


@attack("yaml-invalid", "il manque un deux-points après la clé")
def yaml_key_of_a_hundred_thousand_letters(root: Path) -> list[str]:
    return key(root, new=f"form: long\n{'c' * 100_000}: 1")


@attack("key-invalid", "n'est pas accepté ; attendu : un nombre entier")
def yaml_number_without_end(root: Path) -> list[str]:
    return descriptor(root, "min: 9", f"min: {'9' * 100_000}")


@attack("key-invalid", "n'est pas accepté ; attendu : un nombre fini")
def yaml_infinite_number(root: Path) -> list[str]:
    return descriptor(root, "min: 9", "min: 1.0e999")


@attack("yaml-encoding", "n'est pas de l'UTF-8")
def yaml_in_another_encoding(root: Path) -> list[str]:
    (root / DESCRIPTOR).write_bytes((root / DESCRIPTOR).read_text(encoding="utf-8").encode("utf-16"))
    return [str(root / DESCRIPTOR)]


@attack("html-tag", "est une balise HTML")
def yaml_with_a_script(root: Path) -> list[str]:
    return descriptor(root, "title: Arcep\n", "title: <img src=x onerror=alert(1)>\n")


@attack("key-invalid", "adresse")
def source_that_is_a_script(root: Path) -> list[str]:
    return descriptor(root, "https://example.org/arcep", "javascript:alert(document.cookie)")


def pattern(root: Path, written: str) -> list[str]:
    edit(root / "schemas/initiatives.schema.json", "[a-z0-9]+(-[a-z0-9]+)*", written)
    return [str(root / INITIATIVES)]


family(
    "invalid-schema",
    "le motif peut ne pas finir",
    {
        "pattern_repeated_repetition": partial(pattern, written="(a+)+$"),
        "pattern_starred_group": partial(pattern, written="([A-Z0-9-]*)*!"),
        "pattern_of_twins": partial(pattern, written="(a|a)*!"),
        "pattern_overlapping": partial(pattern, written="(.|[A-Z])+!"),
        "pattern_any_any": partial(pattern, written="(.*,){20}!"),
        "pattern_nested_deeply": partial(pattern, written="((([A-Z]+)-?)*)*!"),
    },
)


def schema(root: Path, text: str) -> list[str]:
    (root / SCHEMA).write_text(text, encoding="utf-8")
    return [str(root / DESCRIPTOR)]


@attack("invalid-schema", "trop de niveaux imbriqués")
def json_nested_a_hundred_thousand_times(root: Path) -> list[str]:
    return schema(root, '{"fields": ' + "[" * 100_000 + "]" * 100_000 + "}")


@attack("invalid-schema", "un nombre y est démesuré")
def json_number_without_end(root: Path) -> list[str]:
    return schema(root, '{"fields": [], "x": ' + "9" * 50_000 + "}")


@attack("invalid-schema", "il pèse plus de 500 Ko")
def json_of_five_megabytes(root: Path) -> list[str]:
    with (root / SCHEMA).open("wb") as stream:
        stream.truncate(5 * 10**6)
    return [str(root / DESCRIPTOR)]
