"""Who publishes the observatory, and at which address: facts that metadata.yml holds, once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

# Of nobody (RFC 2606): an operator who has not said where the site is served publishes no one else's address.
UNSET = "https://observatoire.example"
OWN = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Identity:
    """The site's permanent address without a final slash, its title, who publishes it and who answers about it."""

    url: str
    title: str
    publisher: str
    contact: str
    email: str

    @property
    def host(self) -> str:
        """The name of the host, of which identifiers that are no addresses are made."""
        return urlsplit(self.url).netloc or self.url

    @property
    def unset(self) -> bool:
        """Whether nobody has said where the site is served."""
        return self.url == UNSET

    def at_home(self, text: str) -> str:
        """A text written for the unset address, with the permanent one in its place."""
        return text.replace(UNSET, self.url)


def identity(title: str, facts: Mapping[str, Any]) -> Identity:
    """The identity that `plugins: catalogue:` of metadata.yml holds, once its variables are replaced."""
    publisher = str(facts.get("publisher") or title)
    return Identity(
        url=str(facts.get("url") or UNSET).rstrip("/"),
        title=title,
        publisher=publisher,
        contact=str(facts.get("contact") or publisher),
        email=str(facts.get("email") or f"contact@{urlsplit(UNSET).netloc}"),
    )


def read_identity(root: Path) -> Identity:
    """The same where no server runs: from the metadata.yml of the repository, or ours when it has none."""
    path = next(folder / "metadata.yml" for folder in (root, OWN) if (folder / "metadata.yml").exists())
    metadata = yaml.safe_load(path.read_text(encoding="utf-8"))
    facts = metadata.get("plugins", {}).get("catalogue", {})
    return identity(metadata["title"], {name: _resolved(value) for name, value in facts.items()})


def _resolved(value: Any) -> Any:
    """A value of metadata.yml as Datasette reads it: {$env: NAME} is a variable of the environment."""
    return os.environ.get(value["$env"]) if isinstance(value, dict) else value


WARNING = (
    "Attention : l’adresse permanente du site n’est pas connue. Le catalogue, les flux et le calendrier portent "
    f"{UNSET}, qui ne mène nulle part. Donnez OBSERVATORY_URL=https://… à l’export et au serveur."
)
