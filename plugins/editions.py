"""Give templates an edition of the method: its rules in words (`edition_rules()` …), its `method_example()`."""

from functools import partial

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import method_example, method_words

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["edition_rules"] = method_words.rules
    env.globals["rule_title"] = method_words.rule_title
    env.globals["rule_value"] = method_words.rule_value
    env.globals["kept_rules"] = method_words.kept
    env.globals["method_example"] = partial(example, datasette)


async def example(datasette: Datasette, edition: str, text: str | None) -> method_example.Example:
    """The territory of the worked example of that edition, see `observatory.method_example`."""
    database = datasette.get_database(DATABASE)
    found: method_example.Example = await database.execute_fn(lambda db: method_example.example(db, edition, text))
    return found
