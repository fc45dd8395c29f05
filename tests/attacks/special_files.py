"""What a checkout or an upload may hold beside ordinary files, under the name of a contribution."""

import os
import socket
from functools import partial
from pathlib import Path

from attacks.recipes import DESCRIPTOR, attack, family
from repositories import ELIGIBILITY, FIBRE


def link(root: Path, name: str, target: str) -> None:
    (root / name).unlink()
    (root / name).symlink_to(target)


def pipe(root: Path, name: str) -> None:
    (root / name).unlink()
    os.mkfifo(root / name)


def folder(root: Path, name: str) -> None:
    (root / name).unlink()
    (root / name / "dedans").mkdir(parents=True)


family(
    "unreadable-file",
    "c'est un lien symbolique",
    {
        "csv_link_to_a_secret": partial(link, name=FIBRE, target="/etc/passwd"),
        "csv_link_to_a_device": partial(link, name=FIBRE, target="/dev/zero"),
        "csv_link_to_itself": partial(link, name=FIBRE, target="couverture_fibre.csv"),
        "csv_link_to_a_neighbour": partial(link, name=FIBRE, target="initiatives.csv"),
        "list_link_to_a_secret": partial(link, name="codelists/units.csv", target="/etc/passwd"),
        "descriptor_link_to_a_secret": partial(link, name=DESCRIPTOR, target="/etc/passwd"),
        "indicator_link_to_a_secret": partial(
            link, name="indicators/infrastructures/couverture-fibre.yml", target="/etc/passwd"
        ),
    },
)
family(
    "unreadable-file",
    "c'est un tube nommé",
    {
        "csv_pipe": partial(pipe, name=FIBRE),
        "list_pipe": partial(pipe, name="codelists/territories.csv"),
        "descriptor_pipe": partial(pipe, name=DESCRIPTOR),
    },
)
family(
    "unreadable-file",
    "c'est un dossier",
    {"csv_folder": partial(folder, name=FIBRE), "descriptor_folder": partial(folder, name=DESCRIPTOR)},
)


@attack("unreadable-file", "c'est un tube nommé")
def csv_pipe_asked_for(root: Path) -> list[str]:
    pipe(root, FIBRE)
    return [str(root / FIBRE)]


@attack("unreadable-file", "c'est un périphérique")
def device_asked_for(root: Path) -> list[str]:
    return ["/dev/zero"]


@attack("unreadable-file", "c'est un lien symbolique")
def datasets_link(root: Path) -> None:
    (root / "datasets").rename(root / "ailleurs")
    (root / "datasets").symlink_to(root / "ailleurs")


@attack("unreadable-file", "c'est un lien symbolique")
def indicators_link(root: Path) -> None:
    (root / "indicators").rename(root / "ailleurs")
    (root / "indicators").symlink_to(root / "ailleurs")


@attack("file-too-large", "la limite est de 200 Mo", file="codelists/licences.csv")
def list_of_ten_gigabytes(root: Path) -> None:
    with (root / "codelists/licences.csv").open("wb") as stream:
        stream.truncate(10**10)


@attack("unreadable-file", "c'est un lien symbolique", file="schemas/observations.schema.json")
def schema_link_to_a_secret(root: Path) -> None:
    link(root, "schemas/observations.schema.json", "/etc/passwd")


@attack("unreadable-file", "c'est une prise de communication", file=FIBRE)
def csv_socket(root: Path) -> None:
    (root / FIBRE).unlink()
    here = Path.cwd()
    os.chdir(root / "datasets")  # an address of a socket holds a hundred bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("couverture_fibre.csv")
    finally:
        os.chdir(here)


@attack("missing-descriptor", "n'a pas de descripteur COUVERTURE_FIBRE.resource.yaml")
def csv_that_differs_by_case(root: Path) -> None:
    (root / "datasets/COUVERTURE_FIBRE.csv").write_bytes((root / FIBRE).read_bytes())


@attack("name-not-allowed", "n'est pas un nom de jeu de données")
def name_with_a_right_to_left_override(root: Path) -> None:
    rename(root, "fibre\u202evsc.exe")


@attack("name-not-allowed", "n'est pas un nom de jeu de données")
def name_that_writes_on_the_terminal(root: Path) -> None:
    rename(root, "\x1b]0;pris\x07\x1b[2J")


@attack("name-not-allowed", "n'est pas un nom de jeu de données")
def name_that_is_a_command_of_the_forge(root: Path) -> None:
    rename(root, "x\n::error file=a::pris")


@attack("name-not-allowed", "n'est pas un nom de jeu de données")
def name_that_is_an_option(root: Path) -> None:
    rename(root, "--format=json")


@attack("name-not-allowed", "n'est pas un nom de jeu de données")
def name_as_long_as_a_name_can_be(root: Path) -> None:
    rename(root, "é" * 120)


@attack("name-reserved", "est déjà le nom d'une table")
def name_of_a_system_table(root: Path) -> None:
    rename(root, "sqlite_master")


def rename(root: Path, name: str) -> None:
    """Gives a dataset another name, in its two files and inside them."""
    for old in (ELIGIBILITY, ELIGIBILITY.replace(".csv", ".resource.yaml")):
        path = root / old
        path.rename(path.with_name(path.name.replace("eligibilite_fixe", name)))
