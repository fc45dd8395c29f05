"""What can be said of many problems at once: their sum, those that repeat themselves, the worst first."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.languages import ngettext
from observatory.problems import SEVERITIES, Problem

REPEATED = 20  # problems of one kind in one column of one file shown in full; the others are counted
RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}
EXPLAINED = "Chaque problème est expliqué dans docs/problems.md."  # on a terminal, in French
Key = tuple[str, str, str | None]


@dataclass(frozen=True)
class Group:
    """Problems of one kind in one column of one file."""

    problems: list[Problem]

    @property
    def first(self) -> Problem:
        """The first of them, which says what they share."""
        return self.problems[0]

    @property
    def shown(self) -> list[Problem]:
        """Those that a report shows in full."""
        return self.problems[:REPEATED]

    @property
    def others(self) -> int:
        """How many are only counted."""
        return max(0, len(self.problems) - REPEATED)


def group_key(entry: Problem) -> Key:
    """What problems must share to be of one group."""
    return entry.file, entry.code, entry.column


def grouped(problems: Iterable[Problem]) -> list[Group]:
    """The problems by file, then kind and column; within a file, the worst groups first."""
    groups: dict[Key, list[Problem]] = {}
    for entry in problems:
        groups.setdefault(group_key(entry), []).append(entry)
    ranked = sorted(groups.values(), key=lambda group: (group[0].file, RANKS[group[0].severity]))
    return [Group(group) for group in ranked]


def worst_first(problems: Iterable[Problem]) -> list[Problem]:
    """Errors, then warnings, then information; within each, one problem of each group before their repetitions."""
    seen: Counter[Key] = Counter()
    ranked = []
    for entry in problems:
        key = group_key(entry)
        ranked.append((RANKS[entry.severity], seen[key], entry))
        seen[key] += 1
    return [entry for _, _, entry in sorted(ranked, key=lambda found: found[:2])]


def summary(problems: Sequence[Problem], explained: str = EXPLAINED) -> str:
    """How many errors, warnings and remarks, what they ask for, and where to read more."""
    found = Counter(entry.severity for entry in problems)
    counts = [told for name in SEVERITIES if (told := _told(name, found[name]))]
    if not counts:
        return _("Tout est en ordre.")
    *others, last = counts
    total = _("{first} et {last}").format(first=", ".join(others), last=last) if others else last
    where = len({entry.file for entry in problems})
    files = ngettext("{size}\u00a0fichier", "{size}\u00a0fichiers", where).format(size=spoken().number(where))
    place = _("{total}, dans {files}.") if found["warning"] else _("{total} dans {files}.")
    end = explained if found["error"] or found["warning"] else _("Rien n'empêche la publication.")
    return f"{place.format(total=total, files=files)} {end}".rstrip()


def _told(severity: str, size: int) -> str:
    """How many problems of that severity, and what they ask for; empty when there are none."""
    sentences = {
        "error": ngettext("{size}\u00a0erreur", "{size}\u00a0erreurs", size),
        "warning": ngettext(
            "{size}\u00a0avertissement à corriger ou à justifier dans accepted",
            "{size}\u00a0avertissements à corriger ou à justifier dans accepted",
            size,
        ),
        "info": ngettext("{size}\u00a0information", "{size}\u00a0informations", size),
    }
    return sentences[severity].format(size=spoken().number(size)) if size else ""
