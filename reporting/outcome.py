"""What a step of a day did, in sentences for the office."""

from collections.abc import Callable
from dataclasses import dataclass


class Several(str):
    """A line for more than one thing that waits for a person."""

    things: int

    def __new__(cls, things: int, line: str) -> "Several":
        made = super().__new__(cls, line)
        made.things = things
        return made

    def __reduce__(self) -> tuple[type["Several"], tuple[int, str]]:
        """What it is made of again, when it is copied or handed to another process."""
        return Several, (self.things, str(self))


def worded(line: str, change: Callable[[str], str]) -> str:
    """A line in other words, which still tells of as many things."""
    return Several(line.things, change(line)) if isinstance(line, Several) else change(line)


@dataclass(frozen=True)
class Outcome:
    """What a step did, what now waits for a person, what failed for one unit without stopping others."""

    done: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def things_waiting(self) -> int:
        """How many things wait, not how many lines tell of them."""
        return sum(line.things if isinstance(line, Several) else 1 for line in self.waiting)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.done + other.done, self.waiting + other.waiting, self.failures + other.failures)


NOTHING = Outcome()
