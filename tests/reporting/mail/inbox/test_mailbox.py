"""The mailbox, against real servers: nothing lost, nothing twice, our own copies recognised."""

import smtplib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from imapclient import IMAPClient
from sqlalchemy import select

from deployments.rehearsal import mailserver
from reporting import clock
from reporting.errors import BadInput, ServiceUnavailable
from reporting.mail.inbox import mailbox
from reporting.mail.inbox.filing import file_away
from reporting.mail.inbox.mailbox import collect_mailbox
from reporting.states import MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import MailboxCursor, Message, RawReply

OWN = "bao-cao@van-phong.example"


def write(
    office: Any, subject: str, *, to: str = OWN, sender: str = "so@tinh-27.example", body: str = "x"
) -> None:
    url = urlsplit(office.settings.smtp_url.get_secret_value())
    mail = (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@tinh>\r\n\r\n{body}\r\n"
    )
    with smtplib.SMTP(url.hostname, url.port) as smtp:
        smtp.sendmail(sender, [to], mail.encode())


def opened(office: Any) -> IMAPClient:
    url = urlsplit(office.settings.imap_url.get_secret_value())
    client = IMAPClient(url.hostname, url.port, ssl=False)
    client.login(url.username, url.password)
    return client


@pytest.fixture(autouse=True)
def connected(office: Any, request: pytest.FixtureRequest) -> None:
    """The mailbox was looked into before anything came: what comes now is new."""
    if "post" in request.fixturenames:
        request.getfixturevalue("post")
        collect(office)


def collect(office: Any) -> list[int]:
    return list(collect_mailbox(office.home, office.settings, now=office.now).replies)


def replies(office: Any) -> list[RawReply]:
    with reading(office.home.engine) as session:
        found = list(session.scalars(select(RawReply).order_by(RawReply.id)))
        session.expunge_all()
        return found


def decide(office: Any, number: int, state: ReplyState) -> None:
    with writing(office.home.engine) as session:
        session.get_one(RawReply, number).state = state


def test_new_mail_is_stored_once_in_the_order_it_came(office: Any, post: Path) -> None:
    for name in ("mot", "hai", "ba"):
        write(office, name)
    found = collect(office)
    assert [reply.subject for reply in replies(office)] == ["mot", "hai", "ba"]
    assert collect(office) == []
    write(office, "bon")
    assert len(found) == 3
    assert len(collect(office)) == 1
    first = replies(office)[0]
    assert (first.sender, first.message_id) == ("so@tinh-27.example", "<mot@tinh>")
    assert first.received_at == office.now
    assert first.state is ReplyState.STORED
    assert b"\nSubject: mot" in office.home.read(first.raw_sha256)


def test_a_server_ahead_of_our_clock_makes_no_mail_late(office: Any, post: Path) -> None:
    mailserver.set_now(post, office.now + timedelta(days=200))
    write(office, "mot")
    collect(office)
    assert replies(office)[0].received_at == office.now


def test_mail_is_filed_by_its_fate_and_never_deleted(office: Any, post: Path) -> None:
    for name in ("mot", "hai", "ba"):
        write(office, name)
    one, two, three = collect(office)
    decide(office, one, ReplyState.PROCESSED)
    decide(office, two, ReplyState.QUARANTINED)
    assert file_away(office.home, office.settings).moved == 2
    assert file_away(office.home, office.settings).moved == 0
    decide(office, three, ReplyState.PROCESSED)
    assert file_away(office.home, office.settings, [one]).moved == 0
    client = opened(office)
    counts = {name: client.select_folder(name)[b"EXISTS"] for name in ("INBOX", "Processed", "Quarantine")}
    client.logout()
    assert counts == {"INBOX": 1, "Processed": 1, "Quarantine": 1}
    assert [reply.folder for reply in replies(office)] == ["Processed", "Quarantine", "INBOX"]


def test_a_move_that_was_not_written_down_is_made_good(office: Any, post: Path) -> None:
    write(office, "mot")
    (one,) = collect(office)
    decide(office, one, ReplyState.PROCESSED)
    client = opened(office)
    client.create_folder("Processed")
    client.select_folder("INBOX")
    client.move(client.search(), "Processed")
    client.logout()
    assert file_away(office.home, office.settings).moved == 1
    assert replies(office)[0].folder == "Processed"


def test_a_renumbered_folder_is_read_again_without_doubles(office: Any, post: Path) -> None:
    for name in ("mot", "hai"):
        write(office, name)
    one, _two = collect(office)
    with writing(office.home.engine) as session:  # as if the server had told another UIDVALIDITY before
        session.scalars(select(MailboxCursor)).one().uidvalidity = 1
        for reply in session.scalars(select(RawReply)):
            reply.uidvalidity = 1
    write(office, "ba")
    decide(office, one, ReplyState.PROCESSED)
    collect(office)
    assert [reply.subject for reply in replies(office)] == ["mot", "hai", "ba"]
    assert {reply.uidvalidity for reply in replies(office)} != {1}
    assert file_away(office.home, office.settings).moved == 1


def test_the_same_bytes_again_are_set_aside(office: Any, post: Path) -> None:
    write(office, "mot")
    collect(office)
    client = opened(office)
    client.select_folder("INBOX")
    (uid,) = client.search()
    client.append("INBOX", client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"])
    client.logout()
    assert collect(office) == []
    assert [reply.state for reply in replies(office)] == [ReplyState.STORED, ReplyState.IGNORED]


def test_a_mail_that_is_too_large_waits_for_a_person(
    office: Any, post: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MAX_SIZE", 1000)
    write(office, "lon", body="yyyyyyyy\r\n" * 500)
    write(office, "nho")
    assert len(collect(office)) == 1
    large = replies(office)[0]
    assert large.state is ReplyState.QUARANTINED
    assert "lớn hơn" in large.reasons[0]
    assert large.subject == "lon"


def test_a_mailbox_that_is_out_is_said_so(office: Any, post: Path) -> None:
    there = office.settings.imap_url.get_secret_value()
    office.use(imap_url="imap://a:b@127.0.0.1:9/INBOX?tls=none")
    with pytest.raises(ServiceUnavailable, match="không mất thư nào"):
        collect(office)
    office.use(imap_url=there.replace("rehearsal:rehearsal", "rehearsal:khac"))
    with pytest.raises(ServiceUnavailable):
        collect(office)
    office.use(imap_url="imap://máy chủ:x/")
    with pytest.raises(BadInput, match="KYBAOCAO_IMAP_URL"):
        collect(office)


def test_without_a_mailbox_nothing_is_read(office: Any) -> None:
    assert collect(office) == []
    assert file_away(office.home, office.settings).moved == 0


def test_our_own_copy_settles_an_unknown_message(office: Any, post: Path) -> None:
    number = office.queue("27")
    office.send()
    with writing(office.home.engine) as session:  # as if the pass had died before it wrote the answer down
        message = session.get_one(Message, number)
        message.state, message.settled_by, message.accepted_at = MessageState.UNKNOWN, None, None
    assert collect(office) == []
    message = office.message(number)
    assert (message.state, message.settled_by) == (MessageState.ACCEPTED, "archive")
    (copy,) = replies(office)
    assert copy.state is ReplyState.IGNORED
    assert copy.reasons == [f"bản lưu của thư đi số {number}"]


def test_a_forged_copy_settles_nothing(office: Any, post: Path) -> None:
    number = office.queue("27")
    office.send()
    with writing(office.home.engine) as session:
        message = session.get_one(Message, number)
        message.state = MessageState.UNKNOWN
        name = message.message_id.strip("<>")
    client = opened(office)  # the true copy is taken away
    client.select_folder("INBOX")
    client.delete_messages(client.search())
    client.expunge()
    client.logout()
    forged = f"bao-cao+ctph109.annual-2023.27.a.{'a' * 16}@van-phong.example"
    url = urlsplit(office.settings.smtp_url.get_secret_value())
    with smtplib.SMTP(url.hostname, url.port) as smtp:
        mail = f"From: so@tinh-27.example\r\nMessage-ID: <{name}>\r\nSubject: x\r\n\r\nx\r\n"
        smtp.sendmail("so@tinh-27.example", [forged], mail.encode())
    assert len(collect(office)) == 1
    assert office.message(number).state is MessageState.UNKNOWN


def test_the_simulated_time_is_the_day_of_receipt(office: Any, post: Path) -> None:
    office.later(days=3, hours=15)  # ten minutes past midnight in Vietnam is another day in UTC
    mailserver.set_now(post, office.now)
    write(office, "mot")
    collect(office)
    reply = replies(office)[0]
    assert reply.received_on == clock.day_of(office.now)
    assert reply.received_at == office.now
