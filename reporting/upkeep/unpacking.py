"""Reading the file of a backup: checked as a whole first, unpacked only then.

``tarfile`` reads the headers; its own extraction is not used. What comes out of an archive is only
what its list says, under names that stay inside the folder, with the sizes and hashes that were
said. Archives of before there was a list are read, within the same limits.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from reporting.home.archive import (
    DATABASE,
    FOLDERS,
    FORMAT,
    KEY,
    LIST,
    Contents,
    Entry,
    is_original,
    is_unaltered,
)
from reporting.home.packed import BadArchive, Packed

RESERVE = 64 << 20  # bytes that stay free on the disk
LONGEST_LIST = 256 << 20  # bytes: over a million files


def check(source: Path, free: int | None = None) -> Contents:
    """Read a whole archive and unpack nothing; what is in it, each file with its hash.

    Raises BadArchive for what is no backup or not whole, holds anything but what its list says, or
    would take more than ``free`` bytes of disk; OSError when the file cannot be had.
    """
    with _opened(source) as packed:
        members = _members(packed)
        listed, first = _list_of(packed, members)
        largest = None if free is None else free - RESERVE
        _refuse_too_much(listed.size, largest)
        actual = Contents(revision=listed.revision, has_list=listed.has_list)
        total = 0
        for name, size in _chained(first, members):
            if listed.has_list and (name not in listed.entries or listed.entries[name].size != size):
                raise BadArchive(f"{name} không có trong danh mục, hoặc khác cỡ đã ghi")
            total += size
            _refuse_too_much(total, largest)
            actual.entries[name] = Entry(size, _hash(packed, size))
            _refuse_altered(name, actual.entries[name], listed)
        packed.end()
    missing = [name for name in {DATABASE: None, **listed.entries} if name not in actual.entries]
    if missing:
        raise BadArchive(f"không đầy đủ: thiếu {', '.join(missing[:3])}" + (", …" if missing[3:] else ""))
    return actual


def unpack(source: Path, contents: Contents, folder: Path) -> None:
    """Lay the files of a checked archive into an empty folder.

    Raises BadArchive when the archive was changed since.
    """
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700)
    with _opened(source) as packed:
        for name, size in _members(packed):
            if name == LIST:
                continue
            entry = contents.entries.get(name)
            if entry is None or entry.size != size:
                raise BadArchive(f"{name} vừa bị thay đổi")
            target = folder / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                if _hash(packed, size, into=file) != entry.sha256:
                    raise BadArchive(f"{name} vừa bị thay đổi")


@contextmanager
def _opened(source: Path) -> Iterator[Packed]:
    with source.open("rb") as file:
        try:
            yield Packed(file, os.fstat(file.fileno()).st_size)
        except (tarfile.TarError, ValueError, OverflowError) as error:
            raise BadArchive(str(error)) from error


def _members(packed: Packed) -> Iterator[tuple[str, int]]:
    """Name and size of each regular file, at whose bytes ``packed`` then stands. Folders are passed over."""
    archive: Any = tarfile.TarFile(fileobj=cast(IO[bytes], packed), mode="r")
    files: set[str] = set()
    folders: set[str] = set()
    while (member := archive.next()) is not None:
        archive.members.clear()  # it would keep them all
        name = member.name
        if name == LIST and not files and not folders:
            yield name, member.size
            continue
        _refuse_name(name, is_folder=member.isdir())
        if member.isdir():
            folders.add(name)
            continue
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.sparse is not None:
            raise BadArchive(f"{name} không phải là tệp thường")
        above = {name[:place] for place, sign in enumerate(name) if sign == "/"}
        if name in files or name in folders or above & files:
            raise BadArchive(f"{name} có hai lần")
        files.add(name)
        folders |= above
        yield name, member.size


def _refuse_name(name: str, *, is_folder: bool) -> None:
    parts = name.split("/")
    is_ours = parts[0] in FOLDERS and (is_folder or len(parts) > 1)
    is_plain = all(part not in ("", ".", "..") and len(os.fsencode(part)) <= 255 for part in parts)
    if not (is_ours and is_plain and len(name) <= 1000 and "\0" not in name):
        if is_folder or name not in (DATABASE, KEY):
            raise BadArchive(f"không phải là bản sao lưu của một thư mục làm việc (có {name[:100]!r})")


def _list_of(packed: Packed, members: Iterator[tuple[str, int]]) -> tuple[Contents, tuple[str, int] | None]:
    """What the list says, nothing where there is none; and the first file, if it was read on the way."""
    first = next(members, None)
    if first is None or first[0] != LIST:
        return Contents(), first
    if first[1] > LONGEST_LIST:
        raise BadArchive("danh mục quá dài")
    lines = b"".join(packed.chunks(first[1])).decode("ascii").splitlines()
    head = json.loads(lines[0]) if lines else None
    if not isinstance(head, dict) or not isinstance(head.get("format"), int):
        raise BadArchive("danh mục không đọc được")
    if head["format"] > FORMAT:
        raise BadArchive("do một phiên bản kybaocao mới hơn tạo ra")
    contents = Contents(revision=str(head.get("revision")), has_list=True)
    for line in lines[1:]:
        name, size, sha256 = json.loads(line)
        if not (isinstance(name, str) and isinstance(size, int) and size >= 0 and isinstance(sha256, str)):
            raise BadArchive("danh mục không đọc được")
        contents.entries[name] = Entry(size, sha256)
    return contents, None


def _chained(first: tuple[str, int] | None, rest: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    if first is not None:
        yield first
    yield from rest


def _refuse_too_much(size: int, largest: int | None) -> None:
    if largest is not None and size > largest:
        raise BadArchive(f"cần {size / 1e6:,.0f} MB, đĩa chỉ còn {max(largest, 0) / 1e6:,.0f} MB")


def _refuse_altered(name: str, entry: Entry, listed: Contents) -> None:
    """Against the list; where there is none, an original has its hash for a name."""
    if listed.has_list:
        is_altered = entry.sha256 != listed.entries[name].sha256
    else:
        is_altered = is_original(name) and not is_unaltered(name, entry)
    if is_altered:
        raise BadArchive(f"{name} khác với lúc sao lưu")


def _hash(packed: Packed, size: int, into: IO[bytes] | None = None) -> str:
    digest = hashlib.sha256()
    for chunk in packed.chunks(size):
        digest.update(chunk)
        if into is not None:
            into.write(chunk)
    return digest.hexdigest()
