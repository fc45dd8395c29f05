"""Nothing already published changes: every edition that is committed, here and in the tiny repository, has its sums."""

from pathlib import Path

import pytest
from repositories import ROOT, SITE

from observatory import releases

EDITIONS = [path for root in (ROOT, SITE) for path in sorted((root / releases.FOLDER).glob("[0-9]*")) if path.is_dir()]


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", EDITIONS, ids=ids)
def test_every_file_of_a_published_edition_is_the_one_that_was_published(folder: Path) -> None:
    assert releases.verify(folder)[0] == []
    assert releases.VERSION.fullmatch(folder.name)


@pytest.mark.parametrize("root", [ROOT, SITE], ids=["repository", "tiny"])
def test_the_chain_of_editions_is_whole(root: Path) -> None:
    assert releases.verify_all(root) == []
    assert [release.version for release in releases.read(root)] == list(releases.pins(root))


def test_there_are_editions_to_judge() -> None:
    assert [path.name for path in EDITIONS][-2:] == ["2024.1", "2024.1.1"]
