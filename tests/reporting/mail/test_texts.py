"""What a mail says, in whatever parts, encodings and wrappings programs and gateways put it."""

import base64
import unicodedata
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.mail import texts
from reporting.mail.charsets import decoded
from reporting.mail.limits import CostlyMail
from reporting.mail.parse import ParsedMail, parse_mail
from reporting.mail.reading import read_head, read_mail

WORDS = "Sở xin gia hạn gửi báo cáo đến ngày 20/01/2024; kính đề nghị Quý Văn phòng xem xét."
HTML = f"<html><head><style>p {{}}</style></head><body><p>{WORDS}</p></body></html>"
FOOTER = "--\nThư này đã được quét virus bởi hệ thống thư công vụ tỉnh."


def part(kind: str, content: bytes, *more: str) -> bytes:
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + base64.encodebytes(content)


def mixed(*parts: bytes, kind: str = "mixed") -> bytes:
    head = f'From: so@tinh.example\r\nSubject: B\r\nContent-Type: multipart/{kind}; boundary="b"\r\n\r\n'
    return head.encode() + b"".join(b"--b\r\n" + one + b"\r\n" for one in parts) + b"--b--\r\n"


def plain(words: str | bytes, kind: str = "text/plain; charset=utf-8", *more: str) -> bytes:
    return part(kind, words if isinstance(words, bytes) else words.encode(), *more)


def html(page: str) -> bytes:
    return plain(page, "text/html; charset=utf-8")


def said(*parts: bytes, kind: str = "mixed") -> ParsedMail:
    mail = parse_mail(mixed(*parts, kind=kind))
    assert mail.unread == ()
    return mail


# --- which parts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        (html(HTML), plain(FOOTER)),
        (plain(FOOTER), html(HTML)),
        (plain("Xem phần HTML."), html(HTML)),
        (plain("Kính gửi."), plain(WORDS), plain(FOOTER)),
        (plain("Kính gửi."), plain(f"<b>{WORDS}</b>", "text/enriched; charset=utf-8")),
        (mixed(html(HTML), kind="related"), plain(FOOTER)),
    ],
)
def test_all_text_is_read(parts: tuple[bytes, ...]) -> None:
    assert WORDS in said(*parts).own_text


def test_one_text_in_two_forms_is_one() -> None:
    mail = said(plain(f"{WORDS}\n\n> Văn phòng hỏi"), html(HTML), kind="alternative")
    assert mail.own_text == WORDS


@pytest.mark.parametrize("name", ["ATT00001.txt", "ATT00001.htm", "noi dung.html"])
def test_a_text_that_came_as_a_file_is_looked_at(name: str) -> None:
    named = f'Content-Disposition: attachment; filename="{name}"'
    mail = said(plain("Kính gửi."), plain(WORDS, "text/plain; charset=utf-8", named))
    assert (WORDS in mail.beside_text, len(mail.attachments)) == (True, 1)
    assert WORDS not in mail.own_text


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<p>Số 45/BC-SL<span>Đ</span>TB<b>XH</b></p>", ["Số 45/BC-SLĐTBXH"]),
        ("<table><tr><td>Số</td><td>45/BC-X</td></tr><tr><td>b</td></tr></table>", ["Số 45/BC-X", "b"]),
        ("a<!--[if gte mso 9]><xml>mso > 9</xml><![endif]-->b", ["ab"]),
        ("a<!--[if !mso]><!-->b<!--<![endif]-->c", ["abc"]),
        ("a<div>b</div>c<hr>d", ["a", "b", "c", "d"]),
        ("a<!-- no end", ["a<!-- no end"]),
        ("Sở<br><br>&nbsp;<br>gửi &amp; chào", ["Sở", "gửi & chào"]),
        ("a\nb", ["a b"]),
    ],
)
def test_a_page_becomes_its_lines(page: str, lines: list[str]) -> None:
    assert said(html(page)).text.splitlines() == lines


@pytest.mark.parametrize(
    "quoted",
    [
        '<div class="gmail_attr">Vào Th 4, 13 thg 12 Văn phòng đã viết:<br></div>'
        '<blockquote class="gmail_quote">Quý Sở gửi <blockquote type="cite">a</blockquote> b</blockquote>',
        '<blockquote type="cite"><div>Quý Sở gửi</div><div>b</div></blockquote>',
        "<hr><div><b>Từ:</b> Văn phòng<br><b>Ngày:</b> 13/12<br><b>Đến:</b> Sở<br>Quý Sở gửi</div>",
    ],
)
def test_what_a_page_quotes_is_not_the_writers(quoted: str) -> None:
    assert said(html(f"<p>{WORDS}</p>{quoted}")).own_text == WORDS


def test_words_below_a_marked_quotation_and_indented_ones_are_the_writers() -> None:
    below = f"Vào 13/12, Văn phòng đã viết:\n> Quý Sở gửi\n> báo cáo\n\n{WORDS}"
    assert said(plain(below)).own_text == WORDS
    page = f'Vào 13/12, VP đã viết:<blockquote type="cite">Quý Sở gửi</blockquote><div>{WORDS}</div>'
    assert said(html(page)).own_text == WORDS
    assert said(html(f'<blockquote style="margin:0 0 0 40px"><p>{WORDS}</p></blockquote>')).own_text == WORDS


def test_flowed_lines_are_paragraphs() -> None:
    flowed = "Sở xin gia \r\nhạn.\r\n> cũ \r\n> hơn\r\nBáo cáo số 45/BC- \r\nSLĐTBXH"
    mail = said(plain(flowed, "text/plain; charset=utf-8; format=flowed; delsp=yes"))
    assert mail.own_text.splitlines() == ["Sở xin giahạn.", "Báo cáo số 45/BC-SLĐTBXH"]
    mail = said(plain("Sở xin gia \r\nhạn \r\n-- \r\nLan", "text/plain; charset=utf-8; format=flowed"))
    assert mail.own_text.splitlines() == ["Sở xin gia hạn", "--", "Lan"]


# --- which letters ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label", ["us-ascii", "iso-8859-1", "windows-1252", "x-unknown", "utf8", None, "gb2312"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_utf8_is_utf8_whatever_its_label(label: str | None, form: str) -> None:
    content = unicodedata.normalize(form, WORDS).encode()  # type: ignore[arg-type]
    kind = f"text/plain; charset={label}" if label else "text/plain"
    assert said(plain(content, kind)).own_text == WORDS
    assert said(plain(b"\xef\xbb\xbf" + content, kind)).own_text == WORDS


@pytest.mark.parametrize("label", ["windows-1258", "iso-8859-1", "us-ascii", "x-unknown", "utf-8", None])
def test_windows_1258_is_known_by_its_letters(label: str | None) -> None:
    assert (
        said(plain(in_1258(WORDS), f"text/plain; charset={label}" if label else "text/plain")).text == WORDS
    )


def in_1258(text: str) -> bytes:
    """As Windows types it: a letter with its mark, and the tone behind."""
    kept = ""
    for char in unicodedata.normalize("NFC", text):
        try:
            char.encode("cp1258")
            kept += char
        except UnicodeEncodeError:
            letters = unicodedata.normalize("NFD", char)
            tone = next(one for one in letters if one in "\u0300\u0301\u0303\u0309\u0323")
            kept += unicodedata.normalize("NFC", letters.replace(tone, "")) + tone
    return kept.encode("cp1258")


def test_utf8_encoded_twice_is_read() -> None:
    assert said(plain(WORDS.encode().decode("latin-1"))).text == WORDS


@pytest.mark.parametrize(
    "content",
    [WORDS.encode()[:60] + b"\xe1" + WORDS.encode()[60:], b"S\xeb xin gia h\xb9n", b"\xff\xfe\xfd abc"],
    ids=["a byte lost", "an old font", "nothing known"],
)
def test_letters_that_nobody_can_tell_are_said(content: bytes) -> None:
    mail = parse_mail(mixed(plain(content, "text/plain; charset=us-ascii")))
    assert mail.unread == (texts.UNCLEAR,)


def test_western_words_are_no_riddle() -> None:
    assert decoded("Café déjà vu".encode("latin-1"), "iso-8859-1") == ("Café déjà vu", True)


@pytest.mark.parametrize("label", ["utf-8", "us-ascii", "iso-8859-1", "x-unknown"])
def test_headers_are_read_as_bodies_are(label: str) -> None:
    raw = "Báo cáo số 45/BC-SLĐTBXH".encode()
    halves = [base64.b64encode(raw[at : at + 10]).decode() for at in range(0, len(raw), 10)]  # inside letters
    words = "\r\n ".join(f"=?{label}?B?{half}?=" for half in halves)
    assert parse_mail(f"Subject: {words}\r\n\r\n".encode()).subject == "Báo cáo số 45/BC-SLĐTBXH"
    assert parse_mail(b"Subject: " + raw + b"\r\n\r\n").subject == "Báo cáo số 45/BC-SLĐTBXH"


def test_a_folded_header_keeps_its_blanks() -> None:
    words = ["Re: =?utf-8?Q?s=E1=BB=91?=", "=?utf-8?Q?_45/BC-SL=C4=90TBXH?=", "NGAY", "=?utf-8?Q?=C4=90?="]
    raw = "Subject: " + "\r\n ".join(words)
    assert parse_mail(f"{raw}\r\n\r\n".encode()).subject == "Re: số 45/BC-SLĐTBXH NGAY Đ"


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "us-ascii", "utf-7", "utf-16", "gbk", "zip", None]))
def test_any_bytes_have_some_letters(content: bytes, label: str | None) -> None:
    text, _ = decoded(content, label)
    assert isinstance(text, str)


# --- mails in mails -----------------------------------------------------------------------------

INNER = mixed(plain(WORDS), part('application/pdf; name="a.pdf"', b"%PDF-1.4"))


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n", b"\n\n", b" \r\n\xef\xbb\xbf"])
def test_what_stands_before_the_headers_does_not_matter(before: bytes) -> None:
    whole = read_mail(before + INNER).mail
    assert (whole.sender, whole.own_text, len(whole.attachments)) == ("so@tinh.example", WORDS, 1)
    assert read_head(before + INNER).mail.sender == "so@tinh.example"


def test_a_mail_that_was_saved_as_utf16_is_read() -> None:
    assert read_mail(INNER.decode().encode("utf-16")).mail.own_text == WORDS


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("message/rfc822", "a.eml"),
        ("application/octet-stream", "a.eml"),
        ("application/octet-stream", "a"),
        ("text/plain; charset=utf-8", "a.eml"),
    ],
)
def test_a_mail_in_a_mail_is_opened(kind: str, name: str, before: bytes) -> None:
    packed = part(kind, before + INNER, f'Content-Disposition: attachment; filename="{name}"')
    for outer in (packed, part(kind, mixed(packed), 'Content-Disposition: attachment; filename="b.eml"')):
        mail = said(plain("Xin chuyển tiếp."), outer)
        assert [file.file_name for file in mail.attachments] == ["a.pdf"]
        assert WORDS in mail.own_text


def test_mails_in_mails_have_an_end() -> None:
    raw = INNER
    for _ in range(15):
        raw = mixed(part('application/octet-stream; name="a.eml"', raw))
    with pytest.raises(CostlyMail, match="lồng nhau"):
        read_mail(raw)


# --- what was not read is said ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mixed(b"Content-Type: message/partial; id=a; number=1\r\n\r\nSubject: x\r\n\r\nx"), texts.HIDDEN),
        (mixed(b"Content-Type: message/external-body; access-type=URL\r\n\r\nContent-ID: <x>"), texts.HIDDEN),
        (mixed(part("application/pgp-encrypted", b"Version: 1"), kind="encrypted"), texts.HIDDEN),
        (mixed(plain("-----BEGIN PGP MESSAGE-----\nabc")), texts.UNCLEAR),
        (
            b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\n--b\r\n\r\nSo xin gia han",
            texts.BROKEN,
        ),
        (mixed(plain(f"{WORDS}\n" * 2000)), texts.TOO_LONG),
    ],
)
def test_what_was_not_read_is_said(raw: bytes, reason: str) -> None:
    assert reason in parse_mail(raw).unread


def test_an_ordinary_mail_has_nothing_unread() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "so@tinh.example", "Báo cáo"
    mail.set_content(WORDS)
    mail.add_alternative(HTML, subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    assert parse_mail(mail.as_bytes()).unread == ()
