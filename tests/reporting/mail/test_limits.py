"""Limits of a mail: far above what honest people send, and met before anything costly is done."""

from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

import pytest

from reporting.mail import limits
from reporting.mail.automatic import is_automatic_subject
from reporting.mail.limits import CostlyMail, bounded_head, check_mail, is_text_codec
from reporting.mail.parse import parse_head, parse_mail
from reporting.mail.reading import read_head, read_mail
from tests import hostile_mails

NAME = "Biểu số liệu phụ nữ, bình đẳng giới năm 2023 của Sở Lao động - Thương binh và Xã hội"


def a_very_full_mail() -> bytes:
    """To every department by name, with as many files as are read, four times forwarded."""
    mail = EmailMessage()
    mail["From"] = "Sở Lao động - Thương binh và Xã hội <so@tinh-27.example>"
    mail["Subject"] = f"Báo cáo: {NAME} " * 4
    mail["To"] = ", ".join(
        f'"Sở Lao động - Thương binh và Xã hội số {n}" <so{n}@x.example>' for n in range(150)
    )
    mail["References"] = " ".join(f"<{n}@mot-may-chu-thu-nao-do.example>" for n in range(200))
    mail.set_content("Kính gửi Văn phòng.\n" * 500)
    mail.add_alternative("<p>Kính gửi Văn phòng.</p>" * 500, subtype="html")
    for number in range(45):
        mail.add_attachment(
            b"%PDF-1.4" + bytes(30_000),
            maintype="application",
            subtype="pdf",
            filename=f"{number} {NAME}.pdf",
        )
    for _ in range(4):
        outer = EmailMessage()
        outer["From"], outer["Subject"] = "van-thu@tinh-27.example", "Chuyển tiếp"
        outer.set_content("Xem tệp kèm.")
        outer.add_attachment(mail)
        mail = outer
    return mail.as_bytes()


def test_a_very_full_mail_is_read() -> None:
    mail = read_mail(a_very_full_mail()).mail
    assert len(mail.attachments) == 45
    assert mail.attachments[44].file_name.startswith("44 Biểu số liệu phụ nữ")
    assert mail.sender == "van-thu@tinh-27.example"


@pytest.mark.parametrize("kind", hostile_mails.KINDS, ids=lambda kind: kind.__name__)
def test_what_hurts_is_read_cheaply_or_not_at_all(kind: Callable[[], bytes]) -> None:
    raw = kind()
    head = read_head(raw)
    assert (head.mail.sender, head.trouble) == (hostile_mails.STRANGER, None)
    with suppress(CostlyMail):
        mail = read_mail(raw).mail
        assert len(mail.text) + len(mail.subject) < 200_000


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"X: " + b"a" * limits.MOST_HEAD + b"\r\n\r\n", "phần đầu thư"),
        (b"X: a\r\n" * (limits.MOST_FIELDS + 1), "quá nhiều dòng đầu thư"),
        (b"X: " + b"a" * limits.MOST_FIELD + b"\r\n\r\n", "dòng đầu thư dài"),
        (b"X: " + b"=?" * (limits.MOST_WORDS + 1) + b"\r\n\r\n", "từ mã hóa"),
        (b"Content-Type: text/plain; n=" + b"a" * limits.MOST_STRUCTURE + b"\r\n\r\n", "mô tả tệp"),
        (b"\r\n\r\n" + b"\n" * (limits.MOST_LINES + 1), "quá nhiều dòng"),
    ],
)
def test_beyond_a_limit_the_reason_is_told(raw: bytes, words: str) -> None:
    with pytest.raises(CostlyMail, match=words):
        read_mail(raw)


def test_the_head_of_a_mail_without_measure_still_says_whose_it_is() -> None:
    raw = (
        b"Subject: B\r\nFrom: a@b.example\r\nCc: "
        + b"<@" * 10**6
        + b"\r\nTo: c@d.example\r\n"
        + b"X: y\r\n" * 10**5
    )
    assert len(bounded_head(raw)) <= limits.MOST_HEAD + 4
    head = parse_head(raw)
    assert (head.sender, head.subject) == ("a@b.example", "B")


@pytest.mark.parametrize(
    "name", ["utf-8", "US-ASCII", "windows-1258", "iso-8859-1", "utf-16", "koi8-r", "gb2312"]
)
def test_character_sets_that_mail_is_written_in(name: str) -> None:
    assert is_text_codec(name)


@pytest.mark.parametrize(
    "name",
    ["punycode", "--punycode--", "idna", "rot13", "zip", "hex", "unicode_escape", "mbcs", "x" * 9999, "a\0b"],
)
def test_other_codecs_are_never_used(name: str) -> None:
    assert not is_text_codec(name)
    word = f"=?{name}?q?abc?="
    raw = f"Subject: {word}\r\nContent-Type: text/plain; charset={name[:200]}\r\n\r\nabc".encode()
    parsed = parse_mail(raw)
    assert parsed.text == "abc"
    assert parsed.subject == "abc"


def test_a_subject_is_looked_at_from_each_place_once() -> None:
    assert is_automatic_subject("[-]" * 30 + " Re: [Ngoài] Trả lời tự động: x")
    assert not is_automatic_subject("[-]" * 100_000 + "x")
    assert not is_automatic_subject("re:" * 100_000)


def test_a_look_costs_by_the_bytes() -> None:
    check_mail(b"From: a@b.example\r\n\r\n" + b"x" * 30_000_000)
