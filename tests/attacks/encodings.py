"""Bytes that are not the text that they seem."""

from pathlib import Path

from attacks.recipes import GOOD_ROW, attack, fibre, raw_fibre
from repositories import HEADER

TEXT = HEADER + GOOD_ROW


@attack("nul-byte", "un octet nul (0x00)")
def zero_in_a_code(root: Path) -> list[str]:
    return fibre(root, GOOD_ROW.replace("DEP-68", "DEP-\x0068"))


@attack("binary-file", "ce n'est pas un fichier texte")
def zeros_by_the_megabyte(root: Path) -> list[str]:
    return raw_fibre(root, bytes(5_000_000))


@attack("wrong-encoding", "est en UTF-16")
def utf_16_with_its_mark(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode("utf-16"))


@attack("unmarked-utf", "le fichier a été lu en UTF-16-BE")
def utf_16_without_mark(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode("utf-16-be"))


@attack("wrong-encoding", "est en UTF-32")
def utf_32(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode("utf-32"))


@attack("not-a-ref-area", "n'est pas un identifiant de territoire")
def formula_in_utf_7(root: Path) -> list[str]:
    return fibre(root, "+AD0-cmd+AHw-calc,couverture-fibre,2022-Q3,81.5\n")


@attack("wrong-encoding", "n'est pas de l'UTF-8")
def overlong_slash(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode() + b"DEP-68,\xc0\xaf\xc0\xae,2022-Q3,81.5\n")


@attack("wrong-encoding", "n'est pas de l'UTF-8")
def surrogates(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode() + b"DEP-68,\xed\xa0\x80\xed\xb0\x80,2022-Q3,81.5\n")


@attack("mixed-encoding", "UTF-8")
def encodings_mixed(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode() + "Île,é,2022-Q3,1\n".encode() + "Île,é,2022-Q3,1\n".encode("cp1252"))


@attack("wrong-encoding", "n'est pas de l'UTF-8")
def bytes_at_random(root: Path) -> list[str]:
    return raw_fibre(root, TEXT.encode() + (bytes(range(128, 256)) * 10 + b"\n") * 10_000)


@attack("extra-column", "n'est pas dans le schéma")
def mark_in_the_middle_of_the_heading(root: Path) -> list[str]:
    return fibre(root, "DEP-68,couverture-fibre,2022-Q3,81.5,1\n", HEADER.strip() + ",\ufeffx\n")
