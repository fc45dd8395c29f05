"""Whether figures of several territories may be set side by side: comparable, with reserve, or refused, and why.

The verdict is a pure function of what is said here of each territory (`Side`), of each value (`Figure`) and of each
score (`Standing`): same facts, same verdict. A verdict is the list of its reasons; its grade is that of the gravest,
« comparable » when there is none. A reason may itself be of grade « comparable »: a remark, which forbids nothing.

On the territories (`judge`):

- refused: two levels (`level-differs`); one place under two identifiers (`same-ground`); populations that differ
  SCALE_REFUSED times or more (`population-scale`);
- with reserve: two categories of one level (`category-differs`), powers that differ (`powers-differ`), a territory
  inside another (`nested`) or that shares communes with it (`overlap`), populations that differ SCALE_RESERVE times;
- remark: a territory over several départements (`straddling`).

On each indicator (`judge_row`), refusals of the territories hold for every row; their reserves are said once, above.
The indicator and its unit are the same by construction. Then:

- refused: less than two values (`missing`); periods more than MAX_YEARS apart (`period-far`); a number of things, which
  tells the size first, where populations differ SIZE_REFUSED times or more (`size`);
- with reserve: other periods (`period-differs`); a number of things where populations differ SIZE_RESERVE times;
  a value published here and calculated there (`status-differs`); other sources (`source-differs`); less than COVERED of
  the total behind a value (`coverage`); a perimeter that changed after the value (`perimeter-since`); today's perimeter
  here and that of the time there (`geography-differs`); a competence that only some hold (`competence-differs`);
- remark: a value missing for some (`missing`); a competence that none of them holds (`competence-elsewhere`); an
  indicator out of the score at this level (`not-scored`).

On each score (`judge_score`): refused without two scores (`missing`); with reserve where they do not rest on the same
parts (`parts-differ`) or where less than COVERED of their weight is observed (`coverage`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from observatory import comparability_rules as rules
from observatory.comparability_rules import (
    COMPARABLE,
    GRADES,
    REFUSED,
    RESERVE,
    Figure,
    Measure,
    Reason,
    Side,
    Standing,
)
from observatory.languages import gettext as _


@dataclass(frozen=True)
class Verdict:
    """What may be compared, and why not. Reasons go from the gravest to the lightest."""

    reasons: tuple[Reason, ...] = ()

    @property
    def grade(self) -> str:
        """The grade of the gravest reason."""
        return max((reason.grade for reason in self.reasons), key=GRADES.index, default=COMPARABLE)

    @property
    def refusals(self) -> tuple[Reason, ...]:
        """The reasons that forbid the comparison."""
        return tuple(reason for reason in self.reasons if reason.grade == REFUSED)


def judge(sides: Sequence[Side]) -> Verdict:
    """Whether these territories may be compared at all."""
    one_level = len({side.level for side in sides}) == 1
    found = [*rules.grounds(sides), *rules.scale(sides), *rules.straddling(sides)]
    if one_level:
        found += [*rules.categories(sides), *rules.powers(sides)]
    else:
        said = ", ".join(f"{s.name} ({s.level_title.lower() or s.level})" for s in sides)
        reason = _(
            "Ces territoires ne sont pas du même échelon : {territories}. Les scores et les rangs ne valent qu’entre "
            "territoires d’un même échelon."
        )
        found.append(Reason(REFUSED, "level-differs", reason.format(territories=said), rules.areas_of(sides)))
    return _verdict(found)


def judge_row(sides: Sequence[Side], measure: Measure, figures: Sequence[Figure], overall: Verdict) -> Verdict:
    """Whether the values of one indicator may be compared; `figures` are in the order of `sides`."""
    pairs = [(s, f) for s, f in zip(sides, figures, strict=True) if f.value is not None]
    found = [*overall.refusals, *rules.missing(sides, [s for s, _f in pairs])]
    if not overall.refusals and len(pairs) > 1:
        for rule in (rules.periods_differ, rules.origins, rules.coverage, rules.perimeters):
            found += rule(pairs)
        found += rules.sizes(measure, [s for s, _f in pairs])
        found += rules.competence(measure, [s for s, _f in pairs])
        if not measure.scored:
            said = _("Hors score à cet échelon : l’écart n’est pas mesuré sur l’échelle de 0 à 100.")
            found.append(Reason(COMPARABLE, "not-scored", said))
    return _verdict(found)


def judge_score(sides: Sequence[Side], standings: Sequence[Standing], overall: Verdict) -> Verdict:
    """Whether the scores of one domain, or the index, may be compared; `standings` are in the order of `sides`."""
    pairs = [(s, x) for s, x in zip(sides, standings, strict=True) if x.score is not None]
    found = [*overall.refusals, *rules.missing(sides, [s for s, _x in pairs])]
    if not overall.refusals and len(pairs) > 1:
        if len({x.parts for _s, x in pairs}) > 1:
            most = frozenset().union(*(x.parts for _s, x in pairs))
            short = [s for s, x in pairs if x.parts != most]
            said = _("Ces scores ne reposent pas sur les mêmes mesures : il en manque pour {names}.")
            found.append(rules.about(RESERVE, "parts-differ", said, short))
        found += rules.coverage([(s, Figure(s.ref_area, coverage=x.coverage)) for s, x in pairs])
    return _verdict(found)


def _verdict(reasons: Iterable[Reason]) -> Verdict:
    return Verdict(tuple(sorted(reasons, key=lambda reason: -GRADES.index(reason.grade))))
