"""Dead links are told with their place; nothing but the public web is ever asked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from repositories import copy_demonstration, edit

from observatory import dead_links

ANSWERS = {"/bon": 200, "/parti": 404, "/panne": 503, "/loin": 302, "/boucle": 302, "/sans-tete": 405}
WAYS = {"/loin": "/bon", "/boucle": "/boucle"}


class Server(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(ANSWERS.get(self.path, 404))
        if self.path in WAYS:
            self.send_header("Location", WAYS[self.path])
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/bon", None),
        ("/loin", None),
        ("/sans-tete", None),
        ("/parti", "le serveur dit 404"),
        ("/panne", "le serveur dit 503"),
        ("/boucle", "plus de 5 redirections"),
    ],
)
def test_link_is_dead_or_alive(address: str, path: str, reason: str | None) -> None:
    with httpx.Client(trust_env=False) as client:
        assert dead_links.fault(client, address + path, lambda host: True) == reason


def test_server_that_is_not_there(address: str) -> None:
    with httpx.Client(trust_env=False) as client:
        found = dead_links.fault(client, "http://127.0.0.1:9/x", lambda host: True)
    assert found == "le serveur ne répond pas (ConnectError)"


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "http://10.0.0.1/", "http://169.254.169.254/", "ftp://a.fr/"])
def test_our_own_network_is_never_asked(url: str) -> None:
    class Never(httpx.Client):
        def head(self, *args: object, **options: object) -> httpx.Response:
            raise AssertionError("asked")

    with Never() as client:
        assert dead_links.fault(client, url) == "il ne mène pas à une adresse publique du web"


def test_dead_links_of_a_repository_are_told_with_their_place(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_demonstration(tmp_path / "site")
    edit(root / "datasets" / "initiatives.csv", "https://www.example.org/code", f"{address}/parti")
    monkeypatch.setattr(dead_links, "links", lambda root: [one for one in LINKS(root) if "127.0.0.1" in one.url])
    found = [dead_links.told(*one) for one in dead_links.dead(root, lambda host: True)]
    assert found == [
        f"datasets/initiatives.csv:3: code_ouvert: lien mort : « {address}/parti », le serveur dit 404. "
        "Donnez l'adresse d'aujourd'hui ou celle d'une archive, ou retirez le lien."
    ]


LINKS = dead_links.links


def test_every_column_of_links_is_read(tmp_path: Path) -> None:
    found = list(dead_links.links(copy_demonstration(tmp_path / "site")))
    assert {"code_ouvert", "donnees_ouvertes", "liens", "source_url", "enregistrement"} <= {one.column for one in found}
    assert {one.url for one in found if one.column == "liens"} == {
        "https://www.example.org/capteurs",
        "https://www.example.org/bilan",
    }
