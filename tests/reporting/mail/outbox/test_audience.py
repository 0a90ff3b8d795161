"""Who gets mail at all: a trial, guests, a department that plain addresses reach only."""

import shutil
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from reporting.contacts import book
from reporting.errors import BadInput
from reporting.mail.outbox import messages
from reporting.mail.outbox.render import preview
from reporting.mail.outbox.send import SendSummary
from reporting.mail.servers import audience
from reporting.programme.files import load_programme
from reporting.states import MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Message, RawReply
from tests.reporting.mail.conftest import OWN
from tests.workplace import BAC_NINH, HANOI, PDF, Workplace, box, officer

TRIAL = "to-thu@van-phong.example"


def release(office: Any, *numbers: int) -> None:
    with writing(office.home.engine) as session:
        messages.release(session, numbers, by="Cán bộ A", now=office.now)


def test_in_a_trial_one_address_gets_all_and_nothing_else_leaves(office: Any, script: Any) -> None:
    numbers = [office.queue("27"), office.queue("01")]
    office.use(trial_to=TRIAL)
    assert office.send() == SendSummary(accepted=2)
    assert {to for to, _ in script.taken} == {(TRIAL,)}  # no archive copy, no department
    for number, (_, content) in zip(numbers, script.taken, strict=True):
        mail = message_from_bytes(content, policy=policy.default)
        message = office.message(number)
        assert TRIAL in str(mail["To"])
        assert "[GỬI THỬ]" in str(mail["Subject"])
        assert mail["Message-ID"] != message.message_id
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            assert f"thay cho thư đến {message.recipient}" in body.get_content()
        # The department has not got it: it waits to be let go in earnest.
        assert (message.state, message.error) == (MessageState.HELD, f"mới gửi thử đến {TRIAL}")
    assert office.send() == SendSummary()


def test_after_the_trial_the_real_mail_leaves_once(office: Any, script: Any) -> None:
    number = office.queue("27")
    office.use(trial_to=TRIAL)
    office.send()
    office.use(trial_to=None)
    assert office.send() == SendSummary()  # nothing by itself
    release(office, number)
    assert office.send() == SendSummary(accepted=1)
    to, content = script.taken[-1]
    assert to[0] == "so@tinh-27.example"
    assert "GỬI THỬ" not in str(message_from_bytes(content, policy=policy.default)["Subject"])
    assert "thay cho" not in content.decode()
    assert office.message(number).state is MessageState.ACCEPTED


def test_a_mail_written_for_the_trial_never_reaches_the_department(office: Any, script: Any) -> None:
    """The setting changes while a message waits for its next try: its bytes are written anew."""
    number = office.queue("27")
    office.use(trial_to=TRIAL)
    script.rcpt = ["450 4.2.1 later"]
    assert office.send() == SendSummary(retry=1)
    office.use(trial_to=None)
    office.later(hours=1)
    assert office.send() == SendSummary(accepted=1)
    ((to, content),) = script.taken
    assert to[0] == "so@tinh-27.example"
    assert office.message(number).message_id in content.decode()


def test_a_trial_sent_to_our_own_box_proves_nothing(office: Any, script: Any) -> None:
    from reporting.mail.inbox.storing import settle_from_archive, store_mail
    from reporting.mail.reading import read_head

    number = office.queue("27")
    office.use(trial_to=OWN)
    office.send()
    office.use(trial_to=None)
    release(office, number)
    with writing(office.home.engine) as session:
        raw = script.taken[0][1]
        head = read_head(raw)
        reply = store_mail(
            session, office.home, raw, head, channel="email", received_at=office.now, now=office.now
        )
        settle_from_archive(session, office.home, reply, head, mail_from=OWN, now=office.now)
    assert office.message(number).state is MessageState.QUEUED
    with reading(office.home.engine) as session:
        assert session.scalars(select(RawReply)).one().unit_id is None


def test_only_guests_get_mail(office: Any, script: Any) -> None:
    guest, other = office.queue("27"), office.queue("01")
    office.use(guests=" SO@tinh-27.example , ai-do@khac.example")
    assert office.send() == SendSummary(accepted=1, held=1)
    assert [to[0] for to, _ in script.taken] == ["so@tinh-27.example"]
    assert office.message(guest).state is MessageState.ACCEPTED
    assert office.message(other).state is MessageState.HELD
    release(office, other)
    assert office.send() == SendSummary(held=1)  # still no guest
    office.use(guests=None)
    release(office, other)
    assert office.send() == SendSummary(accepted=1)


def test_the_settings_are_checked() -> None:
    with pytest.raises(BadInput, match="một trong hai"):
        audience(Settings(trial_to=TRIAL, guests="a@b.example", _env_file=None))
    with pytest.raises(BadInput, match="không hợp lệ"):
        audience(Settings(guests="khong-phai-dia-chi", _env_file=None))
    assert audience(Settings(_env_file=None)).notice is None


def test_whoever_sends_is_reminded_that_it_is_a_trial(place: Workplace) -> None:
    place.settings = place.settings.model_copy(update={"trial_to": TRIAL})
    assert set(place.send()) == {TRIAL}
    assert place.last_outcome.waiting[0].startswith(f"GỬI THỬ: mọi thư đi đến {TRIAL}")
    assert place.last_outcome.waiting[1].startswith("10 thư đang giữ")


def test_what_is_shown_is_what_leaves(office: Any, script: Any) -> None:
    number = office.queue("27")

    def shown(trial_to: str | None) -> bytes:
        with reading(office.home.engine) as session:
            message = session.get_one(Message, number)
            return preview(
                office.programme,
                office.home,
                session,
                message,
                mail_from=OWN,
                rehearsal=True,
                trial_to=trial_to,
            )

    before = shown(None)
    assert b"thu." not in before.partition(b"Message-ID:")[2].partition(b"\n")[0]
    office.use(trial_to=TRIAL)
    as_trial = shown(TRIAL)
    office.send()
    assert shown(TRIAL) == as_trial
    office.use(trial_to=None)
    assert shown(None) == before  # as it would leave now
    release(office, number)
    office.send()
    assert office.home.read(office.message(number).raw_sha256) == shown(None) == shown(TRIAL)


def test_an_edited_template_and_calendar_reach_what_has_not_been_leased(
    office: Any, script: Any, tmp_path: Path
) -> None:
    leased, waiting = office.queue("27"), office.queue("01")
    script.rcpt = ["450 4.2.1 later"]
    assert office.send(limit=1) == SendSummary(retry=1)  # its bytes are fixed from here on
    folder = tmp_path / "programmes" / "ctph-109"
    shutil.copytree(office.programme.folder, folder)
    template = folder / "templates" / "mail" / "request.txt.j2"
    template.write_text(template.read_text().replace("Kính gửi:", "Trân trọng kính gửi:"))
    calendar = folder / "calendar.yaml"
    calendar.write_text(calendar.read_text().replace("due_on: 2024-01-15", "due_on: 2024-01-17"))
    office.programme = load_programme(folder)
    with writing(office.home.engine) as session:
        definition = office.programme.cycle("annual-2023")
        assert definition.due_on == date(2024, 1, 17)
        cycle = session.get_one(Message, waiting).cycle
        assert cycle is not None
        cycle.due_on = definition.due_on  # as the calendar step does
    office.later(hours=1)
    assert office.send() == SendSummary(accepted=2)
    old, new = (office.mail(number).get_body(("plain",)).get_content() for number in (leased, waiting))
    assert "Trân trọng kính gửi:" in new
    assert "17/01/2024" in new
    assert "Trân trọng kính gửi:" not in old
    assert "15/01/2024" in old


def test_a_department_that_cannot_write_to_a_plus_is_given_the_plain_address(place: Workplace) -> None:
    def say(address: str, *, plain: bool) -> list[str]:
        with writing(place.home.engine) as session:
            return book.set_plain_reply(
                session, place.programme, address, plain=plain, by="Cán bộ A", now=place.context().now
            )

    assert say(box(BAC_NINH).upper(), plain=True) == ["Bắc Ninh"]
    got = {to: str(mail["Reply-To"]) for to, mail in place.send_and_see()}
    assert got[box(BAC_NINH)] == OWN
    assert got[officer(BAC_NINH)] == place.reply_address(BAC_NINH)
    # The answer is known by the mail it cites and by its sender.
    (request,) = [m for m in place.messages(MessageKind.REQUEST, BAC_NINH) if m.recipient == box(BAC_NINH)]
    files = {"bieu.xlsx": place.form(BAC_NINH, "12/BC-SLĐTBXH", date(2024, 1, 5)), "ban-ky.pdf": PDF}
    place.receive(place.mail(box(BAC_NINH), files, to=OWN, answers_to=request.message_id), date(2024, 1, 5))
    assert place.state(BAC_NINH) == "accepted"
    with pytest.raises(BadInput, match="Không có liên hệ"):
        say("la@noi-khac.example", plain=True)
    say(box(HANOI), plain=True)
    say(box(HANOI), plain=False)
    with reading(place.home.engine) as session:
        unit = place.unit(HANOI).row_id
        assert unit is not None
        assert not book.has_plain_reply(session, unit, box(HANOI))
