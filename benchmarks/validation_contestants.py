"""Judges a folder of the validation benchmark as one contestant does, and prints how many errors it tells."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path


def screen(folder: Path) -> int:
    """Ours: Frictionless' report, with its keys, by the screen."""
    from frictionless import Package

    from observatory.screen import screened

    report, reason = screened(Package(str(folder / "datapackage.json")).get_resource("observations"))
    print(f"(seul : {reason})" if reason else "(criblé)", file=sys.stderr)
    return int(report.stats["errors"])


def validate(folder: Path) -> int:
    """Ours, whole: what scripts/validate.py says of the same rows as a dataset, in French, territories included."""
    script = Path(__file__).resolve().parent.parent / "scripts" / "validate.py"
    command = [sys.executable, str(script), "--root", str(folder), "--format", "json"]
    command.append(str(folder / "datasets" / "mesures.csv"))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout)
    return int(json.loads(done.stdout)["errors"])


def frictionless(folder: Path) -> int:
    """Frictionless, with its keys and no limit."""
    from frictionless import Package

    resource = Package(str(folder / "datapackage.json")).get_resource("observations")
    return int(resource.validate(limit_errors=0).stats["errors"])


def validata(folder: Path) -> int:
    """Validata, with the primary key alone: it knows no other table, and stops at a thousand errors."""
    from validata_core import resource_service, validation_service

    path = folder / "observations.csv"
    resource = resource_service.from_file_content(str(path), path.read_bytes())
    with redirect_stdout(io.StringIO()):
        report = validation_service.validate_resource(resource, str(folder / "schema.json"), False)
    return len(report.errors)


def csvclean(folder: Path) -> int:
    """csvclean, which looks at the form alone."""
    command = [str(Path(sys.executable).parent / "csvclean"), "-a", str(folder / "observations.csv")]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    return max(0, done.stderr.count("\n") - 1)


def pandera(folder: Path) -> int:
    """pandera on Polars: the same rules where it can say them; it counts, and tells no row of a bad key."""
    import pandera.polars as pa
    import polars as pl

    table = pl.read_csv(folder / "observations.csv", infer_schema=False, truncate_ragged_lines=True).fill_null("")
    areas = pl.read_csv(folder / "communes.csv", infer_schema=False)["ref_area"]
    number = pl.col("obs_value").cast(pl.Float64, strict=False)
    year = pl.col("time_period").cast(pl.Int64, strict=False)
    rules = {
        "ref_area": pl.col("ref_area").is_in(areas.implode()),
        "indicator": pl.col("indicator").str.contains(r"^indicateur-(?:0[1-9]|1[0-2])$"),
        "time_period": (year >= 2000).fill_null(False),
        "obs_value": number.is_between(0, 1_000_000_000).fill_null(False),
        "obs_status": pl.col("obs_status").is_in(["A", "E", "P", ""]),
        "updated": pl.col("updated").str.to_date("%Y-%m-%d", strict=False).is_not_null(),
        "source": pl.col("source").str.contains("^https?://.+"),
        "note": pl.col("note").str.len_chars() <= 200,
    }
    checks = {
        name: pa.Column(str, pa.Check(lambda data, rule=rule: data.lazyframe.select(rule), name=name), required=True)
        for name, rule in rules.items()
    }
    schema = pa.DataFrameSchema(checks, unique=["ref_area", "indicator", "time_period"])
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return int(
            sum(len(error.failure_cases) if error.failure_cases is not None else 1 for error in errors.schema_errors)
        )
    return 0


if __name__ == "__main__":
    print(globals()[sys.argv[1]](Path(sys.argv[2])))
