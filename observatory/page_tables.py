"""Tables of the portal's pages as rows: exactly what is on the screen, numbers as numbers where a column holds them."""

import io
import re
import sqlite3
import unicodedata
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from observatory import links, outputs
from observatory.downloads import Asked, described
from observatory.languages import gettext as _
from observatory.page_columns import Table, tables
from observatory.problem_details import Refused
from observatory.selections import reader

OFFERED = ("csv", "tableur", "xlsx", "ods", "json", "parquet")
# Pages of the portal: neither the database, which has its own files, nor what is no page.
OUTSIDE = re.compile(r"(?:/en)?/(?:/|tableaux|donnees|-/|static/|integrer/|graphiques/|contribuer)")


def readable(page: str) -> bool:
    """Whether it is the address of a page of the portal, whose tables can be asked for."""
    return page.startswith("/") and not OUTSIDE.match(page) and "\\" not in page and page.isprintable()


def asked(table: Table, page: str) -> Asked:
    """The rows of the table, for `downloads.described`."""
    heads, columns = table.columns()
    rows = list(zip(*columns, strict=True))
    return Asked(heads, lambda: iter(rows), page, title=table.label, count=len(rows))


def written(html: str, label: str, word: str, path: str | Path, page: str) -> tuple[bytes, str] | None:
    """The file of the table of that label in that page, and its name; None when the page has no such table."""
    table = next((one for one in tables(html) if one.label == label), None)
    if table is None:
        return None
    with closing(reader(path)()) as connection:
        connection.row_factory = sqlite3.Row
        download, target = described(connection, asked(table, page)), io.BytesIO()
    chosen = outputs.named(word)
    table.whole = urljoin(page, table.whole) if table.whole else ""
    about, notes = {**download.about, **table.about()}, [*table.said(), *download.notes]
    chosen.write(replace(download, dictionary=[], heads=(), about=about, notes=notes), target)
    base = re.sub(r"[^a-z0-9]+", "-", urlsplit(page).path.lower()).strip("-")[:60] or "accueil"
    named = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    named = re.sub(r"[^a-z0-9]+", "-", named).strip("-")[:60]
    return target.getvalue(), f"{base}-{named}{chosen.ENDING}"


def ranges(html: str, label: str) -> dict[str, str]:
    """The header that says which rows of a paged table are given: what a CSV file cannot say."""
    told = next((one.extent() for one in tables(html) if one.label == label), {})
    return {"Content-Range": f"rows {told['first'] - 1}-{told['last'] - 1}/{told['total']}"} if told else {}


def refusal(word: str) -> Refused:
    """Why there is no file of that format."""
    said = _("Les formats possibles : {formats}.").format(formats=", ".join(OFFERED))
    return Refused("unknown-format", word, OFFERED, said)


def files(page: str, label: str) -> list[tuple[str, str]]:
    """Name and address of each file of the table of that label, for its page."""
    asking = urlencode({"page": links.here(page), "tableau": label})
    return [(outputs.title(word), f"/tableaux.{word}?{asking}") for word in OFFERED]


def address(scope: Mapping[str, Any]) -> str:
    """The address of a request without its language: path and query."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = quote(scope.get("path", "/"), safe="/%:,@~-._")
    return f"{path}?{query}" if query else path
