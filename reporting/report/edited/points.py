"""What a check of an edited report comes to: points to look at, of one kind each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from reporting.report.edited.numbers import shortened
from reporting.report.facts.diff import Figures

CHANGED, REMOVED, TYPED, LOOSE, STALE = "changed", "removed", "typed", "loose", "stale"
REWORDED, MISPLACED = "reworded", "misplaced"  # words beside a figure; a figure in another sentence
STATED = "stated"  # a date, symbol or number of the compiled text
ROW, HEADER = "row", "header"  # of an annex; of the first page and of every page
SUM = "sum"  # numbers that no longer add up
UNSETTLED, UNREAD = "unsettled", "unread"  # changes and comments left open; what is no text


@dataclass(frozen=True)
class ReviewPoint:
    """One thing to look at. ``expected`` is what should stand there; ``near`` the words around."""

    kind: str
    code: str | None
    name: str
    seen: str
    expected: str
    why: str = ""
    near: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def brief(self) -> str:
        """In one line."""
        if self.kind == SUM:
            return self.name
        head = f"{self.code} " if self.code else ""
        step = f"«{shortened(self.seen)}»" if self.seen else "mất"
        return f"{head}{step}" + (f" (bản lập: {shortened(self.expected)})" if self.expected else "")


@dataclass(frozen=True)
class Review:
    controls: int  # found in the edited file
    updated: int  # of these, how many say today's figure already, and no more that of their version
    points: tuple[ReviewPoint, ...]
    # The counts as the file tells them, where its controls were changed, by code.
    counts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureSets:
    """The figures of the version an edited file came from, those of today, and whose replies are whose."""

    compiled: Figures
    today: Figures
    submissions: Mapping[str, str]
