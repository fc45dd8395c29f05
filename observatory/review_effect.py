"""The effect of a contribution put into French: figures, scores, ranks and coverage, the ten largest of each."""

from collections.abc import Iterator, Sequence

from observatory.changes import CoverageChange, Effect, ScoreChange, ValueChange
from observatory.french import compact, count, number, ordinal
from observatory.review import Review, Words
from observatory.review_blocks import Block, Cell, Heading, Listing, Paragraph, Table, Text, table

LARGEST = 10
NAMED = 5  # territories named for each gain or loss of coverage


def effect_blocks(review: Review) -> Iterator[Block]:
    """The part of the review on what follows from the contribution, or why that cannot be told."""
    if not review.datasets:
        return
    yield Heading(3, ["Effet sur les chiffres, les scores et les rangs"])
    if review.effect is None:
        yield Paragraph([f"L’effet ne peut pas être calculé : {review.no_effect}."])
    elif review.effect == Effect([], [], []):
        yield Paragraph(["Aucun chiffre publié, aucun score et aucun rang ne change."])
    else:
        yield Listing(list(_counts(review.effect, review.words)))
        yield from _values(review.effect.values, review.words)
        yield from _scores(review.effect.scores, review.words)
        yield from _coverage(review.effect.coverage, review.words)


def _counts(effect: Effect, words: Words) -> Iterator[Text]:
    new = sum(v.before is None for v in effect.values)
    gone = sum(v.after is None for v in effect.values)
    derived = sum(v.derived for v in effect.values)
    yield [
        f"Chiffres : {count(new, 'nouveau', 'nouveaux')}, {count(len(effect.values) - new - gone, 'changé')}, "
        f"{count(gone, 'retiré')}",
        f" ; {count(derived, 'est calculé', 'sont calculés')} à partir de territoires plus petits." if derived else ".",
    ]
    moved = [s for s in effect.scores if s.rank_before != s.rank_after]
    levels = [s for s in effect.scores if s.level_before != s.level_after]
    people = len({s.ref_area for s in effect.scores})
    scored = sum(s.score_before != s.score_after for s in effect.scores)
    yield [
        f"Scores : {count(scored, 'changement')}, {count(len(levels), 'changement')} de niveau, "
        f"{count(len(moved), 'changement')} de rang, pour {count(people, 'territoire')}."
    ]
    entering = sum(s.rank_before is None for s in moved if s.node not in words.symbols)
    leaving = sum(s.rank_after is None for s in moved if s.node not in words.symbols)
    if entering or leaving:
        yield [f"Classements : {count(entering, 'entrée')}, {count(leaving, 'sortie')} (indice et domaines)."]


def _values(values: Sequence[ValueChange], words: Words) -> Iterator[Block]:
    def weight(change: ValueChange) -> tuple[bool, float, str, str, str]:
        # What counts in no score comes after what does.
        context = not words.spans.get(change.indicator)
        return context, -_share(change, words), change.indicator, change.ref_area, change.time_period

    ranked = sorted(values, key=weight)
    rows: list[Sequence[Text]] = [
        (
            [v.title],
            [v.name, " ", Cell(v.ref_area)],
            [v.time_period],
            [_figure(v.before, words.symbols.get(v.indicator))],
            [_figure(v.after, words.symbols.get(v.indicator))],
        )
        for v in ranked[:LARGEST]
    ]
    header = ("Indicateur", "Territoire", "Période", "Avant", "Après")
    block = Table("Les plus grands changements de chiffres", header, rows, ("Avant", "Après"))
    yield from table(block, ranked, LARGEST, ("chiffre", "chiffres"))


def _share(change: ValueChange, words: Words) -> float:
    """How large a change is, between the goalposts of its indicator, else beside the larger value."""
    if change.before is None or change.after is None:
        return 0.0
    span = words.spans.get(change.indicator) or max(abs(change.before), abs(change.after))
    return abs(change.after - change.before) / span


def _scores(scores: Sequence[ScoreChange], words: Words) -> Iterator[Block]:
    # A score of an indicator says again what its figure said.
    upper = [s for s in scores if s.node not in words.symbols] or list(scores)
    moved = sorted((s for s in upper if _moved(s)), key=lambda s: (-_moved(s), s.node, s.ref_area))
    rows: list[Sequence[Text]] = [
        (
            [s.title],
            [s.name, " ", Cell(s.ref_area)],
            [_pair(_score(s.score_before), _score(s.score_after))],
            [_pair(number(s.level_before), number(s.level_after))],
            [_pair(ordinal(s.rank_before), ordinal(s.rank_after))],
        )
        for s in moved[:LARGEST]
    ]
    header = ("Score", "Territoire", "Points", "Niveau", "Rang")
    block = Table("Les plus grands changements de score (indice et domaines)", header, rows, header[2:])
    yield from table(block, moved, LARGEST, ("score", "scores"))
    yield from _ranks(upper, words)


def _ranks(scores: Sequence[ScoreChange], words: Words) -> Iterator[Block]:
    moved = [s for s in scores if s.rank_before != s.rank_after and s.rank_before and s.rank_after]
    moved.sort(key=lambda s: (-abs((s.rank_after or 0) - (s.rank_before or 0)), s.node, s.ref_area))
    rows: list[Sequence[Text]] = [
        (
            [s.title],
            [s.name, " ", Cell(s.ref_area)],
            [words.categories.get(s.peer_group, s.peer_group)],
            [_pair(ordinal(s.rank_before), ordinal(s.rank_after))],
            ["non" if s.score_before == s.score_after else "oui"],
        )
        for s in moved[:LARGEST]
    ]
    header = ("Classement", "Territoire", "Parmi", "Rang", "Son score change")
    block = Table("Les plus grands changements de rang (indice et domaines)", header, rows, ("Rang",))
    yield from table(block, moved, LARGEST, ("rang", "rangs"))


def _moved(change: ScoreChange) -> float:
    """Points of difference; an index that appears or vanishes counts for all its points."""
    return abs((change.score_after or 0.0) - (change.score_before or 0.0))


def _coverage(changes: Sequence[CoverageChange], words: Words) -> Iterator[Block]:
    rows: list[Sequence[Text]] = [
        (
            [c.title],
            [words.levels.get(c.level, c.level)],
            [_pair(number(c.before), number(c.after))],
            list(_named(c.gained)),
            list(_named(c.lost)),
        )
        for c in changes
    ]
    header = ("Indicateur", "Échelon", "Territoires", "Gagnés", "Perdus")
    if rows:
        yield Table("Couverture gagnée et perdue", header, rows, ("Territoires",))


def _named(areas: Sequence[str]) -> Iterator[str | Cell]:
    if not areas:
        yield "—"
    for place, area in enumerate(areas[:NAMED]):
        yield from ([", "] if place else [])
        yield Cell(area)
    if len(areas) > NAMED:
        yield f" et {count(len(areas) - NAMED, 'autre')}"


def _figure(value: float | None, symbol: str | None) -> str:
    return compact(value) + (f" {symbol}" if symbol and value is not None else "")


def _score(value: float | None) -> str:
    return compact(value, 2)


def _pair(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"
