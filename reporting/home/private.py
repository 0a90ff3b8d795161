"""What a home holds is its owner's alone: files 0600, folders 0700, whatever umask made them.

Two halves of one rule: our programs start with a umask that lets nobody else in, which whatever they
start inherits (Prefect, LibreOffice); and what another program, an older version or a copy brought into
a home is put right by the next run that writes.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from reporting.durable import PRIVATE_FILE, PRIVATE_FOLDER

DROP, PROCESSED = "drop", "processed"


def start_private() -> None:
    """Let nobody else into what this process, and all that it starts, will write."""
    os.umask(0o077)


def make_private(path: Path) -> None:
    """Take a file, or a whole home, from everybody but its owner. What links lead to is left alone.

    What lies in a home's drop folder is of whoever lays it down, until it was taken: a change of its
    mode would look like a change of the file, and of the day it came.
    """
    for entry in (path, *_below(path, spared=path / DROP)):
        with suppress(FileNotFoundError, PermissionError):  # gone meanwhile, or another user's
            mode = os.lstat(entry).st_mode
            wanted = PRIVATE_FOLDER if stat.S_ISDIR(mode) else PRIVATE_FILE
            if (stat.S_ISDIR(mode) or stat.S_ISREG(mode)) and stat.S_IMODE(mode) != wanted:
                Path(entry).chmod(wanted)


def _below(top: Path | os.DirEntry[str], spared: Path) -> Iterator[os.DirEntry[str]]:
    """All below a folder, a folder before what is in it. Not as paths: there may be a hundred thousand."""
    if top.is_symlink() or not top.is_dir():
        return
    with os.scandir(top) as inside:
        entries = list(inside)
    for entry in entries:
        if os.fspath(top) == os.fspath(spared) and entry.name != PROCESSED:
            continue
        yield entry
        yield from _below(entry, spared)
