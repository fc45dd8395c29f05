"""The desk where contributions are received: what the operator opened, how much of it one visitor may use."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from observatory.contributions_input import Refused
from observatory.languages import kept
from observatory.outbox import FolderOutbox, Outbox, Story
from observatory.outbox_branch import BranchOutbox

AT_ONCE = 2
WAITING = 6
BURST, EVERY = 40, 6.0  # checks at once, then one each so many seconds
CLIENTS = 10_000
REMEMBERED = 60.0  # seconds during which a remote is not asked again what became of a contribution
BRANCH = "git:"
# A step is its visitor's alone: no browser or proxy keeps it, no search engine finds it.
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
T = TypeVar("T")


class Buckets:
    """A bucket of tokens for each client: `burst` at once, one more each `every` seconds; the oldest are forgotten."""

    def __init__(self, burst: int = BURST, every: float = EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst, self.every, self.clock = burst, every, clock
        self.levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, tokens: int = 1) -> float:
        """Seconds to wait before that many tokens are there; 0 once they are taken."""
        now = self.clock()
        level, since = self.levels.pop(client, (float(self.burst), now))
        level = min(self.burst, level + (now - since) / self.every)
        missing = tokens - level
        self.levels[client] = (level if missing > 0 else level - tokens, now)
        if len(self.levels) > CLIENTS:
            self.levels.popitem(last=False)
        return max(0.0, missing * self.every)


class Desk:
    """One for a site: its repository and database, its outbox if it has one, and what is going on."""

    def __init__(self, root: Path, database: Path, outbox: Outbox | None) -> None:
        self.root = root
        self.database = database
        self.outbox = outbox
        self.buckets = Buckets()
        self.present = 0
        self.turn = asyncio.Semaphore(AT_ONCE)
        self.levels: dict[str, list[str]] = {}
        self.grids: OrderedDict[tuple[str, str], object] = OrderedDict()
        self.told: OrderedDict[str, tuple[float, Story | None]] = OrderedDict()

    @property
    def open(self) -> bool:
        """Whether contributions are received here."""
        return self.outbox is not None and self.furnished

    @property
    def furnished(self) -> bool:
        """Whether the files of the repository are beside the portal, so that templates can be made."""
        return (self.root / "datasets").is_dir() and (self.root / "schemas").is_dir()

    def admit(self, client: str, tokens: int = 1) -> None:
        """Refused 403 when the desk is closed, 429 when this client asks too often."""
        if not self.open:
            raise Refused(403, kept("Ce site ne reçoit pas de contributions."))
        self.pace(client, tokens)

    def pace(self, client: str, tokens: int = 1) -> None:
        """Refused 429 when this client asks too often."""
        if wait := self.buckets.take(client, tokens):
            raise Refused(429, kept("Trop de demandes en peu de temps ; attendez un moment."), _retry(wait))

    async def work(self, task: Callable[[], T]) -> T:
        """The answer of a long task, run in a thread; at most AT_ONCE at once, Refused 503 when too many wait."""
        if self.present >= AT_ONCE + WAITING:
            raise Refused(
                503, kept("Beaucoup de fichiers sont en cours de vérification ; réessayez dans un instant."), _retry(10)
            )
        self.present += 1
        try:
            async with self.turn:
                return await asyncio.to_thread(task)
        finally:
            self.present -= 1

    async def story(self, reference: str) -> Story | None:
        """What happened to a contribution; None when it is not there. A remote is not asked twice in a minute."""
        now = time.monotonic()
        outbox = self.outbox
        if outbox is None:
            return None
        when, story = self.told.get(reference, (-REMEMBERED, None))
        if isinstance(outbox, BranchOutbox) and now - when < REMEMBERED:
            return story
        story = await self.work(lambda: outbox.story(reference))
        self.told[reference] = (now, story)
        if len(self.told) > CLIENTS:
            self.told.popitem(last=False)
        return story


def client_of(scope: Mapping[str, Any]) -> str:
    """Address of a visitor as the server knows it; behind a proxy that it trusts, as the proxy says it."""
    return str((scope.get("client") or ["?"])[0])


def _retry(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(int(seconds) + 1)}


def opened(settings: Mapping[str, Any] | None, database: str) -> Desk:
    """The desk that the plugin's settings describe: `root`, the repository; `outbox`, a folder or `git:<remote>`."""
    given = {name: str(value) for name, value in (settings or {}).items() if value}
    root = Path(given.get("root", ".")).resolve()
    return Desk(root, Path(database).resolve(), outbox_of(given.get("outbox", ""), root))


def outbox_of(setting: str, root: Path) -> Outbox | None:
    """The outbox of a setting: none when empty, `git:origin` a branch of that remote, anything else a folder."""
    if not setting.strip():
        return None
    if setting.startswith(BRANCH):
        return BranchOutbox(setting.removeprefix(BRANCH), root)
    return FolderOutbox(root / setting, root)
