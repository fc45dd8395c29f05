"""Rows of the database's own tables, made from the files of the repository."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from observatory.aggregation import DECIMALS, Observation
from observatory.model import HEIGHTS, Dataset, Framework, Indicator
from observatory.problem_examples import Example, examples
from observatory.problems import GROUPS, Problem, kinds, outline
from observatory.territories import Territories

Row = dict[str, Any]


def codelist(root: Path, name: str) -> Iterator[Row]:
    """Rows of codelists/<name>.csv, empty cells as None."""
    with (root / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: value or None for key, value in row.items()}


def territory_rows(root: Path, territories: Territories) -> Iterator[Row]:
    """Every territory of every vintage, with its point, its last population and who replaced it."""
    points = {row["ref_area"]: row for row in codelist(root, "points")}
    vintage = territories.vintages[-1]
    for row in codelist(root, "territories"):
        ref_area = row["ref_area"]
        point = points.get(ref_area, {})
        heirs = territories.successors(ref_area, f"{vintage}-01-01") if row["valid_to"] else ()
        yield {
            **row,
            "latitude": float(point["latitude"]) if point else None,
            "longitude": float(point["longitude"]) if point else None,
            "population": territories.population(ref_area, vintage),
            "successors": " ".join(heir for heir, _ in heirs) or None,
        }


def membership_rows(root: Path) -> Iterator[Row]:
    """Memberships, with the level of the containing territory."""
    for row in codelist(root, "memberships"):
        yield {**row, "parent_level": row["parent"].split("-")[0]}


def method_row(framework: Framework, current: Framework, closed_on: str | None = None) -> Row:
    """The rules of an edition, which is the current one or not, closed on that day if it is known."""
    means = {name: framework.mean_of(height) for name, height in HEIGHTS.items()}
    several = ", ".join(f"{name}: {mean}" for name, mean in means.items())
    return {
        **framework.method,
        "edition": framework.edition,
        "title": framework.title,
        "current": int(framework.edition == current.edition),
        "draft": int(framework.draft),
        "closed_on": closed_on,
        "aggregation": several if len(set(means.values())) > 1 else means["index"],
        "min_coverage_index": framework.min_coverage_index,
        "min_coverage_domain": framework.min_coverage_domain,
        "gate": framework.gate.below if framework.gate else None,
        "gate_domains": list(framework.gate.domains) if framework.gate else [],
        "comparable_with": list(framework.comparable_with),
        "changes": framework.changes,
        "sha256": framework.sha256,
    }


def domain_level_rows(framework: Framework) -> Iterator[Row]:
    """What each level of maturity means in each domain."""
    for domain in framework.domains:
        for level, meaning in enumerate(domain.levels, start=1):
            yield {"domain": domain.code, "level": level, "meaning": meaning}


def indicator_row(indicator: Indicator, position: int) -> Row:
    """An indicator of any status, with the texts of its file."""
    details = indicator.details
    goalposts = details.get("goalposts", {})
    denominator = details.get("denominator", {})
    aggregation = details.get("aggregation", {})
    return {
        **details,
        "code": indicator.code,
        "domain": indicator.domain,
        "goalpost_low": indicator.low if goalposts else None,
        "goalpost_high": indicator.high if goalposts else None,
        "goalpost_reason": goalposts.get("reason"),
        "scored_levels": list(indicator.scored_levels) if indicator.status == "active" else [],
        "published": indicator.published if details.get("unit") else None,
        "denominator": denominator.get("title"),
        "denominator_source": denominator.get("source"),
        "aggregation": aggregation.get("method"),
        "absent": aggregation.get("absent"),
        "aggregation_reason": aggregation.get("reason"),
        "position": position,
    }


def dataset_row(root: Path, dataset: Dataset, count: int, warnings: Iterable[Problem]) -> Row:
    """What the catalogue says of a dataset, with the fingerprint of the file that was loaded."""
    descriptor = dataset.descriptor
    share_alike = {row["licence"]: row["share_alike"] for row in codelist(root, "licences")}
    files = {str(path.relative_to(root)) for path in (dataset.csv_path, dataset.descriptor_path)}
    schema = (dataset.descriptor_path.parent / descriptor["schema"]).resolve()
    return {
        **descriptor,
        "licence": dataset.licence,
        "temporal_start": descriptor["temporal"]["start"],
        "temporal_end": descriptor["temporal"]["end"],
        "rows": count,
        "sha256": hashlib.sha256(dataset.csv_path.read_bytes()).hexdigest(),
        "schema": str(schema.relative_to(root.resolve())),
        "share_alike": share_alike[dataset.licence],
        "warnings": sum(problem.file in files for problem in warnings),
    }


def problem_rows() -> Iterator[Row]:
    """The catalogue of problems, each kind with its example when there is one."""
    for position, kind in enumerate(kinds().values(), start=1):
        example = examples().get(kind.code, Example("", "", ""))
        yield {
            "code": kind.code,
            "theme": kind.group,
            "theme_title": GROUPS[kind.group],
            "severity": kind.severity,
            "title": kind.title,
            "message": outline(kind.message),
            "mending": outline(kind.mending),
            "cause": kind.cause,
            "english": outline(kind.english),
            "position": position,
            "example_file": example.file or None,
            "refused": example.before,
            "accepted": example.after,
        }


def observation_row(observation: Observation) -> Row:
    """An observation as the table holds it."""
    return {
        "ref_area": observation.ref_area,
        "indicator": observation.indicator,
        "time_period": observation.time_period,
        "obs_value": _rounded(observation.value),
        "obs_status": observation.status,
        "numerator": _rounded(observation.numerator),
        "denominator": _rounded(observation.denominator),
        "coverage": observation.coverage,
        "cog": observation.cog,
        "dataset": observation.dataset,
        "estimated": int(observation.estimated),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
