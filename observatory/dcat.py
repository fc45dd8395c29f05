"""The catalogue in the terms of DCAT-AP 3.0.1: a graph made from the database, in three syntaxes.

Identifiers are addresses of the site, written for the unset address of `identity`: who serves or exports the catalogue
puts the permanent one in its place.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD

from observatory import outputs
from observatory.dcat_entries import Entry, entries
from observatory.dcat_files import ZIP, File, files, whole
from observatory.dcat_terms import (
    ADMS,
    DCATAP,
    EU,
    FREQUENCIES,
    GEO,
    IANA,
    LICENCES,
    SPDX,
    SPDX_LICENCES,
    THEME_LABELS,
    VCARD,
)
from observatory.export import OWN_LICENCE, WHOLE
from observatory.identity import UNSET, Identity, read_identity

# By file: rdflib's word for the syntax, and the media type.
SYNTAXES = {
    "catalog.ttl": ("turtle", "text/turtle"),
    "catalog.jsonld": ("json-ld", "application/ld+json"),
    "catalog.rdf": ("xml", "application/rdf+xml"),
}
PREFIXES = {"adms": ADMS, "dcat": DCAT, "dcatap": DCATAP, "dct": DCTERMS, "foaf": FOAF, "geo": GEO,
            "prov": PROV, "rdfs": RDFS, "skos": SKOS, "spdx": SPDX, "vcard": VCARD, "xsd": XSD}  # fmt: skip
CATALOGUE, PUBLISHER, CONTACT = (
    URIRef(f"{UNSET}/jeux-de-donnees#{word}") for word in ("catalogue", "editeur", "contact")
)
VERSION = URIRef(f"{DCAT}version")  # that rdflib does not know
HOME, FRENCH, PUBLIC = URIRef(f"{UNSET}/"), URIRef(f"{EU}language/FRA"), URIRef(f"{EU}access-right/PUBLIC")
API, SQL = URIRef(f"{UNSET}/api#service"), URIRef(f"{UNSET}/donnees#service")


def file_rows(root: Path, db: sqlite3.Connection) -> Iterator[dict[str, str]]:
    """Rows of the table `catalogue_files`: the catalogue in each syntax, then the Table Schemas that it names."""
    made = graph(root, db)
    for name, (syntax, media_type) in SYNTAXES.items():
        yield {"path": name, "media_type": media_type, "content": written(made, syntax)}
    for path in sorted({entry.schema[1:] for entry in entries(root, db) if entry.schema}):
        text = (root / path).read_text(encoding="utf-8")
        yield {"path": path, "media_type": "application/schema+json", "content": text}


def written(made: Graph, syntax: str) -> str:
    """The graph in that syntax of rdflib; blank nodes keep the names that the graph gives them."""
    if syntax != "json-ld":
        return made.serialize(format=syntax).rstrip("\n") + "\n"
    tree = json.loads(made.serialize(format=syntax, auto_compact=True))
    return json.dumps(_sorted(tree), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _sorted(value: Any) -> Any:
    """The same JSON-LD, whose lists are sets, in one order."""
    if isinstance(value, dict):
        return {name: _sorted(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def graph(root: Path, db: sqlite3.Connection, exported: Mapping[str, Sequence[File]] | None = None) -> Graph:
    """The catalogue of that database, whose repository is at `root`; `exported` are files of an export by table."""
    made, listed = _Ordered(), list(entries(root, db))
    for prefix, namespace in PREFIXES.items():
        made.bind(prefix, namespace, override=True, replace=True)
    _whole(made, read_identity(root), listed)
    for entry in listed:
        _entry(made, entry)
        own = files(db, entry.name) if entry.name != WHOLE else [whole()]
        for file in (*own, *(exported or {}).get(entry.name, ())):
            _file(made, entry, file)
    return made


class _Ordered(Graph):
    """A graph that is always read in the same order, whatever that of a set in memory."""

    def triples(self, triple: Any) -> Any:
        """The triples that match."""
        return iter(sorted(super().triples(triple)))


def address(entry: Entry) -> URIRef:
    """The identifier of a dataset."""
    return URIRef(f"{UNSET}{entry.path}#donnees")


def _whole(g: Graph, who: Identity, listed: list[Entry]) -> None:
    french = Literal(who.title, "fr")
    _add(g, CATALOGUE, {
        RDF.type: DCAT.Catalog, DCTERMS.title: french, DCTERMS.language: FRENCH, DCTERMS.publisher: PUBLISHER,
        DCTERMS.description: Literal("Jeux de données, observations, scores et nomenclatures de l’observatoire.", "fr"),
        DCTERMS.license: _licence(g, OWN_LICENCE), DCTERMS.spatial: _place(g, "#france", listed[-1].area),
        DCTERMS.modified: _day(max(entry.modified for entry in listed)), FOAF.homepage: HOME,
        DCAT.themeTaxonomy: URIRef(f"{EU}data-theme"), DCAT.contactPoint: CONTACT,
    })  # fmt: skip
    if issued := [entry.issued for entry in listed if entry.issued]:
        g.add((CATALOGUE, DCTERMS.issued, _day(min(issued))))
    _add(g, HOME, {RDF.type: FOAF.Document})
    taxonomy = URIRef(f"{EU}data-theme")
    _add(g, taxonomy, {RDF.type: SKOS.ConceptScheme, DCTERMS.title: Literal("Thèmes de données", "fr")})
    for kind in (FOAF.Organization, FOAF.Agent):
        g.add((PUBLISHER, RDF.type, kind))
    _add(g, PUBLISHER, {FOAF.name: Literal(who.publisher, "fr"), FOAF.homepage: HOME})
    for kind in (VCARD.Kind, VCARD.Organization):
        g.add((CONTACT, RDF.type, kind))
    _add(g, CONTACT, {VCARD.fn: Literal(who.contact), VCARD.hasEmail: URIRef(f"mailto:{who.email}")})
    _services(g, listed)


def _services(g: Graph, listed: list[Entry]) -> None:
    """The doors by which programs ask for rows."""
    doors = {
        API: ("API de l’observatoire", "Territoires, indicateurs, valeurs, scores, jeux de données.", "/api/v1",
              "/api/v1/openapi.json"),
        SQL: ("Base de données", "Toutes les tables, par filtres ou par requêtes SQL.", "/donnees", "/donnees.json"),
    }  # fmt: skip
    for door, (title, description, path, described) in doors.items():
        _add(g, door, {
            RDF.type: DCAT.DataService, DCTERMS.title: Literal(title, "fr"), DCAT.contactPoint: CONTACT,
            DCTERMS.description: Literal(description, "fr"), DCTERMS.publisher: PUBLISHER, DCTERMS.accessRights: PUBLIC,
            DCTERMS.license: _licence(g, OWN_LICENCE), DCAT.endpointURL: URIRef(UNSET + path),
            DCAT.endpointDescription: URIRef(UNSET + described), DCTERMS.identifier: Literal(path.strip("/")),
        })  # fmt: skip
        g.add((CATALOGUE, DCAT.service, door))
        for entry in listed:
            if door == SQL or entry.api:
                g.add((door, DCAT.servesDataset, address(entry)))


def _entry(g: Graph, entry: Entry) -> None:
    one = address(entry)
    g.add((CATALOGUE, DCAT.dataset, one))
    page, told = URIRef(UNSET + entry.path), URIRef(f"{one}-origine")
    _add(g, page, {RDF.type: FOAF.Document})
    _add(g, one, {
        RDF.type: DCAT.Dataset, DCTERMS.identifier: Literal(entry.name), DCTERMS.title: Literal(entry.title, "fr"),
        DCTERMS.description: Literal(entry.description, "fr"), DCTERMS.publisher: PUBLISHER,
        DCAT.contactPoint: CONTACT, DCTERMS.accrualPeriodicity: _frequency(g, entry.frequency),
        DCTERMS.language: FRENCH, DCTERMS.accessRights: PUBLIC, DCTERMS.license: _licence(g, entry.licence),
        DCTERMS.spatial: _place(g, f"{entry.path}#territoire", entry.area), DCTERMS.temporal: _span(g, entry),
        DCTERMS.modified: _day(entry.modified), DCAT.landingPage: page,
        VERSION: Literal(entry.version), DCTERMS.provenance: told,
    })  # fmt: skip
    if entry.schema:
        schema, title = URIRef(UNSET + entry.schema), Literal(f"Schéma de {entry.name} (Table Schema)", "fr")
        _add(g, schema, {RDF.type: DCTERMS.Standard, DCTERMS.title: title})
        g.add((one, DCTERMS.conformsTo, schema))
    _add(g, PUBLIC, {RDF.type: DCTERMS.RightsStatement})
    _add(g, FRENCH, {RDF.type: DCTERMS.LinguisticSystem})
    if entry.issued:
        g.add((one, DCTERMS.issued, _day(entry.issued)))
    for word in entry.keywords:
        g.add((one, DCAT.keyword, Literal(word, "fr")))
    for theme in entry.themes:
        concept = URIRef(f"{EU}data-theme/{theme}")
        _add(g, concept, {RDF.type: SKOS.Concept, SKOS.prefLabel: Literal(THEME_LABELS[theme], "fr"),
                          SKOS.inScheme: URIRef(f"{EU}data-theme")})  # fmt: skip
        g.add((one, DCAT.theme, concept))
    _origins(g, entry, one, told)
    _rights(g, entry, one)


def _origins(g: Graph, entry: Entry, one: URIRef, told: URIRef) -> None:
    """Who made the data, and of what."""
    for number, who in enumerate(entry.contributors, start=1):
        agent = URIRef(f"{UNSET}{entry.path}#contributeur-{number}")
        for kind in (FOAF.Organization, FOAF.Agent):
            g.add((agent, RDF.type, kind))
        g.add((agent, FOAF.name, Literal(who["title"], "fr")))
        g.add((one, DCTERMS.creator if who.get("role") in ("author", "publisher") else DCTERMS.contributor, agent))
    for source in entry.sources:
        if str(source.get("path", "")).startswith("https://"):
            g.add((one, DCTERMS.relation, URIRef(source["path"])))
    for name in entry.origins:
        origin = URIRef(f"{UNSET}/jeux-de-donnees/{name}#donnees")
        g.add((one, DCTERMS.source, origin))
        g.add((one, PROV.wasDerivedFrom, origin))
    sources = " ; ".join(source["title"] for source in entry.sources)
    text = f"Sources : {sources}." if sources else "Produit par l’observatoire à partir de ses sources citées."
    _add(g, told, {RDF.type: DCTERMS.ProvenanceStatement, RDFS.label: Literal(text, "fr")})


def _file(g: Graph, entry: Entry, file: File) -> None:
    one = URIRef(f"{UNSET}{entry.path}#{file.word}")
    g.add((address(entry), DCAT.distribution, one))
    form, media = URIRef(f"{EU}file-type/{file.kind}"), URIRef(IANA + file.media_type)
    _add(g, form, {RDF.type: DCTERMS.MediaTypeOrExtent, RDFS.label: Literal(file.kind)})
    _add(g, media, {RDF.type: DCTERMS.MediaType})
    stable = URIRef(f"{EU}planned-availability/STABLE")
    _add(g, stable, {RDF.type: SKOS.Concept})
    _add(g, one, {
        RDF.type: DCAT.Distribution, DCTERMS.title: Literal(file.name, "fr"), DCTERMS.format: form,
        DCTERMS.description: Literal(_told(entry, file), "fr"),
        DCAT.accessURL: URIRef(UNSET + file.path), DCAT.downloadURL: URIRef(UNSET + file.path), DCAT.mediaType: media,
        DCTERMS.license: _licence(g, entry.licence), DCTERMS.modified: _day(entry.modified),
        DCATAP.availability: stable, DCTERMS.language: FRENCH,
    })  # fmt: skip
    _rights(g, entry, one)
    if file.word == "csv":
        g.add((one, DCTERMS.conformsTo, URIRef(f"{UNSET}{entry.schema}")))
    if file.sha512:
        check = URIRef(f"{one}-empreinte")
        g.add((one, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger)))
        g.add((one, SPDX.checksum, check))
        # As hexBinary, which the shapes ask for and the national portal refuses of weaker sums.
        _add(g, check, {RDF.type: SPDX.Checksum, SPDX.algorithm: SPDX.checksumAlgorithm_sha512,
                        SPDX.checksumValue: Literal(file.sha512, datatype=XSD.hexBinary)})  # fmt: skip


def _told(entry: Entry, file: File) -> str:
    if file.word == ZIP:
        return "Archive qui se suffit à elle-même : tables en CSV, descripteur, licence."
    if entry.name == WHOLE:
        return "Toutes les tables de l’observatoire en une base SQLite."
    return f"Toutes les lignes de « {entry.title} » en {outputs.title(file.word)}."


def _rights(g: Graph, entry: Entry, one: URIRef) -> None:
    """What its licence alone does not say: of the whole, that each table keeps its own."""
    if entry.rights:
        said = URIRef(f"{UNSET}{entry.path}#droits")
        _add(g, said, {RDF.type: DCTERMS.RightsStatement, RDFS.label: Literal(entry.rights, "fr")})
        g.add((one, DCTERMS.rights, said))


def _licence(g: Graph, licence: str) -> URIRef:
    word, label = LICENCES[licence]
    one = URIRef(SPDX_LICENCES + word)
    _add(g, one, {RDF.type: DCTERMS.LicenseDocument, RDFS.label: Literal(label)})
    return one


def _frequency(g: Graph, word: str) -> URIRef:
    code, label = FREQUENCIES[word]
    one = URIRef(f"{EU}frequency/{code}")
    for kind in (DCTERMS.Frequency, SKOS.Concept):
        g.add((one, RDF.type, kind))
    _add(g, one, {SKOS.prefLabel: Literal(label, "fr")})
    return one


def _place(g: Graph, path: str, area: str) -> URIRef:
    one = URIRef(UNSET + ("/jeux-de-donnees" if path[0] == "#" else "") + path)
    _add(g, one, {RDF.type: DCTERMS.Location, SKOS.prefLabel: Literal("France", "fr"),
                  DCAT.bbox: Literal(area, datatype=GEO.wktLiteral)})  # fmt: skip
    return one


def _span(g: Graph, entry: Entry) -> BNode:
    """Without an address: the national portal would ask for it."""
    one = BNode(f"periode-{entry.name}")
    first, last = entry.span
    _add(g, one, {RDF.type: DCTERMS.PeriodOfTime, DCAT.startDate: _day(first), DCAT.endDate: _day(last)})
    return one


def _day(text: str) -> Literal:
    return Literal(text, datatype=XSD.date)


def _add(g: Graph, subject: URIRef | BNode, pairs: dict[URIRef, URIRef | BNode | Literal]) -> None:
    for predicate, value in pairs.items():
        g.add((subject, predicate, value))
