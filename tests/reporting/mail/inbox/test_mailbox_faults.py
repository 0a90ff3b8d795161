"""A mailbox that fails at every point of a pass: the next passes end where one without faults does."""

import re
import smtplib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from imapclient import IMAPClient, SocketTimeout
from pydantic import SecretStr
from sqlalchemy import select

from deployments.rehearsal import mailserver
from reporting import clock
from reporting.errors import ServiceUnavailable
from reporting.mail.inbox import imap
from reporting.replies.collect import collect, file_mail_away, take_in_replies
from reporting.states import MessageKind
from reporting.store.engine import reading
from reporting.store.tables import Attachment, Document, RawReply, Submission
from tests.faulty import Fault, FaultyLine, faulty_line
from tests.workplace import HANOI, OWN, PDF, Workplace, box

DAY = date(2024, 1, 9)
CUT, HANG, SLOW, LOSE = Fault.CUT, Fault.HANG, Fault.SLOW, Fault.LOSE


@pytest.fixture
def line(
    place: Workplace, mail_servers: tuple[Path, mailserver.Servers], emptied: None
) -> Iterator[FaultyLine]:
    """Three mails in the mailbox, and a line to it that may break."""
    root, servers = mail_servers
    mailserver.set_now(root, clock.at(DAY, 9))
    place.settings = place.settings.model_copy(update={"imap_url": SecretStr(servers.imap_url)})
    collect(place.context(DAY, 8))  # connected before anything came
    for sender, raw in mails(place):
        url = urlsplit(servers.smtp_url)
        with smtplib.SMTP(url.hostname or "", url.port or 0) as smtp:
            smtp.sendmail(sender, [OWN], raw)
    url = urlsplit(servers.imap_url)
    with faulty_line(url.port or 0) as line:
        broken = url._replace(netloc=f"{url.username}:{url.password}@{url.hostname}:{line.port}").geturl()
        place.settings = place.settings.model_copy(update={"imap_url": SecretStr(broken)})
        yield line


def mails(place: Workplace) -> list[tuple[str, bytes]]:
    """A report, a stranger's mail, an automatic answer."""
    sender, stranger = box(HANOI), "nguoi-la@noi-khac.example"
    files = {"bieu.xlsx": place.form(HANOI, "12/BC-SLĐTBXH", DAY), "ban-ky.pdf": PDF}
    return [
        (sender, place.mail(sender, files, to=place.reply_address(HANOI))),
        (stranger, place.mail(stranger, text="Xin hỏi.\n" * 200)),
        (sender, place.mail(sender, subject="Vắng mặt", headers={"Auto-Submitted": "auto-replied"})),
    ]


def one_pass(place: Workplace) -> bool:
    """What a scheduled pass does; whether the mailbox could be reached all the time."""
    context = place.context(DAY, 10)
    try:
        collect(context)
        assert take_in_replies(context).failures == ()
        return file_mail_away(context).failures == ()
    except ServiceUnavailable:
        return False


def outcome(place: Workplace, servers: mailserver.Servers) -> dict[str, Any]:
    """All that a person may see: replies, what came of them, where the mails lie now."""
    with reading(place.home.engine) as session:
        replies = [
            (each.subject, each.state.value, each.folder, tuple(each.reasons))
            for each in session.scalars(select(RawReply).order_by(RawReply.id))
        ]
    url = urlsplit(servers.imap_url)
    folders: dict[str, list[str]] = {}
    with IMAPClient(url.hostname, url.port, ssl=False) as client:
        client.login(url.username, url.password)
        for _flags, _delimiter, name in client.list_folders():
            client.select_folder(name, readonly=True)
            found = client.fetch(client.search(), ["ENVELOPE"]).values() if client.search() else ()
            folders[name] = sorted(each[b"ENVELOPE"].message_id.decode() for each in found)
    return {
        "replies": replies,
        "folders": folders,
        "state": place.state(HANOI),
        "rows": [place.count(model) for model in (Submission, Document, Attachment)],
        "receipts": len(place.messages(MessageKind.RECEIPT)),
    }


NEVER = rb"(?!)"  # three letters were found one day, in the middle of a workbook

EXPECTED: dict[str, Any] = {
    "replies": [
        ("Báo cáo", "processed", "Processed", ()),
        (
            "Báo cáo",
            "quarantined",
            "Quarantine",
            (
                "không có mã nhận dạng của kỳ báo cáo (mã trong biểu, địa chỉ trả lời, thư được trả lời)",
                "địa chỉ gửi chưa được đăng ký",
                "không có đơn vị nào của kỳ annual-2023 ứng với thư",
                "không có tệp đính kèm",
            ),
        ),
        ("Vắng mặt", "ignored", "Processed", ("thư trả lời tự động",)),
    ],
    "folders": {
        "INBOX": [],
        "Processed": ["<1@so.example>", "<3@so.example>"],
        "Quarantine": ["<2@so.example>"],
    },
    "state": "accepted",
    "rows": [1, 1, 2],
    "receipts": 1,
}


def later(*values: Any) -> Any:
    return pytest.param(*values, marks=(pytest.mark.deep, pytest.mark.ci))


@pytest.mark.parametrize(
    ("where", "fault", "times"),
    [
        later(NEVER, CUT, 1),  # what a pass without faults ends with
        later(rb"LOGIN", CUT, 1),
        later(rb"EXAMINE", HANG, 1),
        later(rb"UID SEARCH", CUT, 1),
        later(rb"\* SEARCH", CUT, 1),
        later(rb"\* SEARCH", HANG, 1),
        later(rb"RFC822.SIZE .*INTERNALDATE|INTERNALDATE .*RFC822.SIZE", CUT, 2),
        later(rb"BODY\[\] \{", CUT, 1),
        (rb"BODY\[\] \{", CUT, 2),  # the first is whole, in the middle of the second
        later(rb"BODY\[\] \{", CUT, 3),
        later(rb"^Subject: ", HANG, 2),
        later(rb"^Xin", CUT, 7),
        later(rb"BODY\[\] \{", SLOW, 1),
        later(rb"UID MOVE", CUT, 1),  # taken in, committed, not moved
        (rb"OK .*MOVE", CUT, 1),  # moved, and nobody heard of it
        later(rb"OK .*MOVE", HANG, 2),
        later(rb"CREATE", CUT, 2),
        later(rb"LOGOUT", HANG, 1),
        later(rb"LOGOUT", CUT, 2),
    ],
)
def test_a_fault_changes_nothing_in_the_end(
    place: Workplace,
    line: FaultyLine,
    mail_servers: tuple[Path, mailserver.Servers],
    monkeypatch: pytest.MonkeyPatch,
    where: bytes,
    fault: Fault,
    times: int,
) -> None:
    monkeypatch.setattr(imap, "TIMEOUT", SocketTimeout(connect=5, read=1 if fault is HANG else 30))
    line.where, line.fault, line.times = re.compile(where), fault, times
    went_well = one_pass(place)
    assert line.happened is (where != NEVER)
    assert went_well is (where == NEVER or fault is SLOW)
    line.where = None
    assert one_pass(place)
    assert one_pass(place)
    assert outcome(place, mail_servers[1]) == EXPECTED


def test_a_mail_that_the_server_keeps_back_is_not_passed_over(
    place: Workplace, line: FaultyLine, mail_servers: tuple[Path, mailserver.Servers]
) -> None:
    """The answer to one fetch of three is lost; the cursor must not go past that mail."""
    line.rewrite = (re.compile(rb"^\* 2 FETCH"), b"* 2 XFETCH")
    assert not one_pass(place)
    line.rewrite = None
    assert one_pass(place)
    assert outcome(place, mail_servers[1]) == EXPECTED


@pytest.mark.parametrize("at", ["fetching", later("moving")])
def test_a_renumbered_folder_changes_nothing_in_the_end(
    place: Workplace, line: FaultyLine, mail_servers: tuple[Path, mailserver.Servers], at: str
) -> None:
    """The server tells another UIDVALIDITY from one point on, and again later."""
    context = place.context(DAY, 10)
    renumbered = (re.compile(rb"UIDVALIDITY \d+"), b"UIDVALIDITY 7")
    line.where, line.times = re.compile(rb"BODY\[\] \{"), 3 if at == "fetching" else 99
    if at == "fetching":
        assert not one_pass(place)
    else:
        collect(context)
        take_in_replies(context)
    line.rewrite = renumbered
    assert one_pass(place)
    line.rewrite = None
    assert one_pass(place)
    assert one_pass(place)
    assert outcome(place, mail_servers[1]) == EXPECTED


def test_the_last_mail_that_is_shown_again_is_not_new(place: Workplace, line: FaultyLine) -> None:
    """Asked for what lies behind the last number, a server names the last mail (RFC 3501, 6.4.8)."""
    collect(place.context(DAY, 10))
    line.rewrite = (re.compile(rb"^\* SEARCH[ \d]*"), b"* SEARCH 3")
    collect(place.context(DAY, 10))
    assert place.count(RawReply) == 3


@pytest.mark.parametrize("way", ["left out of the answer", "the line is cut at it"])
def test_a_mail_that_can_never_be_had_is_set_aside(
    place: Workplace, line: FaultyLine, mail_servers: tuple[Path, mailserver.Servers], way: str
) -> None:
    """The stranger's is the one: the third pass that ends at it leaves it to a person, and goes on."""
    if way == "left out of the answer":
        line.rewrite = (re.compile(rb"^\* 2 FETCH"), b"* 2 XFETCH")
    else:
        line.where, line.is_lasting = re.compile(rb"^Xin"), True
    went_well = [one_pass(place) for _ in range(5)]
    # The first pass asks for all together and does not know which of them it is.
    assert went_well == [False, False, False, True, True]
    line.where = line.rewrite = None
    assert one_pass(place)
    found = outcome(place, mail_servers[1])
    assert found["folders"]["INBOX"] == ["<2@so.example>"]
    assert found["folders"]["Processed"] == ["<1@so.example>", "<3@so.example>"]
    first, second, third = found["replies"]
    assert (first, third) == (EXPECTED["replies"][0], EXPECTED["replies"][2])
    assert (second[1], second[2]) == ("quarantined", "INBOX")
    assert "không đưa ra được thư này sau 3 lượt đọc" in second[3][0]
    assert all(found[name] == EXPECTED[name] for name in ("state", "rows", "receipts"))


def test_a_server_that_hands_out_no_mail_is_out(
    place: Workplace, line: FaultyLine, mail_servers: tuple[Path, mailserver.Servers]
) -> None:
    line.where, line.is_lasting = re.compile(rb"BODY\[\] \{"), True
    assert [one_pass(place) for _ in range(5)] == [False] * 5
    assert place.count(RawReply) == 0
    line.where = None
    assert one_pass(place)
    assert outcome(place, mail_servers[1]) == EXPECTED
