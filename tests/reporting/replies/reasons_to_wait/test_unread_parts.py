"""A report is taken in by itself only when all that came with it was read."""

import base64
from datetime import date

import pytest

from reporting.replies.set_aside import Taken
from reporting.states import MessageKind, ReplyState
from tests.workplace import HANOI, OWN, PDF, Workplace, box

DAY = date(2024, 1, 9)
NUMBER = "28/BC-SLĐTBXH"
REPORT = f"Báo cáo số {NUMBER} ngày 09/01/2024"
DELAY = "Sở xin gia hạn gửi báo cáo đến ngày 20/01/2024."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNED_DATA = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"


def raw_mail(place: Workplace, parts: list[tuple[str, bytes]], *headers: str) -> bytes:
    lines = [f"From: {box(HANOI)}", f"To: {place.reply_address(HANOI)}", "MIME-Version: 1.0", *headers]
    subject = base64.b64encode(REPORT.encode()).decode()
    lines += [f"Subject: =?utf-8?B?{subject}?=", f"Message-ID: <{next(place.numbers)}@so.example>"]
    lines += ['Content-Type: multipart/mixed; boundary="b"', ""]
    for kind, content in parts:
        lines += ["--b", f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", ""]
        lines.append(base64.encodebytes(content).decode())
    return "\r\n".join([*lines, "--b--", ""]).encode()


def send(place: Workplace, parts: list[tuple[str, bytes]], *headers: str) -> Taken:
    return place.receive(raw_mail(place, parts, *headers), DAY)


PAPER = ('application/pdf; name="bao-cao.pdf"', PDF)
HTML = ("text/html; charset=utf-8", f"<p>{DELAY}</p>".encode())
FOOTER = ("text/plain; charset=utf-8", "Thư này đã được quét virus.".encode())


@pytest.mark.parametrize(
    "parts",
    [
        [HTML, FOOTER],
        [FOOTER, ('text/plain; charset=utf-8; name="ATT00001.txt"', DELAY.encode())],
        [("text/plain; charset=us-ascii", DELAY.encode())],
        [("text/plain", DELAY.encode())],
        [FOOTER, ('application/octet-stream; name="thu.eml"', b"From: a@b.example\r\nTo: c\r\n\r\ngia han")],
    ],
    ids=["below a footer", "a file of text", "a wrong label", "no label", "in a mail"],
)
def test_a_request_for_delay_is_seen_wherever_it_stands(
    place: Workplace, parts: list[tuple[str, bytes]]
) -> None:
    taken = send(place, [*parts, PAPER])
    assert taken.state is ReplyState.QUARANTINED
    assert any("gia hạn" in reason for reason in taken.reasons), taken.reasons
    assert not place.unit(HANOI).is_reported


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22" + bytes(50)), "winmail.dat"),
        (("application/octet-stream; name=a", b"\x78\x9f\x3e\x22" + bytes(50)), "winmail.dat"),
        (("application/pkcs7-mime; name=smime.p7m", SIGNED_DATA + bytes(50)), ".p7m"),
        (("application/octet-stream; name=x", SIGNED_DATA + bytes(50)), ".p7m"),
        (("application/octet-stream; name=a.bin", OLE + "__substg1.0_0037".encode("utf-16-le")), ".msg"),
        (("text/plain; charset=us-ascii", b"S\xeb xin gia h\xb9n"), "bảng mã"),
        (("multipart/mixed", b"--x\r\n\r\nxin"), "hỏng cấu trúc"),
        (("text/plain; charset=utf-8", f"{DELAY}\n".replace("gia hạn", "x").encode() * 3000), "quá dài"),
    ],
)
def test_what_was_not_read_is_a_reason_to_wait(place: Workplace, part: tuple[str, bytes], words: str) -> None:
    form = ("application/octet-stream; name=bieu.xlsx", place.form(HANOI, NUMBER, DAY))
    taken = send(place, [FOOTER, form, PAPER, part])
    assert taken.state is ReplyState.QUARANTINED
    assert len([reason for reason in taken.reasons if words in reason]) == 1, taken.reasons


def test_signatures_cards_and_ordinary_texts_are_none(place: Workplace) -> None:
    parts = [
        (*HTML[:1], "<p>Sở gửi báo cáo.</p>".encode()),
        FOOTER,
        ("application/octet-stream; name=bieu.xlsx", place.form(HANOI, NUMBER, DAY)),
        PAPER,
        ("application/pkcs7-signature; name=smime.p7s", SIGNED_DATA + bytes(50)),
        ("text/vcard; name=lan.vcf", b"BEGIN:VCARD"),
        ('text/plain; charset=utf-8; name="ATT00001.txt"', b""),
    ]
    taken = send(place, parts)
    assert (taken.state, taken.reasons) == (ReplyState.PROCESSED, ())


@pytest.mark.parametrize("header", ["List-Id: <so.tinh.example>", "List-Post: <mailto:so@tinh.example>"])
def test_what_a_list_passes_on_waits_and_is_not_answered(place: Workplace, header: str) -> None:
    broken = ("application/octet-stream; name=bieu.xlsx", b"PK\x03\x04 broken")
    for parts in ([FOOTER, PAPER], [FOOTER, broken]):
        taken = send(place, parts, header)
        assert taken.state is ReplyState.QUARANTINED
        assert any("danh sách thư" in reason for reason in taken.reasons)
    for kind in (MessageKind.RECEIPT, MessageKind.RESEND, MessageKind.CORRECTION):
        assert place.messages(kind) == []
    assert place.state(HANOI) == "under_review"


@pytest.mark.parametrize("header", ["Envelope-To", "X-Forwarded-To", "Resent-To", "X-Envelope-To"])
def test_the_mark_in_our_address_is_found_wherever_a_server_notes_it(place: Workplace, header: str) -> None:
    raw = raw_mail(place, [FOOTER, PAPER], f"{header}: <{place.reply_address(HANOI)}>")
    raw = raw.replace(f"To: {place.reply_address(HANOI)}\r\nMIME".encode(), f"To: {OWN}\r\nMIME".encode())
    assert place.receive(raw, DAY).state is ReplyState.PROCESSED
