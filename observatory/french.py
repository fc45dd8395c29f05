"""How French readers write numbers, dates and ranks; codes of the data turned into words."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date as Date
from typing import Any

from observatory import periods

LONGEST = 10_000  # characters of a name that are compared; far more than any has
NARROW = "\u202f"  # narrow no-break space: between thousands, and before % ; ! ?
DECIMAL = ","
HARD = "\u00a0"  # no-break space: before a unit written in words, and before :
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

WORDS = {
    "accrual_periodicity": {
        "annual": "annuelle",
        "quarterly": "trimestrielle",
        "monthly": "mensuelle",
        "never": "aucune, série close",
        "irregular": "irrégulière",
    },
    "form": {
        "long": "observations, une ligne par valeur",
        "wide": "table nationale, une ligne par territoire",
        "register": "registre, une ligne par objet",
    },
    "status": {"active": "compte dans le score", "context": "publié, hors score", "planned": "prévu, sans donnée"},
    "direction": {"higher": "plus la valeur est haute, mieux c’est", "lower": "plus elle est basse, mieux c’est"},
    "geography": {"epoque": "géographie d’époque", "constante": "géographie constante"},
    "cause": {
        "own_data": "données propres",
        "method": "méthode",
        "peers": "pairs",
        "perimeter": "périmètre",
        "correction": "correction",
        "coverage": "première mesure",
    },
    "role": {"publisher": "producteur", "contributor": "contributeur", "maintainer": "mainteneur", "author": "auteur"},
    "type": {
        "string": "texte",
        "number": "nombre décimal",
        "integer": "nombre entier",
        "boolean": "oui ou non",
        "date": "date",
        "array": "liste",
        "geopoint": "coordonnées",
        "year": "année",
    },
    "kind": {
        "pays": "pays",
        "region": "région",
        "departement": "département",
        "commune": "commune",
        "cc": "communauté de communes",
        "ca": "communauté d’agglomération",
        "cu": "communauté urbaine",
        "metropole": "métropole",
        "met69": "métropole à statut particulier",
        "ept": "établissement public territorial",
        "collectivite-outre-mer": "collectivité d’outre-mer",
        "collectivite-unique": "collectivité territoriale unique",
        "departement-region": "département et région d’outre-mer",
        "collectivite-statut-particulier": "collectivité à statut particulier",
        "collectivite-europeenne": "collectivité européenne",
    },
    "alias": {
        "postcode": "code postal",
        "former-name": "ancien nom",
        "former-commune": "ancienne commune",
        "former-region": "ancienne région",
        "acronym": "sigle",
        "delegated-commune": "commune déléguée",
        "associated-commune": "commune associée",
        "former-code": "ancien code",
        "municipal-arrondissement": "arrondissement municipal",
    },
    "normalisation": {
        "goalposts": "bornes fixes",
        "minmax": "minimum et maximum",
        "zscore": "score centré réduit",
        "rank": "rang",
        "percentile_rank": "rang centile",
        "borda": "points de Borda",
    },
    "aggregation": {
        "arithmetic": "moyenne arithmétique",
        "geometric": "moyenne géométrique",
        "harmonic": "moyenne harmonique",
        "median": "médiane",
        "ampi": "AMPI",
    },
    "missing": {
        "available_case": "moyenne de ce qui est observé",
        "peer_median": "médiane de la catégorie",
    },
    "factor": {
        "weights": "poids",
        "normalisation": "normalisation",
        "aggregation": "agrégation",
        "goalposts": "bornes",
        "missing": "données manquantes",
    },
    "provenance": {
        "edition": "Édition de la méthode",
        "commit": "Version du code (commit)",
        "commit_date": "Date de cette version",
        "datasets_sha256": "Empreinte des jeux de données (SHA-256)",
        "method_sha256": "Empreinte de la méthode (SHA-256)",
        "codelists_sha256": "Empreinte des listes de codes (SHA-256)",
    },
    "lookup": {
        "exact": "égal à",
        "not": "différent de",
        "contains": "contient",
        "notcontains": "ne contient pas",
        "endswith": "finit par",
        "startswith": "commence par",
        "gt": "supérieur à",
        "gte": "supérieur ou égal à",
        "lt": "inférieur à",
        "lte": "inférieur ou égal à",
        "like": "correspond au motif (like)",
        "notlike": "ne correspond pas au motif",
        "glob": "correspond au motif (glob)",
        "in": "est dans la liste",
        "notin": "n’est pas dans la liste",
        "arraycontains": "la liste contient",
        "arraynotcontains": "la liste ne contient pas",
        "date": "à la date du",
        "isnull": "est vide (null)",
        "notnull": "n’est pas vide (null)",
        "isblank": "est vide",
        "notblank": "n’est pas vide",
    },
}


def number(value: float | None, decimals: int = 0) -> str:
    """A number as French readers write it: 12394.5 → « 12 394,5 »; an em dash for None."""
    if value is None:
        return "—"
    text = f"{value:,.{decimals}f}".replace(",", NARROW).replace(".", ",").replace("-", "−")
    return text.lstrip("−") if not text.strip("−0,") else text


def compact(value: float | None, decimals: int = 2) -> str:
    """The same number without useless final zeros: 50.0 → « 50 », 0.50 → « 0,5 »."""
    text = number(value, decimals)
    return text.rstrip("0").rstrip(",") if "," in text else text


def quantity(value: float | None, symbol: str | None, decimals: int | None = 1) -> str:
    """A value with its unit's symbol: (88.6, "%") → « 88,6 % »; an em dash for None."""
    if value is None or not symbol:
        return number(value, decimals or 0)
    return (
        number(value, decimals or 0)
        + (NARROW if symbol == "%" else HARD)
        + symbol.replace("100 000", f"100{NARROW}000")
    )


def percent(share: float | None, decimals: int = 0) -> str:
    """A share between 0 and 1 as a percentage: 0.886 → « 89 % »; an em dash for None."""
    return "—" if share is None else quantity(share * 100, "%", decimals)


def ordinal(rank: int | None) -> str:
    """A rank: 1 → « 1ᵉʳ », 12 → « 12ᵉ »; an em dash for None."""
    if rank is None:
        return "—"
    return "1ᵉʳ" if rank == 1 else f"{number(rank)}ᵉ"


def count(value: int | None, singular: str, plural: str | None = None) -> str:
    """A number and its noun, plural from 2 on: (1, "ligne") → « 1 ligne », (12394, "ligne") → « 12 394 lignes »."""
    noun = singular if abs(value or 0) < 2 else plural or singular + "s"
    return number(value or 0) + HARD + noun


def date(text: str | None) -> str:
    """An ISO date in words, « 30 septembre 2022 »; whatever is not one is given back as it is."""
    try:
        day = Date.fromisoformat(text or "")
    except ValueError:
        return text or "date inconnue"
    first = "1ᵉʳ" if day.day == 1 else str(day.day)
    return f"{first}{HARD}{MONTHS[day.month - 1]} {day.year}"


def period(text: str | None) -> str:
    """An SDMX period in words: « 2019 », « septembre 2022 », « 3ᵉ trimestre 2022 »; an em dash for None."""
    found = periods.PERIOD.match(text or "")
    if found is None:
        return text or "—"
    if found["quarter"]:
        return f"{ordinal(int(found['quarter']))} trimestre {found['year']}"
    return f"{MONTHS[int(found['month']) - 1]} {found['year']}" if found["month"] else found["year"]


def span(first: str | None, last: str | None) -> str:
    """Two SDMX periods: « de 2019 à 2022 », « du 1ᵉʳ trimestre 2017 au 3ᵉ trimestre 2022 », « d’août à mai … »."""
    if first == last or not first:
        return period(last)
    start = "du " if "Q" in first else "d’" if period(first)[:1] in "ao" else "de "
    return start + period(first) + (" au " if "Q" in (last or "") else " à ") + period(last)


def word(code: str | None, family: str) -> str:
    """The French word of a code of one of the families of WORDS; an unknown code is given back as it is."""
    return WORDS[family].get(code or "", code or "—")


def capital(text: str) -> str:
    """The text with its first letter in upper case and the others untouched."""
    return text[:1].upper() + text[1:]


def typeset(text: str | None) -> str:
    """The text with no-break spaces where French wants them, so that no « ? » begins a line; empty for None."""
    tied = re.sub(r" ([?!;»])", NARROW + r"\1", text or "")
    return re.sub(r" :", HARD + ":", tied).replace("« ", f"«{NARROW}").replace("'", "’")


def noun(title: str) -> str:
    """A title as it reads inside a sentence: « Grandes villes (100 000 habitants ou plus) » → « grandes villes »."""
    return (title[:1].lower() + title[1:]).partition(" (")[0]


def key(text: str) -> str:
    """A name reduced to what comparisons and sorting need: no accent, case, hyphen nor apostrophe.

    Of a text that is no name, only the first characters are compared.
    """
    bare = "".join(
        c
        for c in unicodedata.normalize("NFKD", text[:LONGEST].casefold().replace("œ", "oe"))
        if not unicodedata.combining(c)
    )
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def alphabetical(rows: Iterable[Any], column: str = "name") -> list[Any]:
    """The rows in the order of a French dictionary of that column: « Île-de-France » between « Hauts » and « Jura »."""
    return sorted(rows, key=lambda row: key(row[column]))
