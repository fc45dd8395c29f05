"""Met à jour le catalogue anglais : tous les messages des pages, avec leur traduction quand elle existe."""

import sys
from pathlib import Path

import click

from observatory.messages import PLACE, collect, stale, untranslated, updated

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Ne rien écrire ; échouer si un message manque ou n’est pas traduit.")
def main(check: bool) -> None:
    """Write the catalogue, or say what it lacks and exit 1."""
    said = collect(ROOT)
    missing, old = untranslated(ROOT, said), stale(ROOT, said) if check else []
    if not check:
        (ROOT / PLACE).write_bytes(updated(ROOT, said))
    for message in old:
        click.echo(f"{PLACE} n’est plus à jour, lancez make fix : {message}")
    for message in missing:
        click.echo(f"Sans traduction anglaise dans {PLACE} : {message}")
    sys.exit(1 if check and (missing or old) else 0)


if __name__ == "__main__":
    main()
