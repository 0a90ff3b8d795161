"""The file of a backup: a list of what is in it first, then the files of a home, packed as one stream."""

import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from reporting.home.packed import CHUNK

DATABASE = "kybaocao.db"
KEY = "secret.key"
FOLDERS = ("originals", "letters", "reports", "drop", "status", "office")
LIST = "kybaocao-backup.jsonl"
FORMAT = 2


@dataclass(frozen=True)
class Entry:
    """A file of the archive."""

    size: int
    sha256: str


@dataclass
class Contents:
    """What is in an archive. ``revision``: of its database; None where there was no list to say it."""

    entries: dict[str, Entry] = field(default_factory=dict)
    revision: str | None = None
    has_list: bool = False

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries.values())


def is_original(name: str) -> bool:
    """Whether the name of a file of the home is that of an original; others there are unfinished ones."""
    return name.startswith("originals/") and len(name.rpartition("/")[2]) == 64


def is_unaltered(name: str, entry: Entry) -> bool:
    """Whether an original still has the bytes that it is named by."""
    return name.rpartition("/")[2] == entry.sha256


def write(target: IO[bytes], body: IO[bytes], files: Iterable[tuple[str, Path]], revision: str) -> Contents:
    """Write an archive into ``target`` by way of ``body``, an empty file for the time of it.

    The list stands first and is made last: what is in it is what was read, though the home was at work
    meanwhile. A file that has gone by then is left out. Raises OSError.
    """
    contents = Contents(revision=revision, has_list=True)
    with (
        gzip.GzipFile(fileobj=body, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in files:
            entry = _add(archive, name, path)
            if entry is not None:
                contents.entries[name] = entry
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed:
        packed.write(_as_member(LIST, _listed(contents)))
    body.seek(0)
    shutil.copyfileobj(body, target, CHUNK)
    return contents


def _add(archive: tarfile.TarFile, name: str, path: Path) -> Entry | None:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        stat = os.fstat(file.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = stat.st_size, int(stat.st_mtime), 0o600
        source = _Hashing(file)
        archive.addfile(info, cast(IO[bytes], source))
        return Entry(stat.st_size, source.sha256.hexdigest())


class _Hashing:
    """Reads a file and hashes what it reads."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.sha256.update(data)
        return data


def _listed(contents: Contents) -> bytes:
    head = {"format": FORMAT, "revision": contents.revision, "files": len(contents.entries)}
    lines = [[name, entry.size, entry.sha256] for name, entry in contents.entries.items()]
    return "".join(json.dumps(line) + "\n" for line in [head, *lines]).encode()


def _as_member(name: str, content: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    return info.tobuf() + content + b"\0" * (-len(content) % tarfile.BLOCKSIZE)
