"""What the page /api says of the API, taken from what answers: resources, formats, refusals, limits, examples."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from observatory import outputs
from observatory.api_promise import PROMISE
from observatory.api_resources import BASE, DECLARED, MOST_SIZE, MOST_VALUES, SEARCH, USUAL_SIZE, Resource
from observatory.languages import kept
from observatory.problem_details import KINDS, Kind

# The site that an example asks where it is written: that of `make serve`.
HERE = "http://127.0.0.1:8001"
# A file of docs/examples/api, what it is written in, and what it does.
EXAMPLES = (
    ("valeurs.sh", "curl", kept("Les valeurs d’un indicateur pour un territoire")),
    ("tout.sh", "curl", kept("Toutes les observations d’un échelon, en un fichier")),
    ("nouveau.sh", "curl", kept("Ne télécharger que si quelque chose a changé")),
    ("simulation.sh", "curl", kept("Un classement avec ses propres poids")),
    ("pages.py", "Python", kept("Lire une liste, page après page")),
    ("refus.py", "Python", kept("Comprendre un refus")),
    ("valeurs.R", "R", kept("Une série dans un tableau")),
    ("libreoffice.txt", "LibreOffice Calc", kept("Un petit fichier dans une cellule")),
    ("excel.txt", "Excel", kept("Une requête qui s’actualise (Power Query, éditeur avancé)")),
)
# Other ways to take the data: address, title, what it is for.
DOORS = (
    (
        "/catalog.ttl",
        kept("Catalogue DCAT-AP"),
        kept("pour les portails qui moissonnent (aussi en JSON-LD et RDF/XML)"),
    ),
    ("/catalog.jsonld", kept("Catalogue en JSON-LD"), kept("les mêmes descriptions, pour les outils du web")),
    ("/atom.xml", kept("Ce qui change"), kept("un flux Atom ; chaque territoire et chaque indicateur a le sien")),
    ("/calendrier.ics", kept("Calendrier"), kept("les publications et les événements, dans votre agenda")),
    ("/editions", kept("Éditions"), kept("des données figées et citables, avec leurs empreintes")),
    ("/llms.txt", kept("llms.txt"), kept("ce que les assistants lisent d’abord")),
    ("/sitemap.xml", kept("Plan du site en XML"), kept("les adresses de toutes les pages")),
)


@dataclass(frozen=True)
class Example:
    """A command or a program that works as it is."""

    name: str
    language: str
    title: str
    code: str


@dataclass(frozen=True)
class Documentation:
    """All that the page shows."""

    site: str
    examples: tuple[Example, ...]
    doors: tuple[tuple[str, str, str], ...]
    base: str = BASE
    resources: tuple[Resource, ...] = (*DECLARED, SEARCH)
    formats: tuple[str, ...] = tuple(outputs.FORMATS)
    usual_size: int = USUAL_SIZE
    most_size: int = MOST_SIZE
    most_values: int = MOST_VALUES
    promise: tuple[str, ...] = PROMISE

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kinds of refusal by their anchor, as they are numbered."""
        return dict(sorted(KINDS.items(), key=lambda one: one[1].status))


@lru_cache(maxsize=2)
def codes(folder: Path) -> tuple[Example, ...]:
    """The examples, as they are written."""
    return tuple(Example(name, kind, title, (folder / name).read_text("utf-8")) for name, kind, title in EXAMPLES)


def documentation(root: Path, site: str, served: Iterable[str]) -> Documentation:
    """The page of the site at `site`, whose routes are `served`: only the doors that it has are told."""
    found = codes(root / "docs" / "examples" / "api")
    examples = tuple(Example(one.name, one.language, one.title, one.code.replace(HERE, site)) for one in found)
    known = set(served)
    return Documentation(site, examples, tuple(door for door in DOORS if door[0] in known))
