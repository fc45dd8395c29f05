"""Descriptors that try to make something else be read than the CSV beside them, by a schema of ours."""

from functools import partial
from pathlib import Path

from attacks.recipes import attack, descriptor, family

PATH, SCHEMA = "path: couverture_fibre.csv", "schema: ../schemas/observations.schema.json"
path = partial(descriptor, old=PATH)
schema = partial(descriptor, old=SCHEMA)
key = partial(descriptor, old="form: long")

family(
    "remote-path",
    "est une adresse, et non un fichier du dépôt",
    {
        "path_http": partial(path, new="path: http://127.0.0.1:1/x.csv"),
        "path_file_address": partial(path, new="path: file:///etc/passwd"),
        "path_s3": partial(path, new="path: s3://seau/x.csv"),
        "path_ftp_in_capitals": partial(path, new="path: FTP://127.0.0.1/x.csv"),
        "path_without_scheme": partial(path, new="path: //127.0.0.1/x.csv"),
        "path_unc": partial(path, new=r"path: \\127.0.0.1\partage\x.csv"),
        "path_data_address": partial(path, new="path: 'data:text/csv,a,b'"),
        "path_after_a_space": partial(path, new='path: " http://127.0.0.1:1/x.csv"'),
        "schema_http": partial(schema, new="schema: https://127.0.0.1:1/x.schema.json"),
        "schema_file_address": partial(schema, new="schema: file:///etc/passwd"),
    },
)
family(
    "path-outside",
    "sort du dossier permis",
    {
        "path_up": partial(path, new="path: ../../couverture_fibre.csv"),
        "path_up_and_down": partial(path, new="path: ../codelists/territories.csv"),
        "path_absolute": partial(path, new="path: /etc/passwd"),
        "path_of_a_drive": partial(path, new=r"path: 'C:\couverture_fibre.csv'"),
        "path_up_as_windows": partial(path, new=r"path: ..\..\couverture_fibre.csv"),
        "path_parent": partial(path, new="path: .."),
        "schema_up": partial(schema, new="schema: ../../x.schema.json"),
        "schema_absolute": partial(schema, new="schema: /etc/passwd"),
        "schema_beside_the_data": partial(schema, new="schema: mien.schema.json"),
    },
)
family(
    "key-forbidden",
    "n'est pas admis dans un descripteur",
    {
        "schema_inline": partial(schema, new="schema: {fields: [{name: a, constraints: {pattern: (a+)+$}}]}"),
        "data_inline": partial(key, new="form: long\ndata: [[a, b], [1, 2]]"),
        "path_list": partial(path, new="path: [couverture_fibre.csv, /etc/passwd]"),
        "extra_paths": partial(key, new="form: long\nextrapaths: [/etc/passwd]"),
        "compression": partial(key, new="form: long\ncompression: zip\ninnerpath: ../x.csv"),
        "format_of_a_database": partial(key, new="form: long\nformat: sql\ncontrol: {table: secrets}"),
        "scheme": partial(key, new="form: long\nscheme: aws"),
        "profile_remote": partial(key, new="form: long\nprofile: http://127.0.0.1:1/profile.json"),
        "dialect_remote": partial(key, new="form: long\ndialect: http://127.0.0.1:1/dialect.json"),
        "pipeline": partial(key, new="form: long\npipeline: {steps: [{type: table-write, path: /tmp/x}]}"),
    },
)
family(
    "unreadable-file",
    "son nom n'est pas un nom de fichier possible",
    {
        "path_with_a_zero": partial(path, new=r'path: "couverture\0.csv"'),
        "path_too_long": partial(path, new=f"path: {'x' * 5_000}.csv"),
    },
)


@attack("missing-csv", "n'existe pas")
def path_percent_encoded(root: Path) -> list[str]:
    return path(root, new="path: '%2e%2e%2fcouverture_fibre.csv'")


@attack("unknown-licence", "est inconnue")
def licence_without_end(root: Path) -> list[str]:
    return descriptor(root, "name: etalab-2.0", f"name: {'etalab-' * 10_000}")


title = partial(descriptor, old="title: Arcep\n")
family(
    "hidden-character",
    "caractère invisible ou de commande",
    {
        "descriptor_read_backwards": partial(title, new='title: "Arcep \\u202egpj.exe"\n'),
        "descriptor_that_writes_on_the_terminal": partial(title, new='title: "Arcep \\e[2J"\n'),
    },
)
family(
    "personal-data",
    "est une donnée personnelle",
    {
        "descriptor_with_a_mail": partial(title, new="title: jeanne.dupont@example.org\n"),
        "descriptor_with_a_telephone": partial(title, new="title: Jeanne Dupont, 06 12 34 56 78\n"),
    },
)
