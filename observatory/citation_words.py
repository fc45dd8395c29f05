"""A quotation in words: the sentence, the reference, its BibTeX, its address, and what became of what it quotes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from observatory import bibtex, languages
from observatory.citing import ABSENT, CHANGED, EXACT, PENDING, RANKING, WITHDRAWN, Quote
from observatory.formats import spoken
from observatory.languages import data, kept
from observatory.languages import gettext as _
from observatory.revisions import VALUE

HOME = kept("Observatoire de la maturité numérique des territoires")
VERDICTS = {
    EXACT: kept("Toujours exact"),
    CHANGED: kept("Changé"),
    WITHDRAWN: kept("Retiré"),
    ABSENT: kept("Jamais publié dans cette édition"),
    PENDING: kept("Édition en cours"),
}


def address(quotes: Sequence[Quote]) -> str:
    """The path that verifies these quotes, of one node, period and edition."""
    first = quotes[0]
    what = "indicateur" if first.measure == VALUE else "noeud"
    who = (
        "categorie" if first.measure == RANKING else "territoire",
        ",".join(str(one.card["ref_area"]) for one in quotes),
    )
    periods = {one.time_period for one in quotes}
    when = [("periode", first.time_period)] if len(periods) == 1 else []
    return "/citation?" + urlencode([who, (what, first.node["code"]), *when, ("edition", first.edition)], safe=",")


def amount(quote: Quote, value: float | None) -> str:
    """The value with its unit, or a score out of 100."""
    written: str
    if quote.measure == VALUE:
        written = spoken().quantity(value, data(quote.node["symbol"] or ""), quote.node["decimals"])
    else:
        written = _("{score} sur 100").format(score=spoken().number(value, 1))
    return written


def sentence(quote: Quote) -> str:
    """What is quoted, in a sentence that reads alone."""
    named = {"name": quote.card["name"], "title": quote.node["title"], "period": spoken().period(quote.time_period)}
    if quote.measure == RANKING:
        said = _("Classement des {name}, {title} : {ranked} territoires classés")
        return said.format(
            **{**named, "name": spoken().noun(named["name"])}, ranked=spoken().number(quote.facts["ranked"])
        )
    return _("{name} : {title}, {value} ({period})").format(**named, value=amount(quote, quote.shown))


def sentences(quotes: Sequence[Quote]) -> str:
    """All of them, with who says so and in which edition."""
    said = _(" ; ").join(sentence(quote) for quote in quotes)
    home = _("Observatoire de la maturité numérique des territoires")
    text: str = spoken().typeset(
        _("{said}. {home}, édition {edition}.").format(said=said, home=home, edition=quotes[0].edition)
    )
    return text


def sources(quotes: Sequence[Quote]) -> list[str]:
    """The organisations that publish what is quoted, without a doublet; none for a score, which is ours."""
    people = [one for quote in quotes for one in json.loads(quote.facts.get("contributors") or "[]")]
    return list(dict.fromkeys(data(one["title"]) for one in people))


def reference(quotes: Sequence[Quote], link: str) -> str:
    """The same with its source and its address, for a note or a bibliography."""
    text: str = spoken().typeset(" ".join(filter(None, [sentences(quotes), origin(quotes)])))
    return f"{text} {link}"


def origin(quotes: Sequence[Quote]) -> str:
    """Where what is quoted comes from, with the mark of the data; empty for a figure that is no more.

    A score comes from a method and from the datasets of its edition, and has the status of that edition.
    """
    facts, names = quotes[0].facts, _(" ; ").join(sources(quotes))
    mark = facts.get("fingerprint") or ""
    if names:
        return _("Source : {names}, empreinte des données {mark}.").format(names=names, mark=mark)
    if not facts.get("method_sha256"):
        return ""
    said = _(
        "Source : calcul de l’observatoire, méthode de l’édition {edition} (SHA-256 {method}), "
        "jeux de données de l’édition, empreinte des données {mark}. Statut : {status}."
    )
    method, status = facts["method_sha256"], data(facts["status_title"]).lower()
    return said.format(edition=facts["method_edition"], method=method, mark=mark, status=status)


def entry(quotes: Sequence[Quote], link: str, today: str) -> str:
    """The BibTeX entry."""
    first = quotes[0]
    fields: dict[str, str | Sequence[str]] = {
        "author": [_("Observatoire de la maturité numérique des territoires")],
        "title": _(" ; ").join(sentence(quote) for quote in quotes),
        "year": first.edition[:4],
        "note": ". ".join(filter(None, [_("Édition {edition}").format(edition=first.edition), origin(quotes)])),
        "url": link,
        "urldate": today,
    }
    areas = [str(quote.card["ref_area"]) for quote in quotes]
    return bibtex.entry(
        bibtex.key_of("observatoire", *areas, first.node["code"], first.time_period, first.edition), fields
    )


def verdict(quote: Quote, today: str) -> tuple[str, str]:
    """What became of the quoted figure: in two or three words, then in a sentence or two."""
    title = data(VERDICTS[quote.verdict])
    if quote.verdict == CHANGED and quote.changed_on:
        title = _("Changé le {day}").format(day=spoken().date(quote.changed_on))
    named = {"edition": quote.edition, "day": spoken().date(today)}
    named |= {"then": amount(quote, quote.then), "now": amount(quote, quote.now)}
    said = _ranked(quote) if quote.measure == RANKING else _said(quote).format(**named)
    return title, " ".join(text for text in (said, quote.reason) if text)


def _said(quote: Quote) -> str:
    if quote.verdict == EXACT:
        return _("L’édition {edition} a publié {then}. Vérifié le {day} : c’est toujours la valeur.")
    if quote.verdict == CHANGED:
        return _("L’édition {edition} a publié {then}. La valeur est aujourd’hui {now}.")
    if quote.verdict == WITHDRAWN and quote.then is None:
        return _("L’observatoire ne publie plus ce chiffre.")
    if quote.verdict == WITHDRAWN:
        return _("L’édition {edition} a publié {then}. L’observatoire ne publie plus ce chiffre.")
    if quote.verdict == PENDING:
        return _("L’édition {edition} n’est pas encore publiée : voici le chiffre tel qu’il est le {day}, {now}.")
    if quote.facts.get("recalculated"):
        return _("L’édition {edition} ne donne que les périmètres de l’époque ; dans celui d’aujourd’hui : {now}.")
    return _("L’édition {edition} ne contient pas ce chiffre, publié depuis. Sa valeur est aujourd’hui {now}.")


def _ranked(quote: Quote) -> str:
    numbers = {"ranked": spoken().number(quote.facts["ranked"]), "moved": spoken().number(quote.facts["moved"])}
    if quote.verdict == CHANGED:
        return _("Scores qui ont changé depuis l’édition : {moved}. Territoires classés : {ranked}.").format(**numbers)
    if quote.verdict == EXACT:
        return _("Aucun des scores de ce classement n’a changé. Territoires classés : {ranked}.").format(**numbers)
    return _("L’édition n’est pas encore publiée. Territoires classés : {ranked}.").format(**numbers)


def page(quotes: Sequence[Quote], link: str, today: str) -> dict[str, Any]:
    """All that is shown of quotes: texts to copy, and each quote with what became of it."""
    return {
        "quotes": [shown(quote, today) for quote in quotes],
        "sentence": sentences(quotes),
        "text": reference(quotes, link),
        "bibtex": entry(quotes, link, today),
        "link": link,
        "edition": quotes[0].edition,
        "checked": today,
    }


def shown(quote: Quote, today: str) -> dict[str, Any]:
    """A quote for a template: its verdict in words, its values with their unit, the facts translated."""
    title, said = verdict(quote, today)
    return {
        "quote": quote,
        "title": title,
        "said": said,
        "then": amount(quote, quote.then) if quote.then is not None else None,
        "now": amount(quote, quote.now) if quote.now is not None else None,
        "sentence": sentence(quote),
        "facts": {name: data(text) if isinstance(text, str) else text for name, text in quote.facts.items()},
        "history": languages.rows(list(quote.history)),
    }


def document(quotes: Sequence[Quote], link: str, today: str) -> Mapping[str, Any]:
    """The same for machines, in the words of the database."""
    whole = page(quotes, link, today)
    texts = {name: whole[name] for name in ("edition", "checked", "sentence", "text", "bibtex", "link")}
    return {**texts, "quotes": [_facts(one) for one in whole["quotes"]]}


def _facts(one: Mapping[str, Any]) -> dict[str, Any]:
    quote: Quote = one["quote"]
    names = ("dataset",) if quote.measure == VALUE else ("method_edition", "method_sha256")
    facts = {name: quote.facts.get(name) for name in ("status", "status_date", "fingerprint", *names)}
    counts = {name: quote.facts[name] for name in ("ranked", "moved")} if quote.measure == RANKING else {}
    return {
        ("category" if quote.measure == RANKING else "ref_area"): quote.card["ref_area"],
        "name": quote.card["name"],
        "measure": quote.measure,
        "node": quote.node["code"],
        "time_period": quote.time_period,
        "edition": quote.edition,
        "verdict": quote.verdict,
        "verdict_title": one["title"],
        "published_value": quote.then,
        "value": quote.now,
        "changed_on": quote.changed_on,
        "reason": quote.reason,
        **facts,
        **counts,
    }
