"""Which runs of the scheduler people are told of, and in what words."""

from dataclasses import dataclass
from datetime import datetime

from reporting.errors import ServiceUnavailable
from reporting.upkeep.alarms import LATE, RUN

SILENT = "silent"
_WORDS = {
    "failed": "không xong (Failed)",
    "crashed": "bị ngắt giữa chừng (Crashed)",
    "late": "chậm giờ (Late)",
}


@dataclass(frozen=True)
class Run:
    """A run as the scheduler knows it."""

    flow: str
    name: str
    state: str  # the name of its state now: Late, Running, Failed, …
    message: str  # of that state
    ended_at: datetime | None
    good_at: datetime | None  # when the flow's latest run ended, if that went well

    def needs_no_alarm(self, what: str) -> str | None:
        """Why nobody is told that the run was ``what`` (failed, crashed, late); None when people are."""
        if ServiceUnavailable.__name__ in self.message:
            return f"{self.name}: đã báo theo nguyên nhân"  # by the run itself, before it ended
        if self.ended_at is not None and self.good_at is not None and self.good_at > self.ended_at:
            return f"{self.name}: lượt sau đã xong"
        if what == "late" and self.state != "Late":
            return f"{self.name}: đã chạy"
        return None

    def alarm(self, what: str) -> tuple[str, str]:
        """The cause and the text of the alarm that the run was ``what``."""
        cause = f"{LATE if what == 'late' else RUN}{self.flow}"
        return cause, f"Lượt chạy {self.name} {_WORDS.get(what, what)}"
