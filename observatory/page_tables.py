"""Tables of the portal's pages as rows: exactly what is on the screen, numbers as numbers where a column holds them."""

import hashlib
import io
import re
import sqlite3
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import closing
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from observatory import links, outputs
from observatory.downloads import Asked, described, headers
from observatory.images import Rooms
from observatory.languages import gettext as _
from observatory.page_columns import Table, tables
from observatory.problem_details import Refused
from observatory.selections import reader

OFFERED = ("csv", "tableur", "xlsx", "ods", "json", "parquet")
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "pages"
OUTSIDE = ("contribuer", "integrer")  # what a visitor types, what stands in a frame: no tables of ours
NAMED = r"(?![^/]*\.[a-z]{2,}$)[^/.][^/]*"  # a part of an address that is no file
MOST_BYTES = 4_000_000  # of a page; the longest has twenty times less
ROOMS = Rooms()  # where pages are read for their tables: not where they have their images made
# What a page shows: its own dataset or indicator, else those that it leads to.
SHOWN = re.compile(r"/(jeux-de-donnees|indicateurs)/([a-z0-9_-]+)")
HREF = re.compile(r'href="([^"]*)"')


@lru_cache(maxsize=1)
def pages() -> tuple[str, ...]:
    """The addresses of the pages that have tables, one for each template: /territoires/{ref_area}."""
    found = (path.relative_to(TEMPLATES).with_suffix("").as_posix() for path in TEMPLATES.rglob("*.html"))
    return ("/", *sorted(f"/{name}" for name in found if not name.startswith(OUTSIDE)))


@lru_cache(maxsize=1)
def _addresses() -> re.Pattern[str]:
    return re.compile("|".join(re.sub(r"\\{\w+\\}", lambda _found: NAMED, re.escape(page)) for page in pages()))


def readable(page: str) -> bool:
    """Whether it is the address of a page of the portal, whose tables can be asked for."""
    if not page.startswith("/") or page.startswith("//") or "\\" in page or not page.isprintable():
        return False
    return _addresses().fullmatch(links.split(unquote(urlsplit(page).path))[1]) is not None


@dataclass
class Bounded:
    """An application whose answers have no more than MOST_BYTES, and the size that its answer had."""

    app: Callable[..., Awaitable[None]]
    size: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        """Answer, without what is beyond."""

        async def measured(event: Mapping[str, Any]) -> None:
            self.size += len(event.get("body", b""))
            await send({**event, "body": b""} if self.size > MOST_BYTES else event)

        await self.app(scope, receive, measured)


async def read(client: Any, page: str) -> str:
    """The page at that address for the client of Datasette; `Refused` when it is no page, or too long a one.

    Two are read at a time, whoever asks.
    """
    if not readable(page):
        raise Refused(
            "unknown-resource", page, pages(), _("Les tableaux à télécharger sont ceux des pages du portail.")
        )
    # Another client, whose application is ours.
    client = copy(client)
    client.app = bounded = Bounded(client.app)
    answer = await client.get(page)
    if bounded.size > MOST_BYTES:
        raise Refused("too-much", page, detail=_("Cette page est trop longue pour que ses tableaux se téléchargent."))
    if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith("text/html"):
        raise Refused("unknown-resource", page, pages(), _("Rien ne se trouve à l’adresse de cette page."))
    return str(answer.text)


def datasets(connection: sqlite3.Connection, page: str, html: str) -> set[str]:
    """The names of the datasets that the page shows: that of its address, else all those that it leads to."""
    main = html.partition("<main")[2].partition("</main>")[0]
    own = SHOWN.search(urlsplit(page).path)
    found = [own] if own else [one for link in HREF.findall(main) if (one := SHOWN.match(links.split(link)[1]))]
    named = {kind: {one[2] for one in found if one[1] == kind} for kind in ("jeux-de-donnees", "indicateurs")}
    fed = connection.execute("select indicator, dataset from indicator_sources").fetchall()
    return named["jeux-de-donnees"] | {dataset for code, dataset in fed if code in named["indicateurs"]}


def asked(table: Table, page: str, told: Collection[str] = ()) -> Asked:
    """The rows of the table, for `downloads.described`; `told` are the datasets that its page shows."""
    heads, columns = table.columns()
    rows = list(zip(*columns, strict=True))
    return Asked(heads, lambda: iter(rows), page, title=table.label, count=len(rows), told=told)


def written(html: str, label: str, word: str, path: str | Path, page: str) -> tuple[bytes, dict[str, str]]:
    """The file of the table of that label in that page, and its headers: its name, its licences.

    `Refused` when the page has no such table.
    """
    found = {one.label: one for one in reversed(tables(html))}
    if label not in found:
        said = _("Cette page n’a pas ce tableau, ou ne l’a plus.")
        raise Refused("unknown-resource", label, list(found)[::-1], said)
    table = found[label]
    with closing(reader(path)()) as connection:
        connection.row_factory = sqlite3.Row
        told = datasets(connection, page, html)
        download, target = described(connection, asked(table, page, told)), io.BytesIO()
    chosen = outputs.named(word)
    table.whole = urljoin(page, table.whole) if table.whole else ""
    about, notes = {**download.about, **table.about()}, [*table.said(), *download.notes]
    chosen.write(replace(download, dictionary=[], heads=(), about=about, notes=notes), target)
    base = re.sub(r"[^a-z0-9]+", "-", urlsplit(page).path.lower()).strip("-")[:60] or "accueil"
    named = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    named = re.sub(r"[^a-z0-9]+", "-", named).strip("-")[:60]
    body, name = target.getvalue(), f"{base}-{named}{chosen.ENDING}"
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # The page itself says where its table comes from.
    download = replace(download, described_by=[quote(page, safe="/:?&=%,@~-._+"), *download.described_by])
    return body, headers(download, name, tag, Path(path).stat().st_mtime) | _extent(table)


def _extent(table: Table) -> dict[str, str]:
    """The header that says which rows of a paged table are given: what a CSV file cannot say."""
    told = table.extent()
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
