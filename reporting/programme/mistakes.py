"""A mistake in a file that people edit: where it is and what to do about it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mistake:
    """One mistake; ``line`` counts from 1, None when the whole file is meant."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}"


def shown(path: Path) -> str:
    """``path`` as a person types it: from the current folder where it lies below it."""
    here = Path.cwd()
    whole = path.absolute()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else path)
