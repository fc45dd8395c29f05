"""Numbers and reasons as the language of the page writes them, for what the library says itself."""

import re

from observatory import english, french, languages
from observatory.languages import gettext as _
from observatory.languages import ngettext


def number(value: float | None, decimals: int = 0) -> str:
    """12394.5 → « 12 395 » or “12,395”."""
    return str((english if languages.current() == "en" else french).number(value, decimals))


def compact(value: float | None, decimals: int = 2) -> str:
    """0.50 → « 0,5 » or “0.5”."""
    return str((english if languages.current() == "en" else french).compact(value, decimals))


def decimal(text: str) -> str:
    """Digits with the mark of the language: "0.25" → « 0,25 » or “0.25”."""
    return text if languages.current() == "en" else text.replace(".", ",")


# What the build writes in scores.reason, whose numbers change from one row to another.
ONE = re.compile(r"Données insuffisantes : un seul domaine observé, il en faut (?P<needed>\d+)\.")
SEVERAL = re.compile(r"Données insuffisantes : (?P<seen>\d+) domaines observés, il en faut (?P<needed>\d+)\.")
SHARE = re.compile(r"Données insuffisantes : (?P<share>\d+) % du poids est observé, il en faut (?P<least>\d+) %\.")
METHOD = re.compile(
    r"La méthode n’a de données que dans (?P<seen>\d+) domaines? sur (?P<total>\d+) à cet échelon ; "
    r"il en faut (?P<needed>\d+) pour un indice\."
)

NOWHERE = re.compile(
    r"La méthode n’a de données dans aucun domaine à cet échelon ; il en faut (?P<needed>\d+) pour un indice\."
)


def reason(text: str | None) -> str:
    """Why a territory has no rank, a text of the database, in the language of the page; empty for None."""
    if languages.current() == languages.SOURCE or not text:
        return text or ""
    text = text.replace("\u202f", " ").replace("\xa0", " ")
    if found := ONE.fullmatch(text) or SEVERAL.fullmatch(text):
        seen, needed = int(found.groupdict().get("seen", 1)), found["needed"]
        said = ngettext(
            "Données insuffisantes : un seul domaine observé, il en faut {needed}.",
            "Données insuffisantes : {seen} domaines observés, il en faut {needed}.",
            seen,
        )
        return said.format(seen=seen, needed=needed)
    if found := SHARE.fullmatch(text):
        said = _("Données insuffisantes : {share} % du poids est observé, il en faut {least} %.")
        return said.format(**found.groupdict())
    if found := NOWHERE.fullmatch(text):
        said = _("La méthode n’a de données dans aucun domaine à cet échelon ; il en faut {needed} pour un indice.")
        return said.format(**found.groupdict())
    if found := METHOD.fullmatch(text):
        said = ngettext(
            "La méthode n’a de données que dans {seen} domaine sur {total} à cet échelon ; "
            "il en faut {needed} pour un indice.",
            "La méthode n’a de données que dans {seen} domaines sur {total} à cet échelon ; "
            "il en faut {needed} pour un indice.",
            int(found["seen"]),
        )
        return said.format(**found.groupdict())
    return _(text)


def fixed_reasons() -> tuple[str, ...]:
    """The reasons of the build that have no number, so that they are in the catalogue."""
    return (
        _("Aucune donnée publiée pour ce territoire."),
        _("Sans objet pour ce territoire."),
        _("La valeur est couverte par le secret statistique."),
        _("Cette catégorie de territoires n’est pas classée."),
    )
