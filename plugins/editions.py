"""Give templates the rules of the editions of the method in words: `edition_rules()`, `rule_value()` …"""

from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import method_words


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["edition_rules"] = method_words.rules
    env.globals["rule_title"] = method_words.rule_title
    env.globals["rule_value"] = method_words.rule_value
    env.globals["kept_rules"] = method_words.kept
