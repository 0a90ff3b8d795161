"""The questions to the store about a cycle: as of a day, as known now or by the end of another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from reporting.programme.model import CycleDefinition
from reporting.received.documents import documents
from reporting.states import MessageKind, MessageState, Severity
from reporting.status.facts import Calls, CountingSubmission, Findings, FirstDocument, StoredFacts
from reporting.status.waiting_replies import WaitingReplies, WaitingReply, doubtful_among
from reporting.store.tables import (
    Call,
    Cycle,
    Document,
    Extension,
    FindingRow,
    Message,
    Submission,
    Waiver,
)

# A reminder in one of these states has left us, or may have.
LEFT = (MessageState.ACCEPTED, MessageState.DELAYED, MessageState.UNKNOWN, MessageState.IN_FLIGHT)


@dataclass(frozen=True)
class Known:
    """The questions to the store, all bound to one cycle, one day and one state of knowledge."""

    session: Session
    programme: str
    cycle: CycleDefinition
    row: Cycle | None
    as_of: date
    before: datetime | None  # leave out what was recorded at or after this moment

    @property
    def cycle_id(self) -> int:
        return self.row.id if self.row is not None else -1

    def facts(self) -> StoredFacts:
        waiting = self.waiting()
        return StoredFacts(
            documents=self.documents(),
            submissions=self.submissions(),
            findings=self.findings(),
            quarantined={unit_id: len(replies) for unit_id, replies in waiting.items()},
            reminders=self.reminders(),
            calls=self.calls(),
            extensions=self.extensions(),
            doubtful=doubtful_among(waiting),
        )

    def documents(self) -> dict[int, FirstDocument]:
        query = (
            select(
                Document.unit_id,
                Document.number,
                Document.document_date,
                Document.kind,
                Document.channel,
                Document.received_on,
            )
            .where(Document.cycle_id == self.cycle_id, Document.received_on <= self.as_of)
            .where(*self._recorded(Document.recorded_at), self._stands(Document.undone_at), Document.signed())
            .order_by(Document.unit_id, Document.received_on, Document.recorded_at, Document.id)
        )
        first_documents: dict[int, FirstDocument] = {}
        for unit_id, rows in groupby(self.session.execute(query), key=lambda row: row.unit_id):
            first, now = documents(rows)[0]
            first_documents[unit_id] = FirstDocument(
                now.number, now.document_date, now.kind, first.channel, first.received_on
            )
        return first_documents

    def submissions(self) -> dict[int, CountingSubmission]:
        query = (
            select(Submission.unit_id, Submission.id, Submission.version, Submission.channel)
            .where(
                Submission.cycle_id == self.cycle_id,
                Submission.received_on <= self.as_of,
                Submission.counts,
            )
            .where(*self._recorded(Submission.recorded_at), self._stands(Submission.undone_at))
            .order_by(Submission.received_on, Submission.version)
        )
        return {unit_id: CountingSubmission(*rest) for unit_id, *rest in self.session.execute(query)}

    def findings(self) -> dict[int, Findings]:
        closed = self._waived() | FindingRow.explanation.is_not(None)  # errors are never explained away
        query = (
            select(FindingRow.submission_id, FindingRow.severity, closed, func.count())
            .join(Submission, Submission.id == FindingRow.submission_id)
            .outerjoin(Waiver, Waiver.finding_id == FindingRow.id)
            .where(Submission.cycle_id == self.cycle_id, FindingRow.severity != Severity.NOTICE)
            .where(*self._recorded(FindingRow.recorded_at))
            .group_by(FindingRow.submission_id, FindingRow.severity, closed)
        )
        counts: dict[int, dict[tuple[Severity, bool], int]] = defaultdict(dict)
        for submission_id, severity, is_closed, count in self.session.execute(query):
            counts[submission_id][severity, bool(is_closed)] = count
        return {
            submission_id: Findings(
                open_errors=by.get((Severity.ERROR, False), 0),
                waived_errors=by.get((Severity.ERROR, True), 0),
                open_warnings=by.get((Severity.WARNING, False), 0),
            )
            for submission_id, by in counts.items()
        }

    def waiting(self) -> Mapping[int | None, Sequence[WaitingReply]]:
        """Replies in quarantine by the units they may be of."""
        its = self.row if self.row is not None else self.cycle
        days = (self.cycle.period_start, its.close_on)
        opened_on = (self.row.opened_on if self.row is not None else None) or its.open_on
        replies = WaitingReplies(self.programme, self.cycle_id, days, opened_on, self.as_of, self.before)
        return replies.by_unit(self.session)

    def reminders(self) -> dict[int, int]:
        query = (
            select(Message.unit_id, func.count(Message.sequence.distinct()))
            .where(
                Message.cycle_id == self.cycle_id,
                Message.kind == MessageKind.REMINDER,
                Message.state.in_(LEFT),
                Message.queued_on <= self.as_of,
            )
            .where(*self._recorded(Message.queued_at))
            .group_by(Message.unit_id)
        )
        return {unit_id: count for unit_id, count in self.session.execute(query)}

    def calls(self) -> dict[int, Calls]:
        query = (
            select(Call.unit_id, Call.called_on, Call.promised_on)
            .where(Call.cycle_id == self.cycle_id, Call.called_on <= self.as_of)
            .where(*self._recorded(Call.recorded_at))
            .order_by(Call.called_on, Call.recorded_at, Call.id)
        )
        calls: dict[int, Calls] = {}
        for unit_id, called_on, promised_on in self.session.execute(query):
            before = calls.get(unit_id, Calls())
            calls[unit_id] = Calls(before.count + 1, called_on, promised_on or before.promised_on)
        return calls

    def extensions(self) -> dict[int, date]:
        query = (
            select(Extension.unit_id, Extension.until_on)
            .where(Extension.cycle_id == self.cycle_id, *self._recorded(Extension.recorded_at))
            .order_by(Extension.recorded_at, Extension.id)
        )
        return {unit_id: until_on for unit_id, until_on in self.session.execute(query)}

    def messages(self) -> dict[str, dict[str, int]]:
        """Kind -> state -> number of units; requests and reminders are always named."""
        query = (
            select(Message.kind, Message.state, func.count(Message.unit_id.distinct()))
            .where(Message.cycle_id == self.cycle_id, Message.queued_on <= self.as_of)
            .where(Message.unit_id.is_not(None))
            .where(*self._recorded(Message.queued_at))
            .group_by(Message.kind, Message.state)
            .order_by(Message.kind, Message.state)
        )
        counts = {
            str(kind): dict.fromkeys(("accepted", "unknown", "failed"), 0)
            for kind in (MessageKind.REQUEST, MessageKind.REMINDER)
        }
        for kind, state, count in self.session.execute(query):
            counts.setdefault(str(kind), {})[str(state)] = count
        return counts

    def _recorded(self, column: InstrumentedAttribute[datetime]) -> Iterable[ColumnElement[bool]]:
        return () if self.before is None else (column < self.before,)

    def _stands(self, undone_at: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
        if self.before is None:
            return undone_at.is_(None)
        return or_(undone_at.is_(None), undone_at >= self.before)

    def _waived(self) -> ColumnElement[bool]:
        is_there = Waiver.id.is_not(None)
        return is_there if self.before is None else is_there & (Waiver.recorded_at < self.before)
