"""What programs that talk with people read of the database through the Model Context Protocol, and how much at once."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from observatory.languages import gettext as _
from observatory.problem_details import Refused

PATH = "/-/mcp"
MOST_BYTES = 2_000_000
INSTRUCTIONS = """\
Observatoire de la maturité numérique des territoires français : une base SQLite en lecture seule.
La base s’appelle donnees ; lisez son schéma (get_database_schema), puis interrogez-la (execute_sql).
Un territoire s’écrit FRA, REG-84, DEP-84, EPCI-200066009 ou COM-68224 (colonne ref_area).
Commencez par les vues territory (fiches et indice), indicator (définitions), territory_values (dernières valeurs),
indicator_values (valeurs dans le temps), ranking (classements) et dataset (sources et licences).
Citez la source (colonne dataset), la période (time_period) et le statut (obs_status) de chaque chiffre.
Une valeur absente n’est pas un zéro ; les catégories de territoires ne se classent pas ensemble.
Une réponse trop longue est coupée (truncated) : filtrez, ou prenez les fichiers de /jeux-de-donnees.
"""


@contextmanager
def silent() -> Iterator[None]:
    """Keep the log of the process as it is: a server of the protocol has it print the address of every request."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def refusal(method: str, running: bool) -> Refused | None:
    """Why a request is not handed to the protocol: it has to be sent (POST), to a server that has started."""
    if method != "POST":
        detail = _(
            "Cette adresse est faite pour les assistants (Model Context Protocol), qui lui envoient des questions."
        )
        return Refused("wrong-method", method, ["POST"], detail)
    return None if running else Refused("busy", detail=_("Ce service n’est pas démarré sur ce serveur."))


def read(db: sqlite3.Connection, sql: str, most_rows: int) -> tuple[list[Any], bool, Any]:
    """(rows, whether some are left out, description of the columns) of a query: what holds in MOST_BYTES."""
    cursor = db.execute(sql)
    rows: list[Any] = []
    # Each row is given with the names of its columns.
    names, size = sum(len(column[0]) for column in cursor.description), 0
    for row in cursor:
        size += names + sum(len(value) if isinstance(value, (str, bytes)) else 8 for value in row)
        if size > MOST_BYTES or len(rows) == most_rows:
            return rows, True, cursor.description
        rows.append(row)
    return rows, False, cursor.description
