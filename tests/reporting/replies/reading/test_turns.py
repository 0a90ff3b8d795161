"""Whose replies are read first: those of the departments, whatever lies before them."""

import asyncio
from datetime import date
from typing import Any

from aiosmtpd.smtp import SMTP as SMTPServer
from pydantic import SecretStr
from sqlalchemy import select

from reporting import day
from reporting.replies.reading.turns import in_turns
from reporting.states import Channel, MessageKind, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import RawReply
from tests.mailroom import listening
from tests.workplace import BAC_NINH, HANOI, NGHE_AN, OWN, PDF, Workplace, box, officer

DAY = date(2024, 1, 10)
STRANGER = "stranger@nowhere.example"


def arrive(place: Workplace, sender: str, code: str, *, is_marked: bool, hour: int = 9) -> int:
    """A unit's report; ``is_marked``: to its signed address."""
    files = {"bieu.xlsx": place.form(code, "12/BC-SLĐTBXH", DAY), "bao-cao.pdf": PDF}
    to = place.reply_address(code) if is_marked else OWN
    return place.arrive(place.mail(sender, files, to=to), DAY, hour)


def test_strangers_come_last_and_the_rest_in_its_order(place: Workplace) -> None:
    strange = [place.arrive(place.mail(sender), DAY) for sender in (STRANGER, f"x{STRANGER}")]
    known = arrive(place, box(NGHE_AN), NGHE_AN, is_marked=False)
    marked = [arrive(place, box(code), code, is_marked=True) for code in (HANOI, BAC_NINH)]
    assert in_turns(place.context(DAY)) == [marked, [known], strange]


def test_what_may_be_of_one_unit_is_not_turned_round(place: Workplace) -> None:
    """A draft without our address, the report with it: the later one has to count."""
    first = arrive(place, officer(HANOI), HANOI, is_marked=False)
    second = arrive(place, box(HANOI), HANOI, is_marked=True, hour=10)
    other = arrive(place, box(BAC_NINH), BAC_NINH, is_marked=True, hour=11)
    assert in_turns(place.context(DAY)) == [[other], [first, second]]


def test_a_file_of_the_drop_folder_keeps_its_place(place: Workplace) -> None:
    place.lay_down("bieu.xlsx", place.form(HANOI, "12/BC-SLĐTBXH", DAY), DAY)
    later = arrive(place, box(HANOI), HANOI, is_marked=True, hour=10)
    turns = in_turns(place.context(DAY))
    with reading(place.home.engine) as session:
        dropped = session.scalars(select(RawReply.id).where(RawReply.channel == Channel.DROP)).one()
    assert turns == [[dropped, later]]


def test_a_forged_address_of_ours_is_no_mark(place: Workplace) -> None:
    forged = place.reply_address(HANOI).replace(".r.", ".b.")
    strange = place.arrive(place.mail(STRANGER, to=f"<{forged}>"), DAY)
    marked = place.arrive(place.mail(STRANGER, to=f'"Văn phòng" <{place.reply_address(HANOI)}>'), DAY)
    assert in_turns(place.context(DAY)) == [[marked], [strange]]


class Post:
    """A mail server that notes, at each mail it takes, whose replies are not read yet."""

    def __init__(self, place: Workplace) -> None:
        self.place, self.unread = place, dict[str, set[str | None]]()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with reading(self.place.home.engine) as session:
            unread = session.scalars(select(RawReply.sender).where(RawReply.state == ReplyState.STORED))
            senders = set(unread)
            self.unread |= {address: senders for address in envelope.rcpt_tos}
        return "250 ok"


def test_who_is_known_is_answered_before_strangers_are_read(place: Workplace) -> None:
    place.send(DAY)  # the requests
    for number in range(3):
        place.arrive(place.mail(f"{number}@nowhere.example"), DAY)
    arrive(place, box(NGHE_AN), NGHE_AN, is_marked=False)
    arrive(place, box(HANOI), HANOI, is_marked=True)
    post = Post(place)
    with listening(lambda loop: SMTPServer(post, hostname="localhost", loop=loop)) as port:
        url = SecretStr(f"smtp://127.0.0.1:{port}?tls=none")
        place.settings = place.settings.model_copy(update={"smtp_url": url})
        asyncio.run(day.exchange_mail(place.context(DAY)))
    strangers = {f"{number}@nowhere.example" for number in range(3)}
    assert post.unread[box(HANOI)] == {*strangers, box(NGHE_AN)}
    assert {place.unit_of(message) for message in place.messages(MessageKind.RECEIPT)} == {HANOI, NGHE_AN}
    assert post.unread[box(NGHE_AN)] == strangers
