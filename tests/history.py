"""An office to which anything may happen in any order, held to ``audit --verify`` after each step."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import docx
from aiosmtpd.smtp import SMTP as SMTPServer
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import SecretStr
from sqlalchemy import event, select

from reporting.approval import steps
from reporting.approval.issue import issue
from reporting.approval.paper import SignedReport
from reporting.day import queue_due, send_queued
from reporting.errors import ReportingError, ServiceUnavailable
from reporting.follow_up.calendar import follow_calendar
from reporting.home.folder import open_home
from reporting.mail.outbox import messages
from reporting.replies import quarantine
from reporting.replies.by_hand import HandRecord, record_reply, undo
from reporting.replies.collect import collect, take_in_replies
from reporting.report.annexes.slip import OPINION
from reporting.requests.extension import extend
from reporting.spreadsheets import sandbox
from reporting.states import Channel, MessageState, ReplyState
from reporting.status.report import APPROVE, RETURN
from reporting.store.engine import reading, writing
from reporting.store.tables import (
    Call,
    Decision,
    Extension,
    IssuedReport,
    Message,
    RawReply,
    ReportVersion,
    Submission,
)
from reporting.upkeep.erasure import erase_address, erase_replies
from reporting.upkeep.remains import sweep
from reporting.verify.home import violations
from tests.compiling import compile_report
from tests.mailroom import listening
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    OPENED,
    OWN,
    PDF,
    SIGNED,
    Post,
    Workplace,
    box,
    copy_home,
    officer,
)

CODES = st.sampled_from((HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN))
REPLIES = st.sampled_from(
    (
        *("good", "wrong", "letter", "draft", "pdf only", "stranger", "forged", "again", "other cycle"),
        *("other unit", "automatic", "bounce", "plain"),
    )
)
FAILURES = st.sampled_from(("later", "refused", "lost", "out"))
PEOPLE = ("Chuyên viên", "Chánh Văn phòng", "Vụ trưởng", "Thứ trưởng")
BY = "Cán bộ trực"
REACHED = (RawReply, Submission, Message, Call, Extension, ReportVersion, Decision, IssuedReport)  # counted
MACHINE = {"Auto-Submitted": "auto-replied"}
REPORT = (
    "From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\n"
    "Message-ID: <{serial}@mx.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n"
    "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
)


class Server(Post):
    """Takes mail over, or fails in one way."""

    def __init__(self, failure: str | None) -> None:
        super().__init__()
        self.failure = failure

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        match self.failure:
            case "later":
                return "451 4.3.0 later"
            case "refused":
                return "550 5.7.1 no"
        answer = await super().handle_DATA(server, session, envelope)
        if self.failure == "lost":  # taken over, and the client never hears of it
            server.transport.close()
        return answer


class History(RuleBasedStateMachine):
    """One office; ``base`` and ``letter`` are set by the test, ``counted`` tells how many steps ran."""

    base: Path
    planned: Path
    letter: Path
    counted: Counter[str] = Counter()  # noqa: RUF012 - shared by all runs on purpose

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="history-", dir=self.base.parent))
        self.on, self.serial = OPENED, 0
        self.raws: list[bytes] = []
        self.delivered: Counter[str] = Counter()
        self.may_go_twice: set[str] = set()
        History.counted["runs"] += 1

    @initialize(start=st.sampled_from((None, OPENED, date(2024, 1, 10), date(2024, 4, 15))))
    def begin(self, start: date | None) -> None:
        """Before the letter is signed, or so far into the round, with the requests sent."""
        self.place = copy_home(self.planned if start is None else self.base, self.folder / "home")
        if start is None:
            self.place.plan()
            return
        for _, mail in self.place.send_and_see(OPENED):
            self.delivered[mail["Message-ID"]] += 1
        self.on = start

    def teardown(self) -> None:
        if hasattr(self, "place"):
            for table in REACHED:
                History.counted[table.__tablename__] += self.place.count(table)
            self.place.home.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what comes in ---------------------------------------------------------------------------

    @rule(code=CODES, what=REPLIES, number=st.integers(1, 9), reads=st.booleans())
    def a_reply_comes(self, code: str, what: str, number: int, reads: bool) -> None:
        raw = self._mail(code, what, number)
        if raw is None:
            return
        self.raws.append(raw)
        self.place.arrive(raw, self.on)
        if reads:
            take_in_replies(self.place.context(self.on))

    def _mail(self, code: str, what: str, number: int) -> bytes | None:
        if what == "again":
            return self.raws[number % len(self.raws)] if self.raws else None
        if what == "bounce":
            return self._bounce()
        place, to, paper = self.place, self.place.reply_address(code), f"{number}/BC-SLĐTBXH"

        def form(**given: Any) -> dict[str, bytes]:
            return {"bieu.xlsx": place.form(code, paper, self.on, **given)}

        signed = {"bao-cao.pdf": PDF + paper.encode()}
        mails: dict[str, Callable[[], bytes]] = {
            "good": lambda: place.mail(box(code), form(MH03_05=number) | signed, to=to),
            "wrong": lambda: place.mail(officer(code), form(MH03_05=number, MH03_07=0) | signed, to=to),
            "letter": lambda: place.mail(
                box(code), signed, to=to, subject=f"Công văn số {number}/SLĐTBXH ngày {self.on:%d/%m/%Y}"
            ),
            "draft": lambda: place.mail(officer(code), {"b.xlsx": place.form(code, MH03_05=number)}, to=to),
            "pdf only": lambda: place.mail(box(code), {"a.pdf": PDF + b"%"}, to=to),
            "stranger": lambda: place.mail(f"la-{number}@noi-khac.example", form() | signed),
            "forged": lambda: place.mail(box(code), form(secret="x" * 20)),
            "other cycle": lambda: place.mail(box(code), form(cycle="six-month-2023"), to=to),
            "other unit": lambda: place.mail(box(DIEN_BIEN if code == HANOI else HANOI), form(), to=to),
            "automatic": lambda: place.mail(box(code), subject="Vắng mặt", headers=MACHINE),
            "plain": lambda: place.mail(box(code), to=to, text=f"Xin lùi hạn {number} ngày."),
        }
        return mails[what]()

    def _bounce(self) -> bytes | None:
        with reading(self.place.home.engine) as session:
            left = select(Message).where(Message.state == MessageState.ACCEPTED).order_by(Message.id.desc())
            message = session.scalars(left.limit(1)).first()
            if message is None:
                return None
            self.serial += 1
            return REPORT.format(
                to=OWN, serial=self.serial, recipient=message.recipient, message_id=message.message_id
            ).encode()

    @rule(code=CODES, number=st.integers(1, 9), is_mail=st.booleans())
    def a_file_is_laid_down(self, code: str, number: int, is_mail: bool) -> None:
        files = {"bieu.xlsx": self.place.form(code, f"{number}/BC-SLĐTBXH", self.on, MH03_05=number)}
        if is_mail:
            self.place.lay_down("thu.eml", self.place.mail(box(code), files), self.on)
        else:
            self.place.lay_down("bieu.xlsx", files["bieu.xlsx"], self.on)
        take_in_replies(self.place.context(self.on))

    @rule(code=CODES, number=st.integers(1, 9))
    def a_person_records(self, code: str, number: int) -> None:
        arrival = HandRecord(f"{number}/BC-SLĐTBXH", self.on, self.on, Channel.PAPER)
        self._perhaps(
            lambda: record_reply(self.place.context(self.on), CYCLE, code, arrival, by=BY, why="giấy")
        )

    @rule()
    def all_is_read(self) -> None:
        take_in_replies(self.place.context(self.on))

    @rule(
        code=CODES, number=st.integers(1, 9), at=st.integers(0, 5), what=st.sampled_from(("assign", "reject"))
    )
    def a_person_decides(self, code: str, number: int, at: int, what: str) -> None:
        context = self.place.context(self.on)
        with reading(self.place.home.engine) as session:
            waiting = [
                (reply.id, reply.unit.code if reply.unit else code) for reply in quarantine.waiting(session)
            ]
        if not waiting:
            return
        reply, its = waiting[at % len(waiting)]
        if what == "assign":
            decision = quarantine.Assignment(its, CYCLE, f"{number}/BC-SLĐTBXH", self.on, why="đã gọi điện")
            self._perhaps(lambda: quarantine.assign(context, [reply], decision, by=BY))
        else:
            self._write(lambda session: quarantine.reject(context, session, [reply], by=BY, why="nhầm"))

    @rule(at=st.integers(0, 5), what=st.sampled_from(("undo", "undo", "erase")))
    def a_person_takes_back(self, at: int, what: str) -> None:
        context = self.place.context(self.on)
        with reading(self.place.home.engine) as session:
            query = select(RawReply.id).where(RawReply.state == ReplyState.PROCESSED).order_by(RawReply.id)
            taken = session.scalars(query).all()
        if not taken:
            return
        number = taken[at % len(taken)]
        if what == "undo":
            self._write(lambda session: undo(context, session, number, by=BY, why="giao nhầm"))
        else:
            self._perhaps(lambda: erase_replies(context, [number], by=BY, why="theo yêu cầu"))

    @rule(code=CODES)
    def an_address_is_erased(self, code: str) -> None:
        self._perhaps(lambda: erase_address(self.place.context(self.on), officer(code), by=BY, why="yêu cầu"))

    # --- what the office does --------------------------------------------------------------------

    @rule(days=st.sampled_from((1, 1, 3, 7, 20)))
    def days_pass(self, days: int) -> None:
        self.on = min(self.on + timedelta(days=days), date(2024, 6, 20))
        follow_calendar(self.place.context(self.on))

    @rule()
    def the_letter_is_registered(self) -> None:
        self._perhaps(lambda: self.place.open(self.letter, self.on))

    @rule()
    def what_is_due_is_queued(self) -> None:
        queue_due(self.place.context(self.on))

    @rule(failure=st.none() | FAILURES)
    def mail_is_sent(self, failure: str | None) -> None:
        server = Server(failure)
        with listening(lambda loop: SMTPServer(server, hostname="localhost", loop=loop)) as port:
            url = SecretStr(f"smtp://127.0.0.1:{1 if failure == 'out' else port}?tls=none")
            self.place.settings = self.place.settings.model_copy(update={"smtp_url": url})
            self._perhaps(lambda: asyncio.run(send_queued(self.place.context(self.on, hour=10))))
        for _, mail in server.taken:
            self.delivered[mail["Message-ID"]] += 1

    @rule()
    def the_mailbox_is_out(self) -> None:
        url = SecretStr("imap://a:b@127.0.0.1:1/INBOX?tls=none")
        context = self.place.context(self.on)
        settings = context.shared.model_copy(update={"imap_url": url})
        context.shared = settings
        try:
            collect(context)
        except ServiceUnavailable:
            return
        raise AssertionError("a mailbox that is out was read")

    @rule(at=st.integers(0, 5), decision=st.sampled_from(("sent", "resend", "release", "cancel")))
    def a_person_settles_a_message(self, at: int, decision: str) -> None:
        context = self.place.context(self.on)
        unsettled = (MessageState.UNKNOWN, MessageState.HELD, MessageState.FAILED)
        with reading(self.place.home.engine) as session:
            rows = session.scalars(
                select(Message.id).where(Message.state.in_(unsettled)).order_by(Message.id)
            ).all()
        if not rows:
            return
        number = rows[at % len(rows)]

        def settle(session: Any) -> None:
            message = session.get_one(Message, number)
            if decision == "release":
                messages.release(session, [number], by=BY, now=context.now)
            elif decision == "cancel":
                messages.cancel(session, message, why="đã gọi điện", now=context.now, by=BY)
            else:
                messages.resolve(session, message, decision, by=BY, why="đã hỏi", now=context.now)  # type: ignore[arg-type]
                self.may_go_twice.add(message.message_id)

        self._write(settle)

    @rule(code=CODES, promised=st.none() | st.integers(1, 20))
    def a_unit_is_called(self, code: str, promised: int | None) -> None:
        day = self.on + timedelta(days=promised) if promised else None
        self._perhaps(lambda: self.place.call(code, self.on, day))

    @rule(code=CODES, days=st.integers(1, 40))
    def a_unit_gets_more_time(self, code: str, days: int) -> None:
        context, until = self.place.context(self.on), self.on + timedelta(days=days)
        self._write(
            lambda session: extend(context, session, CYCLE, code, until=until, by="Lãnh đạo", why="bão")
        )

    # --- the report ------------------------------------------------------------------------------

    @rule()
    def the_report_is_compiled(self) -> None:
        self._perhaps(lambda: self._compile(self.place))

    def _compile(self, place: Workplace) -> None:
        context = place.context(self.on)
        with writing(place.home.engine) as session:
            compile_report(
                place.home, session, place.programme, CYCLE, as_of=self.on, now=context.now, known_on=self.on
            )

    @rule(who=st.sampled_from(PEOPLE), decision=st.sampled_from((APPROVE, APPROVE, APPROVE, RETURN)))
    def somebody_decides_on_the_report(self, who: str, decision: str) -> None:
        context = self.place.context(self.on, hour=11)
        why, comment = (None, "Viết lại") if decision == RETURN else ("gấp", None)
        self._write(
            lambda session: steps.decide(context, session, CYCLE, decision, by=who, why=why, comment=comment)
        )

    @rule()
    def it_is_approved_and_issued(self) -> None:
        self._perhaps(lambda: self._compile(self.place))
        context = self.place.context(self.on, hour=12)
        for who in PEOPLE:
            approve = partial(steps.decide, cycle_name=CYCLE, decision=APPROVE, by=who, why="gấp")
            self._write(partial(approve, context))
        with reading(self.place.home.engine) as session:
            folders = select(ReportVersion.folder).order_by(ReportVersion.id.desc())
            folder = session.scalars(folders.limit(1)).first()
        if folder is None:
            return
        final = self.folder / "ban-ky.docx"
        paper = docx.Document(str(self.place.home.path / folder / "bao-cao.docx"))
        for run in (run for paragraph in paper.paragraphs for run in paragraph.runs if OPINION in run.text):
            run.text = run.text.replace(OPINION, "Các địa phương đã triển khai tích cực.")
        paper.save(str(final))
        printed = self.folder / "ban-ky.pdf"
        printed.write_bytes(SIGNED)
        signed = SignedReport("67/BC-BLĐTBXH", self.on, printed, "Văn thư", final, confirm="đã xem")
        self._write(lambda session: issue(context, session, CYCLE, signed))

    # --- kills -----------------------------------------------------------------------------------

    @rule(
        what=st.sampled_from(("read", "due", "compile", "calendar", "erase")),
        after=st.integers(1, 60),
        code=CODES,
    )
    def a_run_is_killed(self, what: str, after: int, code: str) -> None:
        """A process of its own gets SIGKILL after so many statements to the database."""
        self.place.home.engine.dispose()
        child = os.fork()
        if child == 0:
            try:
                self._work_until_killed(what, after, code)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        History.counted["killed" if os.WIFSIGNALED(status) else "over before the kill"] += 1
        if what == "erase":  # what it left is removed by the next one
            sweep(self.place.home)

    def _work_until_killed(self, what: str, after: int, code: str) -> None:
        sandbox._pool = None  # the worker is our parent's
        settings = self.place.settings
        place = Workplace(open_home(settings), settings, self.place.programme)
        left = iter(range(after))

        def count(*_: Any) -> None:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(place.home.engine, "before_cursor_execute", count)
        event.listen(place.home.engine, "commit", count)
        context = place.context(self.on)
        match what:
            case "read":
                take_in_replies(context)
            case "due":
                queue_due(context)
            case "compile":
                self._compile(place)
            case "calendar":
                follow_calendar(context)
            case "erase":
                erase_address(context, officer(code), by=BY, why="yêu cầu")
        sandbox.stop()

    # --- what holds ------------------------------------------------------------------------------

    @invariant()
    def all_of_it_hangs_together(self) -> None:
        if not hasattr(self, "place"):
            return
        History.counted["steps"] += 1
        assert violations(self.place.context(self.on)) == []

    @invariant()
    def nothing_went_twice(self) -> None:
        twice = {number for number, count in self.delivered.items() if count > 1}
        assert twice <= self.may_go_twice

    def _write(self, work: Callable[[Any], object]) -> None:
        def at_once() -> None:
            with writing(self.place.home.engine) as session:
                work(session)

        self._perhaps(at_once)

    def _perhaps(self, work: Callable[[], object]) -> None:
        """What may be refused is refused in words; anything else is a fault."""
        with suppress(ReportingError):
            work()
