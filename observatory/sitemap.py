"""Every public page: those that are always there, and those that the data make; the plan of the site and its XML."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from observatory import links
from observatory.languages import gettext as _

Read = Callable[[str, Sequence[Any]], Awaitable[list[Any]]]

# Addresses in one file: the protocol allows 50 000, a browser and a robot read a shorter one better.
MOST = 10_000
# Canonical pages that the data make, in order, and the day when what they show last changed, where it is known; a
# territory that no longer exists leads to its successors.
ADDRESSES = (
    "select '/domaines/' || code from domain order by position",
    """
    select '/indicateurs/' || i.code, max(d.last_update) from indicator i
    left join indicator_datasets s on s.indicator = i.code left join datasets d on d.name = s.dataset
    group by i.code order by i.position, i.code
    """,
    "select '/methode/' || edition, closed_on from method order by edition",
    "select '/editions/' || version, date from releases order by version",
    "select '/jeux-de-donnees/' || name, last_update from dataset order by name",
    "select '/' || register from registers order by position",
    "select '/' || register || '/' || id from things order by register, id",
    "select '/classements/' || category from category where ranked and territories > 0 order by position",
    "select '/territoires/' || ref_area from territories where valid_to is null order by ref_area",
)
Entry = tuple[str, str | None]  # an address without its language, and a day
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def pages(folder: Path) -> list[tuple[str, str, str]]:
    """(address, title, what is there) of the pages that need no data, in reading order, in the page's language.

    Only those whose template is in `folder`, the templates of the pages.
    """
    known = [
        ("/", _("Accueil"), _("Chercher un territoire, la carte, ce qui est nouveau.")),
        (
            "/territoires",
            _("Territoires"),
            _("Régions, départements, et le chemin vers les autres."),
        ),
        ("/comparer", _("Comparer"), _("De deux à six territoires côte à côte, s’ils sont comparables.")),
        ("/classements", _("Classements"), _("Les territoires d’une même catégorie, avec l’intervalle de leur rang.")),
        ("/domaines", _("Domaines"), _("Les neuf domaines de la maturité numérique.")),
        ("/indicateurs", _("Indicateurs"), _("Tous les indicateurs, renseignés ou prévus, domaine par domaine.")),
        ("/registres", _("Agir"), _("Initiatives, labels, appels, besoins, offres, événements, rapports.")),
        ("/agenda", _("Agenda"), _("Où et quand les territoires se rencontrent, à ajouter à son agenda.")),
        ("/reseau", _("Réseau"), _("Qui travaille avec qui : territoires, entreprises, associations, laboratoires.")),
        (
            "/jeux-de-donnees",
            _("Jeux de données"),
            _("Les données, leurs sources et leurs licences."),
        ),
        ("/api", _("API"), _("Lire les données par programme : adresses, formats, exemples.")),
        ("/methode", _("Méthode"), _("Comment le score est calculé, avec un exemple.")),
        ("/methode/detail", _("Méthode détaillée"), _("La méthode pour un élu, puis pour un statisticien.")),
        ("/methode/fiabilite", _("Fiabilité des scores"), _("Ce que valent les scores et les rangs.")),
        ("/editions", _("Éditions publiées"), _("Données, scores et fichiers figés, avec leurs empreintes.")),
        ("/qualite", _("Qualité des données"), _("Ce qui est connu, territoire par territoire et année par année.")),
        ("/simulation", _("Simulation"), _("Refaire un classement avec ses propres poids.")),
        ("/contribuer", _("Contribuer"), _("Donner les chiffres de son territoire, ou en corriger un.")),
        ("/contribuer/suivi", _("Suivi d’une contribution"), _("Où en est un envoi, par sa référence.")),
        (
            "/aide/erreurs",
            _("Aide : problèmes signalés"),
            _("Les défauts d’un fichier, et leurs remèdes."),
        ),
        ("/recherche", _("Recherche"), _("Territoires, indicateurs, domaines, jeux de données et pages.")),
        ("/telechargements", _("Téléchargements"), _("Tout télécharger, et vérifier ce que l’on a reçu.")),
        ("/mentions-legales", _("Mentions légales"), _("Éditeur, licences, données personnelles.")),
        ("/accessibilite", _("Accessibilité"), _("Déclaration de conformité, essais menés, défauts connus, recours.")),
        ("/plan-du-site", _("Plan du site"), _("Toutes les pages, par sorte.")),
    ]
    return [page for page in known if page[0] == "/" or (folder / f"{page[0][1:]}.html").exists()]


async def addresses(read: Read, folder: Path) -> list[Entry]:
    """Every canonical address, and the day when its page last changed where it is known."""
    found: list[Entry] = [(url, None) for url, _title, _about in pages(folder)]
    for sql in ADDRESSES:
        found += [(row[0], row[1] if len(row) > 1 else None) for row in await read(sql, ())]
    return found


def index(base: str, count: int) -> str:
    """The sitemap of sitemaps, for that many addresses of the site at `base`."""
    files = "".join(f"<sitemap><loc>{base}/sitemap-{n + 1}.xml</loc></sitemap>\n" for n in range(last(count)))
    return f'{HEAD}<sitemapindex xmlns="{SCHEMA}">\n{files}</sitemapindex>\n'


def last(count: int) -> int:
    """How many files that many addresses take: each is written in both languages."""
    return -(-count * 2 // MOST)


def file(base: str, found: Sequence[Entry], number: int) -> str:
    """The file of that number (from 1): each page in each language; the pages themselves name their twin."""
    each = MOST // 2
    urls = "".join(_entries(base, found[(number - 1) * each : number * each]))
    return f'{HEAD}<urlset xmlns="{SCHEMA}">\n{urls}</urlset>\n'


def _entries(base: str, found: Iterable[Entry]) -> Iterable[str]:
    for path, day in found:
        changed = f"<lastmod>{day}</lastmod>" if day else ""
        for url in (base + path, base + links.localised(path)):
            yield f"<url><loc>{escape(url)}</loc>{changed}</url>\n"


def missing() -> str:
    """What is answered for a file past the last."""
    return _("Le plan du site n’a pas tant de fichiers.")
