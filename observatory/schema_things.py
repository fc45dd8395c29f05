"""What schema.org says of the things of registers, written as JSON-LD in the heads of their pages."""

from typing import Any

from observatory.languages import current
from observatory.register_things import Thing

KINDS = {
    "initiatives": "Project",
    "organisations": "Organization",
    "evenements": "Event",
    "rapports": "Report",
    "offres": "Service",
}
WHOLE_DAY = 10


def thing(base: str, found: Thing) -> dict[str, Any]:
    """The thing, on the site at `base`; an event has its dates only where the day is known."""
    row = found.row
    url = f"{base}/{row['register']}/{row['id']}"
    kind = KINDS.get(row["register"], "CreativeWork")
    said: dict[str, Any] = {"@context": "https://schema.org/", "@type": kind, "url": url, "name": row["title"]}
    said |= {"description": row["summary"]} if row["summary"] else {}
    if kind == "Event" and len(row["start_date"] or "") == WHOLE_DAY:
        said |= {"startDate": row["start_date"], "endDate": row["end_date"] or row["start_date"]}
        said |= {"location": {"@type": "Place", "name": place}} if (place := found.own["lieu"]) else {}
    if kind in ("Report", "CreativeWork"):
        said["inLanguage"] = current()
    if row["source_url"]:
        said["sameAs" if kind == "Organization" else "subjectOf"] = row["source_url"]
    return said
