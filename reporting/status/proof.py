"""How long replies that nobody can tell from a forgery may hold up what a unit is due.

Anybody can write a department's address into ``From``. A reply that carries nothing else to show
whose it is (``RawReply.is_doubtful``) waits for a person like any other, but keeps its unit's
reminder back for a few days only, and none when many come at once: sixty-three forged lines would
silence a whole cycle otherwise. What a unit is held for is decided here, for the status, the plan,
the alarm and the words alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from reporting.store.tables import RawReply
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import add_working_days

# So many units at once are no accident: of sixty-three, seven who all happen to write from scratch
# within three days; in a small programme more than three.
MANY_AT_LEAST, MANY_IN_A_HUNDRED = 3, 10


@dataclass(frozen=True)
class Doubtful:
    """The waiting replies of one unit that nobody can tell from a forgery."""

    count: int
    since: date  # the day the first of them came: later ones make the hold no longer

    def __add__(self, other: "Doubtful") -> "Doubtful":
        return Doubtful(self.count + other.count, min(self.since, other.since))


@dataclass(frozen=True)
class Holds:
    """Which units are held by such replies on a day, by their row; none when they are too many at once."""

    until: Mapping[int, date] = field(default_factory=dict)  # the first day that is not held any more
    many: int = 0  # units that would be held, when they are too many
    waiting: int = 0  # units with such a reply, however old
    limit: int = MANY_AT_LEAST

    def with_joint(self, parts_of: Mapping[int, Sequence[int]]) -> "Holds":
        """What came in the name of a later unit holds each of the older ones that went into it."""
        until = dict(self.until)
        for later, parts in parts_of.items():
            if later in self.until:
                until |= {part: max(until.get(part, self.until[later]), self.until[later]) for part in parts}
        return replace(self, until=until)


def free_on(since: date, doubt_days: int) -> date:
    """The first day on which such a reply, received on ``since``, keeps nothing back any more."""
    return add_working_days(since, doubt_days)


def holds(doubtful: Mapping[int | None, Doubtful], *, expected: int, doubt_days: int, as_of: date) -> Holds:
    """Whom the replies hold on a day. ``expected``: how many units are to report."""
    limit = max(MANY_AT_LEAST, expected * MANY_IN_A_HUNDRED // 100)
    units = {unit: waiting for unit, waiting in doubtful.items() if unit is not None}
    until = {
        unit: day for unit, waiting in units.items() if as_of < (day := free_on(waiting.since, doubt_days))
    }
    if len(until) > limit:
        return Holds(many=len(until), waiting=len(units), limit=limit)
    return Holds(until, waiting=len(units), limit=limit)


def in_words(reply: RawReply, doubt_days: int) -> str | None:
    """What a reply that seems to be a unit's means for its reminder; None when nothing is in doubt."""
    if not reply.is_doubtful or reply.unit_id is None:
        return None
    until = short_date(free_on(reply.received_on, doubt_days))
    return (
        f"ngoài địa chỉ gửi chưa có gì chứng tỏ là thư của đơn vị, chỉ hoãn thư nhắc đến trước ngày {until}"
    )


def many_in_words(many: int, expected: int) -> str:
    return (
        f"Có thể có thư giả mạo: {many}/{expected} đơn vị cùng lúc có thư mà ngoài địa chỉ gửi chưa có gì "
        "chứng tỏ là của đơn vị; thư nhắc vẫn đi, không thư nào được hoãn vì chúng"
    )
