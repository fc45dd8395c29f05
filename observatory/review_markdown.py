"""Writes a review as Markdown for a comment of the forge: bounded, the same for the same inputs, nothing live in it."""

import re

from observatory.problems import visible
from observatory.reports_markdown import BOUND, escaped
from observatory.review import Review
from observatory.review_blocks import Block, Cell, Heading, Inline, Link, Listing, Paragraph, Strong, Table, Text
from observatory.review_document import document

# The first line, by which a bot finds the comment that it has to bring up to date.
MARKER = "<!-- observatoire:revue -->"
LIMITS = (30, 12, 5, 2, 1)
SENTENCE = 1_000
# What a code span of Markdown holds as it is, even in a table.
PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\\n]*[^\s`|\\])?")


def markdown(review: Review, preview: str | None = None) -> str:
    """The review in at most 65,000 characters, lists shortened as far as that asks for."""
    for limit in LIMITS:
        text = "\n\n".join([MARKER, *map(_block, document(review, limit, preview))]) + "\n"
        if len(text) <= BOUND:
            return text
    cut = text[: text.rindex("\n\n", 0, BOUND - 100)]
    return f"{cut}\n\nLa suite ne tient pas dans un commentaire : voir la revue en HTML.\n"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_text(block.text)}"
    if isinstance(block, Paragraph):
        return _text(block.text)
    if isinstance(block, Listing):
        return "\n".join(f"- {'[ ] ' * block.boxes}{_text(item)}" for item in block.items)
    return _table(block)


def _table(block: Table) -> str:
    rules = ["---:" if name in block.numeric else "---" for name in block.header]
    lines = [list(map(escaped, block.header)), rules, *([_text(cell) for cell in row] for row in block.rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"**{escaped(block.title)}**\n\n{table}"


def _text(text: Text) -> str:
    return "".join(map(_inline, text))


def _inline(part: Inline) -> str:
    if isinstance(part, Cell):
        return _cell(part.text)
    if isinstance(part, Strong):
        return f"**{_edges(part.text)}**"
    if isinstance(part, Link):
        return f"[{escaped(part.text)}](<{part.url}>)"
    return _edges(part)


def _edges(text: str) -> str:
    """The text escaped, with the spaces that join it to its neighbours."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{escaped(text, SENTENCE)}{after}" if text.strip() else text


def _cell(text: str) -> str:
    """A code span: forges look for no mention, reference nor link in it."""
    text = visible(text)
    if PLAIN.fullmatch(text):
        return f"`{text}`"
    return f"<code>{_entities(text)}</code>"


def _entities(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign == " " else f"&#{ord(sign)};" for sign in text)
