"""Sending and collecting with Postfix and Dovecot: real delivery reports, real plus-addresses."""

import asyncio
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from reporting import clock, day
from reporting.contacts.files import import_contacts
from reporting.outcome import Outcome
from reporting.replies.collect import collect, file_mail_away, take_in_replies
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, RawReply
from tests.postoffice import REFUSING, PostOffice, open_postoffice, skip_without
from tests.workplace import BINH_DINH, HANOI, OPENED, OWN, PDF, Workplace, box

pytestmark = [pytest.mark.deep, pytest.mark.ci]

NOBODY = f"khong-co-ai@{REFUSING}"
LIMIT = 30.0  # seconds a mail may take


@pytest.fixture(scope="module")
def postoffice() -> Iterator[PostOffice]:
    skip_without("postfix", "dovecot")
    with open_postoffice(OWN) as postoffice:
        yield postoffice


@dataclass(frozen=True)
class Exchange:
    """A workplace whose mail goes through the real servers."""

    place: Workplace
    postoffice: PostOffice

    def send(self) -> Outcome:
        return asyncio.run(day.send_queued(self.place.context(hour=10)))

    def collect(self) -> Outcome:
        context = self.place.context(hour=9)
        return collect(context) + take_in_replies(context) + file_mail_away(context)

    def wait_for(self, address: str, count: int) -> list[EmailMessage]:
        """The mails of an address, once there are so many."""
        with self.postoffice.mailbox(address) as client:
            limit = time.monotonic() + LIMIT
            while len(client.search()) < count:
                assert time.monotonic() < limit, self.postoffice.log()
                # News that come just before it begins to idle are told only once: look again soon.
                client.idle()
                client.idle_check(timeout=1)
                client.idle_done()
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        mails = [message_from_bytes(found[uid][b"BODY[]"], policy=policy.default) for uid in sorted(found)]
        assert all(isinstance(mail, EmailMessage) for mail in mails)
        return [mail for mail in mails if isinstance(mail, EmailMessage)]


@pytest.fixture
def exchange(place: Workplace, postoffice: PostOffice, letter: Path, tmp_path: Path) -> Exchange:
    """The opened cycle; the unit without an address has got one that does not exist."""
    place.settings = place.settings.model_copy(
        update={"smtp_url": SecretStr(postoffice.smtp_url), "imap_url": SecretStr(postoffice.imap_url)}
    )
    file = tmp_path / "lien-he.csv"
    file.write_text(f"code,role,email\n{BINH_DINH},role_box,{NOBODY}\n", encoding="utf-8")
    with writing(place.home.engine) as session:
        import_contacts(
            session, place.programme, file, by="Văn thư", today=OPENED, now=place.context().now, dry_run=False
        )
    place.open(letter)
    return Exchange(place, postoffice)


def test_a_cycle_by_real_mail(exchange: Exchange) -> None:
    place = exchange.place
    requests = len(place.messages(MessageKind.REQUEST))
    assert exchange.send().done == (f"gửi {requests} thư",)

    # Our copies and one delivery report come back to plus-addresses of our own.
    came = exchange.wait_for(OWN, requests + 1)
    copies = {mail["Message-ID"] for mail in came if mail.get_content_type() != "multipart/report"}
    assert copies == {message.message_id for message in place.messages(MessageKind.REQUEST)}
    (report,) = [mail for mail in came if mail.get_content_type() == "multipart/report"]
    (refused,) = place.messages(MessageKind.REQUEST, BINH_DINH)
    assert f"Original-Envelope-Id: {refused.message_id[1:-1]}" in report.as_string()
    assert f"+{place.programme.subject_key.lower()}." in report["Delivered-To"]

    outcome = exchange.collect()
    assert any(NOBODY in line or "Bình Định" in line for line in outcome.waiting), outcome
    (bounced,) = place.messages(MessageKind.REQUEST, BINH_DINH)
    assert bounced.state is MessageState.BOUNCED
    with reading(place.home.engine) as session:
        assert session.scalars(select(Contact.state).where(Contact.email == NOBODY)).one() == "bounced"
        assert set(session.scalars(select(RawReply.state))) == {ReplyState.IGNORED}

    # The department answers the mail it got, and hears back.
    (request,) = exchange.wait_for(box(HANOI), 1)
    place.today = date(2024, 1, 5)
    answer = place.mail(
        box(HANOI),
        {"bieu.xlsx": place.form(HANOI, "12/BC-SLĐTBXH", place.today), "bao-cao.pdf": PDF},
        to=str(request["Reply-To"]),
        answers_to=request["Message-ID"],
    )
    _post(exchange.postoffice, str(request["Reply-To"]), answer)
    exchange.wait_for(OWN, 1)  # the rest was filed away
    assert exchange.collect().done == (
        "nhận 1 thư, tệp mới",
        "tiếp nhận báo cáo của Hà Nội",
        "xếp 1 thư vào thư mục",
    )
    # The servers have their own time, and theirs is the day of receipt.
    assert place.state(HANOI, as_of=clock.day_of(clock.now())) == "accepted"
    assert exchange.send().done == ("gửi 1 thư",)
    receipt = exchange.wait_for(box(HANOI), 2)[-1]
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["In-Reply-To"] == message_from_bytes(answer)["Message-ID"]
    with exchange.postoffice.mailbox(OWN) as client:
        processed = client.folder_status("Processed", ["MESSAGES"])[b"MESSAGES"]
    assert processed == requests + 2  # copies, report, answer; the receipt's copy is still to come


def _post(postoffice: PostOffice, to: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", postoffice.smtp_port) as smtp:
        smtp.sendmail(box(HANOI), [to], raw)
