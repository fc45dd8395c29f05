"""The review put into French, once: its verdict, what was found, what changes, and what is left to a person."""

from collections.abc import Iterator, Sequence

from observatory.differences import Difference, Row, written
from observatory.digest import Group, grouped, summary
from observatory.french import count
from observatory.problems import SEVERITIES, Problem
from observatory.review import NEW, REMOVED, DatasetReview, KeyChange, Review
from observatory.review_blocks import (
    Block,
    Cell,
    Heading,
    Inline,
    Link,
    Listing,
    Paragraph,
    Strong,
    Table,
    Text,
    bounded,
    rest,
    table,
)
from observatory.review_effect import effect_blocks

REPEATED = 5  # problems of one kind in one column of one file that are written out
# Keys of a descriptor that an editor reads twice, and what they are called.
KEYS = {
    "licenses": "licence",
    "sources": "source",
    "contributors": "contributeurs",
    "temporal": "période",
    "time_period": "période",
    "cog": "millésime du code géographique",
    "accepted": "avertissement justifié",
    "expectations": "ce qui est attendu",
    "schema": "schéma",
    "last_update": "dernière mise à jour",
}


def document(review: Review, limit: int, preview: str | None = None) -> list[Block]:
    """The blocks of the review; `limit` bounds each list, whose remainder is counted."""
    return [
        Heading(2, ["Revue de la contribution"]),
        Paragraph([Strong(_verdict(review))]),
        *_scope(review, limit),
        *([Paragraph([Link("Voir l’aperçu du portail avec cette contribution", preview)])] if preview else []),
        *_validation(review, limit),
        *(block for dataset in review.datasets[:limit] for block in _dataset(dataset, limit)),
        *_paragraph(rest(review.datasets, limit, ("jeu de données", "jeux de données"))),
        *effect_blocks(review),
        Heading(3, ["À vérifier avant de publier"]),
        Listing([[item] for item in _checklist(review)], boxes=True),
    ]


def _paragraph(text: str) -> Iterator[Block]:
    if text:
        yield Paragraph([text])


def _verdict(review: Review) -> str:
    if not review.publishable:
        return f"Non publiable en l’état : {_faults(review)}."
    if not review.datasets:
        return "Aucun jeu de données ne change."
    named = [f"{dataset.name} ({dataset.state})" for dataset in review.datasets[:3]]
    more = len(review.datasets) - len(named)
    names = ", ".join(named) + (f" et {count(more, 'autre')}" if more else "")
    human = " ; ce qui n’est pas de la donnée demande une relecture humaine" if review.others else ""
    return f"Publiable : {names}{human}."


def _faults(review: Review) -> str:
    found = [entry.severity for entry in review.problems]
    parts = [count(found.count(name), SEVERITIES[name]) for name in ("error", "warning") if name in found]
    if review.refused:
        parts.append(count(len(review.refused), "fichier refusé", "fichiers refusés"))
    return ", ".join(parts)


def _scope(review: Review, limit: int) -> Iterator[Block]:
    yield Paragraph(["Base ", Cell(review.base), ", contribution ", Cell(review.head), "."])
    if review.bundle:
        yield Paragraph(
            ["Envoyée par le formulaire du portail : sa déclaration est dans ", Cell("contributions/"), "."]
        )
    if review.others:
        reason = " La validation est celle de la base ; elle ne tient pas compte de ces fichiers :"
        yield Paragraph([Strong("Touche aussi au code ou à la méthode : relecture humaine."), reason])
        yield Listing(bounded(review.others, limit, lambda path: [Cell(path)], ("fichier", "fichiers")))
    if review.clashes:
        yield Paragraph([Strong("Modifié aussi dans la base entre-temps"), " : à reprendre avant de fusionner."])
        yield Listing(bounded(review.clashes, limit, lambda path: [Cell(path)], ("fichier", "fichiers")))


def _validation(review: Review, limit: int) -> Iterator[Block]:
    if not (review.datasets or review.refused):
        return
    yield Heading(3, ["Validation"])
    if review.refused:
        yield Paragraph([Strong("Fichiers refusés"), " : ils n’ont pas été lus."])
        yield Listing(bounded(review.refused, limit, _refused, ("fichier", "fichiers")))
    if review.datasets:
        yield Paragraph([summary(review.problems)])
    for severity, name in SEVERITIES.items():
        if found := grouped(entry for entry in review.problems if entry.severity == severity):
            yield Heading(4, [f"{name.capitalize()}s"])
            yield Listing(list(_problems(found, limit)))


def _refused(file: tuple[str, str]) -> Text:
    path, reason = file
    return [Cell(path), f" : {reason}."]


def _problems(groups: list[Group], limit: int) -> Iterator[Text]:
    """The first problems of each kind, column and file; the others are counted."""
    for group in groups[:limit]:
        shown = min(REPEATED, limit)
        yield from map(_problem, group.problems[:shown])
        if left := rest(group.problems, shown, ("semblable", "semblables")):
            yield [left.rstrip("."), " dans ", Cell(group.first.file), "."]
    if left := rest(groups, limit, ("sorte de problème", "sortes de problèmes")):
        yield [left]


def _problem(entry: Problem) -> Text:
    place: list[Inline] = [Cell(entry.place)]
    if entry.column:
        place += [", colonne ", Cell(entry.column)]
    if entry.correction is None:
        return [*place, f" : {entry.sentence}"]
    return [*place, f" : {entry.sentence} Correction certaine : ", Cell(written(entry.correction))]


def _dataset(dataset: DatasetReview, limit: int) -> Iterator[Block]:
    yield Heading(3, ["Jeu de données ", Cell(dataset.name), f" : {dataset.state}"])
    yield from _paragraph(dataset.title if dataset.title != dataset.name else "")
    if dataset.difference is None:
        yield Paragraph(["Les lignes ne peuvent pas être comparées tant que le fichier a ces erreurs."])
    else:
        yield Paragraph(["Lignes : ", dataset.difference.text, "."])
        yield from _lines(dataset.difference, limit)
    title = "Descripteur" if dataset.state == NEW else "Changements du descripteur"
    rows = [_key_row(change) for change in dataset.descriptor[: 2 * limit]]
    block = Table(title, ("Clé", "Avant", "Après"), rows)
    yield from table(block, dataset.descriptor, 2 * limit, ("clé", "clés"))


def _key_row(change: KeyChange) -> Sequence[Text]:
    known = KEYS.get(change.key.split(".")[0])
    name: Text = [Cell(change.key), *([f" ({known})"] if known else [])]
    return name, [_side(change.before)], [_side(change.after)]


def _side(text: str | None) -> Inline:
    return "—" if text is None else Cell(written(text))


def _lines(difference: Difference, limit: int) -> Iterator[Block]:
    changed: list[Sequence[Text]] = [
        ([Cell(difference.label(change.after))], [Cell(change.text)]) for change in difference.changed[:limit]
    ]
    block = Table("Lignes changées", ("Ligne", "Changement"), changed)
    yield from table(block, difference.changed, limit, ("ligne changée", "lignes changées"))
    for rows, past in ((difference.added, "ajoutée"), (difference.removed, "retirée")):
        shown = [_row(difference, row) for row in rows[:limit]]
        block = Table(f"Lignes {past}s", ("Ligne", "Contenu"), shown)
        yield from table(block, rows, limit, (f"ligne {past}", f"lignes {past}s"))


def _row(difference: Difference, row: Row) -> Sequence[Text]:
    details = difference.details(row)
    return [Cell(difference.label(row))], [Cell(details) if details else "—"]


def _checklist(review: Review) -> Iterator[str]:
    """What no program can judge, according to what changes."""
    keys = {change.key.split(".")[0] for dataset in review.datasets for change in dataset.descriptor}
    states = {dataset.state for dataset in review.datasets}
    removed = any(dataset.difference and dataset.difference.removed for dataset in review.datasets)
    faults = bool(review.problems or review.refused)
    asked = (
        (faults, "Les problèmes signalés sont corrigés, ou justifiés dans « accepted » par une raison publiable."),
        (bool(review.datasets), "La source dit bien ces chiffres : au moins trois lignes comparées à l’original."),
        (
            bool(NEW in states or keys & {"licenses", "sources"}),
            "La licence est celle de la source, et elle est ouverte.",
        ),
        (bool(keys & {"temporal", "time_period", "cog"}), "La période et le millésime sont ceux des données."),
        (REMOVED in states, "Le retrait est voulu : les adresses publiques du jeu de données doivent encore répondre."),
        (removed, "Les lignes retirées le sont avec raison."),
        (bool(review.effect and review.effect.scores), "Les plus grands effets sur scores et rangs s’expliquent."),
        (review.bundle, "La personne qui déclare la contribution peut la faire."),
        (bool(review.others), "Les fichiers hors des données ont été relus par l’équipe."),
        (bool(review.clashes), "Les conflits avec la base sont levés."),
        (True, "Aucune donnée personnelle, aucun secret."),
    )
    yield from (sentence for holds, sentence in asked if holds)
