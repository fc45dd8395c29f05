"""What the API promises to whoever builds on it, and what it announces before anything ends."""

import datetime as dt
from collections.abc import Iterable, Mapping

from observatory.languages import kept

# Read in this order by the page of the documentation and by the description of the API.
PROMISE = (
    kept(
        "Dans la version 1, rien ne casse : une adresse, une ressource, une colonne, un paramètre ou un format publié "
        "reste, avec le même nom, le même type et le même sens."
    ),
    kept(
        "Des colonnes, des paramètres, des ressources et des formats peuvent s’ajouter : un programme doit ignorer ce "
        "qu’il ne connaît pas. Les liens « first » et « next » se suivent et ne se construisent pas."
    ),
    kept(
        "Ce qui doit finir est annoncé douze mois avant au moins, par les en-têtes « Deprecation » et « Sunset » de "
        "chaque réponse concernée et par le journal des changements ; son adresse mène ensuite à ce qui le remplace."
    ),
    kept(
        "Une version 2 aurait sa propre adresse, /api/v2, et la version 1 resterait servie douze mois au moins après "
        "son annonce."
    ),
    kept(
        "Les codes des territoires, des indicateurs, des domaines et des jeux de données ne changent pas ; celui d’un "
        "territoire qui n’est plus mène à celui qui l’a remplacé."
    ),
)
NOTICE = 365  # days between the announcement and the end, at least
# What will end: the name of a resource, or "resource?parameter", with the days of the announcement and of the end.
ENDING: Mapping[str, tuple[dt.date, dt.date]] = {}


def announced(resource: str, parameters: Iterable[str]) -> dict[str, str]:
    """The headers (RFC 9745, RFC 8594) that announce the end of what an answer was made with; the first end only."""
    asked = [resource, *(f"{resource}?{name}" for name in parameters)]
    found = sorted((ENDING[name][1], ENDING[name][0]) for name in asked if name in ENDING)
    if not found:
        return {}
    end, start = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in found[0])
    return {"Deprecation": f"@{int(start.timestamp())}", "Sunset": end.strftime("%a, %d %b %Y %H:%M:%S GMT")}
