"""What a program had on the disk at a moment, reckoned from the system calls it made (strace).

A power cut keeps the bytes of a file that was flushed (fsync) after it was last written, under a name
whose folder was flushed after the name was made. All else may be lost, half there, or empty.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CALLS = (
    "openat,open,creat,write,pwrite64,writev,sendfile,copy_file_range,ftruncate,fsync,fdatasync,"
    "rename,renameat,renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat,rmdir"
)
PROGRAM = "from deployments.cli import main; main()"
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (\d+)(?:<(.*)>)?$", re.DOTALL)
_BEGUN, _ENDED = (
    re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$"),
    re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$"),
)
_HANDLE = re.compile(r"^(?:\d+|AT_FDCWD)<([^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass
class Disk:
    """The files and folders below a root, and which of them a power cut would not touch."""

    root: str
    known: set[str] = field(default_factory=set)  # what was there before, and what was opened since
    opened: set[str] = field(default_factory=set)  # new files in which nothing is yet: no loss
    unflushed: set[str] = field(default_factory=set)  # files written since they were flushed
    unnamed: set[str] = field(default_factory=set)  # names made since their folder was flushed
    faults: list[str] = field(default_factory=list)  # renamed before they were flushed

    def written(self, path: str) -> None:
        if self._is_ours(path):
            self.unflushed.add(path)
            self.unnamed |= {path} & self.opened

    def began(self, path: str) -> None:
        if path not in self.known:
            self.opened.add(path)
            self.known.add(path)

    def made(self, path: str) -> None:
        if self._is_ours(path):
            self.unnamed.add(path)

    def flushed(self, path: str) -> None:
        self.unflushed.discard(path)
        for names in (self.unnamed, self.opened):
            names -= {name for name in names if name.rpartition("/")[0] == path}

    def renamed(self, old: str, new: str) -> None:
        below = f"{old}/"
        self.faults += [
            f"{old} -> {new}: {path}" for path in self.unflushed if path == old or path.startswith(below)
        ]
        self.faults += [f"{old} -> {new}: {path}" for path in self.unnamed if path.startswith(below)]
        for names in (self.unflushed, self.unnamed):
            moved = {path for path in names if path == old or path.startswith(below)}
            names -= moved
            names |= {new + path[len(old) :] for path in moved}
        self.made(new)
        self.known.add(new)

    def gone(self, path: str) -> None:
        for names in (self.unflushed, self.unnamed, self.known, self.opened):
            names -= {name for name in names if name == path or name.startswith(f"{path}/")}

    def at_risk(self) -> set[str]:
        return self.unflushed | self.unnamed

    def _is_ours(self, path: str) -> bool:
        """A file that never had a name (O_TMPFILE) is shown with a number for one."""
        return path.startswith(f"{self.root}/") and "/#" not in path


def trace(folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, Disk]:
    """Run a command; what it said, and the disk at the moment when it first said something."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    log = folder.with_name("trace.txt")
    known = {str(path) for path in folder.rglob("*")}
    ran = subprocess.run(
        [strace, "-f", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o", log,
         sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, _at_first_word(Disk(str(folder), known), log.read_text(errors="replace").splitlines())


def _at_first_word(disk: Disk, lines: Sequence[str]) -> Disk:
    for name, arguments, handle in _calls(lines):
        if name == "write" and arguments.startswith("1<"):
            return disk
        _carry_out(disk, name, arguments, handle)
    raise AssertionError("it said nothing")


def _calls(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Name, arguments and result of each call that succeeded, in the order in which they ended."""
    begun: dict[str, str] = {}
    for line in lines:
        if part := _BEGUN.match(line):
            begun[part[1]] = part[2]
            continue
        if rest := _ENDED.match(line):
            line = f"{rest[1]} {begun.pop(rest[1])}{rest[2]}"
        if call := _CALL.match(line):
            yield call[2], call[3], call[5] or ""


def _carry_out(disk: Disk, name: str, arguments: str, handle: str) -> None:
    first = _HANDLE.match(arguments)
    if name in ("open", "openat", "creat"):
        if "O_CREAT" in arguments or "O_TRUNC" in arguments:
            disk.began(handle)
        if "O_TRUNC" in arguments:
            disk.written(handle)
    elif name in ("fsync", "fdatasync") and first:
        disk.flushed(first[1])
    elif name.startswith("rename"):
        disk.renamed(*_paths(arguments))
    elif name.startswith(("mkdir", "link")):
        disk.made(_paths(arguments)[-1])
    elif name in ("unlink", "unlinkat", "rmdir"):
        disk.gone(_paths(arguments)[0])
    elif name == "copy_file_range":
        disk.written(_HANDLE.findall(arguments.split(", ", 2)[2])[0])
    elif first:  # something is written
        disk.written(first[1])


def _paths(arguments: str) -> list[str]:
    """The paths a call names, whole: each may stand after the folder it is in."""
    found = []
    for text in _TEXT.finditer(arguments):
        before = re.search(r"<([^<>]*)>, $", arguments[: text.start()])
        path = text[1]
        found.append(path if path.startswith("/") or not before else f"{before[1]}/{path}")
    return found
