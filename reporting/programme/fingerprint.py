"""Which files make a programme, and a sum over them that changes whenever one of them does."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from reporting.vietnamese.working_days import HOLIDAYS_FILE


def stamp(folder: Path, office: Path | None = None) -> str:
    """Changes whenever a file does that the programme is made from."""
    return sum_of(hashes(folder, office)) + hashlib.sha256(HOLIDAYS_FILE.read_bytes()).hexdigest()


def hashes(folder: Path, office: Path | None = None) -> dict[str, str]:
    """File -> SHA-256 of all that belongs to the programme: not its rehearsals, no hidden files.

    What an office sets over it is named ``office/…``.
    """
    own = _hashes(office) if office is not None and office.is_dir() else {}
    return _hashes(folder) | {f"office/{name}": sha256 for name, sha256 in own.items()}


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(folder)
    }


def sum_of(files: Mapping[str, str]) -> str:
    """One SHA-256 of several files with theirs."""
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "~$")) for part in parts)
        if path.is_file() and not hidden and parts[0] != "rehearsal":
            yield path
