"""What schema.org says of pages, for search engines of datasets: plain values, written as JSON-LD in their heads."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from observatory import outputs
from observatory.dcat_files import fitting, path
from observatory.identity import Identity
from observatory.languages import current, data
from observatory.languages import gettext as _
from observatory.outlines import envelope

Row = Mapping[str, Any]
BOX = re.compile(r"\(\((\S+) (\S+), \S+ \S+, (\S+) (\S+),")


def dataset(who: Identity, base: str, row: Row, columns: Sequence[Row] = ()) -> dict[str, Any]:
    """A dataset of the view `dataset`, with the rows of the view `columns` of its table, for the site at `base`."""
    name = row["name"]
    words = fitting([column["name"] for column in columns], row["rows"] or 0)
    return {
        **_common(who, base, f"/jeux-de-donnees/{name}", [row]),
        "name": row["title"],
        "description": row["description"],
        "version": row["version"],
        "variableMeasured": [column["title"] for column in columns if column["title"]],
        "distribution": [_download(base + path(name, word), word) for word in words],
        "isBasedOn": _paths([row]),
    }


def indicator(who: Identity, base: str, row: Row, sources: Sequence[Row]) -> dict[str, Any]:
    """An indicator of the view of that name, made of those datasets; nothing when there are none."""
    if not sources:
        return {}
    code = row["code"]
    address = f"{base}/donnees/observations.csv?indicator={code}&_stream=1&_size=max&_dl=1"
    return {
        **_common(who, base, f"/indicateurs/{code}", sources),
        "name": row["title"],
        "description": row["definition"],
        "distribution": [_download(address, "csv")],
        "variableMeasured": [row["title"]],
        "isBasedOn": [f"{base}/jeux-de-donnees/{source['name']}" for source in sources],
    }


def catalogue(who: Identity, base: str, rows: Sequence[Row]) -> dict[str, Any]:
    """The catalogue of those datasets."""
    return {
        **_catalogue(who, base),
        "description": _("Jeux de données ouverts sur la maturité numérique des territoires français."),
        "inLanguage": current(),
        "publisher": _organisation(who.publisher),
        "license": sorted({row["licence_url"] for row in rows}),
        "dataset": [
            {"@type": "Dataset", "name": row["title"], "description": row["description"],
             "url": f"{base}/jeux-de-donnees/{row['name']}", "license": row["licence_url"]}
            for row in rows
        ],
    }  # fmt: skip


def _common(who: Identity, base: str, path: str, sources: Sequence[Row]) -> dict[str, Any]:
    """What is said alike of a dataset and of an indicator."""
    makers = [one for row in sources for one in json.loads(row["contributors"] or "[]")]
    titles = [one["title"] for one in makers if one.get("role") in ("author", "publisher")]
    licences = list(dict.fromkeys(row["licence_url"] for row in sources))
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "identifier": f"{who.url}{path}",
        "url": base + path,
        "inLanguage": current(),
        "license": licences[0] if len(licences) == 1 else licences,
        "isAccessibleForFree": True,
        "creator": [_organisation(data(title)) for title in dict.fromkeys(titles)] or [_organisation(who.publisher)],
        "publisher": _organisation(who.publisher),
        "dateModified": max(row["last_update"] for row in sources),
        "temporalCoverage": f"{min(r['temporal_start'] for r in sources)}/{max(r['temporal_end'] for r in sources)}",
        "spatialCoverage": {"@type": "Place", "name": "France", "geo": _boxes()},
        "keywords": [_("maturité numérique"), _("territoires"), _("données ouvertes")],
        "includedInDataCatalog": _catalogue(who, base),
    }


def _catalogue(who: Identity, base: str) -> dict[str, Any]:
    url = f"{base}/jeux-de-donnees"
    return {"@context": "https://schema.org/", "@type": "DataCatalog", "name": data(who.title), "url": url}


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name}


def _download(address: str, word: str) -> dict[str, str]:
    """A file: its address, and the media type of its format."""
    form = outputs.named(word).TYPE.partition(";")[0]
    return {"@type": "DataDownload", "encodingFormat": form, "contentUrl": address, "name": outputs.title(word)}


def _boxes() -> list[dict[str, str]]:
    """The parts of France: south, west, north, east."""
    return [{"@type": "GeoShape", "box": f"{s} {w} {n} {e}"} for w, s, e, n in BOX.findall(envelope())]


def _paths(rows: Sequence[Row]) -> list[str]:
    return [source["path"] for row in rows for source in json.loads(row["sources"] or "[]") if source.get("path")]
