"""Mails made to hurt whoever reads them, each of one kind. Sizes are those that hurt, not the smallest."""

import base64
from collections.abc import Callable, Iterator

STRANGER = "stranger@nowhere.example"


def _mail(
    headers: bytes = b"", body: bytes = b"Xin chao.", *, subject: bytes = b"x", name: str = "1"
) -> bytes:
    head = b"From: " + STRANGER.encode() + b"\r\nTo: bao-cao@van-phong.example\r\n"
    head += b"Message-ID: <" + name.encode() + b"@nowhere.example>\r\nSubject: " + subject + b"\r\n"
    return head + headers + b"\r\n" + body


def subject_of_brackets() -> bytes:
    return _mail(subject=b"[-]" * 33 + b"x", name="brackets")


def nested_comments() -> bytes:
    return _mail(b"Content-Type: text/plain" + b"(" * 3_000_000 + b"\r\n", name="nested")


def nested_comments_in_a_part() -> bytes:
    part = b"--b\r\nContent-Type: text/plain" + b"(" * 3_000_000 + b"\r\n\r\nx\r\n--b--\r\n"
    return _mail(b"Content-Type: multipart/mixed; boundary=b\r\n", part, name="nested-part")


def comments_just_below_the_limit() -> bytes:
    """Many parts, each with as costly a header as is let through."""
    part = b"--b\r\nContent-Type: text/plain" + b"(" * 4000 + b"\r\n\r\nx\r\n"
    return _mail(b"Content-Type: multipart/mixed; boundary=b\r\n", part * 400 + b"--b--\r\n", name="below")


def unbalanced_quotes() -> bytes:
    return _mail(b'Content-Type: text/plain; name="' + b'\\"a;' * 33_000 + b"\r\n", name="quotes")


def odd_quotes_in_parameters() -> bytes:
    return _mail(b"Content-Type: text/plain" + b'; a="' * 20_000 + b"\r\n", name="odd-quotes")


def encoded_words() -> bytes:
    return _mail(b"X: y\r\n", subject=b"=?utf-8?q?a?= " * 70_000, name="words")


def encoded_words_folded() -> bytes:
    return _mail(subject=b"=?utf-8?q?a?=\r\n " * 70_000, name="words-folded")


def encoded_recipients() -> bytes:
    return _mail(b"Cc: " + b"=?utf-8?q?a?= <a@b.example>, " * 40_000 + b"\r\n", name="recipients")


def punycode_body() -> bytes:
    return _mail(b"Content-Type: text/plain; charset=punycode\r\n", b"a-" + b"b1" * 500_000, name="punycode")


def punycode_subject() -> bytes:
    return _mail(subject=b"=?punycode?q?" + b"b1" * 500_000 + b"?=", name="punycode-subject")


def many_parts() -> bytes:
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 300 + b"\r\n"
    return _mail(b"Content-Type: multipart/mixed; boundary=b\r\n", parts * 50_000, name="parts")


def deep_parts() -> bytes:
    body = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(5000)
    )
    lines = b"x\r\n" * 200_000
    return _mail(b"Content-Type: multipart/mixed; boundary=b0\r\n", body + lines, name="deep")


def forwards_in_forwards() -> bytes:
    return _mail(
        b"Content-Type: message/rfc822\r\n", b"Content-Type: message/rfc822\r\n\r\n" * 50_000, name="forwards"
    )


def folded_header() -> bytes:
    return _mail(b"References: <a@b>" + b"\r\n <c@d.example>" * 500_000 + b"\r\n", name="folded")


def many_headers() -> bytes:
    return _mail(b"To: a@b.example\r\n" * 300_000, name="headers")


def one_long_address() -> bytes:
    return _mail(b"Cc: " + b"<@" * 1_000_000 + b"\r\n", name="address")


def long_date() -> bytes:
    return _mail(b"Date: Thu, " + b"1 " * 500_000 + b"\r\n", name="date")


def long_message_ids() -> bytes:
    return _mail(b"References: " + b"<" * 2_000_000 + b"\r\n", name="ids")


def many_report_blocks() -> bytes:
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    block = b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    body = b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + block * 100_000 + b"--b--\r\n"
    return _mail(head, body, name="blocks")


def report_of_long_lines() -> bytes:
    head = b"Content-Type: multipart/report; boundary=b\r\n"
    line = b"<" + b"a" * 70 + b"> " * 40 + b"mailbox " * 20 + b"\r\n"
    return _mail(head, b"--b\r\n\r\n" + line * 20_000 + b"--b--\r\n", name="report-lines")


def text_of_newlines() -> bytes:
    """With a file that may be a signed document, so that its number is looked for in the text."""
    text = base64.encodebytes(b"a" + b"\n" * 95_000 + b"b").replace(b"\n", b"\r\n")
    body = b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text
    pdf = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n"
    return _mail(b"Content-Type: multipart/mixed; boundary=b\r\n", body + pdf, name="newlines")


def text_of_blanks() -> bytes:
    body = b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"\xc2\xa0" * 99_000 + b"\r\n"
    pdf = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n"
    return _mail(b"Content-Type: multipart/mixed; boundary=b\r\n", body + pdf, name="blanks")


def markup_without_end() -> bytes:
    return _mail(b"Content-Type: text/html\r\n", b"<br" * 150_000 + b"<script" * 50_000, name="markup")


def number_in_markup() -> bytes:
    """A character reference of more digits than the language turns into a number."""
    return _mail(b"Content-Type: text/html\r\n", b"&#" + b"1" * 20_000 + b";", name="entity")


def one_endless_line() -> bytes:
    return _mail(body=b"a" * 8_000_000, name="line")


KINDS: tuple[Callable[[], bytes], ...] = (
    subject_of_brackets,
    nested_comments,
    nested_comments_in_a_part,
    comments_just_below_the_limit,
    unbalanced_quotes,
    odd_quotes_in_parameters,
    encoded_words,
    encoded_words_folded,
    encoded_recipients,
    punycode_body,
    punycode_subject,
    many_parts,
    deep_parts,
    forwards_in_forwards,
    folded_header,
    many_headers,
    one_long_address,
    long_date,
    long_message_ids,
    many_report_blocks,
    report_of_long_lines,
    text_of_newlines,
    text_of_blanks,
    markup_without_end,
    number_in_markup,
    one_endless_line,
)


def all_of_them() -> Iterator[tuple[str, bytes]]:
    """Each kind by its name."""
    for kind in KINDS:
        yield kind.__name__, kind()
