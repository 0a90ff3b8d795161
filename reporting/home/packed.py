"""A packed file as ``tarfile`` reads it: forwards only, with limits on what it may ask for and unpack to."""

import gzip
import zlib
from collections.abc import Iterator
from typing import IO

CHUNK = 1 << 20
# What is packed tighter than this is no home: forms, scans and mails are packed already.
LARGEST_RATIO, NEVER_TOO_LARGE = 200, 256 << 20
_LONGEST_HEADER = 8 << 10  # bytes that tarfile may ask for at once: a header, or the long name in one
_LONGEST_END = 64 << 10  # bytes of nothing after the last file


class BadArchive(Exception):
    """What is wrong with an archive, in Vietnamese."""


class Packed:
    """The unpacked bytes of a gzip file of ``size`` bytes. Raises BadArchive for what breaks a limit."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = gzip.GzipFile(fileobj=file, mode="rb")
        self._position = 0
        self._largest = max(NEVER_TOO_LARGE, size * LARGEST_RATIO)

    def read(self, size: int) -> bytes:
        """What tarfile asks for: never the bytes of a file, so never much."""
        if not 0 <= size <= _LONGEST_HEADER:
            raise BadArchive("có phần đầu tệp quá dài")
        return self._take(size)

    def chunks(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes, piece by piece."""
        while size > 0:
            data = self._take(min(size, CHUNK))
            if not data:
                raise BadArchive("bị cụt")
            size -= len(data)
            yield data

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> None:
        if position < self._position:
            raise BadArchive("có phần đầu tệp không đúng")
        for _ in self.chunks(position - self._position):
            pass

    def end(self) -> None:
        """Read to the end, where the checksum stands. Only zeros may be left."""
        rest = self._take(_LONGEST_END)
        if rest.strip(b"\0") or self._take(1):
            raise BadArchive("còn dữ liệu sau tệp cuối")

    def _take(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise BadArchive(str(error)) from error
        self._position += len(data)
        if self._position > self._largest:
            raise BadArchive(f"giải nén ra lớn hơn {LARGEST_RATIO} lần")
        return data
