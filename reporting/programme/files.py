"""A programme folder read into a ``Programme``, or every mistake in it with file and line."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from reporting.errors import BadInput
from reporting.programme.fingerprint import stamp
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import Programme
from reporting.programme.office import Override
from reporting.programme.reading import Reading, read_folder
from reporting.programme.sources import read_yaml


def load_programme(folder: Path, office: Path | None = None) -> Programme:
    """The programme in ``folder``, with what an office sets over it in a folder of its own.

    Raises BadInput with the first mistake and how many there are.
    """
    reading = _read_once(folder, office, stamp(folder, office))
    programme, mistakes = reading.programme, reading.mistakes
    if mistakes or programme is None:
        raise BadInput(
            f"Chương trình {folder.name} có {len(mistakes)} chỗ cần sửa, trước hết {mistakes[0]}; "
            f"xem đủ bằng 'kybaocao check-config'."
        )
    return programme


@lru_cache(maxsize=8)
def _read_once(folder: Path, office: Path | None, _stamp: str) -> Reading:
    """A folder that has not changed need not be read again by a process that works day after day."""
    return read_folder(folder, office)


def check_programme(folder: Path, office: Path | None = None) -> list[Mistake]:
    """Every mistake in the folder's data files, in the order of file and line; templates apart."""
    return read_folder(folder, office).mistakes


def programme_overrides(folder: Path, office: Path | None) -> list[Override]:
    """The fields that an office set over the shipped programme."""
    return read_folder(folder, office).overrides


def programme_notices(folder: Path) -> list[Mistake]:
    """What is no mistake in the folder's data files, yet should be put right some day."""
    return read_folder(folder).notices


def programme_folders(folder: Path) -> list[Path]:
    """The folders below that hold a programme or, lacking its ``programme.yaml``, were meant to."""
    inside = (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted(path for path in inside if any(path.glob("*.yaml")) or any(path.glob("*.csv")))


def check_together(programmes: Sequence[Programme]) -> list[Mistake]:
    """What two programmes must not share: their id, and the key that opens every subject."""
    mistakes: list[Mistake] = []
    for name, what in (("id", "mã chương trình"), ("subject_key", "khóa tiêu đề")):
        holders: dict[str, Programme] = {}
        for programme in programmes:
            value = str(getattr(programme, name))
            other = holders.setdefault(value.lower(), programme)
            if other is not programme:
                file = read_yaml(programme.folder / "programme.yaml", [])
                mistakes.append(file.mistake(f"{what} '{value}' đã dùng ở {shown(other.folder)}", name))
    return mistakes


def load_programmes(folder: Path, office: Path | None = None) -> dict[str, Programme]:
    """All programmes, by id: each sub-folder with a ``programme.yaml``.

    ``office`` holds a folder of the same name for each that an office sets something over.

    Raises BadInput naming the mistakes of them all, and two folders that share an id or a key.
    """
    if not folder.is_dir():
        raise BadInput(f"Không có thư mục chương trình {shown(folder)} (KYBAOCAO_PROGRAMMES_DIR).")
    programmes: list[Programme] = []
    problems: list[str] = []
    for file in sorted(folder.glob("*/programme.yaml")):
        try:
            programmes.append(load_programme(file.parent, office / file.parent.name if office else None))
        except BadInput as error:
            problems.append(str(error))
    problems += [str(mistake) for mistake in check_together(programmes)]
    if problems:
        raise BadInput("; ".join(problems))
    return {programme.id: programme for programme in programmes}
