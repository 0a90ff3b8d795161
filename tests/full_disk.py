"""Commands on a disk that is full, or that may not be written to: what they said, and what was left.

Run as a program in a mount namespace of its own, with a folder to mount a small file system on. Each
command is run on a copy of an office while the fault lasts, and again when it is over.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from reporting.store.health import damage
from tests.conftest import forget_settings
from tests.deployments.cli.conftest import Office, Ran

SIZE = 256 << 20
READ_ONLY = "read-only"
ROOM = (0, 96 << 10, 700 << 10)  # bytes left: nothing, enough to begin, enough for half


@dataclass(frozen=True)
class Case:
    """A command and its home in the office, in one fault."""

    act: str
    fault: str
    code: int
    err: str
    again: int  # the exit code of the same command when the fault is over
    again_err: str
    lost: tuple[str, ...]


def run_all(source: Path, place: Path, smtp_url: str, acts: Mapping[str, list[str]]) -> Iterator[Case]:
    """Each act in each fault."""
    office = Office(place / "office")
    for act, (home, *arguments) in acts.items():
        for fault in (READ_ONLY, *(f"{room} bytes left" for room in ROOM)):
            shutil.rmtree(office.folder, ignore_errors=True)
            shutil.copytree(source, office.folder)
            before = state(office.folder)
            with broken(place, fault):
                first = in_a_process(office, home, arguments, smtp_url)
            again = in_a_process(office, home, arguments, smtp_url)
            lost = missing(before, state(office.folder))
            yield Case(act, fault, first.code, first.err, again.code, again.err, tuple(lost))


def in_a_process(office: Office, home: str, arguments: list[str], smtp_url: str) -> Ran:
    """Run a command in a copy of this process, which leaves no file open."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        ran = office.run(*arguments, home=home, SMTP_URL=smtp_url)
        os.write(writer, json.dumps([ran.code, ran.out[:20000], ran.err[:20000]]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return Ran(*json.loads(said)) if said else Ran(-1, "", "no word")


@contextmanager
def broken(place: Path, fault: str) -> Iterator[None]:
    fill = place / "fill"
    if fault == READ_ONLY:
        mount(place, "remount,ro")
    else:
        leave(fill, int(fault.split()[0]))
    try:
        yield
    finally:
        if fault == READ_ONLY:
            mount(place, "remount,rw")
        fill.unlink(missing_ok=True)


def leave(fill: Path, room: int) -> None:
    """Fill the file system but for so many bytes."""
    with fill.open("wb", buffering=0) as file:
        free = os.statvfs(fill.parent)
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - room)


def mount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "kybaocao", place], check=True)


def state(folder: Path) -> dict[str, str | int]:
    """Every original by its hash, and every table by its rows."""
    held: dict[str, str | int] = {}
    for file in folder.glob("*/originals/*/*"):
        held[str(file.relative_to(folder))] = hashlib.sha256(file.read_bytes()).hexdigest()
    for database in folder.glob("*/kybaocao.db"):
        name = database.parent.name
        held[f"{name}: damage"] = str(damage(database))
        if held[f"{name}: damage"] != "None":
            continue
        with closing(sqlite3.connect(database)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in names:
                (count,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
                held[f"{name}: {table}"] = count
    return held


def missing(before: Mapping[str, str | int], after: Mapping[str, str | int]) -> Iterator[str]:
    """What was there and is not there any more."""
    for name, value in before.items():
        now = after.get(name)
        less = isinstance(value, int) and isinstance(now, int) and now < value
        if now is None or less or (isinstance(value, str) and now != value):
            yield f"{name}: {value} -> {now}"


def main() -> None:
    forget_settings()
    source, place, smtp_url, acts = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    mount(place, f"size={SIZE}")
    cases = [asdict(case) for case in run_all(source, place, smtp_url, acts)]
    sys.stdout.write(json.dumps(cases, ensure_ascii=False))


if __name__ == "__main__":
    main()
