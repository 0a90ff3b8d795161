"""The replies in quarantine by the units they may be of: as of a day, as known now or by another."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from reporting.states import ReplyState
from reporting.status.proof import Doubtful
from reporting.store.tables import RawReply, ReplyCandidate, ReplyStep


class WaitingReply(NamedTuple):
    """A reply in quarantine, as one of a unit; None: nothing says of which."""

    id: int
    unit_id: int | None
    received_on: date
    is_doubtful: bool


_Query = Select[tuple[int, int | None, date, bool]]


@dataclass(frozen=True)
class WaitingReplies:
    """The question, bound to one cycle, one day and one state of knowledge.

    A mail that came before the cycle was opened and carries nothing of ours is no answer to it.
    ``before``: what waited by then, whatever was decided since; None: what waits now.
    """

    programme: str
    cycle_id: int
    days: tuple[date, date]  # a reply that names no cycle is taken for every one that it came in
    opened_on: date
    as_of: date
    before: datetime | None

    def by_unit(self, session: Session) -> Mapping[int | None, Sequence[WaitingReply]]:
        """What waits for each unit: as the best guess, and where signs disagree for each they name."""
        guesses = [WaitingReply(*row) for row in session.execute(self._guesses())]
        others = [WaitingReply(*row) for row in session.execute(self._candidates())]
        spoken_for = {reply.id for reply in others}
        units: dict[int | None, dict[int, WaitingReply]] = defaultdict(dict)
        for reply in (*guesses, *others):
            if reply.unit_id is not None or reply.id not in spoken_for:
                units[reply.unit_id][reply.id] = reply
        return {unit_id: list(replies.values()) for unit_id, replies in units.items()}

    @property
    def _its(self) -> type[RawReply] | type[ReplyStep]:
        return RawReply if self.before is None else ReplyStep

    def _guesses(self) -> _Query:
        its = self._its
        query = select(RawReply.id, its.unit_id, RawReply.received_on, RawReply.doubtful())
        return self._in_quarantine(query).where(self._in_cycle(its.cycle_id))

    def _candidates(self) -> _Query:
        query: _Query = select(RawReply.id, ReplyCandidate.unit_id, RawReply.received_on, RawReply.doubtful())
        return (
            self._in_quarantine(query)
            .join(ReplyCandidate, ReplyCandidate.reply_id == RawReply.id)
            .where(self._in_cycle(ReplyCandidate.cycle_id))
        )

    def _in_cycle(self, cycle_id: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
        return or_(cycle_id == self.cycle_id, cycle_id.is_(None) & RawReply.received_on.between(*self.days))

    def _in_quarantine(self, query: _Query) -> _Query:
        query = (
            query.select_from(RawReply)
            .where(self._its.state == ReplyState.QUARANTINED, RawReply.received_on <= self.as_of)
            .where(RawReply.may_be_of(self.programme), RawReply.may_be_a_report())
            .where(~(RawReply.doubtful() & (RawReply.received_on < self.opened_on)))
        )
        if self.before is None:
            return query
        last = (
            select(func.max(ReplyStep.id).label("id"))
            .where(ReplyStep.recorded_at < self.before)
            .group_by(ReplyStep.reply_id)
            .subquery()
        )
        steps = query.join(ReplyStep, ReplyStep.reply_id == RawReply.id)
        return steps.join(last, last.c.id == ReplyStep.id)


def doubtful_among(waiting: Mapping[int | None, Sequence[WaitingReply]]) -> dict[int | None, Doubtful]:
    """Those of each unit that nobody can tell from a forgery."""
    days = {
        unit_id: [reply.received_on for reply in replies if reply.is_doubtful]
        for unit_id, replies in waiting.items()
    }
    return {unit_id: Doubtful(len(of_unit), min(of_unit)) for unit_id, of_unit in days.items() if of_unit}
