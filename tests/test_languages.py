"""Two languages: what is said in each, the links of English pages, and the catalogue that holds the English."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory import english, french, languages, links, messages

N, H = french.NARROW, french.HARD
CATALOGUE = {
    (None, "Chercher"): "Search",
    (None, "ligne"): ("row", "rows"),
    (None, "région"): "région (English)",
    ("data", "Chercher"): "To seek",
    ("data", "Titre"): "Title",
}
FRENCH_ROW = {"title": "Titre", "name": "Titre", "code": "Titre", "rows": 12, "other": "Sans traduction"}
ADDRESS = st.text(alphabet="abcz/.?#=&-:", max_size=20)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of five messages."""
    monkeypatch.setattr(languages, "catalogue", lambda: CATALOGUE)
    languages.sentences.cache_clear()
    yield
    languages.sentences.cache_clear()


# The language of a page


def test_french_is_the_source_and_english_ends_with_its_block(small: None) -> None:
    assert (languages.current(), languages.gettext("Chercher")) == ("fr", "Chercher")
    with languages.speaking("en"):
        assert (languages.current(), languages.gettext("Chercher")) == ("en", "Search")
        with languages.speaking("fr"):
            assert languages.gettext("Chercher") == "Chercher"
        assert languages.gettext("Chercher") == "Search"
    assert languages.gettext("Chercher") == "Chercher"


def test_language_comes_back_after_a_fault(small: None) -> None:
    with pytest.raises(ZeroDivisionError), languages.speaking("en"):
        raise ZeroDivisionError
    assert languages.current() == "fr"


def test_unknown_language_is_refused() -> None:
    with pytest.raises(KeyError), languages.speaking("de"):
        pass
    assert languages.current() == "fr"


def test_message_without_translation_stays_french(small: None) -> None:
    with languages.speaking("en"):
        assert languages.gettext("Inconnu") == "Inconnu" and languages.data("Inconnu") == "Inconnu"


def test_texts_of_data_have_their_own_translations(small: None) -> None:
    with languages.speaking("en"):
        assert languages.data("Chercher") == "To seek" and languages.gettext("Titre") == "Titre"
    assert languages.data("Chercher") == "Chercher"


@pytest.mark.parametrize(
    "count, in_french, in_english",
    [(0, "ligne", "rows"), (1, "ligne", "row"), (1.5, "ligne", "rows"), (2, "lignes", "rows"), (-1, "ligne", "rows")],
)
def test_each_language_has_its_plural(small: None, count: float, in_french: str, in_english: str) -> None:
    assert languages.ngettext("ligne", "lignes", count) == in_french
    with languages.speaking("en"):
        assert languages.ngettext("ligne", "lignes", count) == in_english
        assert languages.ngettext("inconnu", "inconnus", count) == ("inconnu" if count == 1 else "inconnus")


class Row(dict[str, Any]):
    """A row of SQLite, by position or by column."""

    def __getitem__(self, column: str | int) -> Any:
        return list(self.values())[column] if isinstance(column, int) else super().__getitem__(column)


def test_rows_are_translated_but_for_names_and_codes(small: None) -> None:
    rows: Sequence[Any] = [Row(FRENCH_ROW)]
    assert languages.rows(rows) == rows
    with languages.speaking("en"):
        (row,) = languages.rows(rows)
        assert (row["title"], row["name"], row["code"]) == ("Title", "Titre", "Titre")
        assert (row["rows"], row["other"], row[0]) == (12, "Sans traduction", "Title")
        assert row.keys() == list(FRENCH_ROW)


def test_catalogue_leaves_out_what_is_not_translated(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "oui"\nmsgstr "yes"\n\nmsgid "non"\nmsgstr ""\n\nmsgctxt "data"\nmsgid "oui"\nmsgstr "aye"\n\n'
        'msgid "un"\nmsgid_plural "des"\nmsgstr[0] "one"\nmsgstr[1] "some"\n\n'
        'msgid "une"\nmsgid_plural "uns"\nmsgstr[0] "one"\nmsgstr[1] ""\n',
        encoding="utf-8",
    )
    found = languages.catalogue.__wrapped__(path)
    assert found == {(None, "oui"): "yes", ("data", "oui"): "aye", (None, "un"): ("one", "some")}


# Addresses


@pytest.mark.parametrize(
    "path, found",
    [
        ("/", ("fr", "/")),
        ("/en", ("en", "/")),
        ("/en/", ("en", "/")),
        ("/en/methode", ("en", "/methode")),
        ("/energie", ("fr", "/energie")),
        ("/methode/en", ("fr", "/methode/en")),
    ],
)
def test_path_says_its_language(path: str, found: tuple[str, str]) -> None:
    assert links.split(path) == found


@pytest.mark.parametrize(
    "address, english_one",
    [
        ("/", "/en/"),
        ("/methode#editions", "/en/methode#editions"),
        ("/recherche?q=a.csv", "/en/recherche?q=a.csv"),
        ("/donnees?sql=select", "/en/donnees?sql=select"),
        ("/en", "/en"),
        ("/en/methode", "/en/methode"),
        ("/energie", "/en/energie"),
        ("/static/observatoire.css", "/static/observatoire.css"),
        ("/-/static/app.css", "/-/static/app.css"),
        ("/donnees/scores.csv?ref_area=DEP-68", "/donnees/scores.csv?ref_area=DEP-68"),
        ("/donnees/scores.json", "/donnees/scores.json"),
        ("/sitemap.xml", "/sitemap.xml"),
        ("https://example.org/methode", "https://example.org/methode"),
        ("//example.org/methode", "//example.org/methode"),
        ("#carte", "#carte"),
        ("methode", "methode"),
    ],
)
def test_address_leads_to_its_english_page(address: str, english_one: str) -> None:
    assert links.localised(address) == english_one


@given(ADDRESS)
def test_english_address_is_its_own_english_address(address: str) -> None:
    once = links.localised(address)
    assert links.localised(once) == once


@given(st.sampled_from(["a", "area", "form", "iframe", "button", "input", "object", "link", "p"]), ADDRESS, ADDRESS)
def test_english_page_is_its_own_english_page(tag: str, address: str, other: str) -> None:
    html = f'<{tag} class="x" href="{address}" data-y="/a"> text /a <a action="{other}">href="/b"</a>'
    once = links.in_english(html)
    assert links.in_english(once) == once
    assert ' data-y="/a"> text /a <a' in once and '>href="/b"</a>' in once


@given(st.sampled_from(["https://", "http://", "//", "mailto:"]), ADDRESS)
def test_other_hosts_are_never_touched(scheme: str, rest: str) -> None:
    html = f'<a href="{scheme}example.org/{rest}">x</a><form action="{scheme}example.org/{rest}">'
    assert links.in_english(html) == html


def test_links_of_a_page_become_english_but_for_marked_ones_and_what_has_no_page() -> None:
    html = (
        '<link rel="stylesheet" href="/static/a.css"><a href="/methode">x</a><form action="/recherche">'
        '<a hreflang="fr" href="/methode">y</a><button formaction="/contribuer"><object data="/carte">'
        '<a href="/donnees/x.csv">z</a><script src="/static/a.js"></script><iframe src="/integrer">'
    )
    assert links.in_english(html) == (
        '<link rel="stylesheet" href="/static/a.css"><a href="/en/methode">x</a><form action="/en/recherche">'
        '<a hreflang="fr" href="/methode">y</a><button formaction="/en/contribuer"><object data="/en/carte">'
        '<a href="/donnees/x.csv">z</a><script src="/static/a.js"></script><iframe src="/en/integrer">'
    )


async def answered(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """What a visitor receives when the application answers that."""
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    answer = links.Answer(send)
    for event in events:
        await answer.take(event)
    return sent


async def test_page_in_pieces_is_sent_whole_and_without_its_old_length() -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"9")],
    }
    body = "<p>é</p><a href='x'></a><a hr".encode()
    rest = b'ef="/methode">'
    sent = await answered(
        start,
        {"type": "http.response.body", "body": body, "more_body": True},
        {"type": "http.response.body", "body": rest},
    )
    assert [event["type"] for event in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["headers"] == [(b"content-type", b"text/html; charset=utf-8")]
    assert sent[1]["body"] == body + b'ef="/en/methode">'


async def test_other_answers_go_by_as_they_come_but_for_where_they_lead() -> None:
    start = {
        "type": "http.response.start",
        "status": 302,
        "headers": [(b"Location", b"/territoires/DEP-68"), (b"content-type", b"text/plain")],
    }
    events = [{"type": "http.response.body", "body": b'<a href="/x">', "more_body": n == 0} for n in (0, 1)]
    sent = await answered(start, *events)
    assert sent[0]["headers"][0] == (b"Location", b"/en/territoires/DEP-68")
    assert sent[1:] == events


# English numbers, dates and words


@pytest.mark.parametrize(
    "value, decimals, text",
    [(12394, 0, "12,394"), (1234567.891, 2, "1,234,567.89"), (-3.5, 1, "−3.5"), (-0.01, 1, "0.0"), (None, 0, "—")],
)
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert english.number(value, decimals) == text


@pytest.mark.parametrize("value, text", [(50.0, "50"), (0.5, "0.5"), (66.67, "66.67"), (1500, "1,500"), (None, "—")])
def test_compact(value: float | None, text: str) -> None:
    assert english.compact(value) == text
    assert english.compact(50, 0) == "50"


def test_quantity_percent_and_count() -> None:
    assert english.quantity(88.6, "%") == "88.6%" and english.quantity(None, "%") == "—"
    assert english.quantity(3.0, "km", 0) == f"3{H}km" and english.quantity(3.0, "", None) == "3"
    assert english.percent(0.886) == "89%" and english.percent(None) == "—"
    with languages.speaking("en"):
        assert english.count(12394, "ligne") == f"12,394{H}rows" and english.count(1, "ligne") == f"1{H}row"
        assert english.count(None, "ligne") == f"0{H}rows"


@pytest.mark.parametrize(
    "rank, text",
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st")]
    + [(102, "102nd"), (111, "111th"), (1003, "1,003rd"), (None, "—")],
)
def test_ordinal(rank: int | None, text: str) -> None:
    assert english.ordinal(rank) == text


@given(st.dates())
def test_date_keeps_its_day_month_and_year(day: date) -> None:
    said, month, year = english.date(day.isoformat()).replace(H, " ").split()
    assert (int(said), english.MONTHS.index(month) + 1, int(year)) == (day.day, day.month, day.year)


def test_date_that_is_none_is_given_back() -> None:
    with languages.speaking("en"):
        assert english.date("2022") == "2022" and english.date(None) != ""


@pytest.mark.parametrize(
    "first, last, text",
    [
        ("2019", "2022", "from 2019 to 2022"),
        ("2019", "2019", "2019"),
        (None, "2022-09", "September 2022"),
        ("2017-Q1", "2022-Q3", "from Q1 2017 to Q3 2022"),
        ("x", None, "from x to —"),
    ],
)
def test_span(first: str | None, last: str | None, text: str) -> None:
    assert english.span(first, last) == text


def test_words_titles_and_nouns() -> None:
    with languages.speaking("en"):
        assert english.word("postcode", "alias") == "postcode" and english.word(None, "alias") == "—"
    assert english.noun("Large cities (over 100,000)") == "large cities" and english.noun("EPCI") == "EPCI"
    assert english.typeset("Really ?") == "Really ?" and english.typeset(None) == ""


def test_each_language_has_the_same_formats() -> None:
    spec = spec_from_file_location("formats_plugin", ROOT / "plugins" / "formats.py")
    assert spec and spec.loader
    plugin = module_from_spec(spec)
    spec.loader.exec_module(plugin)
    assert [n for n in plugin.FORMATS if not (hasattr(french, n) and hasattr(english, n))] == []


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)), st.integers(0, 400))
def test_spans_of_both_languages_name_the_same_years(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    ends = [f"{day:%Y-%m}" for day in (first, last)]
    years = [re.findall(r"\d{4}", module.span(*ends)) for module in (french, english)]
    assert years[0] == years[1]


# The catalogue


def repository(root: Path) -> Path:
    """A repository of one template, one module and one indicator."""
    for folder in ("templates/pages", "observatory", "plugins", "indicators", "datasets", "schemas", "codelists"):
        (root / folder).mkdir(parents=True)
    (root / "templates" / "pages" / "a.html").write_text(
        '{% trans %}\n  Bonjour\n  vous{% endtrans %}{{ _("Menu") }}{% set n = 3 %}{{ n|counted("cheval", "chevaux") }}'
        "{% trans count=n, shown=n|number %}{{ shown }} page{% pluralize count %}{{ shown }} pages{% endtrans %}"
        '{{ n|counted("ligne") }}',
        encoding="utf-8",
    )
    (root / "observatory" / "a.py").write_text('from x import gettext as _\ny = _("Dit par {n}")\n', encoding="utf-8")
    (root / "metadata.yml").write_text("title: Le site\nsource_url: non\n", encoding="utf-8")
    (root / "indicators" / "index.yml").write_text("title: Indice\nunit: pas dit\n", encoding="utf-8")
    (root / "schemas" / "a.schema.json").write_text('{"fields": [{"title": "Colonne"}]}', encoding="utf-8")
    (root / "codelists" / "units.csv").write_text("unit,title,symbol\nx,Unité,hab.\n", encoding="utf-8")
    return root


def test_messages_of_templates_code_and_data_are_collected(tmp_path: Path) -> None:
    found = messages.collect(repository(tmp_path))
    said = {(m.context, m.id) for m in found if m.id}
    assert {
        (None, "Bonjour vous"),
        (None, "Menu"),
        (None, "Dit par {n}"),
        (None, ("cheval", "chevaux")),
        (None, ("ligne", "lignes")),
        (None, ("%(shown)s page", "%(shown)s pages")),
        (None, french.WORDS["alias"]["postcode"]),
        ("data", "Le site"),
        ("data", "Indice"),
        ("data", "Colonne"),
        ("data", "Unité"),
        ("data", "hab."),
    } <= said
    assert {("data", "non"), ("data", "pas dit")} & said == set()


def test_update_keeps_what_is_translated_and_forgets_what_is_no_longer_said(tmp_path: Path) -> None:
    root = repository(tmp_path)
    path = root / messages.PLACE
    path.parent.mkdir(parents=True)
    path.touch()
    path.write_bytes(messages.updated(root))
    assert "Menu" in messages.untranslated(root)
    text = path.read_text(encoding="utf-8").replace('msgid "Menu"\nmsgstr ""', 'msgid "Menu"\nmsgstr "The menu"')
    path.write_text(text + '\nmsgid "Disparu"\nmsgstr "Gone"\n', encoding="utf-8")
    fresh = messages.updated(root)
    assert b'msgstr "The menu"' in fresh and b"Disparu" not in fresh
    assert "Menu" not in messages.untranslated(root) and "Bonjour vous" in messages.untranslated(root)
    path.write_bytes(fresh)
    assert messages.updated(root) == fresh


def test_a_contributed_dataset_needs_no_english_and_everything_else_does(tmp_path: Path) -> None:
    root = repository(tmp_path)
    path = root / messages.PLACE
    path.parent.mkdir(parents=True)
    path.touch()
    path.write_bytes(messages.updated(root))
    assert messages.stale(root) == []
    (root / "datasets" / "x.resource.yaml").write_text("title: Un jeu nouveau\n", encoding="utf-8")
    assert messages.stale(root) == [] and "Un jeu nouveau" not in messages.untranslated(root)
    (root / "indicators" / "index.yml").write_text("title: Autre indice\n", encoding="utf-8")
    assert messages.stale(root) == ["Autre indice", "Indice"]
    assert "Autre indice" in messages.untranslated(root)


def test_translations_keep_the_placeholders_and_the_tags_of_the_french() -> None:
    pattern = re.compile(r"%\(\w+\)s|(?<!%)\{\w*\}|</?[a-z]+|href=\"[^\"]*\"")
    wrong = []
    with languages.CATALOGUE.open("rb") as stream:
        found = read_po(stream, locale="en")
    for message in (m for m in found if m.id):
        # A form may leave a placeholder out (« cette ligne »), not make one up.
        french_forms = " ".join(message.id if isinstance(message.id, tuple | list) else [message.id])
        for text in message.string if isinstance(message.string, tuple | list) else [message.string]:
            if set(pattern.findall(text)) - set(pattern.findall(french_forms)):
                wrong.append((french_forms, text))
    assert wrong == []
