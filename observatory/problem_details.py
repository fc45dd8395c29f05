"""Refusals that machines read: problem details for HTTP (RFC 9457), in the language of the answer."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from observatory.languages import data, kept
from observatory.languages import gettext as _

TYPE = "application/problem+json"
PAGE = "/api"  # the page of the documentation that describes each kind, by its anchor
RETRY = "60"  # seconds after which a request that was not heard can be made again
MOST = 100  # of the possible values that are told; the nearest first when there are more


@dataclass(frozen=True)
class Kind:
    """A kind of refusal: the status of the answer, its title, and what mends it."""

    status: int
    title: str
    mending: str


KINDS = {
    "unknown-resource": Kind(404, kept("Ressource inconnue"), kept("Choisissez une ressource de la liste.")),
    "unknown-code": Kind(404, kept("Code inconnu"), kept("Cherchez le code avec /api/v1/search?q=…")),
    "unknown-figure": Kind(404, kept("Chiffre jamais publié"), kept("Choisissez dans la liste, s’il y en a une.")),
    "gone": Kind(410, kept("Retiré"), kept("Lisez pourquoi à l’adresse donnée.")),
    "unknown-version": Kind(404, kept("Version inconnue"), kept("Choisissez une version de la liste.")),
    "unknown-file": Kind(404, kept("Fichier inconnu"), kept("Choisissez un fichier de la liste.")),
    "file-elsewhere": Kind(404, kept("Fichier gardé ailleurs"), kept("Prenez-le là et contrôlez son empreinte.")),
    "unknown-filter": Kind(400, kept("Filtre inconnu"), kept("Choisissez un filtre de la liste.")),
    "malformed-value": Kind(400, kept("Valeur mal formée"), kept("Écrivez la valeur comme elle est attendue.")),
    "unknown-page": Kind(404, kept("Page inconnue"), kept("Suivez les liens first et next d’une réponse.")),
    "malformed-weights": Kind(400, kept("Poids mal formés"), kept("Donnez un nombre positif à chaque domaine.")),
    "too-much": Kind(400, kept("Demande trop grande"), kept("Demandez moins à la fois.")),
    "unfit-columns": Kind(400, kept("Format impossible ici"), kept("Choisissez un format de la liste.")),
    "failed-query": Kind(400, kept("Requête impossible"), kept("Corrigez la requête.")),
    "unknown-format": Kind(406, kept("Format inconnu"), kept("Choisissez un format de la liste.")),
    "wrong-method": Kind(405, kept("Méthode refusée"), kept("Employez une méthode que cette adresse accepte.")),
    "too-long": Kind(413, kept("Envoi trop long"), kept("Envoyez moins à la fois.")),
    "timeout": Kind(503, kept("Délai dépassé"), kept("Demandez moins à la fois : ajoutez des filtres.")),
    "fault": Kind(500, kept("Panne"), kept("Demandez à nouveau plus tard ; si cela dure, signalez l’adresse.")),
    "busy": Kind(503, kept("Serveur occupé"), kept("Demandez à nouveau dans une minute.")),
}


@dataclass
class Refused(Exception):
    """A request that cannot be answered: its kind (a key of KINDS), what was found, what is possible."""

    kind: str
    found: str = ""
    possible: Iterable[str] = ()
    detail: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)  # members of its own in the document

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return KINDS[self.kind].status


def later(status: int) -> dict[str, str]:
    """The headers that say when to ask again, for an answer of that status."""
    return {"Retry-After": RETRY} if status == 503 else {}


def document(refused: Refused, base: str, instance: str) -> Mapping[str, Any]:
    """The problem as RFC 9457 writes it for the site at `base` and the request `instance`, with `found`, `possible`."""
    kind, possible = KINDS[refused.kind], list(refused.possible)
    if len(possible) > MOST:
        possible = difflib.get_close_matches(refused.found, possible, MOST, 0) or possible[:MOST]
    asked = _("« {found} » a été demandé.").format(found=refused.found[:200]) if refused.found else ""
    return {
        **refused.more,
        "type": f"{base}{PAGE}#{refused.kind}",
        "title": data(kind.title),
        "status": kind.status,
        "detail": " ".join(text for text in (refused.detail or asked, data(kind.mending)) if text),
        "instance": instance,
        **({"found": refused.found[:200]} if refused.found else {}),
        **({"possible": possible} if possible else {}),
    }
