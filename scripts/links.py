"""Demande chaque lien des registres, et dit ceux qui sont morts (make links). C'est la seule commande qui aille ainsi
sur le réseau : la vérification d'une contribution n'y va jamais."""

import sys
from pathlib import Path

from observatory.dead_links import dead, links, told

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit 1 when a link is dead."""
    found = [told(link, reason) for link, reason in dead(ROOT)]
    print("\n".join(found) or f"{len({link.url for link in links(ROOT)})} liens demandés, tous répondent.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
