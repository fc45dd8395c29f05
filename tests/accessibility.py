"""What is asked of a page in Chromium: axe-core's rules, a width that fits, silence, a way through by the keyboard."""

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
OPTIONS = json.dumps({"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
# Remembers where the focus goes, whether it is seen there, and when it is back at the first stop.
WALK = """() => {
  window.walk = { first: null, stops: [], hidden: [], back: false };
  document.addEventListener("focusin", ({ target }) => {
    const { walk } = window, style = getComputedStyle(target);
    if (walk.first === target) { walk.back = true; return; }
    walk.first ??= target;
    if (walk.stops.includes(target)) return;
    walk.stops.push(target);
    const ring = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0;
    if (!ring(style)) walk.hidden.push(target.outerHTML.slice(0, 120));
  });
}"""
STATE = "() => ({ stops: window.walk.stops.length, hidden: window.walk.hidden, back: window.walk.back })"


class Witness:
    """What a page said and asked while it was open: its requests to other hosts, its errors and warnings."""

    def __init__(self, page: Page, server: str) -> None:
        self.strangers: list[str] = []
        self.said: list[str] = []
        self.server = server
        page.on("request", lambda request: self._asked(request.url))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.server, "data:", "blob:")):
            self.strangers.append(url)

    def _heard(self, kind: str, text: str) -> None:
        # Chromium's own word for the 404 that a test asks for.
        if kind in ("error", "warning") and "the server responded with a status of 40" not in text:
            self.said.append(text)


def violations(page: Page) -> list[Any]:
    """Each rule that the page breaks, and the first element that does; axe-core is loaded once a page."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    broken = page.evaluate(f"axe.run({OPTIONS})")["violations"]
    return [(rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"][:3]]) for rule in broken]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    return max(0, int(wide) - page.viewport_size["width"])


def walked(page: Page, most: int = 1500) -> dict[str, Any]:
    """Tab through the whole page: how many stops, those whose focus is not seen, whether it came back to the first."""
    page.evaluate(WALK)
    pressed = 0
    while pressed < most:
        for _ in range(25):
            page.keyboard.press("Tab")
        pressed += 25
        if page.evaluate("window.walk.back"):
            break
    return dict(page.evaluate(STATE))
