"""Tables of the portal's pages as rows: exactly what is on the screen, numbers as numbers where a column holds them."""

import hashlib
import io
import re
import sqlite3
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from observatory import languages, links, outputs
from observatory.downloads import Asked, described, headers
from observatory.images import Rooms
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.selections import reader

OFFERED = ("csv", "tableur", "xlsx", "ods", "json", "parquet")
DRAWN = {"svg", "script", "style", "template"}  # what a drawing says is in the cells beside it
NONE = {"", "—", "–"}
FRENCH = re.compile(
    r"([+−-]?)((?:[1-9]\d{0,2}(?:[\u202f\u00a0]\d{3})+|[1-9]\d*|0)(?:,\d+)?)(?:[\u202f\u00a0 ](\D{1,20}))?"
)
ENGLISH = re.compile(r"([+−-]?)((?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*|0)(?:\.\d+)?)(?:[\u202f\u00a0 ]?(\D{1,20}))?")
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "pages"
OUTSIDE = ("contribuer", "integrer")  # what a visitor types, what stands in a frame: no tables of ours
NAMED = r"(?![^/]*\.[a-z]{2,}$)[^/.][^/]*"  # a part of an address that is no file
MOST_BYTES = 4_000_000  # of a page; the longest has twenty times less
ROOMS = Rooms()  # where pages are read for their tables: not where they have their images made
# What a page shows: its own dataset or indicator, else those that it leads to.
SHOWN = re.compile(r"/(jeux-de-donnees|indicateurs)/([a-z0-9_-]+)")
HREF = re.compile(r'href="([^"]*)"')


@dataclass
class Table:
    """A table of a page: the label of its region, its headings, the text of its cells."""

    label: str
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def columns(self) -> tuple[list[str], list[list[Any]]]:
        """Headings and columns; the unit that all the numbers of a column share goes to its heading."""
        width = max([len(self.heads), *map(len, self.rows)], default=0)
        heads = [*self.heads, *("" for _place in range(width - len(self.heads)))]
        columns = [_numbers([row[place] if place < len(row) else "" for row in self.rows]) for place in range(width)]
        named = [f"{head} ({unit})" if unit else head for head, (_values, unit) in zip(heads, columns, strict=True)]
        return [name or f"{_('Colonne')} {n}" for n, name in enumerate(named, start=1)], [c[0] for c in columns]


def tables(html: str) -> list[Table]:
    """The tables of the page, in its order: those of the regions that scroll, which say their name."""
    reader = _Reader()
    reader.feed(html)
    return reader.found


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
    with closing(reader(path)()) as connection:
        connection.row_factory = sqlite3.Row
        told = datasets(connection, page, html)
        download, target = described(connection, asked(found[label], page, told)), io.BytesIO()
    chosen = outputs.named(word)
    chosen.write(replace(download, dictionary=[], heads=()), target)
    base = re.sub(r"[^a-z0-9]+", "-", urlsplit(page).path.lower()).strip("-")[:60] or "accueil"
    named = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    named = re.sub(r"[^a-z0-9]+", "-", named).strip("-")[:60]
    body, name = target.getvalue(), f"{base}-{named}{chosen.ENDING}"
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # The page itself says where its table comes from.
    download = replace(download, described_by=[quote(page, safe="/:?&=%,@~-._+"), *download.described_by])
    return body, headers(download, name, tag, Path(path).stat().st_mtime)


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


def _numbers(texts: Sequence[str]) -> tuple[list[Any], str]:
    """The values of a column and the unit of its numbers; its texts when one of them is no number."""
    form = FRENCH if languages.current() == languages.SOURCE else ENGLISH
    found = [None if text in NONE else form.fullmatch(text) for text in texts]
    units = {match[3] or "" for match in found if match}
    if len(units) != 1 or any(match is None and text not in NONE for match, text in zip(found, texts, strict=True)):
        return [text or None for text in texts], ""
    return [_value(match) if match else None for match in found], units.pop().strip()


def _value(match: re.Match[str]) -> int | float:
    text = re.sub(r"[\u202f\u00a0]", "", match[2])
    text = text.replace(",", ".") if languages.current() == languages.SOURCE else text.replace(",", "")
    number = float(text) if "." in text else int(text)
    return -number if match[1] in ("-", "−") else number


class _Reader(HTMLParser):
    """Gathers tables from the events of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Table] = []
        self._label = ""
        self._table: Table | None = None
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span, self._drawn, self._head = 1, 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div" and "scroll" in (given.get("class") or "").split():
            self._label = given.get("aria-label") or ""
        elif tag == "table" and self._label:
            self._table, self._label = Table(self._label), ""
        elif self._table is not None:
            self._inside(tag, given)

    def _inside(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in DRAWN:
            self._drawn += 1
        elif tag == "thead":
            self._head = True
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._cell, self._span = [], int(given.get("colspan") or 1)
        elif self._cell is not None and tag in ("br", "p", "div", "li"):
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._table is None:
            return
        if tag in DRAWN:
            self._drawn -= 1
        elif tag == "thead":
            self._head = False
        elif tag in ("td", "th") and self._row is not None and self._cell is not None:
            # Narrow and hard spaces stay: they tell numbers.
            text = re.sub(r"[ \t\r\n]+", " ", "".join(self._cell)).strip(" ")
            self._row += [text, *[""] * (self._span - 1)]
            self._cell = None
        elif tag == "tr" and self._row is not None:
            self._end_row(self._table, self._row)
        elif tag == "table":
            self.found.append(self._table)
            self._table = None

    def _end_row(self, table: Table, row: list[str]) -> None:
        if self._head:
            table.heads = row
        elif row:
            table.rows.append(row)
        self._row = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._drawn:
            self._cell.append(data)
