"""What lies in the drop folder, before any of it is read: files, folders, and what is neither.

A pipe would hang who opens it, a device or a link would have something else read: none is opened.
"""

import errno
import fcntl
import os
import stat
from io import BufferedReader
from pathlib import Path

from reporting.home.private import PROCESSED

_NO_FILES = {"thumbs.db", "desktop.ini"}  # what systems leave in folders; "~$…" are locks of Office


def odd_ones(drop: Path) -> list[str]:
    """The names in the drop folder that are no file and no folder, or a folder with such a thing in it."""
    if not drop.is_dir():
        return []
    return [path.name for path in sorted(drop.iterdir()) if is_offered(path) and _is_odd(path)]


def _is_odd(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISDIR(mode):
            return not stat.S_ISREG(mode)
        return any(_is_odd(below) for below in path.iterdir() if not is_litter(below))
    except OSError:  # gone, or not for us: reading it will tell
        return False


def is_offered(path: Path) -> bool:
    """Whether a name in the drop folder is one that somebody laid there to be read."""
    return path.name != PROCESSED and not path.name.startswith((".", "~$"))


def is_litter(path: Path) -> bool:
    """What systems and programs leave beside files."""
    return path.name.startswith(("~$", ".DS_Store")) or path.name.lower() in _NO_FILES


def opened(path: Path) -> BufferedReader:
    """A regular file, also when something else takes its name just now: then OSError, and no waiting."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    file = open(path, "rb", opener=lambda name, _: os.open(name, flags))  # noqa: SIM115 - the caller closes
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "không phải tệp")
    return file


def read_file(path: Path) -> bytes:
    """The bytes of a regular file. Raises OSError."""
    with opened(path) as file:
        return file.read()


def is_being_written(path: Path) -> bool:
    """Whether some process has the file open for writing: then the system refuses a lease on it."""
    try:
        with opened(path) as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # another's file, or a file system without leases
        return False
    return False
