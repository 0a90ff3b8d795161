"""The test files of other people's programs, read where they lie: nothing of them is kept here.

``KYBAOCAO_CORPORA`` names a folder. Each folder in it is a corpus: plain files, or the mirror of a git
repository (also a link to one), of which the newest commit is read.
"""

import os
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath

VARIABLE = "KYBAOCAO_CORPORA"
LARGEST = 35_000_000  # bytes; what is larger is not read of a mailbox either


def corpora() -> list[Path]:
    """The corpora there are on this machine; none where the variable is not set."""
    folder = os.environ.get(VARIABLE)
    return sorted(entry for entry in Path(folder).iterdir() if entry.is_dir()) if folder else []


def files_of(corpus: Path, endings: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file with one of those endings (small letters, with the dot), in order."""
    files = _of_mirror(corpus, endings) if (corpus / "objects").is_dir() else _of_folder(corpus, endings)
    return ((name, content) for name, content in files if len(content) <= LARGEST)


def _of_folder(corpus: Path, endings: Collection[str]) -> Iterator[tuple[str, bytes]]:
    for file in sorted(corpus.rglob("*")):
        if file.suffix.lower() in endings and file.is_file() and not file.is_symlink():
            yield str(file.relative_to(corpus)), file.read_bytes()


def _of_mirror(corpus: Path, endings: Collection[str]) -> Iterator[tuple[str, bytes]]:
    git = ["git", "-C", str(corpus)]
    listing = subprocess.run([*git, "ls-tree", "-r", "-z", "HEAD"], check=True, capture_output=True).stdout
    with subprocess.Popen([*git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as of:
        assert of.stdin is not None
        assert of.stdout is not None
        for entry in listing.split(b"\0")[:-1]:
            facts, _, path = entry.partition(b"\t")
            mode, kind, sha = facts.split()
            name = path.decode("utf-8", "replace")
            if kind != b"blob" or mode == b"120000" or PurePath(name).suffix.lower() not in endings:
                continue
            of.stdin.write(sha + b"\n")
            of.stdin.flush()
            answer = of.stdout.readline().split()
            if answer[-1] != b"missing":  # a mirror may lack its largest files
                yield name, of.stdout.read(int(answer[2]) + 1)[:-1]
