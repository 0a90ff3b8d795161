"""Clean replies of departments in the many ways people and programs write them; each says what it holds.

Drawn by a seed: number and date of the document in one of the ways offices write them, in one of the
places they put them; a mail in one of the shapes mail programs and gateways give it; a form as one of
the office programs saves it; and beside both what machines leave there.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from email.header import Header
from pathlib import Path

from reporting.forms import layout
from tests.clean_forms import BY_OFFICE, FORMS, by_office
from tests.clean_mails import BODIES, SHAPES, UNNAMED
from tests.workplace import BAC_NINH, DIEN_BIEN, HANOI, NGHE_AN, PDF, QUANG_TRI, Workplace, box

CODES = (HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN, QUANG_TRI)
OURS = "Công văn số 777/CV-VPQGGN ngày 13/12/2023"

# As it is written, and the same as a register keeps it. "{}" is the digits.
NUMBERS = (
    ("{}/BC-SLĐTBXH", "{}/BC-SLĐTBXH"),
    ("{}/BC-LĐTBXH", "{}/BC-LĐTBXH"),
    ("{}/BC-SLĐTBXH-P1", "{}/BC-SLĐTBXH-P1"),
    ("{}/BC-SLĐTBXH-BTXH&PCTN", "{}/BC-SLĐTBXH-BTXH&PCTN"),
    ("{}/BC-SLĐTBXH-TE,BĐG&PCTNXH", "{}/BC-SLĐTBXH-TE,BĐG&PCTNXH"),
    ("{}/SLĐTBXH-VPBCĐGN", "{}/SLĐTBXH-VPBCĐGN"),
    ("{}/SLĐTBXH-BTXHTEBĐG", "{}/SLĐTBXH-BTXHTEBĐG"),
    ("{}a/BC-SLĐTBXH", "{}a/BC-SLĐTBXH"),
    ("1.{}/BC-SLĐTBXH", "1.{}/BC-SLĐTBXH"),
    ("{}/BC–SLĐTBXH", "{}/BC-SLĐTBXH"),  # a hyphen that Word turned into a dash
    ("{} / BC - SLĐTBXH", "{}/BC-SLĐTBXH"),
    ("0{}/BC-SLDTBXH", "0{}/BC-SLDTBXH"),
)
DATES = (
    "{0.day:02}/{0.month:02}/{0.year}",
    "{0.day}/{0.month}/{0.year}",
    "{0.day:02} tháng {0.month:02} năm {0.year}",
    "{0.day:02}-{0.month:02}-{0.year}",
    "{0.day:02}.{0.month:02}.{0.year}",
)
SENTENCES = (
    "Báo cáo số {} ngày {}",
    "BC số: {} ngày {}",
    "Báo cáo số {}, ngày {} của Sở Lao động - Thương binh và Xã hội",
    "V/v báo cáo kết quả thực hiện Chương trình phối hợp 109: số {} ngày {}",
    f"Thực hiện {OURS}, Sở gửi Báo cáo số {{}} ngày {{}}.",
)
NAMES = ("{}-BC-SLĐTBXH ngày {:%d-%m-%Y}", "{}_BC-SLĐTBXH_{:%d.%m.%Y}", "{}_BC_SLĐTBXH_{:%d-%m-%Y}")
PLAIN_NAMES = (
    "bao-cao.pdf",
    "Báo cáo năm 2023 (đã ký).pdf",
    "BC_signed (1).PDF",
    "scan0001.pdf",
    "PL+BC.signed.signed.pdf",
    "bao cao khong duoi",
    "ATT00001.dat",
    UNNAMED,
)
CLOSING = "\n\nTrân trọng./.\n\nNguyễn Thị Lan - Phòng BTXH\nĐT: 024.3826.9551/0912 345 678; 15/9 Trần Phú"
QUOTED = (
    "\n\nVào Th 4, 13 thg 12, 2023 vào lúc 09:00 Văn phòng <bao-cao@van-phong.example> đã viết:\n"
    f"> Kính gửi Quý Sở, {OURS} đề nghị báo cáo trước ngày 15/01/2024."
)
PLACES = ("subject", "text", "name")  # beside the form's cover: in two cells, or in one
SENDERS = ("{0}", "Sở LĐTBXH <{0}>", '"Sở Lao động, TB&XH" <{0}>', "{0} <{0}>")
RAW: Mapping[str, Callable[[bytes], bytes]] = {
    "as it is": lambda raw: raw,
    "behind a BOM": lambda raw: b"\xef\xbb\xbf" + raw,
    "behind a blank line": lambda raw: b"\r\n" + raw,
}
_SUBJECT = "its-subject"
PNG = b"\x89PNG\r\n\x1a\n" + b"a drawn logo" * 20
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(60_000)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BESIDE: Mapping[str, Mapping[str, bytes]] = {
    "nothing": {},
    "Mac": {
        "._bieu.xlsx": b"\x00\x05\x16\x07" + bytes(200),
        ".DS_Store": b"\x00\x00\x00\x01Bud1" + bytes(40),
    },
    "Windows": {"Thumbs.db": OLE, "desktop.ini": b"[.ShellClassInfo]\r\n"},
    "locks": {"~$bieu.xlsx": b"\x03Lan" + bytes(160), ".~lock.bieu.xlsx#": b",Lan,may,09.01.2024;"},
    "logo": {"logo.png": PNG},
    "phone's photograph": {"IMG_0001.jpg": PHOTO},
    "card": {"lan.vcf": b"BEGIN:VCARD\r\nEND:VCARD\r\n", "ATT00001.txt": b"\r\n"},
    "Word": {"bao-cao.docx": b"PK\x03\x04 a text in Word"},
    "signature": {"smime.p7s": b"\x30\x82 signed"},
}


@dataclass(frozen=True)
class Clean:
    """A reply, and what whoever wrote it put in; ``figures`` is None where the document came alone."""

    raw: bytes
    code: str
    number: str
    dated: date
    figures: Mapping[str, Decimal] | None
    ways: Sequence[str]


@dataclass(frozen=True)
class _Drawn:
    """What chance gave for one reply."""

    code: str
    written: str
    number: str
    dated: date
    day: str
    place: str
    figures: Mapping[str, Decimal]
    form: str | None
    body: str
    shape: str
    beside: str
    raw: str

    @property
    def ways(self) -> tuple[str, ...]:
        return (
            self.written,
            self.day,
            self.place,
            str(self.form),
            self.body,
            self.shape,
            self.beside,
            self.raw,
        )


def _drawn(draw: random.Random, at: int, forms: Sequence[str]) -> _Drawn:
    written, number = draw.choice(NUMBERS)
    digits = 100 + at
    dated = date(2024, 1, draw.randrange(2, 16))
    form = draw.choice([*forms, *forms, *forms, None])
    place = draw.choice([*PLACES, "cover", "cover", "one cell"] if form else list(PLACES))
    if place == "name":
        written = number = "{}/BC-SLĐTBXH"  # no name of a file can hold the stroke: of the plainest number
    return _Drawn(
        code=CODES[at % len(CODES)],
        written=written.format(digits),
        number=number.format(digits),
        dated=dated,
        day=draw.choice(DATES).format(dated),
        place=place,
        figures={
            "MH03.05": Decimal(draw.randrange(1, 40)),
            "NL02.01": Decimal(draw.randrange(100, 9999)) / 10,
        },
        form=form,
        body=draw.choice(list(BODIES)),
        shape=draw.choice([*SHAPES, "plain", "plain"]),
        beside=draw.choice(list(BESIDE)),
        raw=draw.choice([*RAW, "as it is", "as it is"]),
    )


def _form(place: Workplace, its: _Drawn) -> bytes:
    given: dict[str, object] = {
        "MH03_05": int(its.figures["MH03.05"]),
        "NL02_01": str(its.figures["NL02.01"]).replace(".", ","),
    }
    if its.place == "cover":
        given |= {
            _name(layout.DOCUMENT_NUMBER): its.written,
            _name(layout.DOCUMENT_DATE): f"{its.dated:%d/%m/%Y}",
        }
    if its.place == "one cell":
        given |= {_name(layout.DOCUMENT_NUMBER): f"{its.written} ngày {its.day}"}
    return place.form(its.code, **given)  # type: ignore[arg-type]


def _name(code: str) -> str:
    return code.replace(".", "_")


def _statement(its: _Drawn, draw: random.Random) -> str:
    return draw.choice(SENTENCES).format(its.written, its.day)


def _mail(place: Workplace, its: _Drawn, form: bytes | None, draw: random.Random) -> bytes:
    """The reply's bytes: subject, text and files, in its shape."""
    stated = _statement(its, draw)
    text = "Kính gửi Văn phòng." + (f"\n{stated}" if its.place == "text" else "") + CLOSING
    text += QUOTED if draw.random() < 0.3 else ""
    name = draw.choice(PLAIN_NAMES)
    if its.place == "name":
        name = draw.choice(NAMES).format(its.number.partition("/")[0], its.dated) + ".pdf"
    files = {name: PDF + its.number.encode(), **BESIDE[its.beside]}
    if form is not None and its.form is not None:
        files = {(FORMS[its.form][0] if its.form in FORMS else f"bieu.{BY_OFFICE[its.form]}"): form, **files}
    mail = SHAPES[its.shape](BODIES[its.body](text), files)
    mail["From"] = draw.choice(SENDERS).format(box(its.code))
    mail["To"] = place.reply_address(its.code)
    subject = Header(stated if its.place == "subject" else "Gửi báo cáo", "utf-8").encode(linesep="\r\n")
    mail["Subject"] = _SUBJECT  # the email package itself loses blanks where it folds one
    mail["Message-ID"] = f"<{its.number.partition('/')[0]}@so.example>"
    return RAW[its.raw](mail.as_bytes().replace(_SUBJECT.encode(), subject.encode(), 1))


def clean_replies(
    place: Workplace, many: int, *, seed: int, folder: Path, with_office: bool
) -> Iterator[Clean]:
    """So many of them, the same for a seed; ``with_office``: forms that LibreOffice saved, too."""
    draw = random.Random(seed)
    drawn = [_drawn(draw, at, [*FORMS, *(BY_OFFICE if with_office else ())]) for at in range(many)]
    forms = {at: _form(place, its) for at, its in enumerate(drawn) if its.form is not None}
    for way, ending in BY_OFFICE.items():
        its_own = [at for at, its in enumerate(drawn) if its.form == way]
        if its_own:
            forms |= zip(its_own, by_office([forms[at] for at in its_own], ending, folder), strict=True)
    for at, its in enumerate(drawn):
        form = forms.get(at)
        if form is not None and its.form is not None and its.form in FORMS:
            form = FORMS[its.form][1](form)
        raw = _mail(place, its, form, draw)
        yield Clean(raw, its.code, its.number, its.dated, its.figures if form else None, its.ways)
