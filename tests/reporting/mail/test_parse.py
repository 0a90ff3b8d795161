"""Reading mail that anybody may have written."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.mail.parse import parse_head, parse_mail


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Sở LĐTBXH <So@Tinh-27.example>"
    message["To"] = "bao-cao@van-phong.example"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Kính gửi Văn phòng, số 622/BC-SLĐTBXH ngày 12/12/2023.")
    return message


def test_what_a_mail_says() -> None:
    message = mail(
        Subject="Báo cáo năm 2023",
        Message_ID="<1@x>",
        In_Reply_To="<2@y>",
        References="<3@y> <2@y>",
        Date="Wed, 13 Dec 2023 09:00:00 +0700",
        Cc="a@b.example, Ông B <c@d.example>",
    )
    message.add_attachment(
        b"PK", maintype="application", subtype="octet-stream", filename="Biểu số liệu.xlsx"
    )
    parsed = parse_mail(b"Delivered-To: bao-cao+x@van-phong.example\r\n" + message.as_bytes())
    assert parsed.sender == "so@tinh-27.example"
    assert parsed.subject == "Báo cáo năm 2023"
    assert parsed.recipients == (
        "bao-cao+x@van-phong.example",
        "bao-cao@van-phong.example",
        "a@b.example",
        "c@d.example",
    )
    assert (parsed.message_id, parsed.in_reply_to, parsed.references) == (
        "<1@x>",
        "<2@y>",
        ("<3@y>", "<2@y>"),
    )
    assert parsed.date is not None
    assert parsed.date.isoformat() == "2023-12-13T09:00:00+07:00"
    assert "622/BC-SLĐTBXH" in parsed.text
    assert [(a.file_name, a.content) for a in parsed.attachments] == [("Biểu số liệu.xlsx", b"PK")]
    assert not parsed.auto_reply
    assert not parsed.is_bounce


def test_files_of_a_forwarded_mail_are_found() -> None:
    inner = mail(Subject="Báo cáo")
    inner.add_attachment(b"PK", maintype="application", subtype="zip", filename="bieu.xlsx")
    outer = mail(Subject="Chuyển tiếp")
    outer.add_attachment(inner)
    assert [each.file_name for each in parse_mail(outer.as_bytes()).attachments] == ["bieu.xlsx"]


def test_html_alone_gives_its_text() -> None:
    message = EmailMessage()
    message.set_content(
        "<style>p{}</style><p>Số 1/BC &amp; 2</p><p>ngày 12/12/2023<script>x()</script>", subtype="html"
    )
    text = parse_mail(message.as_bytes()).text
    assert text.splitlines() == ["Số 1/BC & 2", "ngày 12/12/2023"]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\bieu.xlsx", "bieu.xlsx"),
        (".htaccess", "htaccess"),
        ("a\u202excod.exe", "axcod.exe"),
        ("Bie\u0302\u0309u.xlsx", "Biểu.xlsx"),
        ("/", "tep-1"),
    ],
)
def test_file_names_are_harmless(name: str, clean: str) -> None:
    raw = "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''"
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    assert parse_mail(f"{raw}{encoded}\r\n\r\nx".encode()).attachments[0].file_name == clean


def test_line_ends_do_not_get_into_names_or_subjects() -> None:
    raw = (
        b"Subject: =?utf-8?q?a=0D=0ABcc:_x@y.example?=\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''a%0D%0Ab%00.pdf\r\n\r\nx"
    )
    parsed = parse_mail(raw)
    assert parsed.subject == "a Bcc: x@y.example"
    assert parsed.attachments[0].file_name == "a b .pdf"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Subject": "Trả lời tự động: vắng mặt đến 20/01"},
        {"Subject": "Automatic reply: Báo cáo"},
        {"X_Autoreply": "yes"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "All"},
        *(
            {"Subject": subject}
            for subject in (
                "Phản hồi tự động: Báo cáo",
                "Thư phản hồi tự động",
                "Trả lời tự động : x",
                "Re: Trả lời tự động",
                "[Trả lời tự động] Nghỉ Tết",
                "[Ngoài] Automatic reply: Báo cáo",
                "Tra loi tu dong: x",
                "Tự động: tôi đang nghỉ phép",
                "Thông báo nghỉ Tết Giáp Thìn",
                "Thông báo nghỉ lễ Quốc khánh",
                "Nghỉ phép",
                "Tôi đang đi công tác",
                "Xác nhận đã nhận thư (tự động)",
                "Automatic response",
                "Auto Response: x",
                "Auto: x",
                "AutoReply: x",
                "Out of the office",
                "I am out of the office",
                "OOO: x",
                "Vacation",
                "On leave",
            )
        ),
    ],
)
def test_automatic_answers_are_known(headers: dict[str, str]) -> None:
    assert parse_mail(mail(**headers).as_bytes()).auto_reply


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"Subject": "Re: Báo cáo (đã trả lời tự động lần trước)"},
        {"Subject": "Tự động hóa tổng hợp báo cáo"},
        {"Subject": "Báo cáo; nghỉ Tết từ 08/02"},
        {"Subject": "Automatic"},
        {"X_Auto_Response_Suppress": "OOF"},
        {"Return_Path": "<so@tinh-27.example>"},
    ],
)
def test_answers_of_people_are_not_automatic(headers: dict[str, str]) -> None:
    assert not parse_mail(mail(**headers).as_bytes()).auto_reply


def test_a_delivery_report_is_a_bounce() -> None:
    head = b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
    report = b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--\r\n"
    parsed = parse_mail(head + report)
    assert parsed.is_bounce
    assert parsed.auto_reply


def test_a_read_receipt_is_no_bounce_and_names_what_was_read() -> None:
    head = (
        b"From: so@tinh-27.example\r\nReferences: <1@x>\r\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
    )
    note = (
        b"--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Original-Message-ID: <2@y>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n"
    )
    parsed = parse_mail(head + note)
    assert (parsed.is_bounce, parsed.is_read_receipt, parsed.auto_reply) == (False, True, True)
    assert parsed.references == ("<1@x>", "<2@y>")


def test_the_head_is_read_without_the_body() -> None:
    message = mail(Subject="Báo cáo", Message_ID="<1@x>")
    message.add_attachment(b"x" * 1000, maintype="application", subtype="pdf", filename="a.pdf")
    head = parse_head(message.as_bytes())
    assert (head.subject, head.message_id, head.attachments) == ("Báo cáo", "<1@x>", ())


_NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "Return-Path",
]
_VALUES = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        [
            "=?utf-8?b?////?=",
            "=?x?q?=",
            "<@>",
            "a@b (",
            'multipart/mixed; boundary="',
            "text/plain; charset=no",
            "attachment; filename*=utf-8''%E1",
            "attachment; filename*0*=x; filename*=y''",
            "base64",
            ",,,;:@",
            "message/rfc822",
            "=?utf-8?q?=00=0d=0a?=",
            "<" * 50,
            "(" * 200,
            '"' * 31,
            "multipart/report",
            "Thu, 99 Foo 20 99:99 +9999",
        ]
    ),
)


@given(st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=8), st.binary(max_size=200))
def test_odd_mail_never_raises(headers: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "surrogatepass")
    parsed = parse_mail(head + b"\r\n" + body)
    for text in (parsed.subject, *parsed.recipients, *(each.file_name for each in parsed.attachments)):
        assert not any(ord(char) < 32 for char in text)
    assert all(
        "/" not in each.file_name and each.file_name not in ("", ".", "..") for each in parsed.attachments
    )


@given(st.binary(max_size=400))
def test_any_bytes_are_some_mail(raw: bytes) -> None:
    parse_mail(raw)
