"""Writes problems as HTML: the fragment that pages of the portal show, and a page that stands alone."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from observatory import languages
from observatory.digest import Group, grouped, summary
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.languages import ngettext
from observatory.problems import HELP, SEVERITIES, Kind, Problem, kinds, publishable

# The portal's own stylesheet, so that the page that stands alone looks like the others.
STYLES = Path(__file__).parent.parent / "static" / "observatoire.css"
FRAGMENT = Path(__file__).parent.parent / "templates" / "_report.html"

PAGE = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Rapport de validation – Observatoire de la maturité numérique des territoires</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{{ styles }}</style>
</head>
<body>
<main>
<div class="wrap">
{{ report }}
{% if kinds %}
<section aria-labelledby="explications">
<h2 id="explications">Explications</h2>
{% for kind in kinds %}
<h3 id="{{ kind.code }}">{{ kind.title }}</h3>
<p>{{ kind.cause }}</p>
<p class="small">{{ severities[kind.severity]|capitalize }} · <code>{{ kind.code }}</code></p>
{% endfor %}
</section>
{% endif %}
</div>
</main>
</body>
</html>
"""


def html_report(problems: Sequence[Problem], help_page: str = HELP, level: int = 2) -> str:
    """A section in the language of the page: a heading of that level, a table for each file, a group for each kind.

    `help_page` is the address of the catalogue of problems, whose anchors are their codes.
    """
    files = [
        (file, [_counted(group) for group in groups])
        for file, groups in groupby(grouped(problems), key=lambda group: group.first.file)
    ]
    return _render(
        FRAGMENT.read_text(encoding="utf-8"),
        files=files,
        summary=summary(problems, explained=""),
        publishable=publishable(problems),
        help=help_page,
        level=level,
    )


def html_page(problems: Sequence[Problem]) -> str:
    """The same report as a page of its own, which asks nothing of any host and explains the kinds that it names."""
    report = html_report(problems, help_page="", level=1)
    styles = STYLES.read_text(encoding="utf-8")
    return _render(PAGE, report=Markup(report), styles=Markup(styles), kinds=list(_kinds(problems)))


def _render(template: str, **words: Any) -> str:
    environment = Environment(autoescape=True, trim_blocks=True, extensions=["jinja2.ext.i18n"])
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"counted": spoken().count, "sentence": _sentence, "translated": languages.data}
    return environment.from_string(template).render(severities=SEVERITIES, **words)


def _counted(group: Group) -> dict[str, Any]:
    """What the fragment shows of a group: problems that say the same thing are one row, with all their places."""
    alike: dict[tuple[str, str, str | None], list[Problem]] = {}
    for entry in group.shown:
        alike.setdefault((*entry.told, entry.correction), []).append(entry)
    rows = [(entries[0], _places(entries)) for entries in alike.values()]
    last = _places(group.problems[-1:])
    return {"first": group.first, "rows": rows, "last": last, "others": group.others, "size": len(group.problems)}


def _places(entries: Sequence[Problem]) -> str:
    """« Lignes 3, 8 à 12 », « Cellule B12 » or « Fichier entier »."""
    if cells := [entry.cell for entry in entries if entry.cell]:
        return ngettext("Cellule {cells}", "Cellules {cells}", len(cells)).format(cells=", ".join(cells))
    if lines := sorted({entry.line for entry in entries if entry.line}):
        return ngettext("Ligne {lines}", "Lignes {lines}", len(lines)).format(lines=", ".join(_ranges(lines)))
    return _("Fichier entier")


def _ranges(lines: list[int]) -> Iterator[str]:
    """Numbers in order, three or more that follow one another as « 8 à 12 »."""
    number = spoken().number
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    for run in runs:
        first, last = number(run[0]), number(run[-1])
        yield from [_("{first} à {last}").format(first=first, last=last)] if len(run) > 2 else map(number, run)


def _sentence(text: str) -> str:
    """The text as a sentence of its own: messages of the catalogue follow a colon elsewhere."""
    return text[:1].upper() + text[1:]


def _kinds(problems: Sequence[Problem]) -> Iterator[Kind]:
    found = {entry.code for entry in problems}
    return (kind for code, kind in kinds().items() if code in found)
