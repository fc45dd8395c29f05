"""Reads the folder tree `indicators/`: the index, its domains and their indicators, as one edition of the method."""

from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

from observatory.model import HEIGHTS, Domain, Framework, Gate, Indicator, MaturityLevel, UncertaintyPlan
from observatory.problems import Problem, problem
from observatory.yamlfiles import read_yaml

# Of indicators/, the folder that is not a domain: editions of the method that are closed.
EDITIONS = "editions"
DECIMALS = 10**6  # of a coverage


def domain_folders(root: Path) -> list[Path]:
    """The folders of indicators/ that are domains."""
    return sorted(p for p in (root / "indicators").iterdir() if p.is_dir() and p.name != EDITIONS)


def read_framework(root: Path) -> tuple[Framework | None, list[Problem]]:
    """The framework of the repository at `root`; None with the problems when its files cannot be trusted."""
    folder, schemas = root / "indicators", root / "schemas"
    index, problems = read_yaml(folder / "index.yml", root, schemas / "index.jsonschema.json")
    domains: list[Domain] = []
    indicators: list[Indicator] = []
    for home in domain_folders(root):
        content, found = _read_domain(home, root)
        problems += found
        if content is not None and not found:
            domains.append(Domain(code=home.name, **{**content, "levels": tuple(content["levels"])}))
        for path in sorted(home.glob("*.yml")):
            if path.name == "index.yml":
                continue
            content, found = read_yaml(path, root, schemas / "indicator.jsonschema.json")
            problems += found
            if content is not None and not found:
                indicators.append(_indicator(path.stem, home.name, content))
    if index is None or any(p.severity == "error" for p in problems):
        return None, problems
    domains.sort(key=lambda d: d.position)
    order = {domain.code: domain.position for domain in domains}
    indicators.sort(key=lambda i: (order[i.domain], -i.weight, i.code))
    return _framework(index, domains, indicators), problems


def _read_domain(home: Path, root: Path) -> tuple[dict[str, Any] | None, list[Problem]]:
    if (home / "index.yml").is_file():
        return read_yaml(home / "index.yml", root, root / "schemas" / "domain.jsonschema.json")
    file = f"indicators/{home.name}/index.yml"
    return None, [problem("missing-framework-file", file, value=file)]


def _indicator(code: str, domain: str, content: dict[str, Any]) -> Indicator:
    posts = content.get("goalposts", {})
    aggregation = content.get("aggregation", {})
    lower = content.get("direction") == "lower"
    return Indicator(
        code=code,
        domain=domain,
        status=content["status"],
        unit=content.get("unit", ""),
        direction=content.get("direction", "higher"),
        weight=float(content.get("weight", 0)),
        # Less is better: the goalposts are reversed, and everything after them stays the same.
        low=float(posts.get("high" if lower else "low", 0)),
        high=float(posts.get("low" if lower else "high", 0)),
        levels=tuple(content.get("levels", ())),
        scored_levels=tuple(content.get("scored_levels", content.get("levels", ()))),
        max_age=int(content.get("max_age", 0)),
        published=content.get("published", "value"),
        denominator_source=content.get("denominator", {}).get("source", "none"),
        aggregation=aggregation.get("method", "none"),
        absent=aggregation.get("absent", "missing"),
        details=content,
    )


def _framework(index: dict[str, Any], domains: list[Domain], indicators: list[Indicator]) -> Framework:
    return Framework(
        edition=index["edition"],
        time_period=index["time_period"],
        title=index["title"],
        min_coverage_index=coverage_share(index["min_coverage"]["index"]),
        min_coverage_domain=coverage_share(index["min_coverage"]["domain"]),
        min_domains=int(index["min_domains"]),
        levels=tuple(MaturityLevel(**level) for level in index["levels"]),
        domains=tuple(domains),
        indicators=tuple(indicators),
        details=index,
        mean=mean_of(index["aggregation"]),
        floor=float(index.get("floor", 0)),
        gate=gate_of(index.get("gate")),
        uncertainty=_plan(index["uncertainty"]),
        comparable_with=tuple(index["comparable_with"]),
        changes=index["changes"],
        draft=bool(index.get("draft")),
    )


def coverage_share(written: float | str) -> float:
    """A share as a file writes it (0.5 or 2/3), rounded down to six decimals: a coverage of exactly 2/3 is enough."""
    return floor(Fraction(str(written)) * DECIMALS) / DECIMALS


def mean_of(written: str | dict[str, str]) -> str | dict[int, str]:
    """The aggregation of a file: one name, or the name of each height."""
    if isinstance(written, str):
        return written
    return {height: written[name] for name, height in HEIGHTS.items()}


def gate_of(written: dict[str, Any] | None) -> Gate | None:
    """The gate of a file; None where the index's level depends on no domain."""
    return None if written is None else Gate(int(written["below"]), tuple(written.get("domains", ())))


def _plan(written: dict[str, Any]) -> UncertaintyPlan:
    """The plan as written; a list stays in its order, whose first choice is that of the edition."""
    lists = {key: tuple(written[key]) for key in ("normalisation", "aggregation", "missing")}
    return UncertaintyPlan(**{**written, **lists})
