"""What a file of /donnees is asked, checked before it is written: names, operators and codes of filters, and pages.

Datasette leaves out what it does not understand, and the file would hold other rows than those that were asked for.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from urllib.parse import parse_qsl

from observatory import lost
from observatory.api_filters import suggestions
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.selections import Selection
from observatory.selections_asked import Source

OPERATORS = (
    "exact", "not", "contains", "endswith", "startswith", "gt", "gte", "lt", "lte", "like", "notlike", "glob",
    "in", "notin", "arraycontains", "arraynotcontains", "date", "isnull", "notnull", "isblank", "notblank",
)  # fmt: skip
# Parameters that are no filters: those of Datasette, and those of the map and of the chart of a page.
SPECIAL = {
    "_size", "_next", "_sort", "_sort_desc", "_sort_by_desc", "_facet", "_facet_array", "_facet_date",
    "_facet_size", "_nofacet", "_nosuggest", "_nocount", "_col", "_nocol", "_where", "_through", "_search",
    "_searchmode", "_label", "_labels", "_shape", "_json", "_json_infinity", "_nl", "_stream", "_dl",
    "_header", "_timelimit", "_trace", "_ttl", "_extra", "_format", "_carte", "_graphique", "_top",
}  # fmt: skip
PREFIXES = ("_search_", "_filter_")
# Where the codes are of the columns that name something, in views too, which declare no key.
CODES = {
    "ref_area": ("territories", "ref_area"),
    "indicator": ("indicators", "code"),
    "domain": ("domains", "code"),
    "dataset": ("datasets", "name"),
}
PARAMETER = re.compile(r"[:@$]([A-Za-z_]\w*)")


def check(source: Source, table: str, query: str, searched: bool = False) -> None:
    """Refused for the first thing in the query of an address that a table or view cannot be asked.

    `searched` says that the table has an index of words.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs:
        return
    with closing(source.connect()) as db:
        about = db.execute("select name, pk from pragma_table_info(?) order by pk, cid", [table]).fetchall()
        columns, keys = [row[0] for row in about], [row[0] for row in about if row[1]]
        if not columns:
            return  # no table of this database: something else says so
        codes = _codes(db, table, columns)
        for name, value in pairs:
            if name.startswith("_") and "__" not in name:
                _special(name)
                if name.startswith("_search") and not searched:
                    said = _("{table} ne se cherche pas par mots : filtrez une de ses colonnes.")
                    raise Refused("unknown-filter", name, columns, said.format(table=table))
                if name == "_next" and not _is_page(db, table, keys, value):
                    raise Refused("unknown-page", value)
                continue
            column, operator = _filter(name, table, [*columns, "rowid"])
            if column in codes and operator in ("exact", "in"):
                _exist(db, Selection(source.connect, f'select 1 from "{table}" where "{column}" = ? limit 1'),  # noqa: S608
                       column, codes[column], _values(operator, value))  # fmt: skip


def check_query(sql: str, query: str) -> None:
    """The same of a query in SQL, whose filters are its parameters; without one, there are no rows to write."""
    if not sql.strip():
        said = _("Aucune requête n’est donnée. Écrivez-la dans l’adresse (?sql=…), ou demandez une table : {example}.")
        raise Refused("failed-query", detail=said.format(example="/donnees/observations.csv"))
    known = {"sql", *PARAMETER.findall(sql)}
    for name, _value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            _special(name, sorted(known))


def _special(name: str, known: Iterable[str] = ()) -> None:
    if name not in SPECIAL and not name.startswith(PREFIXES):
        said = _("« {name} » n’est pas un paramètre de cette adresse.").format(name=name[:60])
        raise Refused("unknown-filter", name, [*known, *sorted(SPECIAL)], said)


def _filter(name: str, table: str, columns: Sequence[str]) -> tuple[str, str]:
    """The column and the operator of a filter."""
    column, under, operator = name.rpartition("__") if "__" in name else (name, "", "exact")
    if column not in columns:
        said = _("« {name} » n’est pas un paramètre de {resource}.").format(name=name[:60], resource=table)
        raise Refused("unknown-filter", name, columns[:-1], said)
    if operator not in OPERATORS:
        said = _("« {operator} » n’est pas une façon de filtrer une colonne.").format(operator=operator[:60])
        raise Refused("unknown-filter", name, [f"{column}{under}{one}" for one in OPERATORS], said)
    return column, operator


def _codes(db: sqlite3.Connection, table: str, columns: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """The table and the column of the codes of each column that holds some."""
    listed = set(CODES.values())
    keys = db.execute('select "from", "table", "to" from pragma_foreign_key_list(?)', [table]).fetchall()
    found = {name: CODES[name] for name in CODES if name in columns}
    return found | {row[0]: (row[1], row[2]) for row in keys if (row[1], row[2]) in listed}


def _values(operator: str, text: str) -> list[str]:
    """The values of a filter; a list in JSON that is not one is left for Datasette to refuse."""
    if operator == "exact":
        return [text] if text else []
    if not text.startswith("["):
        return text.split(",")
    try:
        return [str(value) for value in json.loads(text)]
    except ValueError:
        return []


def _exist(
    db: sqlite3.Connection, rows: Selection, column: str, listed: tuple[str, str], values: Sequence[str]
) -> None:
    """Refuse the first value that is neither a code of the list nor one that a row still has: codes may be retired."""
    table, code = listed
    for value in values:
        if db.execute(f'select 1 from "{table}" where "{code}" = ?', [value]).fetchone():  # noqa: S608
            continue
        if next(iter(Selection(rows.connect, rows.sql, [value]).rows()), None):
            continue
        if table == "territories":
            raise Refused("unknown-code", value, *suggestions(db, value))
        said = _("« {value} » n’est pas une valeur de {name}.").format(value=value[:60], name=column)
        known = [str(row[0]) for row in db.execute(f'select "{code}" from "{table}" order by 1')]  # noqa: S608
        raise Refused("unknown-code", value, known, said)


def _is_page(db: sqlite3.Connection, table: str, keys: Sequence[str], text: str) -> bool:
    """Whether a page follows the row that `_next` names, by its key after the value that sorts it; "" is the first."""
    if not text:
        return True
    if db.execute("select type from sqlite_master where name = ?", [table]).fetchone()[0] == "view":
        return text.isascii() and text.isdigit() and len(text) < 16  # how many rows come before
    names, parts = keys or ["rowid"], [lost.decoded(part) for part in text.split(",")]
    if len(parts) not in (len(names), len(names) + 1):
        return False
    where = " and ".join(f'"{name}" = ?' for name in names)
    return db.execute(f'select 1 from "{table}" where {where}', parts[-len(names) :]).fetchone() is not None  # noqa: S608
