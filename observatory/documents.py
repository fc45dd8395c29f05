"""Documents whose numbers come from the database just built: prose in docs/*.md.jinja, figures from its tables."""

import re
import sqlite3
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from observatory import french, languages
from observatory.formats import spoken
from observatory.model import Framework
from observatory.provenance import fingerprint

# What a document says of where its figures come from; the fingerprints are those of the table `provenance`.
STAMP = "Chiffres de la base construite avec la méthode `{method}` et les données `{data}`, texte `{text}`."
ENGLISH_STAMP = "Figures of the database built with the method `{method}` and the data `{data}`, text `{text}`."
STAMPED = re.compile(r"(?:méthode|method) `([0-9a-f]*)` [\w ]* `([0-9a-f]*)`, texte? `([0-9a-f]*)`\.")
FORMATS = ("number", "compact", "quantity", "percent", "ordinal", "period", "word", "capital")


def document_rows(
    root: Path, connection: sqlite3.Connection, framework: Framework, provenance: dict[str, str]
) -> Iterator[dict[str, str]]:
    """Rows of the table `documents`: each docs/*.md.jinja filled from the open database, in Markdown and in HTML.

    A file that ends in .en.md.jinja is the English twin of the one without.

    `provenance` holds the rows of that table. Raises jinja2.UndefinedError on a name that the template makes up.
    """
    for path in sorted((root / "docs").glob("*.md.jinja")):
        name = path.name.removesuffix(".md.jinja")
        language = "en" if name.endswith(".en") else languages.SOURCE
        stamp = {"fr": STAMP, "en": ENGLISH_STAMP}[language].format(
            method=provenance["method_sha256"][:16],
            data=provenance["datasets_sha256"][:16],
            text=fingerprint([path])[:16],
        )
        with languages.speaking(language):
            environment = _environment(root / "docs", connection)
            environment.globals["framework"] = framework
            markdown = environment.get_template(path.name).render(stamp=stamp)
            page = html(markdown)
        title = markdown.split("\n", 1)[0].lstrip("# ")
        yield {"name": name, "title": title, "markdown": markdown + "\n", "html": page}


def same_but_data(old: str, new: str) -> bool:
    """Whether an older text is still true: same method and same prose, dated by the data that it names."""
    before, now = STAMPED.search(old), STAMPED.search(new)
    if before is None or now is None or before[2] == now[2]:
        return old == new
    return (before[1], before[3]) == (now[1], now[3])


def _environment(folder: Path, connection: sqlite3.Connection) -> Environment:
    environment = Environment(  # noqa: S701 (Markdown; the HTML is made from it with raw HTML turned off)
        loader=FileSystemLoader(folder), undefined=StrictUndefined, keep_trailing_newline=False
    )
    formats = spoken()
    environment.filters.update({name: getattr(formats, name) for name in FORMATS})
    environment.filters["counted"] = formats.count
    environment.filters["median"] = _median

    def rows(sql: str, **values: Any) -> list[dict[str, Any]]:
        cursor = connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, map(_said, row), strict=True)) for row in cursor]

    def row(sql: str, **values: Any) -> dict[str, Any] | None:
        return next(iter(rows(sql, **values)), None)

    environment.globals.update(rows=rows, row=row)
    return environment


def _said(value: Any) -> Any:
    return languages.data(value) if isinstance(value, str) else value


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


class _Renderer(RendererHTML):
    """HTML of a page of the portal: headings have anchors, wide tables scroll under the name of their heading."""

    def text(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        content = tokens[place].content
        return escapeHtml(spoken().typeset(content))

    def heading_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        env["heading"], env["tables"] = tokens[place + 1].content, 0
        return f'<{tokens[place].tag} id="{french.key(env["heading"]).replace(" ", "-")}">'

    def table_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        label = self.renderInlineAsText(MarkdownIt().parseInline(env["heading"])[0].children or [], options, env)
        env["tables"] += 1
        number = f" {env['tables']}" if env["tables"] > 1 else ""
        title = languages.gettext("Tableau")
        return f'<div class="scroll" role="region" tabindex="0" aria-label="{title}{number} : {label}"><table>'

    def table_close(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return _cell("th", tokens[place]).replace("<th", '<th scope="col"')

    def td_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return _cell("td", tokens[place])


def _cell(tag: str, token: Token) -> str:
    return f'<{tag} class="num">' if "right" in str(token.attrGet("style")) else f"<{tag}>"


def html(markdown: str) -> str:
    """HTML of a document of ours (raw HTML in it stays text), without its first heading, which the page carries."""
    reader = MarkdownIt("js-default", {"html": False, "linkify": False}, renderer_cls=_Renderer)
    return str(reader.render(markdown.split("\n", 1)[1], {"heading": "", "tables": 0}))
