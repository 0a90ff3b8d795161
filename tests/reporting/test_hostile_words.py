"""Words that a stranger chose, all the way from a mail into our answers, workbooks and lists."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from deployments.cli import terminal
from deployments.cli.terminal import complain, quote, say, show_json, table
from reporting.mail.outbox.render import preview
from reporting.states import MessageKind, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Attachment, Message, Value
from reporting.vietnamese.text import discreet
from tests.deployments.cli.conftest import Office
from tests.workplace import HANOI, OWN, PDF, Workplace, box

DAY = date(2024, 1, 9)
BELL, ESCAPE, TURN, NOTHING = "\x07", "\x1b[31m", "\u202e", "\0"
EVIL = (
    f"=1+1 {TURN}gnp{ESCAPE}\r\nBcc: x@noi-khac.example\r\n\r\n<script>a()</script> {{{{ 7*7 }}}} [/b]{BELL}"
)
FILE_NAME = f"../../{TURN}=a|'/c x'!A1\r\nX-A: b{NOTHING}.xlsx"


def rendered(place: Workplace, number: int) -> EmailMessage:
    with reading(place.home.engine) as session:
        message = session.get_one(Message, number)
        raw = preview(place.programme, place.home, session, message, mail_from=OWN, rehearsal=False)
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.fixture
def answered(place: Workplace) -> Workplace:
    """A report whose every free word is hostile, taken in and answered."""
    form = place.form(HANOI, "12/BC-SLĐTBXH", DAY, MH03_05=EVIL, KT04_05=EVIL)
    raw = place.mail(
        box(HANOI), {"bieu.xlsx": form, "ban-ky.pdf": PDF}, to=place.reply_address(HANOI), text=EVIL
    )
    encoded = "".join(f"%{byte:02X}" for byte in FILE_NAME.encode())
    raw = raw.replace(b'filename="bieu.xlsx"', f"filename*=utf-8''{encoded}".encode())
    subject = "".join(f"={byte:02X}" for byte in EVIL.encode())
    raw = raw.replace(b"Subject: =?utf-8?b?QsOhbyBjw6Fv?=", f"Subject: =?utf-8?q?{subject}?=".encode())
    taken = place.receive(raw, DAY)
    assert (taken.state, taken.reasons) == (ReplyState.PROCESSED, ())
    assert place.state(HANOI) == "needs_correction"
    return place


def test_our_answers_hold_words_and_nothing_else(answered: Workplace) -> None:
    (receipt,) = answered.messages(MessageKind.RECEIPT)
    (correction,) = answered.messages(MessageKind.CORRECTION)
    for message in (receipt, correction):
        mail = rendered(answered, message.id)
        assert mail["Bcc"] is None
        assert mail["X-A"] is None
        assert "noi-khac" not in "".join(str(value) for value in mail.values())
        texts: list[Any] = [part for part in mail.walk() if part.get_content_maintype() == "text"]
        assert {part.get_content_subtype() for part in texts} == {"plain", "html"}
        for part in texts:
            content = part.get_content()
            assert not {BELL, "\x1b", TURN, NOTHING} & set(content)
            assert part.get_content_subtype() == "plain" or "<script" not in content
    assert "../" not in rendered(answered, receipt.id).as_string()


def test_the_workbook_that_goes_back_runs_nothing(answered: Workplace) -> None:
    (correction,) = answered.messages(MessageKind.CORRECTION)
    (file,) = correction.context["attachments"]
    workbook = openpyxl.load_workbook(io.BytesIO(answered.home.read(file["sha256"])))
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value]
    ours = [cell for cell in cells if "<script>" in str(cell.value)]
    assert ours
    assert {cell.data_type for cell in ours} == {"s"}
    assert not [cell for cell in ours if cell.hyperlink]


def test_what_was_typed_is_kept_and_the_rest_is_harmless(answered: Workplace) -> None:
    with reading(answered.home.engine) as session:
        values = session.scalars(select(Value).where(Value.raw.contains("<script>"))).all()
        assert {value.indicator for value in values} == {"MH03.05", "KT04.05"}
        attachment = session.scalars(select(Attachment).where(Attachment.file_name != "ban-ky.pdf")).one()
        session.expunge(attachment)
        assert attachment.file_name == ["=a|'", "c x'!A1 X-A: b .xlsx"][-1]
        subject = answered.reply(attachment.reply_id).subject or ""
    assert not {"\r", "\n", "\x1b", TURN, BELL} & set(subject + attachment.file_name)
    assert answered.home.original(attachment.blob_sha256).name == attachment.blob_sha256


@pytest.mark.parametrize("way", [say, quote, complain])
def test_a_terminal_is_told_nothing_but_words(
    way: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    way(f"  {EVIL}\x9b31m\ud83d\n\tgiữ chỗ")
    shown = "".join(capsys.readouterr())
    assert not {BELL, "\x1b", "\x9b", "\r", TURN, "\ud83d"} & set(shown)
    assert shown.startswith("  =1+1")
    assert shown.endswith("\n\tgiữ chỗ\n")


def test_where_a_figure_comes_from_is_told_in_words(answered: Workplace) -> None:
    office = Office(answered.home.path.parent)
    ran = office.run(
        "explain", "annual-2023", "KT04.05", "--as-of", "2024-01-10", home=str(answered.home.path)
    )
    assert ran.code == 0, ran.err
    assert "noi-khac.example" in ran.out
    assert not {BELL, "\x1b", TURN} & set(ran.out)


def test_json_keeps_them_and_a_terminal_does_not_see_them(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"words": f"{EVIL}\x9b\x7f\u2028\U000e0041 ă"}
    show_json(data)
    shown = capsys.readouterr().out
    assert not {BELL, "\x1b", "\x9b", "\x7f", TURN, "\u2028"} & set(shown)
    assert "ă" in shown
    assert json.loads(shown) == data


def test_there_is_no_other_way_to_the_terminal() -> None:
    """Of what commands say; a question is put by the same words, and asks for no stranger's."""
    commands = Path(terminal.__file__).parent
    ways = re.compile(r"typer\.s?echo|click\.echo|\bprint\(|std(out|err)\.write|Console\(")
    others = {file.name for file in commands.rglob("*.py") if ways.search(file.read_text(encoding="utf-8"))}
    assert others == {"terminal.py"}
    assert len(re.findall(r"typer\.echo", Path(terminal.__file__).read_text(encoding="utf-8"))) == 1


def test_a_list_shows_them_as_words(capsys: pytest.CaptureFixture[str]) -> None:
    table("[/x] 1", ("Mã",), [(EVIL,), ("[CTPH109-2023/27] Báo cáo",)])
    shown = capsys.readouterr().out
    assert not {BELL, "\x1b", TURN} & set(shown)
    assert "[CTPH109-2023/27] Báo cáo" in shown
    assert "[/b]" in shown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("550 <can-bo@tinh-01.example>: unknown", "550 <•••@tinh-01.example>: unknown"),
        ("gọi 024 3825 0000 hoặc +84-912.345.678.", "gọi ••• hoặc •••."),
        ("CCCD 001099012345.pdf: tệp rỗng", "CCCD •••.pdf: tệp rỗng"),
        (
            "Báo cáo số 12/BC-SLĐTBXH ngày 09/01/2024, thư 128",
            "Báo cáo số 12/BC-SLĐTBXH ngày 09/01/2024, thư 128",
        ),
        (EVIL, "=1+1 gnp [31m Bcc: •••@noi-khac.example <script>a()</script> {{ 7*7 }} [/b]"),
    ],
)
def test_a_log_names_nobody(text: str, left: str) -> None:
    assert discreet(text) == left
