"""Serve every page in English too, under /en, and give templates gettext, `language()` and `other_languages()`."""

from collections.abc import Callable
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import languages, links

App = Callable[[dict[str, Any], Any, links.Send], Any]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Install the i18n extension over the library's messages."""
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True, pgettext=languages.pgettext)  # type: ignore[attr-defined]
    env.globals["language"] = languages.current


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Around everything else: the language is in the path, and the links of an English page stay in English."""

    def wrap(app: App) -> App:
        async def spoken(scope: dict[str, Any], receive: Any, send: links.Send) -> None:
            language, path = links.split(scope.get("path", ""))
            if scope["type"] != "http" or language == languages.SOURCE:
                await app(scope, receive, send)
                return
            raw = scope.get("raw_path", b"")
            answer = links.Answer(send)
            with languages.speaking(language):
                inner = {**scope, "path": path, "raw_path": raw[len(links.PREFIX) :] or b"/"}
                await app(inner, receive, answer.take)

        return spoken

    return wrap
