"""Tells what keeps a path from being read as an ordinary file, before anything opens it."""

import os
import stat
from pathlib import Path

SORTS = {
    stat.S_IFLNK: "c'est un lien symbolique",
    stat.S_IFDIR: "c'est un dossier",
    stat.S_IFIFO: "c'est un tube nommé (FIFO)",
    stat.S_IFSOCK: "c'est une prise de communication (socket)",
    stat.S_IFCHR: "c'est un périphérique",
    stat.S_IFBLK: "c'est un périphérique",
}
UNREADABLE = "les droits d'accès interdisent de le lire"
NO_NAME = "son nom n'est pas un nom de fichier possible"


def hindrance(path: Path) -> str | None:
    """Why the path is not to be opened, in French; None for an ordinary file and for a path where nothing stands.

    A link is never followed: it could lead to any file of the machine.
    """
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        return UNREADABLE
    except (OSError, ValueError):  # too long, or with a zero byte
        return NO_NAME
    if not stat.S_ISREG(mode):
        return SORTS.get(stat.S_IFMT(mode), "ce n'est pas un fichier ordinaire")
    return None if os.access(path, os.R_OK) else UNREADABLE


def no_file(path: Path) -> str:
    """Why a path that is no file cannot be judged, as a French sentence."""
    reason = hindrance(path.parent.resolve() / path.name)
    return f"« {path} » n'est pas lu : {reason}." if reason else f"le fichier « {path} » n'existe pas."
