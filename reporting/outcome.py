"""What a step of a day did, in sentences for the office."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What a step did, what now waits for a person, what failed for one unit without stopping others."""

    done: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.done + other.done, self.waiting + other.waiting, self.failures + other.failures)


NOTHING = Outcome()
