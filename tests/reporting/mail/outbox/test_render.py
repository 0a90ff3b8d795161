"""The mails themselves: headers, threads, wording, and templates with mistakes."""

import re
import shutil
from base64 import b64decode
from datetime import date
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from reporting import clock
from reporting.mail.outbox.render import preview, render
from reporting.mail.outbox.template_check import check_mail_templates
from reporting.mail.parse import parse_mail
from reporting.programme.files import load_programme
from reporting.states import MessageKind
from reporting.store.engine import reading, writing
from reporting.store.tables import Attachment, Extension, Message, RawReply
from reporting.tokens import read_address

OWN = "bao-cao@van-phong.example"


def raw(office: Any, number: int, *, rehearsal: bool = True) -> bytes:
    with reading(office.home.engine) as session:
        message = session.get_one(Message, number)
        return render(
            office.programme, office.home, session, message, mail_from=OWN, rehearsal=rehearsal
        ).content


def text(office: Any, number: int, part: str = "plain") -> str:
    body = office.mail(number).get_body((part,))
    return " ".join(body.get_content().split())


def reply(office: Any, references: str = "") -> RawReply:
    content = f"Message-ID: <tra-loi@tinh>\r\nSubject: Bao cao\r\n{references}\r\nx\r\n".encode()
    with writing(office.home.engine) as session:
        row = RawReply(
            channel="email",
            raw_sha256=office.home.keep(session, content, office.now),
            message_id="<tra-loi@tinh>",
            received_at=office.now,
            received_on=clock.day_of(office.now),
            recorded_at=office.now,
            state="processed",
            reasons=[],
        )
        session.add(row)
        session.flush()
        session.add(
            Attachment(
                reply_id=row.id,
                position=0,
                file_name="Biểu <b>.xlsx",
                media_type="a/b",
                size=1,
                blob_sha256=row.raw_sha256,
                role="form",
            )
        )
        return row


def test_the_same_row_gives_the_same_bytes(office: Any) -> None:
    with writing(office.home.engine) as session:
        sha256 = office.home.keep(session, b"%PDF-1", office.now)
    files = [{"sha256": sha256, "file_name": "CV-777.pdf", "media_type": "application/pdf"}]
    number = office.queue("27", facts={"attachments": files})
    once = raw(office, number)
    assert once == raw(office, number)
    assert once.isascii()
    assert max(len(line) for line in once.splitlines()) <= 100
    parsed = parse_mail(once)
    assert [(each.file_name, each.content) for each in parsed.attachments] == [("CV-777.pdf", b"%PDF-1")]


def test_the_request(office: Any, script: Any) -> None:
    number = office.queue("27")
    office.send()
    mail = office.mail(number)
    assert mail["Subject"] == office.message(number).subject
    assert mail["Subject"].startswith("[DIỄN TẬP] [CTPH109 annual-2023/27] Báo cáo kết quả")
    written = {name: str(make_header(decode_header(value))) for name, value in mail.raw_items()}
    assert written["From"] == "Văn phòng Quốc gia về giảm nghèo <bao-cao@van-phong.example>"
    assert written["To"] == "Sở Lao động - Thương binh và Xã hội tỉnh Bắc Ninh <so@tinh-27.example>"
    token = read_address(office.home.secret_key, mail["Reply-To"].addresses[0].addr_spec)
    assert token is not None
    assert (token.cycle, token.unit, token.purpose) == ("annual-2023", "27", "r")
    assert mail["Date"].datetime == office.now
    assert (mail["Auto-Submitted"], mail["X-Rehearsal"]) == ("auto-generated", "yes")
    assert mail["In-Reply-To"] is None
    for part in ("plain", "html"):
        assert "777/CV-VPQGGN" in text(office, number, part)
        assert "ngày 13/12/2023" in text(office, number, part)
        assert "trục liên thông" in text(office, number, part)
        assert "15/01/2024" in text(office, number, part)
        assert "DIỄN TẬP" in text(office, number, part)
        assert "sai" not in text(office, number, part).split()


def test_outside_a_rehearsal_nothing_speaks_of_one(office: Any) -> None:
    assert b"X-Rehearsal" not in raw(office, office.queue("27"), rehearsal=False)
    parsed = parse_mail(raw(office, 1, rehearsal=False))
    assert "DIỄN TẬP" not in parsed.subject + parsed.text


def test_reminders_stand_below_the_request(office: Any, script: Any) -> None:
    numbers = [office.queue("27")]
    office.send()
    for sequence, days in ((1, 27), (2, 12), (3, 14)):
        office.later(days=days)
        numbers.append(office.queue("27", MessageKind.REMINDER, sequence))
        office.send()
    request, *reminders = [office.mail(number) for number in numbers]
    ids = [request["Message-ID"], *(each["Message-ID"] for each in reminders)]
    for place, reminder in enumerate(reminders, 1):
        assert reminder["In-Reply-To"] == ids[0]
        assert reminder["References"].split() == ids[:place]
        assert reminder["Subject"] == f"Re: {request['Subject']}"
    first, last = text(office, numbers[1]), text(office, numbers[3])
    assert "Văn phòng Quốc gia về giảm nghèo trân trọng đề nghị" in first
    assert "chưa nhận được" not in first
    assert "chưa nhận được báo cáo" in last
    assert "cho biết ngày dự kiến gửi" in last
    assert "Nếu Quý Sở đã gửi, xin bỏ qua thư này và cho biết số, ngày văn bản." in last


def test_an_extension_moves_the_due_date(office: Any, script: Any) -> None:
    """The last one given counts, also when it takes back some of the time."""
    for sequence, until in enumerate((date(2024, 2, 1), date(2024, 1, 25)), start=1):
        number = office.queue("27", MessageKind.REMINDER, sequence)
        with writing(office.home.engine) as session:
            session.add(
                Extension(
                    cycle_id=office.message(number).cycle_id,
                    unit_id=office.message(number).unit_id,
                    until_on=until,
                    decided_by="Cán bộ A",
                    why="x",
                    recorded_at=office.now,
                )
            )
        office.send()
        assert f"đã được gia hạn đến ngày {until:%d/%m/%Y}" in text(office, number)


def test_a_receipt_answers_the_mail_and_escapes_what_came(office: Any, script: Any) -> None:
    number = office.queue(
        "27",
        MessageKind.RECEIPT,
        reply=reply(office, "References: <a@b> <c@d>\r\n"),
        facts={
            "receipt_number": "annual-2023/27/1",
            "received_on": "2023-12-20",
            "document_number": "1/BC-X",
            "document_date": "2023-12-19",
            "has_document": True,
            "has_figures": True,
            "version": 1,
        },
    )
    office.send()
    mail = office.mail(number)
    assert mail["In-Reply-To"] == "<tra-loi@tinh>"
    assert mail["References"].split() == ["<a@b>", "<c@d>", "<tra-loi@tinh>"]
    assert mail["Auto-Submitted"] == "auto-replied"
    assert "Biểu <b>.xlsx" in text(office, number)
    assert "Biểu &lt;b&gt;.xlsx" in text(office, number, "html")
    assert "annual-2023/27/1" in text(office, number)


def test_a_correction_names_five_points_and_no_more(office: Any, script: Any) -> None:
    points = [
        {
            "code": None,
            "name": f"Chỉ tiêu {n}",
            "cell": f"E{n}",
            "seen": "1",
            "message": "Đề nghị Quý Sở rà soát\n\n- x.",
        }
        for n in range(7)
    ]
    number = office.queue(
        "27", MessageKind.CORRECTION, reply=reply(office), facts={"points": points, "more_points": 2}
    )
    office.send()
    html = text(office, number, "html")
    assert html.count("<li") == 5  # a value with line ends makes no line of its own
    assert "02 nội dung" in html


def test_a_preview_is_what_will_leave(office: Any, script: Any) -> None:
    number = office.queue("27")

    def shown() -> bytes:
        with reading(office.home.engine) as session:
            message = session.get_one(Message, number)
            return preview(office.programme, office.home, session, message, mail_from=OWN, rehearsal=True)

    before = shown()
    office.send()
    assert shown() == before == office.home.read(office.message(number).raw_sha256)


def test_our_templates_have_no_mistakes(programme: Any) -> None:
    assert check_mail_templates(programme) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "part"),
    [
        ("request.txt.j2", "{{ department }}", "{{ departement }}", 3, "departement"),
        ("request.txt.j2", "{% endif %}", "", None, "sai cú pháp"),
        ("reminder.txt.j2", "{{ due_on | day }}", "{{ due_on | ngay }}", 9, "ngay"),
        ("receipt.txt.j2", "{{ receipt_number }}", "{{ receipt_number.so }}", None, "so"),
        ("supplement.txt.j2", "{{ title }}", "{{ unit.__class__.__mro__ }}", 1, "__class__"),
        ("signature.txt.j2", "{{ office.name }}", "{{ office.symbol_ }}", None, "symbol_"),
        ("correction.txt.j2", "Subject:", "Tiêu đề:", 1, "Subject"),
        ("layout.html.j2", "{{ line }}", "{{ lyne }}", None, "lyne"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_place(
    programme: Any, tmp_path: Path, file: str, old: str, new: str, line: int | None, part: str
) -> None:
    folder = tmp_path / programme.id
    shutil.copytree(programme.folder, folder)
    template = folder / "templates" / "mail" / file
    wording = template.read_text()
    assert old in wording
    template.write_text(wording.replace(old, new, 1))
    mistakes = check_mail_templates(load_programme(folder))
    assert any(mistake.file.endswith(file) and part in mistake.text for mistake in mistakes), mistakes
    if line is not None:
        assert {mistake.line for mistake in mistakes if mistake.file.endswith(file)} == {line}


def test_a_missing_template_is_named(programme: Any, tmp_path: Path) -> None:
    folder = tmp_path / programme.id
    shutil.copytree(programme.folder, folder)
    (folder / "templates" / "mail" / "receipt.txt.j2").unlink()
    assert [str(m).rpartition("/")[2] for m in check_mail_templates(load_programme(folder))] == [
        "receipt.txt.j2:1: thiếu tệp mẫu thư"
    ]


def test_headers_are_not_parted_within_a_word(office: Any) -> None:
    """Some readers show a gap between the parts of an encoded header."""
    head = raw(office, office.queue("27")).partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 76 for line in head.splitlines() if "=?" in line)
    for name in ("Subject", "From", "To"):
        found = re.search(rf"^{name}: ((?:=\?\S+\?=\r?\n )*=\?\S+\?=)", head, re.MULTILINE)
        assert found is not None
        pieces = [b64decode(each[10:-2]).decode() for each in found[1].split()]
        assert all(piece.endswith(" ") for piece in pieces[:-1])
        assert str(make_header(decode_header(found[1]))) == "".join(pieces)
