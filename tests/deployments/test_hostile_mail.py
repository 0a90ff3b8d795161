"""Passes in which honest mail lies among mail made to hurt: by command, over Dovecot and the drop folder."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from reporting.programme.units import sync_units
from reporting.states import MessageKind, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Message, RawReply, ReplyStep
from tests import hostile_mails
from tests.postoffice import PostOffice, open_postoffice, skip_without
from tests.workplace import BAC_NINH, HANOI, NGHE_AN, OWN, PDF, Workplace, box, whole_programme

DAY = date(2024, 1, 10)
HONEST = (HANOI, BAC_NINH, NGHE_AN)
# Seconds of processor time of a whole command. Starting it takes three; any of these mails took more.
MOST_WORK = 15
# What is beyond the limits of a mail; the others are read like any mail, and cheaply.
COSTLY = {
    "nested_comments",
    "nested_comments_in_a_part",
    "comments_just_below_the_limit",
    "unbalanced_quotes",
    "odd_quotes_in_parameters",
    "encoded_words",
    "encoded_words_folded",
    "encoded_recipients",
    "punycode_subject",
    "many_parts",
    "deep_parts",
    "forwards_in_forwards",
    "folded_header",
    "many_headers",
    "one_long_address",
    "long_date",
    "long_message_ids",
    "many_report_blocks",
}


@pytest.fixture
def postoffice() -> Iterator[PostOffice]:
    skip_without("postfix", "dovecot")
    with open_postoffice(OWN) as postoffice:
        yield postoffice


def command(place: Workplace, *words: str) -> str:
    """What a command prints; it is ended when it works for longer than ``MOST_WORK``."""

    def limit() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_WORK, hard))

    url = place.settings.imap_url
    run = subprocess.run(
        [sys.executable, "-c", "from deployments.cli import main; main()", *words],
        env={
            **os.environ,
            "KYBAOCAO_HOME": str(place.home.path),
            "KYBAOCAO_MAIL_FROM": OWN,
            **({"KYBAOCAO_IMAP_URL": url.get_secret_value()} if url else {}),
        },
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, (run.returncode, run.stdout[-1000:], run.stderr[-1000:])
    return run.stdout


def honest(place: Workplace, code: str) -> bytes:
    files = {"bieu.xlsx": place.form(code, "12/BC-SLĐTBXH", DAY), "bao-cao.pdf": PDF}
    return place.mail(box(code), files, to=place.reply_address(code))


def lay_in_the_mailbox(place: Workplace, postoffice: PostOffice) -> None:
    """Honest mail before, among and behind what hurts."""
    hostile = [raw for _, raw in hostile_mails.all_of_them()]
    first, second, last = (honest(place, code) for code in HONEST)
    half = len(hostile) // 2
    with postoffice.mailbox(OWN) as client:
        for raw in (first, *hostile[:half], second, *hostile[half:], last):
            client.append("INBOX", raw)


def replies(place: Workplace) -> list[RawReply]:
    with reading(place.home.engine) as session:
        found = list(session.scalars(select(RawReply).order_by(RawReply.id)))
        session.expunge_all()
        return found


@pytest.fixture
def office(place: Workplace) -> Workplace:
    with writing(place.home.engine) as session:
        sync_units(session, whole_programme())  # commands read the whole folder
    place.today = DAY
    return place


@pytest.mark.deep
@pytest.mark.ci
def test_honest_mail_is_answered_and_the_rest_waits(office: Workplace, postoffice: PostOffice) -> None:
    office.settings = office.settings.model_copy(update={"imap_url": SecretStr(postoffice.imap_url)})
    command(office, "collect", "--today", DAY.isoformat())  # connected before anything came
    lay_in_the_mailbox(office, postoffice)
    command(office, "collect", "--today", DAY.isoformat())
    assert [office.state(code) for code in HONEST] == ["accepted"] * 3
    assert {office.unit_of(each) for each in office.messages(MessageKind.RECEIPT)} == set(HONEST)
    names = dict(zip((name for name, _ in hostile_mails.all_of_them()), _of_strangers(office), strict=True))
    assert {each.state for each in names.values()} == {ReplyState.QUARANTINED, ReplyState.IGNORED}
    unread = {name for name, each in names.items() if any("không đọc được" in why for why in each.reasons)}
    assert unread == COSTLY
    for name, (_, raw) in zip(names, hostile_mails.all_of_them(), strict=True):
        assert names[name].sender == hostile_mails.STRANGER, name
        assert office.home.read(names[name].raw_sha256) == raw
    steps, asked = office.count(ReplyStep), office.count(Message)
    command(office, "collect", "--today", DAY.isoformat())  # nothing is tried a second time
    assert (office.count(ReplyStep), office.count(Message)) == (steps, asked)
    _a_person_can_work_on(office, names["many_parts"])


def _of_strangers(office: Workplace) -> list[RawReply]:
    """The hostile ones, in the order they lay there."""
    return [each for each in replies(office) if not (each.sender or "").startswith("so@")]


def _a_person_can_work_on(office: Workplace, reply: RawReply) -> None:
    today = ("--today", DAY.isoformat())
    assert str(reply.id) in command(office, "quarantine")
    shown = command(office, "quarantine", "show", str(reply.id))
    assert "quá nhiều phần" in shown
    again = command(office, "quarantine", "reread", str(reply.id), "--by", "Cán bộ trực", *today)
    assert "quá nhiều phần" in again
    assert office.reply(reply.id).state is ReplyState.QUARANTINED
    paper = ("--number", "9/BC-SLĐTBXH", "--date", "2024-01-09", "--by", "Cán bộ trực")
    command(office, "quarantine", "assign", str(reply.id), "Quảng Trị", *paper, *today)
    assert office.reply(reply.id).state is ReplyState.PROCESSED


def test_the_drop_folder_takes_them_too(office: Workplace) -> None:
    office.home.drop.mkdir(exist_ok=True)
    for name, raw in hostile_mails.all_of_them():
        (office.home.drop / f"{name}.eml").write_bytes(raw)
    (office.home.drop / "ha-noi.xlsx").write_bytes(office.form(HANOI, "12/BC-SLĐTBXH", DAY))
    command(office, "collect", "--today", DAY.isoformat())
    their = {each.subject: each for each in replies(office)}
    unread = {name for name, each in their.items() if any("không đọc được" in why for why in each.reasons)}
    assert unread == {f"{name}.eml" for name in COSTLY}
    assert ReplyState.STORED not in {each.state for each in their.values()}
    assert office.state(HANOI) == "draft"
    waiting = next(each for each in their.values() if each.subject == "many_parts.eml")
    _a_person_can_work_on(office, waiting)
