"""A mailbox of Dovecot: what a server renumbers is not new, what is filed lies where it belongs."""

import time
from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from reporting.replies.collect import collect, file_mail_away, take_in_replies
from reporting.states import ReplyState
from reporting.store.engine import reading
from reporting.store.tables import MailboxCursor, RawReply, Submission
from tests.postoffice import PostOffice, open_postoffice, skip_without
from tests.workplace import HANOI, OWN, Workplace, box

pytestmark = [pytest.mark.deep, pytest.mark.ci]

DAY = date(2024, 1, 9)


@pytest.fixture
def postoffice() -> Iterator[PostOffice]:
    skip_without("postfix", "dovecot")
    with open_postoffice(OWN) as postoffice:
        yield postoffice


@pytest.fixture
def place(place: Workplace, postoffice: PostOffice) -> Workplace:
    """Two mails lie in the mailbox: a report, and a question of a stranger."""
    place.settings = place.settings.model_copy(update={"imap_url": SecretStr(postoffice.imap_url)})
    form = place.form(HANOI, "12/BC-SLĐTBXH", DAY)
    collect(place.context(date(2024, 1, 8)))  # connected before anything came
    with postoffice.mailbox(OWN) as client:
        client.append("INBOX", place.mail(box(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI)))
        client.append("INBOX", place.mail("nguoi-la@noi-khac.example", text="Xin hỏi."))
    return place


def renumber(postoffice: PostOffice) -> int:
    """Make the server forget its numbers, as after a restored backup; the new UIDVALIDITY."""
    folder = postoffice.root / "mail" / OWN
    before = after = uidvalidity(postoffice)
    limit = time.monotonic() + 30
    # The new number is the second in which it is made: within the same one it is the old.
    while after == before and time.monotonic() < limit:
        for file in (*folder.glob("dovecot*"), folder / "dovecot-uidvalidity"):
            file.unlink(missing_ok=True)
        after = uidvalidity(postoffice)
    assert after != before
    return after


def uidvalidity(postoffice: PostOffice) -> int:
    with postoffice.mailbox(OWN) as client:
        return int(client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"])


def folders(postoffice: PostOffice) -> dict[str, int]:
    with postoffice.mailbox(OWN) as client:
        names = [name for _flags, _delimiter, name in client.list_folders()]
        return {name: client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in sorted(names)}


def test_a_renumbered_mailbox_brings_nothing_twice(place: Workplace, postoffice: PostOffice) -> None:
    context = place.context(DAY, 10)
    assert collect(context).done == ("nhận 2 thư, tệp mới",)
    take_in_replies(context)
    after = renumber(postoffice)
    collect(context)
    assert place.count(RawReply) == 2
    assert place.count(Submission) == 1
    with reading(place.home.engine) as session:
        assert session.scalars(select(MailboxCursor.uidvalidity)).all() == [after]
        assert set(session.scalars(select(RawReply.uidvalidity))) == {after}
    assert file_mail_away(context).done == ("xếp 2 thư vào thư mục",)
    assert folders(postoffice) == {"INBOX": 0, "Processed": 1, "Quarantine": 1}


def test_mails_moved_back_by_hand_are_one_with_the_first(place: Workplace, postoffice: PostOffice) -> None:
    """As an office does that restores an older backup, or looks at a mail again."""
    context = place.context(DAY, 10)
    for step in (collect, take_in_replies, file_mail_away):
        step(context)
    with postoffice.mailbox(OWN) as client:
        client.select_folder("Processed")
        client.move(client.search(), "INBOX")
    collect(context)
    assert take_in_replies(context).done == ()
    with reading(place.home.engine) as session:
        states = sorted(session.scalars(select(RawReply.state)), key=str)
    assert states == [ReplyState.IGNORED, ReplyState.PROCESSED, ReplyState.QUARANTINED]
    assert place.count(Submission) == 1
    file_mail_away(context)
    assert folders(postoffice) == {"INBOX": 0, "Processed": 1, "Quarantine": 1}
