"""Whatever happens in whatever order: no mail of a machine goes where PRACTICE says none may go.

The whole way of a mail through the store: queued by the plan, held back by what happens, asked
again as it leaves, taken over by a server.
"""

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reporting import day
from reporting.follow_up.calendar import follow_calendar
from reporting.follow_up.escalation import escalation_letter
from reporting.mail.outbox import messages
from reporting.replies import quarantine
from reporting.requests.extension import extend
from reporting.states import ContactRole, MessageKind
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, Cycle, Message, UnitRow
from reporting.vietnamese.working_days import is_working_day
from tests.workplace import (
    BAC_NINH,
    BINH_DINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    OPENED,
    OWN,
    PDF,
    Workplace,
    box,
    copy_home,
    officer,
)

DAY = timedelta(days=1)
START = date(2024, 1, 2)
DUE, CLOSED = date(2024, 1, 15), date(2024, 4, 30)
QUIET = (date(2024, 2, 2), date(2024, 2, 16))  # 23 of the twelfth month to the first week after
COMMITTEES = st.sampled_from(
    [
        "ubnd@tinh-27.example",
        "vanthu@ubnd.tinh-27.example",
        "vanthu.ubnd@tinh-27.example",
        "tinh-27-ubnd@chinh-phu.example",
        "tinhubnd@tinh-27.example",
        "hdnd-ubnd@tinh-27.example",
        "vpub@tinh-27.example",
        "uybannhandan@tinh-27.example",
    ]
)
MINISTRY = "bo@trung-uong.example"

WHAT = (
    "report",
    "letter",
    "draft",
    "waits",
    "swapped",
    "assigned",
    "call",
    "promise",
    "extended",
    "cancelled",
)
NEIGHBOUR = {HANOI: DIEN_BIEN, DIEN_BIEN: BAC_NINH, BAC_NINH: HANOI}
# The day, whose, what, and whether it comes between queueing and sending.
Event = tuple[int, str, str, bool]
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 130),
        st.sampled_from((HANOI, DIEN_BIEN, BAC_NINH)),
        st.sampled_from(WHAT),
        st.booleans(),
    ),
    max_size=9,
)
DAYS = st.sets(st.integers(0, 130), min_size=12, max_size=30)


def happen(place: Workplace, event: Event, on: date) -> None:
    _, code, what, _ = event
    match what:
        case "report":
            place.report(code, on)
        case "letter":
            subject = f"Công văn số 7/SLĐTBXH ngày {on:%d/%m/%Y}"
            raw = place.mail(box(code), {"a.pdf": PDF}, to=place.reply_address(code), subject=subject)
            place.receive(raw, on)
        case "draft":
            place.receive(place.mail(officer(code), {"b.xlsx": place.form(code)}), on)
        case "waits":
            place.receive(place.mail(box(code), to=place.reply_address(code), text=f"Ngày {on}"), on)
        case "swapped":
            form = place.form(NEIGHBOUR[code], f"{on.day}/BC-SLĐTBXH", on)
            to = place.reply_address(code) if on.day % 2 else OWN
            place.receive(place.mail(box(code), {"b.xlsx": form}, to=to), on)
        case "assigned":
            _assign(place, code, on)
        case "call" | "promise":
            place.call(code, on, on + 10 * DAY if what == "promise" else None)
        case "extended" if DUE < on + 10 * DAY <= CLOSED:
            with writing(place.home.engine) as session:
                until = on + 10 * DAY
                extend(place.context(on), session, CYCLE, code, until=until, by="Lãnh đạo", why="bão")


def _cancel(place: Workplace, code: str, on: date) -> set[str]:
    """A person stops the unit's reminders that wait; their Message-IDs."""
    context, stopped = place.context(on), set()
    for message in place.messages(MessageKind.REMINDER, code):
        if message.state in messages.STOPPABLE:
            with writing(place.home.engine) as session:
                row = session.get_one(Message, message.id)
                messages.cancel(session, row, why="đã gọi điện", now=context.now, by="Cán bộ trực")
            stopped.add(message.message_id)
    return stopped


def _assign(place: Workplace, code: str, on: date) -> None:
    with reading(place.home.engine) as session:
        waiting = [
            reply.id
            for reply in quarantine.waiting(session)
            if reply.unit and reply.unit.code == code and not reply.candidates
        ]
    if waiting:
        decision = quarantine.Assignment(code, CYCLE, "8/BC-SLĐTBXH", on, why="Sở đính chính")
        quarantine.assign(place.context(on), waiting, decision, by="Cán bộ trực")


class Known:
    """What the test itself knows of each unit, from the events alone."""

    def __init__(self) -> None:
        self.reported: set[str] = set()
        self.drafts: set[str] = set()
        self.waiting: set[str] = set()
        self.swapped: set[str] = (
            set()
        )  # who sent another's form, and whose it is: no person decides on it here
        self.calls: dict[str, list[date]] = {}
        self.promised: dict[str, date] = {}
        self.due: dict[str, date] = {}
        self.told: set[tuple[str, str]] = set()  # of which date, whom
        self.reminded: dict[str, list[tuple[int, date]]] = {}
        self.cancelled: set[str] = set()

    def note(self, event: Event, on: date) -> None:
        _, code, what, _ = event
        if what in ("report", "letter"):
            self.reported.add(code)
        elif what == "draft":
            self.drafts.add(code)
        elif what == "waits":
            self.waiting.add(code)
        elif what == "swapped":
            self.swapped |= {code, NEIGHBOUR[code]}
        elif what == "assigned":
            if code in self.waiting:
                self.waiting.discard(code)
                self.reported.add(code)
        elif what == "extended":
            if DUE < on + 10 * DAY <= CLOSED:
                self.due[code] = on + 10 * DAY
        else:
            self.calls.setdefault(code, []).append(on)
            if what == "promise":
                self.promised[code] = on + 10 * DAY

    @property
    def may_have_written(self) -> set[str]:
        return self.reported | self.drafts | self.waiting | self.swapped

    def assert_may_be_named(self, place: Workplace, on: date) -> None:
        """The letter that was drafted on this day names nobody who may have written."""
        with reading(place.home.engine) as session:
            letter = escalation_letter(
                session, session.scalars(select(Cycle).where(Cycle.name == CYCLE)).one()
            )
            if letter is not None and letter.drafted_on == on:
                assert not set(letter.units or []) & self.may_have_written

    def assert_told(self, place: Workplace, on: date, ids: set[str]) -> None:
        """Of an extension only what holds, and of each once."""
        for message in place.messages(MessageKind.EXTENSION):
            if message.message_id in ids:
                code, until = place.unit_of(message), message.context["extended_until"]
                assert until == self.due[code].isoformat()
                assert (until, message.recipient) not in self.told
                self.told.add((until, message.recipient))

    def assert_may_be_reminded(self, code: str, sequence: int, on: date) -> None:
        before = self.reminded.setdefault(code, [])
        assert code not in self.may_have_written
        assert all((on - called).days >= 7 for called in self.calls.get(code, []))
        assert code not in self.promised or on > self.promised[code]
        assert (self.due.get(code, DUE) - on).days <= 7  # three working days before, over a weekend
        assert is_working_day(on)
        assert not QUIET[0] <= on <= QUIET[1]
        assert on <= CLOSED
        assert sequence not in [earlier for earlier, _ in before]
        assert all((on - earlier).days >= 7 for _, earlier in before)
        before.append((sequence, on))
        assert len(before) <= 3


@settings(max_examples=6)
@given(EVENTS, DAYS, COMMITTEES)
def test_no_mail_of_ours_goes_where_none_may_go(
    opened_home: Path, letter: Path, events: Sequence[Event], looked: set[int], committee: str
) -> None:
    live(opened_home, letter, events, looked, committee)


@pytest.mark.deep
@settings(max_examples=60)
@given(EVENTS, DAYS, COMMITTEES)
def test_no_mail_of_ours_goes_where_none_may_go_in_many_histories(
    opened_home: Path, letter: Path, events: Sequence[Event], looked: set[int], committee: str
) -> None:
    live(opened_home, letter, events, looked, committee)


def live(home: Path, letter: Path, events: Sequence[Event], looked: set[int], committee: str) -> None:
    """Walk through the days of one history, with two addresses on file that must never get mail."""
    with tempfile.TemporaryDirectory() as folder:
        place = copy_home(home, Path(folder) / "home")
        try:
            _add_addresses(place, committee)
            place.open(letter)  # whoever has an address by now gets his request
            place.send(OPENED, hour=10)
            _walk(place, sorted(events), looked)
            with reading(place.home.engine) as session:
                to = set(session.scalars(select(Message.recipient)))
            assert not to & {committee, MINISTRY}
        finally:
            place.home.engine.dispose()


def _add_addresses(place: Workplace, committee: str) -> None:
    with writing(place.home.engine) as session:
        rows = {row.code: row for row in session.scalars(select(UnitRow))}
        rows[BINH_DINH].kind = "ministry"
        for code, role, email in (
            (BAC_NINH, ContactRole.OFFICER, committee),
            (BINH_DINH, ContactRole.ROLE_BOX, MINISTRY),
        ):
            session.add(
                Contact(
                    unit_id=rows[code].id,
                    role=role,
                    email=email,
                    state="active",
                    source="nhập nhầm",
                    valid_from=OPENED,
                    recorded_at=place.context().now,
                )
            )


def _walk(place: Workplace, events: list[Event], looked: set[int]) -> None:
    known = Known()
    for offset in sorted(looked | {offset for offset, *_ in events}):
        on = START + offset * DAY
        if on > CLOSED:
            follow_calendar(place.context(on))
        _pass(place, [event for event in events if event[0] == offset and not event[3]], on, known)
        if offset in looked:
            day.queue_due(place.context(on))
            day.queue_due(place.context(on))
            known.assert_may_be_named(place, on)
        _pass(place, [event for event in events if event[0] == offset and event[3]], on, known)
        if offset in looked:
            ids = {mail["Message-ID"] for _, mail in place.send_and_see(on)}
            left = [m for m in place.messages(MessageKind.REMINDER) if m.message_id in ids]
            assert not ids & known.cancelled
            known.assert_told(place, on, ids)
            for code, sequence in sorted({(place.unit_of(m), m.sequence) for m in left}):
                known.assert_may_be_reminded(code, sequence, on)


def _pass(place: Workplace, events: list[Event], on: date, known: Known) -> None:
    for event in events:
        if event[2] == "cancelled":
            known.cancelled |= _cancel(place, event[1], on)
            continue
        happen(place, event, on)
        known.note(event, on)
