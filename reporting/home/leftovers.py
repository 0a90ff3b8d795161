"""What a killed run leaves in a home and beside it: named until the next run removes it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from reporting import clock
from reporting.durable import is_left_over, remove_leftover

_UNFINISHED_AFTER = timedelta(hours=1)  # nothing takes as long to write one file


def backup_room(home: Path) -> Path:
    """Where a backup keeps the copy of the database meanwhile."""
    return home / ".backup"


def restore_room(home: Path) -> Path:
    """Where a home is laid out before it is put into its place."""
    return home.with_name(f".{home.name}.restore")


def note_part(room: Path, part: Path) -> None:
    """Note which file, perhaps on another disk, is being written for that room."""
    (room / "part").write_bytes(str(part).encode("utf-8", "surrogateescape"))


def noted_part(room: Path) -> Path | None:
    """The unfinished file that was noted, while it is there."""
    try:
        part = Path((room / "part").read_bytes().decode("utf-8", "surrogateescape"))
    except (OSError, ValueError):
        return None
    is_ours = part.name.startswith(".") and part.suffix == ".part"
    return part if is_ours and part.is_file() and not part.is_symlink() else None


def left_behind(home: Path) -> list[Path]:
    """The copies that killed runs of ``backup`` and ``restore`` left; they hold keys and addresses."""
    room = backup_room(home)
    if not is_left_over(room):
        copies = []
    else:
        part = noted_part(room)
        copies = [room, part] if part is not None else [room]
    return copies + [folder for folder in (restore_room(home),) if is_left_over(folder)]


def remove_left_behind(home: Path) -> None:
    """Remove those copies, and files of the home that a killed run has written half."""
    part = noted_part(backup_room(home))
    if remove_leftover(backup_room(home)) and part is not None:
        part.unlink(missing_ok=True)
    remove_leftover(restore_room(home))
    for file in _unfinished(home):
        file.unlink(missing_ok=True)


def _unfinished(home: Path) -> Iterator[Path]:
    """Files of ``write_durably`` at which nobody can be at work any more; the drop folder is others'."""
    for folder in ("", "originals", "letters", "reports", "status"):
        pattern = "**/.*.part" if folder else ".*.part"
        for file in (home / folder).glob(pattern):
            if file.is_file() and _age(file) > _UNFINISHED_AFTER:
                yield file


def _age(file: Path) -> timedelta:
    return clock.now() - datetime.fromtimestamp(file.stat().st_mtime, tz=clock.VIETNAM)
