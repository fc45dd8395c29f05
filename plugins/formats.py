"""Give templates the formats of the library as filters, in the language of the page, and readers of JSON."""

import json
from collections.abc import Callable
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils import tilde_decode
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from observatory import dcat_files, languages, outputs
from observatory.formats import spoken
from observatory.rounding import adding_up

FORMATS = (
    *("number", "compact", "quantity", "percent", "ordinal", "count", "date", "period", "span", "word"),
    *("capital", "noun", "typeset", "key", "alphabetical"),
)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Register one filter for each function that `observatory.french` and `observatory.english` both have."""
    for name in FORMATS:
        # "count" is already Jinja's alias of "length"; ours reads « 3 lignes ».
        env.filters["counted" if name == "count" else name] = said(name)
    env.filters["translated"] = languages.data
    env.filters["from_json"] = from_json
    env.filters["adding_up"] = adding_up
    env.filters["decoded"] = tilde_decode
    env.filters["format_title"] = outputs.title
    env.globals["others"] = dcat_files.others


def from_json(text: str | None) -> Any:
    """The value of a JSON column; an empty list when it is null or empty."""
    return json.loads(text) if text else []


def said(name: str) -> Callable[..., Any]:
    """The function `name` of the page's language. It takes the context so that Jinja never folds it into a template."""

    @pass_context
    def filtered(context: Context, *values: Any, **options: Any) -> Any:
        return getattr(spoken(), name)(*values, **options)

    return filtered
