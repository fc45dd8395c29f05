"""Publie une édition : fige données, méthode, scores, fichiers et empreintes dans editions/<VERSION>/."""

import signal
import sys
from pathlib import Path

import click

from observatory.releasing import Unpublishable, publish

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.argument("version")
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Dossier de l’observatoire.")
@click.option("--database", type=click.Path(path_type=Path), help="Base à publier ; sinon donnees.db.")
def main(version: str, root: Path, database: Path | None) -> None:
    """Publish, one line a file; exit 1 with the reason when it cannot be done, nothing being left then."""

    def report(name: str, size: int) -> None:
        click.echo(f"  {name:<60}{size / 1000:>10.0f} ko", err=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        folder = publish(root, database or root / "donnees.db", version, report)
    except Unpublishable as reason:
        click.echo(f"Impossible : {reason}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo(f"Publication interrompue ; rien n’est écrit de l’édition {version}.", err=True)
        sys.exit(130)
    click.echo(
        f"{folder.relative_to(root)} écrit. Enregistrez-le (git add editions), étiquetez le commit {version}, "
        "et joignez les gros fichiers à la publication de la forge ou laissez-les sur le serveur."
    )


if __name__ == "__main__":
    main()
