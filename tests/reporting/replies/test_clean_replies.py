"""Clean replies, as offices really write them, do not wait: at most one in a hundred."""

import itertools
import random
from datetime import date
from email import policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from reporting.states import ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Document
from tests.workplace import HANOI, PDF, Workplace, box

DAY = date(2024, 1, 9)
SYMBOLS = ["BC-SLĐTBXH", "BC-SLĐTBXH-P1", "SLĐTBXH-BTXH&PCTN", "BC-LĐTBXH", "BC-SLĐTBXH-TE,BĐG&PCTNXH"]
STATED = [
    "Báo cáo số {} ngày 09/01/2024",
    "BC số: {} (09/01/2024)",
    "Báo cáo số {}, ngày 09 tháng 01 năm 2024 của Sở LĐTBXH thành phố Hà Nội",
    "Sở LĐTBXH Hà Nội gửi Báo cáo {} ngày 9/1/2024 về kết quả năm 2023; kế hoạch 6 tháng đầu năm 2024",
    "Thực hiện Công văn số 777/CV-VPQGGN ngày 13/12/2023, Sở gửi Báo cáo số {} ngày 09.01.2024.",
    "BAO CAO SO {} NGAY 09/01/2024",
    "(SLĐTBXH) {} - Sở LĐTBXH Hà Nội, ký ngày 09-01-2024",
]
CLOSING = "\n\nTrân trọng./.\n\nNguyễn Thị Lan - Phòng BTXH\nĐT: 024.3826.9551/0912 345 678"
QUOTED = (
    "\n\nVào Th 4, 13 thg 12, 2023 vào lúc 09:00 Văn phòng <bao-cao@van-phong.example> đã viết:\n"
    "> Kính gửi Quý Sở, Công văn 777/CV-VPQGGN ngày 13/12/2023 đề nghị báo cáo trước ngày 15/01/2024."
)
FOOTER = "--\nThư này đã được quét virus bởi hệ thống thư công vụ."
SIGNED_BY_OUTLOOK = '<html xmlns:o="x"><head><!--[if gte mso 9]><xml>96</xml><![endif]--></head><body>'


def reply(place: Workplace, stated: str, at: int, *, shape: int) -> bytes:
    mail = EmailMessage(policy=policy.SMTP.clone(utf8=shape % 5 == 0))
    mail["From"], mail["To"] = f"Sở LĐTBXH <{box(HANOI)}>", place.reply_address(HANOI)
    in_subject = shape % 2 == 0
    mail["Subject"] = stated if in_subject else "Gửi báo cáo"
    text = ("Kính gửi Văn phòng." if in_subject else f"Kính gửi Văn phòng.\n{stated}") + CLOSING
    text += QUOTED if shape % 3 == 0 else ""
    page = SIGNED_BY_OUTLOOK + "".join(f'<p class="MsoNormal">{line}</p>' for line in text.split("\n"))
    if shape % 4 == 0:
        mail.set_content(text)
    elif shape % 4 == 1:
        mail.set_content(text, cte="quoted-printable")
        mail.add_alternative(page, subtype="html")
    elif shape % 4 == 2:
        mail.set_content(page, subtype="html")
    else:
        mail.set_content(page, subtype="html", cte="base64")
        mail.make_mixed()
        mail.attach(_footer())
    name = ["bao-cao.pdf", "45_BC_signed (1).pdf", "Báo cáo năm 2023.pdf"][shape % 3]
    mail.add_attachment(PDF + f"{at}".encode(), maintype="application", subtype="pdf", filename=name)
    raw = mail.as_bytes()
    return raw.replace(b'charset="utf-8"', b'charset="us-ascii"') if shape % 7 == 0 else raw


def _footer() -> EmailMessage:
    footer = EmailMessage()
    footer.set_content(FOOTER)
    return footer


def waiting(place: Workplace, many: int) -> list[tuple[str, tuple[str, ...]]]:
    """Which of so many clean replies wait, and why; those that count have the number that was written."""
    chance = random.Random(16)
    ways = list(itertools.product(STATED, SYMBOLS, range(60)))
    waits, expected = [], []
    for at, (stated, symbol, shape) in enumerate(chance.sample(ways, many), 1):
        number = f"{at}/{symbol}"
        taken = place.receive(reply(place, stated.format(number), at, shape=shape), DAY)
        if taken.state is ReplyState.PROCESSED:
            expected.append(number)
        else:
            waits.append((f"{stated.format(number)} #{shape}", taken.reasons))
    with reading(place.home.engine) as session:
        assert list(session.scalars(select(Document.number).order_by(Document.id))) == expected
    return waits


def test_clean_replies_count(place: Workplace) -> None:
    assert waiting(place, 30) == []


@pytest.mark.deep
def test_at_most_one_clean_reply_in_a_hundred_waits(place: Workplace) -> None:
    waits = waiting(place, 300)
    assert len(waits) <= 3, waits
