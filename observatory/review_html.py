"""Writes a review as a page that stands alone: no script, no address of another host but the preview's."""

from collections.abc import Sequence
from html import escape

from observatory.french import typeset
from observatory.problems import visible
from observatory.reports_html import STYLES
from observatory.review import Review
from observatory.review_blocks import Block, Cell, Heading, Inline, Link, Listing, Paragraph, Strong, Table, Text
from observatory.review_document import document

LIMIT = 200
PAGE = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Revue de la contribution – Observatoire de la maturité numérique des territoires</title>
<style>{styles}
.verdict {{ padding: .8rem 1rem; border-left: .35rem solid #b3261e; background: #fdf1f0; max-width: none; }}
.verdict.ok {{ border-color: #18753c; background: #eef7f1; }}
.boxes {{ list-style: none; padding: 0; }}
.boxes label {{ font-weight: normal; }}
code {{ overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
<div class="wrap">
{body}
</div>
</main>
</body>
</html>
"""


def html(review: Review, preview: str | None = None) -> str:
    """The review as a page, its lists shortened at two hundred rows."""
    blocks = document(review, LIMIT, preview)
    styles = STYLES.read_text(encoding="utf-8")
    return PAGE.format(styles=styles, body="\n".join(_block(block, review.publishable) for block in blocks))


def _block(block: Block, publishable: bool) -> str:
    if isinstance(block, Heading):
        level = block.level - 1  # a comment begins at level 2, a page at level 1
        return f"<h{level}>{_text(block.text)}</h{level}>"
    if isinstance(block, Paragraph):
        whole = len(block.text) == 1 and isinstance(block.text[0], Strong)
        kind = f' class="verdict{" ok" if publishable else ""}"' if whole else ""
        return f"<p{kind}>{_text(block.text)}</p>"
    if isinstance(block, Listing):
        return _listing(block)
    return _table(block)


def _listing(block: Listing) -> str:
    if not block.boxes:
        return "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in block.items) + "</ul>"
    items = "".join(f'<li><label><input type="checkbox"> {_text(item)}</label></li>' for item in block.items)
    return f'<ul class="boxes">{items}</ul>'


def _table(block: Table) -> str:
    kinds = [' class="num"' if name in block.numeric else "" for name in block.header]
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in zip(kinds, block.header, strict=True))
    rows = "\n".join(_row(block.header, kinds, row) for row in block.rows)
    title = escape(typeset(block.title))
    return (
        f'<div class="scroll" role="region" aria-label="{title}" tabindex="0"><table class="stack">\n'
        f"<caption>{title}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(header: Sequence[str], kinds: Sequence[str], row: Sequence[Text]) -> str:
    """A row whose first cell names it; on a telephone each cell is led by the name of its column."""
    cells = [
        f'<td{kind} data-label="{escape(name)}">{_text(cell)}</td>'
        for name, kind, cell in zip(header[1:], kinds[1:], row[1:], strict=True)
    ]
    return f'<tr><th scope="row">{_text(row[0])}</th>{"".join(cells)}</tr>'


def _text(text: Text) -> str:
    return "".join(map(_inline, text))


def _inline(part: Inline) -> str:
    if isinstance(part, Cell):
        return f"<code>{escape(visible(part.text))}</code>"
    if isinstance(part, Strong):
        return f"<strong>{escape(typeset(part.text))}</strong>"
    if isinstance(part, Link):
        return f'<a href="{escape(part.url)}" rel="noreferrer">{escape(part.text)}</a>'
    return escape(typeset(part))
