"""The report.md of a bundle: what an editor reads before the files. Bounded, with nothing live in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from observatory.french import compact, count, number
from observatory.reports_markdown import escaped

MOST = 50  # rows, then scores, written one by one
REVIEW = (
    "Pour relire : sur une branche, la forge ouvre la revue ; d’un dossier, copiez ses fichiers `datasets/` sur une "
    "branche, puis lancez `make review HEAD=ma-branche`."
)


def written_report(weight: Mapping[str, Any], justification: str) -> str:
    """The report of the rows that `seal` weighed: problems, differences, scores, and why what surprises is right."""
    parts = [weight["reports"]["report.md"].rstrip(), REVIEW]
    if justification:
        parts += ["## Pourquoi les valeurs signalées sont justes", escaped(justification, 500)]
    parts += ["## Différence avec ce qui est publié", _listed(_rows(weight["difference"]), _count(weight))]
    effect = weight["effect"]
    parts.append("## Effet")
    if effect["scores"]:
        total = sum(score["node"] == "index" for score in effect["scores"]) + effect["parts_count"]
        parts.append(_listed([_score(score) for score in effect["scores"]], total))
    else:
        parts.append("Aucun score ne change.")
    return "\n\n".join(parts) + "\n"


def _count(weight: Mapping[str, Any]) -> int:
    return int(weight["difference"]["added"] + weight["difference"]["changed"])


def _listed(lines: Sequence[str] | Iterator[str], total: int) -> str:
    """The first lines as a list, and how many others there are."""
    shown = [f"- {line}" for line in lines][:MOST]
    if left := total - len(shown):
        shown.append(f"- … et {count(left, 'autre')}.")
    return "\n".join(shown) or "Rien ne change."


def _rows(difference: Mapping[str, Any]) -> Iterator[str]:
    """Each row that changes or is new, by its key, and what is to be verified in it."""
    leaps = difference["leaps"]
    for label, cells in difference["changed_rows"]:
        told = " ; ".join(f"{name} : {before or '(vide)'} → {after or '(vide)'}" for name, before, after in cells)
        yield escaped(f"{label} (changée) : {told}{_leap(leaps, label)}")
    for label, cells in difference["added_rows"]:
        told = " ; ".join(f"{name} : {text}" for name, text in cells)
        yield escaped(f"{label} (nouvelle) : {told}{_leap(leaps, label)}")


def _leap(leaps: Mapping[str, tuple[float, float]], label: str) -> str:
    if label not in leaps:
        return ""
    before, after = map(compact, leaps[label])
    return f" (de {before} à {after} % : vérifiez)"


def _score(score: Mapping[str, Any]) -> str:
    """« Haut-Rhin, Infrastructures : 71,2 → 68,4 sur 100, rang 12 → 15 »."""
    told = f"{_figure(score['score_before'])} → {_figure(score['score_after'])} sur 100"
    if score["rank_before"] != score["rank_after"]:
        told += f", rang {number(score['rank_before'])} → {number(score['rank_after'])}"
    if score["level_before"] != score["level_after"]:
        told += f", niveau {score['level_before'] or 'aucun'} → {score['level_after'] or 'aucun'}"
    return escaped(f"{score['name']}, {score['title']} : {told}")


def _figure(score: float | None) -> str:
    return "aucun score" if score is None else compact(score, 1)
