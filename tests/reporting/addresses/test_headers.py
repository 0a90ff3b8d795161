"""Whom an address header names: the address that was written, or nobody."""

import base64
import json
import resource
import subprocess
import sys
from contextlib import suppress
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.addresses.headers import SEVERAL, UNCLEAR, Author, author, recipients
from reporting.mail.parse import parse_mail

OTHER = "ke-khac@noi-khac.example"


def b_word(text: str, charset: str = "utf-8") -> str:
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def q_word(text: str) -> str:
    plain = (
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}" for byte in text.encode()
    )
    return f"=?UTF-8?Q?{''.join(plain)}?="


@pytest.mark.parametrize(
    "value",
    [
        "so@tinh.example",
        "  SO@Tinh.example ",
        "<so@tinh.example>",
        "Sở LĐTBXH tỉnh <so@tinh.example>",
        "so@tinh.example <so@tinh.example>",
        "'so@tinh.example' <so@tinh.example>",
        f"{OTHER} <so@tinh.example>",
        f'"{OTHER}" <so@tinh.example>',
        f'"A <{OTHER}>" <so@tinh.example>',
        "P. BTXH - TP. HCM <so@tinh.example>",
        "[Ngoài] Sở X <so@tinh.example>",
        'Phòng "Bảo trợ" (Sở) <so@tinh.example>',
        '"A \\"B\\" (C), D; E: F" <so@tinh.example>',
        "so@tinh.example (Sở LĐTBXH)",
        "Sở <so@tinh.example> (văn thư)",
        "Sở < so@tinh.example >",
        "=?utf-8?q?S=E1=BB=9F?=<so@tinh.example>",
        '"=?utf-8?q?S=E1=BB=9F?=" <so@tinh.example>',
        f"{b_word('Sở, (x) <a@b.example>; ')} <so@tinh.example>",
        f"{b_word('Sở')}\r\n {b_word(' X')}\r\n\t<so@tinh.example>",
        "S\u1edf\u200b X <so@tinh.example>",
    ],
)
def test_real_spellings_of_a_name_leave_the_address(value: str) -> None:
    assert author([value]) == Author("so@tinh.example")
    assert "so@tinh.example" in recipients([value])


@pytest.mark.parametrize(
    ("value", "doubt"),
    [
        (f"so@tinh.example, {OTHER}", SEVERAL),
        (f"Nhóm: so@tinh.example, {OTHER};", SEVERAL),
        ("Nhóm: so@tinh.example;", UNCLEAR),
        ("A: B <so@tinh.example>", UNCLEAR),
        (f"<so@tinh.example> <{OTHER}>", UNCLEAR),
        (f"so@tinh.example(<{OTHER}>)", UNCLEAR),
        (f"so@tinh.example ({OTHER})", UNCLEAR),
        ("so (a) @ (b) tinh.example", UNCLEAR),
        ("Sở (a (b)) <so@tinh.example>", UNCLEAR),
        ("<@noi-khac.example:so@tinh.example>", UNCLEAR),
        ('"so"@tinh.example', UNCLEAR),
        ('"so@tinh.example"@noi-khac.example', UNCLEAR),
        ("=?utf-8?q?so?=@tinh.example", UNCLEAR),
        ("<=?utf-8?q?so?= @tinh.example>", UNCLEAR),
        ("<so@=?utf-8?q?tinh.example?= >", UNCLEAR),
        (b_word("so@tinh.example"), UNCLEAR),
        ("<so\u200b@tinh.example>", UNCLEAR),
        ("<so\u00ad@tinh.example>", UNCLEAR),
        ("so@tinh.example\u200b", UNCLEAR),
        ("<so＠tinh.example>", UNCLEAR),
        ("<so@tỉnh.example>", UNCLEAR),
        ("<ѕо@tinh.example>", UNCLEAR),
        ("<so@\r\n tinh.example>", UNCLEAR),
        (f"so@tinh.example\0 <{OTHER}>", UNCLEAR),
        (f"X\x01 <{OTHER}>", UNCLEAR),
        (f"so@tinh.example\r<{OTHER}>", UNCLEAR),
        (f'"so@tinh.example <{OTHER}>', UNCLEAR),
        ('"x\\" <so@tinh.example>', UNCLEAR),
        (f"x\\ <{OTHER}>", UNCLEAR),
        ("<so@tinh.example", UNCLEAR),
        ("so@tinh.example>", UNCLEAR),
        ("<so@[192.0.2.1]>", UNCLEAR),
        ("<so..x@tinh.example>", UNCLEAR),
        ("<.so@tinh.example>", UNCLEAR),
        ("<so@tinh.example.>", UNCLEAR),
        ("<so@-tinh.example>", UNCLEAR),
        ("<>", UNCLEAR),
        ("MAILER-DAEMON", UNCLEAR),
        (f"<{'s' * 65}@tinh.example>", UNCLEAR),
        (f"{'x ' * 2100}<so@tinh.example>", UNCLEAR),
    ],
)
def test_what_can_be_read_in_two_ways_is_nobodys(value: str, doubt: str) -> None:
    assert author([value]) == Author(doubt=doubt)


def test_a_header_that_is_not_there_is_no_doubt_and_two_are() -> None:
    assert author([]) == author([""]) == Author()
    assert author(["so@tinh.example", "so@tinh.example"]) == Author(doubt=SEVERAL)


@pytest.mark.parametrize(
    "value",
    [
        "so+ma@tinh.example <so+ma@tinh.example>",
        "'so+ma@tinh.example'",
        "Nguyễn, Văn A <so+ma@tinh.example>",
        f"{b_word('A (;')} <so+ma@tinh.example>, {OTHER}",
        f"Nhóm (: {OTHER}, Sở; <so+ma@tinh.example>;",
        f'"x, {OTHER}, <so+ma@tinh.example>',
        "<mailto:so+ma@tinh.example>",
        "so+ma@tinh.example;",
        "so+ma@tinh.example.",
        f"{OTHER},, , so+ma@tinh.example",
        "=?x?y <so+ma@tinh.example",
    ],
)
def test_a_recipient_is_not_lost_by_what_stands_around_it(value: str) -> None:
    assert "so+ma@tinh.example" in recipients([value])


def test_the_recipients_of_a_well_written_list_are_those_and_no_others() -> None:
    value = f'"A <x@x.example>" <a@b.example>, y@y.example <c@d.example>,\r\n {OTHER}'
    assert recipients([value, "a@b.example"]) == ("a@b.example", "c@d.example", OTHER)
    assert len(recipients([", ".join(f"a{n}@b.example" for n in range(500))])) == 200


# --- any header that people and programs write ------------------------------------------------------

LETTERS = st.text("abcdeghiklmnopqrstuvxyzàảãạâấđêệôơưứỳỹ ABCĐ", min_size=1, max_size=30).filter(str.strip)
NAMES = st.one_of(
    LETTERS,
    st.sampled_from(
        ["Sở LĐ-TB&XH", "Nguyễn Văn A (Phòng BTXH)", "TP. HCM", "A, B", "x@y.example", "A <x@y.example>"]
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
)
ADDRESSES = st.from_regex(
    r"[a-z0-9_+-]{1,12}(\.[a-z0-9_+-]{1,8}){0,2}@[a-z0-9]{1,10}(-[a-z0-9]{1,5})?(\.[a-z]{2,8}){1,3}",
    fullmatch=True,
)
SPACES = st.sampled_from(["", " ", "  ", "\t", "\r\n ", "\r\n\t"])


def quoted(name: str) -> str:
    safe = "".join(char for char in name if char.isprintable())
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain(name: str) -> str:
    return "".join(char for char in name if char.isprintable() and char not in '()<>,;:\\"')


WAYS = st.sampled_from([b_word, q_word, quoted, plain, lambda name: f'"{b_word(name)}"'])


@given(NAMES, WAYS, SPACES, ADDRESSES, SPACES)
def test_what_is_read_is_what_was_written(name: str, way: object, gap: str, address: str, end: str) -> None:
    value = f"{way(name)}{gap}<{address}>{end.strip(chr(13) + chr(10))}"  # type: ignore[operator]
    raw = f"From: {value}\r\nSubject: x\r\n\r\n".encode()
    assert parse_mail(raw).sender == address


MARKS = (
    "<",
    ">",
    "(",
    ")",
    '"',
    ",",
    ";",
    ":",
    " ",
    "\\",
    ".",
    "@",
    "[",
    "]",
    "x",
    "Sở",
    "\u200b",
    "\0",
    "\r\n ",
)
WORDS = (
    *("so@tinh.example", OTHER, "tinh.example", "=?utf-8?q?so?="),
    *(q_word("so@tinh.example ("), b_word('so@tinh.example"<')),
    *("<so@tinh.example>", f"<{OTHER}>", "(so@tinh.example)", '"so@tinh.example"'),
)
PIECES = st.lists(st.sampled_from(MARKS + WORDS), max_size=6)


@given(PIECES, st.sampled_from(WORDS), st.sampled_from(("", "", *MARKS)))
def test_no_reader_of_the_standard_sees_another_sender(before: list[str], word: str, after: str) -> None:
    """The address stands there as it is read, and the email package's grammar names no other."""
    value = "".join(before) + word + after
    address = author([value]).address
    if address is not None:
        assert address in value.lower()
        assert by_the_email_package(value) in (None, address)


def by_the_email_package(value: str) -> str | None:
    """Its one address, when it finds no fault with the header and does not break on it."""
    with suppress(Exception):
        header = policy.default.header_factory("From", value.replace("\r\n", ""))
        if not header.defects and len(header.addresses) == 1:
            return str(header.addresses[0].addr_spec).lower()
    return None


@given(st.binary(max_size=300))
def test_any_bytes_name_one_plain_address_or_none(value: bytes) -> None:
    parsed = parse_mail(b"From: " + value.replace(b"\n", b" ") + b"\r\n\r\n")
    assert parsed.sender is None or parsed.sender.isascii()
    assert all(address.isprintable() and address.isascii() for address in parsed.recipients)


HURTING = {
    "quotes": '"\\' * 400_000,
    "open": "(" * 800_000,
    "brackets": "<" * 800_000,
    "commas": "," * 800_000,
    "letters": "a" * 800_000,
    "atoms": "a@" * 400_000,
    "dots": "a." * 400_000,
    "domains": "a@" + "b." * 400_000,
    "words": "=?utf-8?q?x?= " * 60_000,
    "spaces": " " * 800_000,
    "comments": "(a)" * 250_000,
    "names": '"a" ' * 200_000,
}


def test_a_header_made_to_hurt_costs_next_to_nothing() -> None:
    code = (
        "import json, sys; from reporting.addresses.headers import author, recipients\n"
        "for name, value in json.load(sys.stdin).items():\n"
        "    print(name, flush=True); author([value]); author([value[:4000]]); recipients([value])"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))  # most of it for starting

    run = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(HURTING),
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )
    assert run.returncode == 0, run.stdout.split()[-1]
