"""The portal served over a database, and Chromium: what every browser test starts from."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from repositories import ROOT
from sites import environment

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("background-networking", "component-update", "sync", "quic", "gpu")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
WIDTHS = (1280, 320)
# In continuous integration, its absence is a failure.
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="Chromium is not installed"),
]


def served(database: Path) -> Iterator[str]:
    """Address of the portal, served as `make serve` does over that database, until the iterator is closed."""
    relative = os.path.relpath(database, ROOT)  # as make serve gives it
    command = [sys.executable, "-m", "datasette", "serve", "--immutable", relative, "--port", "0"]
    command += ["--metadata", "metadata.yml", "--plugins-dir", "plugins", "--template-dir", "templates"]
    command += ["--static", "static:static", "--setting", "suggest_facets", "off"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(database), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        log.append(line)
        if found := re.search(r"running on (http://\S+)", line):
            yield found[1]
            break
    else:
        pytest.fail("".join(log))
    process.terminate()
    process.communicate()


def chromium() -> Iterator[Browser]:
    """A headless Chromium, until the iterator is closed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, server: str, width: int = WIDTHS[0], scripts: bool = True) -> Iterator[Page]:
    """An empty page of a visitor who was never there, in a window of that width (CSS pixels)."""
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, base_url=server, java_script_enabled=scripts)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()
