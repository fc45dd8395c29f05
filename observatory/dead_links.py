"""The links of registers that no longer answer. It goes on the network: only whoever runs the check decides to."""

import csv
import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from observatory.register_judges import is_link
from observatory.registers import items, read_registers

SECONDS = 15
MOST_REDIRECTS = 5
AGENT = {"User-Agent": "observatoire-maturite-numerique (verification de liens)"}
# What a server says when it only refuses to be asked without a body: it is asked again as a page is.
ASK_AGAIN = (403, 405, 501)


@dataclass(frozen=True)
class Link:
    """A link and where it is written: the file, the line and the column."""

    file: str
    line: int
    column: str
    url: str


def links(root: Path) -> Iterator[Link]:
    """Every link of the registers of a valid repository."""
    for name, register in read_registers(root).items():
        path = root / "datasets" / f"{name}.csv"
        columns = [field["name"] for field in register.schema["fields"] if field.get("link")]
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            for row in reader:
                for column in columns:
                    for url in items(row.get(column)):
                        yield Link(f"datasets/{name}.csv", reader.line_num, column, url)


def public(host: str) -> bool:
    """Whether every address of the host is on the public internet: a link must not make us ask our own network."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(str(one[4][0]).partition("%")[0]).is_global for one in found)


def fault(client: httpx.Client, url: str, allowed: Callable[[str], bool] = public) -> str | None:
    """Why the link is dead, in French; None when it answers. Redirects are followed one by one, each judged."""
    for _turn in range(MOST_REDIRECTS + 1):
        if not is_link(url) or not allowed(str(urlsplit(url).hostname)):
            return "il ne mène pas à une adresse publique du web"
        try:
            answer = _asked(client, url)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return f"le serveur ne répond pas ({type(error).__name__})"
        if not answer.is_redirect:
            return f"le serveur dit {answer.status_code}" if answer.status_code >= 400 else None
        url = urljoin(url, answer.headers.get("location", ""))
    return f"plus de {MOST_REDIRECTS} redirections"


def _asked(client: httpx.Client, url: str) -> httpx.Response:
    answer = client.head(url)
    if answer.status_code not in ASK_AGAIN:
        return answer
    with client.stream("GET", url) as found:  # its body is never read
        return found


def dead(root: Path, allowed: Callable[[str], bool] = public) -> Iterator[tuple[Link, str]]:
    """Each dead link with the reason; one that is written twice is asked once."""
    known: dict[str, str | None] = {}
    with httpx.Client(timeout=SECONDS, headers=AGENT) as client:
        for link in links(root):
            if link.url not in known:
                known[link.url] = fault(client, link.url, allowed)
            if reason := known[link.url]:
                yield link, reason


def told(link: Link, reason: str) -> str:
    """The sentence that says it, as the other problems are said."""
    place = f"{link.file}:{link.line}: {link.column}"
    mending = "Donnez l'adresse d'aujourd'hui ou celle d'une archive, ou retirez le lien."
    return f"{place}: lien mort : « {link.url} », {reason}. {mending}"
