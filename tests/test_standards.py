"""Our descriptors against the official profiles, where ../shared holds them."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from observatory import bulk

ROOT = Path(__file__).resolve().parent.parent
STANDARDS = ROOT / "../shared/standards"
SCHEMAS = sorted((ROOT / "schemas").rglob("*.schema.json"))
pytestmark = pytest.mark.conformance


def official(name: str) -> dict[str, object]:
    path = STANDARDS / name
    if not path.exists():
        pytest.skip(f"norme absente : {name}")
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
@pytest.mark.parametrize("version", ["datapackage-v1", "datapackage-v2"])
def test_table_schemas_follow_the_official_profile(path: Path, version: str) -> None:
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), official(f"{version}/tableschema.json"))


def test_citation_follows_its_schema() -> None:
    # Dates stay text, as the schema wants them.
    citation = yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    jsonschema.validate(citation, official("cff/schema-1.2.0.json"))


def test_packages_follow_the_official_profile(database: Path, tmp_path: Path) -> None:
    profile = official("datapackage-v2/datapackage.json")
    list(bulk.publish(database.parent, database, tmp_path))
    written = [tmp_path / "datapackage.json", *(tmp_path / "packages").glob("*.json")]
    assert len(written) == 5
    for path in written:
        package = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(package, profile)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**package, "resources": []}, profile)
