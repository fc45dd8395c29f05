"""Examples of the catalogue of problems, taken from the fixtures that tests validate: the fault, then its mending."""

import re
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from observatory.problems import BRACES, Kind, kinds, visible

EXAMPLES = Path(__file__).with_name("problem_examples.yml")
HEAD = "# Écrit par `make fix` à partir de tests/fixtures/problems : ne pas modifier à la main.\n"
SHOWN = 3  # lines of an example, where more change
WIDTH = 120  # characters of a line
PLACE = re.compile(r"(?P<file>[^:]+)(?::(?P<line>\d+))?: ")
UNREADABLE = re.compile("[\0-\x08\x0e-\x1f\ufffd]")


class Example(NamedTuple):
    """Lines of a file as they were refused (none: something was missing), and as they are accepted (none: removed)."""

    file: str
    before: str
    after: str


@cache
def examples() -> dict[str, Example]:
    """The example of each kind of problem that can be shown as lines of text, by code."""
    return {code: Example(**entry) for code, entry in yaml.safe_load(EXAMPLES.read_text(encoding="utf-8")).items()}


def render_examples(fixtures: Path, site: Path) -> str:
    """The text of problem_examples.yml, from the failing and the mended files of each fixture."""
    found: dict[str, dict[str, str]] = {}
    for kind in kinds().values():
        folder = fixtures / kind.code
        whole = (folder / "expected.yaml").is_file() and (folder / "valid").is_dir()
        if whole and (example := _example(kind, folder, site)):
            found[kind.code] = example._asdict()
    return HEAD + yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=1000)


def _example(kind: Kind, folder: Path, site: Path) -> Example | None:
    place = _place(kind, yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8")))
    if place is None:
        return None
    file, line = place
    mended = [str(path.relative_to(folder / "valid")) for path in sorted((folder / "valid").rglob("*"))]
    # The mending may be in another file than the problem: in a descriptor, for rows that no longer agree with it.
    for name in sorted(mended, key=lambda other: other != file):
        after = folder / "valid" / name
        before = next((path for path in (folder / name, site / name) if path.is_file()), None)
        if before is None or not after.is_file():
            continue
        if hunk := _hunk(_lines(before), _lines(after), line if name == file else 0):
            return Example(name, *hunk)
    return None


def _place(kind: Kind, spec: dict[str, Any]) -> tuple[str, int] | None:
    """File and line of the first problem of that kind that the fixture expects."""
    sentence = re.compile(".*?".join(map(re.escape, BRACES.split(kind.message))), re.S)
    for said in spec["problems"]:
        if sentence.search(said) and (found := PLACE.match(said)):
            return found["file"], int(found["line"] or 0)
    return None


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", errors="replace").splitlines()


def _hunk(before: list[str], after: list[str], line: int) -> tuple[str, str] | None:
    """The lines that change, around that line or else the first ones; None when they cannot be read."""
    changes = [change for change in SequenceMatcher(None, before, after, False).get_opcodes() if change[0] != "equal"]
    if not changes:
        return None
    _, start, end, new, new_end = next((c for c in changes if c[1] < line <= c[2]), changes[0])
    if end - start == new_end - new > SHOWN and start < line <= end:
        new, start = new + line - 1 - start, line - 1
    old, mended = before[start:end], after[new:new_end]
    if len(old) == len(mended) == 1:
        old, mended = _around(old[0], mended[0])
    if sum(len(UNREADABLE.findall(text)) for text in old) > len("".join(old)) / 10:
        return None
    return _shown(old), _shown(mended)


def _around(old: str, new: str) -> tuple[list[str], list[str]]:
    """Two lines from a little before what differs, when what they begin with fills the width."""
    same = next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - WIDTH // 3) if same > WIDTH // 2 else 0
    return [f"…{old[start:]}" if start else old], [f"…{new[start:]}" if start else new]


def _shown(lines: list[str]) -> str:
    return "\n".join(visible(line, WIDTH) for line in lines[:SHOWN]) + ("\n…" if len(lines) > SHOWN else "")
