"""Runs the harvester of the national portal on files, for test_harvest; by the Python of .venv-harvest.

    python harvesting.py tool.py catalog.ttl [mutant.ttl …]

Prints one JSON object a file, in order: what the job said, and what was understood of each dataset.
"""

import contextlib
import io
import json
import runpy
import sys

from mongoengine import connection

sys.argv, tool, files = [""], sys.argv[1], sys.argv[2:]


def understood(dataset, licence, rights):
    """What the portal would show of a dataset."""
    spatial, span = dataset.spatial, dataset.temporal_coverage
    return {
        "title": dataset.title,
        "licence": licence,
        "rights": rights,
        "frequency": str(dataset.frequency.value if dataset.frequency else None),
        "contacts": [[one.role, one.name, one.email] for one in dataset.contact_points],
        "tags": sorted(dataset.tags),
        "polygons": len(spatial.geom["coordinates"]) if spatial and spatial.geom else 0,
        "temporal": [str(span.start), str(span.end)] if span else None,
        "schema": dataset.schema.url if dataset.schema else None,
        "files": [[one.title, one.format, one.mime, one.filesize, one.url] for one in dataset.resources],
    }


for path in files:
    sys.argv = [tool, path]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        run = runpy.run_path(tool)
    with run["app"].app_context():
        datasets = {}
        # The tool knows only the Licence Ouverte; the portal has this one too.
        run["License"](
            id="odc-odbl", title="Open Data Commons Open Database License (ODbL)",
            url="http://opendatacommons.org/licenses/odbl/summary/",
        ).save()  # fmt: skip
        for dataset in run["Dataset"].objects:
            extras = dataset.extras.get("dcat") or {}
            told = extras.get("license") or []
            guessed = run["License"].guess(*told)
            name = dataset.harvest.dct_identifier
            datasets[name] = understood(dataset, guessed.id if guessed else dataset.license.id, extras.get("rights"))
        job = next(line for line in said.getvalue().splitlines() if line.startswith("job: "))
        sys.stdout.write(json.dumps({"job": job, "datasets": datasets}, ensure_ascii=False, default=str) + "\n")
        connection.get_connection().drop_database("udata")
