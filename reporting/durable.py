"""Writing that has reached the disk when it returns: files, folders, whole trees and moves.

The order is always the same: the bytes of a file, then its name by a rename within one folder, then
the folder that holds the name. A power cut leaves the old or the new, whole. Whatever says to a
person, in a row or in a mail that a file exists was written through here; pages that the next run
makes again are not.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reporting.errors import ServiceUnavailable

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700  # modes: mails, addresses and keys are for one user alone


def write_durably(target: Path, content: bytes) -> None:
    """Write a file, its owner's alone, so that it is there whole or not at all, also after a power cut."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), PRIVATE_FILE)  # whatever the umask
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(target.parent)  # the name, too, has to reach the disk


def replace_durably(part: Path, target: Path) -> None:
    """Put a file that was written elsewhere in the same folder into its place."""
    sync(part)
    part.replace(target)
    sync(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, their owner's alone, their names on the disk.

    Again is harmless.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        sync(each.parent)


def place_tree(part: Path, target: Path) -> None:
    """Put a whole folder into its place, in the stead of one that may be there, whole or not at all."""
    _sync_tree(part)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)  # of a run that was killed
    if target.exists() and any(target.iterdir()):
        target.rename(old)
    part.rename(target)
    sync(target.parent)
    if part.parent != target.parent:
        sync(part.parent)
    shutil.rmtree(old, ignore_errors=True)


def move_durably(source: Path, target: Path) -> None:
    """Move a file or a folder, also to another disk; what others wrote reaches the disk with it."""
    _sync_tree(source)
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)
        _sync_tree(target)
    sync(target.parent)
    sync(source.parent)


@contextmanager
def workroom(folder: Path, busy: str) -> Iterator[Path]:
    """A private folder for one piece of work, gone at its end; what a killed run left there goes first.

    Raises ServiceUnavailable, saying ``busy``, while another process is at work there.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not _held(handle, folder):
            raise ServiceUnavailable(busy)
        _empty(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def is_left_over(folder: Path) -> bool:
    """Whether a killed run left a workroom there: nobody is at work in it."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return _held(handle, folder)
    finally:
        os.close(handle)


def remove_leftover(folder: Path) -> bool:
    """Remove a workroom that a killed run left; whether there was one."""
    if not is_left_over(folder):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def sync(path: Path) -> None:
    """Wait until a file's bytes, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(path: Path) -> None:
    """The file, or all files below a folder and then the folders themselves; links are not followed."""
    if path.is_file():
        sync(path)
        return
    for folder, _, names in os.walk(path, topdown=False):
        for name in names:
            file = Path(folder) / name
            if file.is_file() and not file.is_symlink():
                sync(file)
        sync(Path(folder))


def _held(handle: int, folder: Path) -> bool:
    """Whether the lock of a workroom is ours now; the system frees it when we die, however we die."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(handle).st_ino == folder.stat().st_ino  # else it was removed by its owner just now
    except (BlockingIOError, FileNotFoundError):
        return False


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
