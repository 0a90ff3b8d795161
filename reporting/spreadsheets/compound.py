"""One stream out of a compound file (MS-CFB), the small file system in which .xls lies."""

import struct
from collections.abc import Sequence

_SECTORS_IN_HEAD = 109
_LAST = 0xFFFFFFFA  # this number and those above are no sectors
_ENTRY = 128  # bytes of an entry of the directory
_ROOT = 5  # the type of its first entry


class NoStream(ValueError):
    """The file system is broken, or has no such stream."""


def stream_of(content: bytes, names: Sequence[str]) -> bytes:
    """The first of the named streams that is there. Raises NoStream."""
    try:
        return _Files(content).stream(names)
    except (struct.error, IndexError) as error:
        raise NoStream from error


class _Files:
    def __init__(self, content: bytes) -> None:
        self._content = content
        (self._shift,) = struct.unpack_from("<H", content, 30)
        (directory,) = struct.unpack_from("<I", content, 48)
        self._smallest, small = struct.unpack_from("<II", content, 56)
        if not 7 <= self._shift <= 16:
            raise NoStream
        self._next = self._numbers(b"".join(map(self._sector, self._table_sectors())))
        self._small_next = self._numbers(self._joined(small))
        self._directory = self._joined(directory)

    def stream(self, names: Sequence[str]) -> bytes:
        entries = [self._directory[at : at + _ENTRY] for at in range(0, len(self._directory), _ENTRY)]
        places = {self._name(entry): struct.unpack_from("<II", entry, 116) for entry in entries}
        start, size = next((places[name] for name in names if name in places), (_LAST, 0))
        if start >= _LAST:
            raise NoStream
        if size >= self._smallest:
            return self._joined(start)[:size]
        root = self._joined(struct.unpack_from("<I", entries[0], 116)[0])
        chain = self._chain(start, self._small_next)
        return b"".join(root[number * 64 : (number + 1) * 64] for number in chain)[:size]

    def _table_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from(f"<{_SECTORS_IN_HEAD}I", self._content, 76))
        (further,) = struct.unpack_from("<I", self._content, 68)
        seen: set[int] = set()
        while further < _LAST and further not in seen:
            seen.add(further)
            *numbers, further = self._numbers(self._sector(further))
            sectors += numbers
        # A file may name one sector a million times; a sound one names each once.
        return list(dict.fromkeys(sector for sector in sectors if sector < _LAST))

    def _sector(self, number: int) -> bytes:
        return self._content[(number + 1) << self._shift : (number + 2) << self._shift]

    def _joined(self, start: int) -> bytes:
        return b"".join(map(self._sector, self._chain(start, self._next)))

    @staticmethod
    def _chain(start: int, table: Sequence[int]) -> list[int]:
        chain: dict[int, None] = {}  # a chain that bites its tail ends there
        while start < _LAST and start not in chain:
            chain[start] = None
            start = table[start]
        return list(chain)

    @staticmethod
    def _numbers(content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])

    @staticmethod
    def _name(entry: bytes) -> str:
        (length,) = struct.unpack_from("<H", entry, 64)
        return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
