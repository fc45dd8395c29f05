"""Give templates the French formats of the library as filters, and two readers of JSON and search words."""

import json
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils import tilde_decode
from jinja2 import Environment

from observatory import french, search
from observatory.rounding import adding_up


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Register one filter for each public function of `observatory.french`."""
    for name in (
        "number",
        "compact",
        "quantity",
        "percent",
        "ordinal",
        "count",
        "date",
        "period",
        "span",
        "word",
        "capital",
        "noun",
        "typeset",
        "key",
        "alphabetical",
    ):
        # "count" is already Jinja's alias of "length"; ours reads « 3 lignes ».
        env.filters["counted" if name == "count" else name] = getattr(french, name)
    env.filters["from_json"] = from_json
    env.filters["adding_up"] = adding_up
    env.filters["decoded"] = tilde_decode
    env.filters["match_expression"] = search.match_expression
    env.tests["same_name"] = lambda name, text: search.same(text, name)


def from_json(text: str | None) -> Any:
    """The value of a JSON column; an empty list when it is null or empty."""
    return json.loads(text) if text else []
