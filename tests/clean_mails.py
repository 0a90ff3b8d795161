"""Shapes in which mail programs and gateways bring one text and its files; ``SHAPES`` and ``CHARSETS``."""

import unicodedata
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

GATEWAY = "--\nThư này đã được quét virus bởi hệ thống thư công vụ.\nĐây là thư nội bộ, không phát tán."
PAGE = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {{margin:0}}</style>'
    "<!--[if gte mso 9]><xml><o:Zoom>96</o:Zoom></xml><![endif]--></head><body>{}</body></html>"
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
UNNAMED = "unnamed"  # a file whose part says no name
Files = Mapping[str, bytes]


def in_cp1258(text: str) -> bytes:
    """The older encoding of Windows: vowels with their hook or horn whole, the tones after them."""
    parts = []
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in _TONES))
        parts.append(base + "".join(mark for mark in apart if mark in _TONES))
    return "".join(parts).encode("cp1258")


def _page(text: str) -> str:
    return PAGE.format("".join(f'<p class="MsoNormal">{escape(line)}</p>' for line in text.split("\n")))


def _part(content: bytes, kind: str, encoding: str = "8bit") -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"], part["Content-Transfer-Encoding"] = kind, encoding
    part.set_payload(content.decode("ascii", "surrogateescape"))
    return part


def _plain(text: str, cte: str | None = None) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part.set_content(text, cte=cte)
    return part


def _html(text: str, cte: str | None = None) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part.set_content(_page(text), subtype="html", cte=cte)
    return part


def _alternative(text: str) -> EmailMessage:
    part = _plain(text, "quoted-printable")
    part.add_alternative(_page(text), subtype="html")
    return part


def _with_logo(text: str) -> EmailMessage:
    part = _html(text + "\n")
    part.add_related(b"\x89PNG\r\n\x1a\n a logo", "image", "png", cid="<logo@so>", filename="image001.png")
    return part


def _under(kind: str, code: Callable[[str], bytes] = str.encode) -> Callable[[str], EmailMessage]:
    return lambda text: _part(code(text), kind)


BODIES: Mapping[str, Callable[[str], EmailMessage]] = {
    "plain, base64": lambda text: _plain(text, "base64"),
    "plain, 8bit": lambda text: _plain(text, "8bit"),
    "plain, quoted": lambda text: _plain(text, "quoted-printable"),
    "both": _alternative,
    "HTML only": _html,
    "HTML only, base64": lambda text: _html(text, "base64"),
    "HTML with a logo": _with_logo,
    "said to be us-ascii": _under("text/plain; charset=us-ascii"),
    "said to be iso-8859-1": _under("text/plain; charset=iso-8859-1"),
    "of an unknown charset": _under("text/plain; charset=x-unknown"),
    "without a charset": _under("text/plain"),
    "windows-1258": _under("text/plain; charset=windows-1258", in_cp1258),
    "decomposed": lambda text: _plain(unicodedata.normalize("NFD", text), "base64"),
}


def _mixed(*parts: EmailMessage) -> EmailMessage:
    whole = EmailMessage(policy=SMTP)
    whole.make_mixed()
    for part in parts:
        whole.attach(part)
    return whole


def _file(name: str, content: bytes) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    kind = "pdf" if name.lower().endswith(".pdf") else "octet-stream"
    part.set_content(content, maintype="application", subtype=kind, disposition="attachment", filename=name)
    if name == UNNAMED:
        del part["Content-Disposition"]
    return part


def _files(files: Files) -> list[EmailMessage]:
    return [_file(name, content) for name, content in files.items()]


def _forwarded(text: str, body: EmailMessage, files: Files, *, ways: int = 1) -> EmailMessage:
    """What somebody else of the department wrote, in a mail that only passes it on."""
    inner = _mixed(body, *_files(files))
    for _ in range(ways):
        inner["From"], inner["To"] = "Văn thư Sở <van-thu@tinh.example>", "Phòng BTXH <btxh@tinh.example>"
        inner["Subject"], inner["Message-ID"] = "Gửi báo cáo", "<inner@tinh.example>"
        outer = _mixed(_plain(text))
        outer.add_attachment(inner)
        inner = outer
    return inner


def _as_bytes(encoding: str, kind: str) -> Callable[[EmailMessage, Files], EmailMessage]:
    """The mail kept as a file and attached: in base64, or under a type that says nothing."""

    def whole(body: EmailMessage, files: Files) -> EmailMessage:
        inner = _mixed(body, *_files(files))
        inner["From"], inner["Subject"] = "Văn thư Sở <van-thu@tinh.example>", "Gửi báo cáo"
        part = EmailMessage(policy=SMTP)
        part.set_content(inner.as_bytes(), "application", "octet-stream", filename="bao cao.eml")
        part.replace_header("Content-Type", f'{kind}; name="bao cao.eml"')
        assert part["Content-Transfer-Encoding"] == encoding
        return _mixed(_plain("Chuyển Văn phòng."), part)

    return whole


def _signed(body: EmailMessage, files: Files) -> EmailMessage:
    inner = _mixed(body, *_files(files))
    signature = _file("smime.p7s", b"\x30\x82 signed")
    whole = EmailMessage(policy=SMTP)
    whole["Content-Type"] = "multipart/signed; protocol=application/pkcs7-signature; boundary=signed-part"
    whole.set_payload([inner, signature])
    return whole


SHAPES: Mapping[str, Callable[[EmailMessage, Files], EmailMessage]] = {
    "plain": lambda body, files: _mixed(body, *_files(files)),
    "gateway's footer behind": lambda body, files: _mixed(body, *_files(files), _plain(GATEWAY)),
    "gateway's footer first": lambda body, files: _mixed(body, _plain(GATEWAY), *_files(files)),
    "mixed in mixed": lambda body, files: _mixed(_mixed(body, *_files(files)), _plain(GATEWAY)),
    "forwarded": lambda body, files: _forwarded("Chuyển Văn phòng.", body, files),
    "forwarded twice": lambda body, files: _forwarded("Chuyển Văn phòng.", body, files, ways=2),
    "an .eml in base64": _as_bytes("base64", "message/rfc822"),
    "an .eml as a file": _as_bytes("base64", "application/octet-stream"),
    "signed": _signed,
}
