"""The public recalculation, which SQLite and DuckDB run as it stands in test_recalculation: Spark reads it alike."""

import sqlglot
from sqlglot.errors import ErrorLevel

from observatory.catalogue import VIEWS

SQL = (VIEWS / "recalculated_scores.sql").read_text(encoding="utf-8")


def read_alike(sql: str) -> bool:
    """Whether the SQL means in Spark what it means in SQLite: read as either, it is one query."""
    own = [one for one in sqlglot.parse(sql, read="spark") if one]
    moved = sqlglot.transpile(sql, read="sqlite", write="spark", unsupported_level=ErrorLevel.RAISE)
    return own == [sqlglot.parse_one(one, read="spark") for one in moved]


def test_spark_reads_the_recalculation_as_it_stands() -> None:
    assert SQL.count("create view") == 4
    assert read_alike(SQL)


def test_a_word_of_sqlite_alone_is_seen() -> None:
    assert not read_alike(SQL.replace("floor(score", "iif(score > 0, 1, 0) + json_extract('{}', '$.a') + floor(score"))
