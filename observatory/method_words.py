"""The rules of the method in words, in the page's language: their names, their values, and those that stay."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.method_changes import DOMAIN, EDITION, INDICATOR, RULES

DECIMALS = 4  # of a share in per cent
TWO_THIRDS = 1e-4  # in per cent: the database keeps six decimals of the share


def rule_title(rule: str) -> str:
    """The name of a rule of RULES or INDICATOR_RULES."""
    return {
        "time_period": _("Année de la situation"),
        "normalisation": _("Mise sur 100"),
        "aggregation.domain": _("Moyenne des indicateurs d’un domaine"),
        "aggregation.index": _("Moyenne des domaines"),
        "floor": _("Plancher d’une moyenne qui refuse le zéro"),
        "min_coverage.index": _("Part de l’indice à observer pour être classé"),
        "min_coverage.domain": _("Part d’un domaine à observer pour y être classé"),
        "min_domains": _("Domaines à observer au moins"),
        "thresholds": _("Seuils des niveaux"),
        "gate": _("Plafond par le domaine le plus faible"),
        "weight": _("Poids"),
        "goalposts": _("Bornes (0 et 100 points)"),
        "scored_levels": _("Échelons notés"),
        "max_age": _("Ancienneté admise"),
    }[rule]


def rule_value(rule: str, value: Any) -> str:
    """The value of a rule, as `Framework.method` holds it; goalposts are a list of two."""
    say = spoken()
    if rule in ("normalisation", "aggregation.domain", "aggregation.index"):
        return str(say.word(value, rule.partition(".")[0]))
    if rule.startswith("min_coverage."):
        return _share(100 * value)
    if rule == "goalposts":
        return _("de {low} à {high}").format(low=say.compact(value[0]), high=say.compact(value[1]))
    if rule == "thresholds":
        return " · ".join(say.compact(threshold) for threshold in value)
    if rule == "scored_levels":
        return ", ".join(level for code, level in _levels().items() if code in value)
    if rule == "max_age":
        return str(say.count(value, "an"))
    if rule == "gate":
        return _gate(value)
    return str(value) if isinstance(value, str) else str(say.compact(value))


def rules(row: Mapping[str, Any], thresholds: list[float]) -> list[tuple[str, str, str]]:
    """(rule, its name, its value) of each of RULES, from a row of the table `method` and the thresholds of levels."""
    domain, _comma, index = row["aggregation"].partition(", ")
    gate = {"below": row["gate"], "domains": json.loads(row["gate_domains"] or "[]")}
    values = {
        "aggregation.domain": domain.removeprefix("domain: "),
        "aggregation.index": index.removeprefix("index: ") or domain,
        "min_coverage.index": row["min_coverage_index"],
        "min_coverage.domain": row["min_coverage_domain"],
        "thresholds": thresholds,
        "gate": None if row["gate"] is None else gate,
    }
    return [
        (rule, rule_title(rule), rule_value(rule, values.get(rule) if rule in values else row[rule])) for rule in RULES
    ]


def kept(changed: Iterable[Mapping[str, Any]], domains: Iterable[str], indicators: Iterable[str]) -> dict[str, Any]:
    """What an edition takes over: `rules` by name, and how many `domains` and `indicators` stay as they were.

    `changed` holds the rows of method_changes of the edition, the others its codes.
    """
    rows = list(changed)
    touched = {place: {row["node"] for row in rows if row["place"] == place} for place in (DOMAIN, INDICATOR)}
    rules = {row["rule"] for row in rows if row["place"] == EDITION}
    return {
        "rules": [rule_title(rule) for rule in RULES if rule not in rules],
        "domains": len(set(domains) - touched[DOMAIN]),
        "indicators": len(set(indicators) - touched[INDICATOR]),
    }


def _share(value: float) -> str:
    """A share in per cent, with as many decimals as it has, DECIMALS at the most; two thirds have none that ends."""
    if abs(value - 200 / 3) < TWO_THIRDS:
        return _("deux tiers")
    exact = round(value, DECIMALS)
    decimals = next(n for n in range(DECIMALS + 1) if round(exact, n) == exact)
    return str(spoken().quantity(exact, "%", decimals))


def _gate(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return _("aucun")
    levels = spoken().count(value["below"], "niveau", "niveaux")
    said = _("{levels} au plus au-dessus de celui de ce domaine").format(levels=levels)
    return f"{said} ({', '.join(value['domains'])})" if value["domains"] else said


def _levels() -> dict[str, str]:
    return {
        "FRA": _("pays"),
        "REG": _("régions"),
        "DEP": _("départements"),
        "EPCI": _("intercommunalités"),
        "COM": _("communes"),
    }
