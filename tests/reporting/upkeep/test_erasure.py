"""What is personal goes, by time or on request; the figures and what they rest on stay."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import String, cast, select

from reporting.errors import BadInput
from reporting.follow_up.calls import log_call
from reporting.mail.outbox import messages
from reporting.states import MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Base, Blob, Contact, Message, RawReply, Value
from reporting.upkeep import retention
from reporting.upkeep.erasure import erase_address, erase_replies, pseudonym
from reporting.upkeep.remains import sweep
from tests.workplace import HANOI, NGHE_AN, PDF, Workplace, box, officer

DAY = date(2024, 1, 9)
BY, WHY = "Lãnh đạo phòng", "theo yêu cầu của người gửi"
SECRET = "Nguyen-Thi-Bi-Mat"
SENDER = officer(HANOI)


@pytest.fixture
def reported(place: Workplace) -> Workplace:
    """Hà Nội has reported from an officer's own address, with a picture; Nghệ An from its box."""
    files = {
        "bieu.xlsx": place.form(HANOI, "12/BC-SLĐTBXH", DAY, MH03_05=7),
        "bao-cao.pdf": PDF,
        f"{SECRET}.jpg": b"\xff\xd8\xff" + SECRET.encode(),
    }
    raw = place.mail(SENDER, files, to=place.reply_address(HANOI), text=f"Tôi là {SECRET}.", subject=SECRET)
    assert place.receive(raw, DAY).state is ReplyState.PROCESSED
    place.report(NGHE_AN, DAY)
    return place


def traces(place: Workplace, *words: str) -> list[str]:
    """Every column and every file in which one of the words still stands."""
    found = []
    with reading(place.home.engine) as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                for value in session.scalars(select(cast(column, String))):
                    found += [f"{table.name}.{column.name}" for word in words if word in (value or "")]
    place.home.engine.dispose()
    for file in place.home.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            found += [str(file.relative_to(place.home.path)) for word in words if word.encode() in content]
    return sorted(set(found))


def values(place: Workplace) -> list[tuple[Any, ...]]:
    with reading(place.home.engine) as session:
        found = session.execute(select(Value.indicator, Value.number, Value.text, Value.raw)).tuples()
        return sorted(found, key=str)


def test_a_reply_that_is_erased_leaves_a_tombstone_and_its_figures(reported: Workplace) -> None:
    before = (values(reported), reported.unit(HANOI))
    number = next(r.id for r in replies(reported) if r.sender == SENDER)
    sha256 = reported.reply(number).raw_sha256
    erased = erase_replies(reported.context(), [number], by=BY, why=WHY)
    assert (erased.replies, erased.originals) == (1, 2)  # the mail and the picture
    assert erased.message_ids == (reported.reply(number).message_id,)
    assert (values(reported), reported.unit(HANOI)) == before
    assert traces(reported, SECRET) == []
    with reading(reported.home.engine) as session:
        tombstone = session.get_one(Blob, sha256)
        assert tombstone.erased_at == reported.context().now
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "xóa dữ liệu cá nhân")).one()
        assert (event.actor, event.why, event.subject) == (BY, WHY, f"reply {number}")


def replies(place: Workplace) -> list[RawReply]:
    with reading(place.home.engine) as session:
        found = list(session.scalars(select(RawReply).order_by(RawReply.id)))
        session.expunge_all()
        return found


def test_an_address_that_is_erased_stands_nowhere_any_more(reported: Workplace) -> None:
    with writing(reported.home.engine) as session:
        sent = session.scalars(select(Message).where(Message.recipient == SENDER)).all()
        sent[0].state, sent[0].error = MessageState.BOUNCED, f"550 <{SENDER.upper()}> unknown"
    before = (values(reported), reported.unit(HANOI))
    erased = erase_address(reported.context(), SENDER.upper(), by=BY, why=WHY)
    assert (erased.contacts, erased.replies) == (1, 1)
    assert erased.messages == len(sent)
    assert traces(reported, SENDER, SENDER.upper(), SECRET) == []
    assert (values(reported), reported.unit(HANOI)) == before
    with reading(reported.home.engine) as session:
        stand_in = pseudonym(reported.home, SENDER)
        contact = session.scalars(select(Contact).where(Contact.email == stand_in)).one()
        assert (contact.state, contact.name, contact.telephone) == ("erased", None, None)
    assert erase_address(reported.context(), SENDER, by=BY, why=WHY).messages == 0  # again is harmless
    with pytest.raises(BadInput, match="Không có dữ liệu"):
        erase_address(reported.context(), "chua-he@co.example", by=BY, why=WHY)


def test_what_was_erased_does_not_come_back_or_go_out(reported: Workplace) -> None:
    raw = reported.home.read(next(r.raw_sha256 for r in replies(reported) if r.sender == SENDER))
    erase_address(reported.context(), SENDER, by=BY, why=WHY)
    count = reported.count(RawReply)
    reported.arrive(raw, DAY)  # a copy lay in the mailbox yet
    assert reported.count(RawReply) == count
    assert traces(reported, SECRET) == []
    with writing(reported.home.engine) as session:
        message = session.scalars(select(Message).where(Message.erased_at.is_not(None)).limit(1)).one()
        message.state = MessageState.FAILED
        with pytest.raises(BadInput, match="đã được xóa"):
            messages.release(session, [message.id], by=BY, now=reported.context().now)


def test_what_waits_for_a_decision_is_not_erased(place: Workplace) -> None:
    taken = place.receive(place.mail("la@noi-khac.example", {"a.pdf": PDF}), DAY)
    assert taken.state is ReplyState.QUARANTINED
    with pytest.raises(BadInput, match="còn chờ xử lý"):
        erase_replies(place.context(), [taken.reply_id], by=BY, why=WHY)
    with pytest.raises(BadInput, match="còn chờ xử lý"):
        erase_address(place.context(), "la@noi-khac.example", by=BY, why=WHY)
    assert place.home.read(place.reply(taken.reply_id).raw_sha256)


def test_an_original_that_something_else_needs_stays(reported: Workplace) -> None:
    """The same picture came with another mail as well."""
    other = {"anh.jpg": b"\xff\xd8\xff" + SECRET.encode()}
    taken = reported.receive(reported.mail(box(HANOI), other, to=reported.reply_address(HANOI)), DAY)
    first = next(r.id for r in replies(reported) if r.sender == SENDER)
    erase_replies(reported.context(), [first], by=BY, why=WHY)
    with reading(reported.home.engine) as session:
        attachment = session.get_one(RawReply, taken.reply_id).attachments[0]
        assert reported.home.read(attachment.blob_sha256)


def test_a_file_that_a_crash_left_is_removed_by_the_next_run(reported: Workplace) -> None:
    sha256 = reported.reply(1).raw_sha256
    content = reported.home.read(sha256)
    erase_replies(reported.context(), [1], by=BY, why=WHY)
    reported.home.original(sha256).write_bytes(content)
    processed = reported.home.drop / "processed"
    processed.mkdir(parents=True, exist_ok=True)
    (processed / "thu.eml").write_bytes(content)
    sweep(reported.home)
    assert not reported.home.original(sha256).exists()
    assert not (processed / "thu.eml").exists()


def test_each_kind_goes_after_its_own_time(reported: Workplace) -> None:
    with writing(reported.home.engine) as session:
        log_call(
            reported.context(DAY), session, "annual-2023", NGHE_AN,
            spoke_to=SECRET, result=SECRET, promised_on=None, by=BY,
        )  # fmt: skip
    automatic = reported.mail(box(HANOI), subject="Vắng mặt", headers={"Auto-Submitted": "auto-replied"})
    assert reported.receive(automatic, DAY).state is ReplyState.IGNORED
    waits = reported.receive(reported.mail("la@noi-khac.example"), DAY).reply_id
    reported.close(date(2024, 5, 2))
    rows = {"incoming": 0, "set_aside": 0, "outgoing": 0, "calls": 0, "contacts": 0}

    def counts(day: date) -> dict[str, int]:
        with reading(reported.home.engine) as session:
            return {each.kind: len(each.rows) for each in retention.expired(reported.context(day), session)}

    assert counts(date(2025, 1, 9)) == rows
    assert counts(date(2025, 1, 10)) == rows | {"set_aside": 1}
    assert counts(date(2026, 5, 2)) == rows | {"set_aside": 1}
    assert counts(date(2026, 5, 3)) == rows | {"set_aside": 1, "calls": 1}
    last = date(2029, 5, 3)
    sent = reported.count(Message)
    assert counts(last) == rows | {"set_aside": 1, "calls": 1, "incoming": 2, "outgoing": sent}
    before = (values(reported), reported.unit(HANOI, as_of=date(2024, 4, 30)))
    erased = retention.apply(reported.context(last), by=BY)
    assert (erased.replies, erased.messages, erased.calls) == (3, sent, 1)
    assert (values(reported), reported.unit(HANOI, as_of=date(2024, 4, 30))) == before
    assert traces(reported, SECRET) == []
    assert counts(last) == rows
    assert retention.apply(reported.context(last), by=BY).originals == 0  # again is harmless
    assert reported.reply(waits).erased_at is None
    with reading(reported.home.engine) as session:
        assert (
            session.scalars(select(Message.recipient).where(Message.recipient.contains("tinh-"))).all() == []
        )


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2024, 3, 31), 1, date(2024, 2, 28)),
        (date(2024, 1, 15), 1, date(2023, 12, 15)),
        (date(2024, 1, 15), 60, date(2019, 1, 15)),
    ],
)
def test_months_before(day: date, months: int, before: date) -> None:
    assert retention.months_before(day, months) == before
