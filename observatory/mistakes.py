"""What a visitor asked that the site cannot do, in words: Datasette and SQLite say it in English, or fail."""

import json
import re
import sqlite3
from collections.abc import Callable, Collection

from observatory import languages, lost, outputs
from observatory.languages import gettext as _
from observatory.problem_details import KINDS, Refused
from observatory.problem_road import machine, of_status

Said = Callable[[re.Match[str]], str]

# SQLite keeps the message of a function to itself: this one tells nobody anything.
RAISED = "user-defined function raised exception"
# What Datasette and SQLite say (from the beginning), and what is answered in its place.
SENTENCES: list[tuple[re.Pattern[str], Said]] = [
    (
        re.compile(r"_size must be <= (\d+)"),
        lambda m: _(
            "Une page montre {n} lignes au plus. Pour en avoir davantage, téléchargez la table entière."
        ).format(n=m[1]),
    ),
    (
        re.compile(r"_size must be a positive"),
        lambda m: _("Le nombre de lignes par page (_size) s’écrit en chiffres, et il est positif."),
    ),
    (
        re.compile(r"no such column: (\S+)"),
        lambda m: _("Il n’y a pas de colonne « {name} » ici.").format(name=m[1][:60]),
    ),
    (
        re.compile(RAISED),
        lambda m: _(
            "Une fonction de cette requête a reçu des options impossibles. "
            "« select maturity_check(options) » dit lesquelles et pourquoi ; "
            "« select maturity_check(categorie, options) » vérifie aussi la catégorie."
        ),
    ),
    (
        re.compile(r"ambiguous column name: (?:.*\.)?(.+)"),
        lambda m: _(
            "Plusieurs tables de la requête ont une colonne « {name} » : écrivez devant elle "
            "le nom de la table voulue, comme dans table.{name}."
        ).format(name=m[1][:60]),
    ),
    (
        re.compile(r"no such table: (?:main\.)?(.+)"),
        lambda m: _("Il n’y a ni table ni vue « {name} » dans la base.").format(name=m[1][:60]),
    ),
    (
        re.compile(r"no such function: (.+)"),
        lambda m: _("La base n’a pas de fonction « {name} ».").format(name=m[1][:60]),
    ),
    (
        re.compile(r"wrong number of arguments to function (.+)\(\)"),
        lambda m: _("La fonction « {name} » ne prend pas ce nombre de valeurs.").format(name=m[1][:60]),
    ),
    (
        re.compile(r"misuse of (?:aggregate|window)(?: function|:) (.+)\(\)"),
        lambda m: _(
            "La fonction « {name} », qui résume plusieurs lignes, ne peut pas être à cet endroit de la requête."
        ).format(name=m[1][:60]),
    ),
    (
        re.compile(r'near "(.+)": syntax error', re.S),
        lambda m: _("La requête ne se comprend pas à partir de « {name} ».").format(name=m[1][:60]),
    ),
    (
        re.compile(r'unrecognized token: "(.+)"', re.S),
        lambda m: _(
            "La requête ne se comprend pas à partir de « {name} » : "
            "un guillemet ou une apostrophe y reste peut-être ouvert."
        ).format(name=m[1][:60]),
    ),
    (
        re.compile(r"incomplete input"),
        lambda m: _("La requête n’est pas finie : il lui manque quelque chose à la fin."),
    ),
    (
        re.compile(r"You can only execute one statement at a time"),
        lambda m: _("Une seule requête se pose à la fois : gardez ce qui est avant le premier point-virgule."),
    ),
    (
        re.compile(r"\d+.. (ORDER|GROUP) BY term out of range - should be between 1 and (\d+)"),
        lambda m: _("« {name} by » désigne une colonne par un numéro qui va de 1 à {most}.").format(
            name=m[1].lower(), most=m[2]
        ),
    ),
    (
        re.compile(r"SELECTs to the left and right of (.+) do not have the same number"),
        lambda m: _("Les deux requêtes que joint « {name} » n’ont pas le même nombre de colonnes.").format(
            name=m[1].lower()
        ),
    ),
    (
        re.compile(r"sub-select returns (\d+) columns"),
        lambda m: _("La requête entre parenthèses donne {n} colonnes, là où une seule a un sens.").format(n=m[1]),
    ),
    (
        re.compile(r"malformed JSON"),
        lambda m: _("Cette colonne ne contient pas de listes : ses valeurs se comptent avec _facet."),
    ),
    (
        re.compile(r"_(?:no)?col=(.*) - invalid columns", re.S),
        lambda m: _("On ne peut ni choisir ni retirer la colonne « {name} » de cette table.").format(name=m[1][:60]),
    ),
    (
        re.compile(r"Statement must be a SELECT|Statement may not contain PRAGMA|Invalid SQL"),
        lambda m: _("Seules les requêtes qui lisent la base (select) sont acceptées."),
    ),
    (
        re.compile(r"\s*<p>SQL query took too long|interrupted"),
        lambda m: _("La requête a été interrompue : elle durait trop longtemps. Ajoutez un filtre ou une limite."),
    ),
    (
        re.compile(r"unterminated string|fts5: syntax error|unknown special query"),
        lambda m: _("L’expression de recherche n’est pas complète : un guillemet ou une parenthèse y reste ouvert."),
    ),
    (
        re.compile(r"string or blob too big"),
        lambda m: _("La requête fabrique une valeur trop longue pour ce serveur."),
    ),
]
# Parameters that Datasette reads without checking them, and what they hold.
READ_RAW = {"_timelimit": ValueError, "_through": Exception, "_search": ValueError}
# Filters whose value begins as a list in JSON and does not end as one.
LISTS = re.compile(r".+__(?:not)?in$")
# A file of the database or of a page: the table, the format.
FILE = re.compile(r"/(?:donnees|tableaux)/?([^/.]*)(?:/[^/]*)?\.([a-z]{1,12})")
LONGEST = 20_000_000
UNSORTABLE = re.compile(r"Cannot sort table by (.*)", re.S)
TWO_SORTS = "Cannot use _sort and _sort_desc at the same time"


def in_words(message: str) -> str | None:
    """The sentence for a message of Datasette or SQLite, None when there is none for it."""
    for pattern, said in SENTENCES:
        if found := pattern.match(message):
            return said(found)
    return None


def refused(path: str, asked: Collection[str], exception: Exception, missing: bool) -> tuple[int, str] | None:
    """Status and sentence of what a visitor got wrong, None when the exception is a true fault of the site.

    `asked` are the names of the parameters; `missing` says that the exception is that of a page that is not there.
    """
    if isinstance(exception, Refused):
        mending = languages.data(KINDS[exception.kind].mending)
        said = f"{exception.detail} {mending}" if exception.status == 503 else exception.detail or mending
        return exception.status, said.strip()
    if found := mistake(path, asked, exception):
        return found
    if missing:
        return _nowhere(path, exception)
    message = str(getattr(exception, "message", ""))
    if column := UNSORTABLE.fullmatch(message):
        said = _("On ne peut pas trier cette table selon « {column} » : elle n’a pas cette colonne.")
        return 400, said.format(column=column[1])
    if message == TWO_SORTS:
        return 400, _("Une table se trie selon une seule colonne : gardez _sort ou _sort_desc, pas les deux.")
    # The key of a row has fewer parts in the address than in the table.
    if isinstance(exception, sqlite3.ProgrammingError) and re.match(r"/donnees/[^/]+/.", path):
        return 404, _("Aucune ligne de cette table n’a cette clé. L’adresse d’une ligne donne sa clé entière.")
    return None


def _nowhere(path: str, exception: Exception) -> tuple[int, str]:
    if not lost.readable(lost.decoded(path)):
        return 404, _("Cette adresse contient un identifiant illisible.")
    said = lost.plain(exception.args[0]) if exception.args else ""
    nowhere = _("Rien ne se trouve à cette adresse. Le lien est peut-être incomplet.")
    return 404, said if said.endswith(".") else nowhere


def problem(path: str, accept: str, exception: Exception, found: tuple[int, str]) -> Refused | None:
    """The refusal as a machine reads it, when it asked for a file or for JSON; None for a reader."""
    if not machine(path, accept):
        return None
    if isinstance(exception, Refused):
        return exception
    status, said = found
    named = FILE.fullmatch(path)
    if named and status == 404 and named[2] not in outputs.FORMATS:
        return Refused("unknown-format", named[2], outputs.FORMATS)
    return of_status(status, said, (named[1] if named else lost.decoded(path)) if status == 404 else "")


def mistake(path: str, asked: Collection[str], exception: Exception) -> tuple[int, str] | None:
    """Status and sentence of what a visitor of /donnees got wrong; None when the exception says something else."""
    if not re.match(r"/donnees(?:[/.]|$)", path):
        return None
    message = str(getattr(exception, "message", exception))
    if message.startswith("no such table") and path.count("/") > 2:
        return 404, _("Cette table n’existe pas, ou n’existe plus.")
    if said := in_words(message):
        return 400, said
    for name, kind in READ_RAW.items():
        if name in asked and isinstance(exception, kind) and not isinstance(exception, sqlite3.Error):
            return 400, _("Le paramètre {name} de l’adresse n’a pas la forme attendue.").format(name=name)
    if isinstance(exception, json.JSONDecodeError) and (names := [n for n in asked if LISTS.match(n)]):
        said = _("La liste donnée à {name} n’est pas complète : écrivez des valeurs séparées par des virgules.")
        return 400, said.format(name=names[0][:60])
    return None


def bounded(connection: sqlite3.Connection) -> None:
    """Keep one query from filling the memory: a text or blob that it makes has at most LONGEST bytes."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
