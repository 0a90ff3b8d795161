"""A commented starting folder for a new programme: the sample, under its own id and key."""

import re
import shutil
from pathlib import Path

import config
from config.settings import Settings
from reporting.durable import place_tree
from reporting.errors import BadInput
from reporting.programme.files import load_programme, load_programmes

SAMPLE = Path(config.__file__).parent / "samples" / "nha-o-mau"
_NAME = re.compile(r"^[a-z][a-z0-9-]{1,30}$")
_LONGEST_KEY = 10  # ``programme.yaml``: the address of a reply has to hold it


def make_programme(settings: Settings, name: str) -> Path:
    """Lay the starting folder of a programme; it passes check-config as it is.

    Raises BadInput for a name that cannot be an id, a folder or programme that is there already.
    """
    if not _NAME.match(name):
        raise BadInput(
            f"Tên '{name}' không dùng được: cần chữ thường không dấu, số, dấu gạch nối, ví dụ nha-o."
        )
    target = settings.programmes_dir / name
    if target.exists():
        raise BadInput(f"Thư mục {target} đã có: hãy chọn tên khác.")
    known = load_programmes(settings.programmes_dir)
    key = _free_key(name, {programme.subject_key for programme in known.values()})
    sample = load_programme(SAMPLE)
    part = settings.programmes_dir / ".new" / name  # where nobody looks for programmes
    shutil.rmtree(part, ignore_errors=True)  # of a run that was stopped
    shutil.copytree(SAMPLE, part)
    head = part / "programme.yaml"
    text = head.read_text(encoding="utf-8")
    text = text.replace(f"id: {sample.id}", f"id: {name}", 1)
    # It opens nothing by itself: the made-up units of the frame shall not be written to.
    text = text.replace("letter: none", "letter: signed", 1)
    text = text.replace(f"subject_key: {sample.subject_key}", f"subject_key: {key}", 1)
    head.write_text(text, encoding="utf-8")
    place_tree(part, target)
    part.parent.rmdir()
    return target


def _free_key(name: str, taken: set[str]) -> str:
    """A key made of the name, and a number where another programme has it."""
    letters = name.replace("-", "").upper()[:_LONGEST_KEY]
    candidates = [letters, *(f"{letters[: _LONGEST_KEY - 2]}{number}" for number in range(2, 100))]
    return next(key for key in candidates if key not in taken)
