"""What one edition of the method changes to another, rule by rule, found in the methods themselves.

A method is the nested value `Framework.method`: whatever scores are computed with is in it, texts are not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Method = Mapping[str, Any]

# Rules of a whole edition, then of one indicator: the dotted key of each in a method.
RULES = (
    *("time_period", "normalisation", "aggregation.domain", "aggregation.index", "floor", "min_coverage.index"),
    *("min_coverage.domain", "min_domains", "thresholds", "gate"),
)
INDICATOR_RULES = ("weight", "goalposts", "thresholds", "scored_levels", "max_age")
EDITION, DOMAIN, INDICATOR = "edition", "domain", "indicator"


@dataclass(frozen=True)
class Change:
    """A difference between two editions.

    `place` is what it is of: the edition, a domain or an indicator, whose code is `node` (as the later edition writes
    it). `kind` is changed (the `rule` that did, before → after), added, removed, renamed (code before → after) or moved
    (domain before → after).
    """

    place: str
    node: str
    kind: str
    rule: str = ""
    before: Any = None
    after: Any = None


def changes(before: Method, after: Method) -> list[Change]:
    """Every difference: of the whole, then of domains, then of indicators; none when both give the same scores."""
    homes = _renamed(
        *({code: tuple(sorted(d["indicators"])) for code, d in m["domains"].items()} for m in (before, after))
    )
    domains = _domains(before["domains"], after["domains"], homes)
    return [*_whole(before, after), *domains, *_indicators(before["domains"], after["domains"], homes)]


def rule_of(method: Method, rule: str) -> Any:
    """The value of a rule of RULES."""
    value: Any = method
    for key in rule.split("."):
        value = value[key]
    return value


def _whole(before: Method, after: Method) -> Iterator[Change]:
    for rule in RULES:
        one, other = rule_of(before, rule), rule_of(after, rule)
        if one != other:
            yield Change(EDITION, "", "changed", rule, one, other)


def _domains(before: Method, after: Method, homes: Mapping[str, str]) -> Iterator[Change]:
    came_from = {new: old for old, new in homes.items()}
    for code, rules in after.items():
        old = code if code in before else came_from.get(code)
        if old is None:
            yield Change(DOMAIN, code, "added", after={"weight": rules["weight"]})
            continue
        if old != code:
            yield Change(DOMAIN, code, "renamed", before=old, after=code)
        if before[old]["weight"] != rules["weight"]:
            yield Change(DOMAIN, code, "changed", "weight", before[old]["weight"], rules["weight"])
    for code in before:
        if code not in after and code not in homes:
            yield Change(DOMAIN, code, "removed", before={"weight": before[code]["weight"]})


def _indicators(before: Method, after: Method, homes: Mapping[str, str]) -> Iterator[Change]:
    one = {code: {"domain": homes.get(domain, domain), **rules} for domain, code, rules in _scored(before)}
    other = {code: {"domain": domain, **rules} for domain, code, rules in _scored(after)}
    renamed = _renamed(one, other)
    came_from = {new: old for old, new in renamed.items()}
    for code, rules in other.items():
        old = code if code in one else came_from.get(code)
        if old is None:
            yield Change(INDICATOR, code, "added", after=rules)
            continue
        if old != code:
            yield Change(INDICATOR, code, "renamed", before=old, after=code)
        yield from _rules(code, one[old], rules)
    for code, rules in one.items():
        if code not in other and code not in renamed:
            yield Change(INDICATOR, code, "removed", before=rules)


def _rules(code: str, before: Method, after: Method) -> Iterator[Change]:
    if before["domain"] != after["domain"]:
        yield Change(INDICATOR, code, "moved", before=before["domain"], after=after["domain"])
    for rule in INDICATOR_RULES:
        if before[rule] != after[rule]:
            yield Change(INDICATOR, code, "changed", rule, before[rule], after[rule])


def _scored(domains: Method) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(domain, code, rules) of each indicator, both goalposts as one rule: [value of 0 points, value of 100]."""
    for domain, home in domains.items():
        for code, rules in home["indicators"].items():
            others = {rule: value for rule, value in rules.items() if rule not in ("low", "high")}
            yield domain, code, {**others, "goalposts": [rules["low"], rules["high"]]}


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Old code → new code of what went and came back the same under another code, where only one can have done so."""
    gone = {code: rules for code, rules in before.items() if code not in after and rules}
    new = {code: rules for code, rules in after.items() if code not in before}
    found = {}
    for code, rules in gone.items():
        twins = [other for other, same in new.items() if same == rules]
        if len(twins) == 1 and sum(same == rules for same in gone.values()) == 1:
            found[code] = twins[0]
    return found
