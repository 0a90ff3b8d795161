"""Two programmes in one home: the sample's whole monthly cycle beside annual-2025 of programme 109.

Mail goes over a real SMTP server into a real IMAP mailbox that both share; people work by commands.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import docx
import pytest

import config
from config.settings import Settings
from deployments.rehearsal import mailserver
from deployments.rehearsal.people import workbook
from deployments.rehearsal.people.letterbox import PDF, XLSX, Attached, Incoming, Letter, Letterbox
from deployments.rehearsal.recipes import Value
from reporting import clock
from reporting.forms import layout
from tests.deployments.cli.conftest import Office
from tests.workplace import PDF as SIGNED

OWN = "bao-cao@van-phong.example"
SAMPLE, CYCLE = "nha-o-mau", "monthly-2026-02"
PARTNER, YEAR = "ctph-109", "annual-2025"
SAMPLES = Path(config.__file__).parent / "samples"
BOX = {"04": "so-xay-dung@cao-bang.example", "08": "so-xay-dung@tuyen-quang.example",
       "11": "so-xay-dung@dien-bien.example", "12": "so-xay-dung@lai-chau.example",
       "14": "so-xay-dung@son-la.example"}  # fmt: skip
# Departments of programme 109; Cao Bằng has one clerk for both.
CLERK = "van-thu@cao-bang.example"
PARTNERS = {"04": "so-nnmt@cao-bang.example", "08": "so-nnmt@tuyen-quang.example"}


@dataclass
class TwoProgrammes:
    """The office's folder and the mailboxes of the departments."""

    office: Office
    mail_root: Path
    letterbox: Letterbox
    environment: Mapping[str, str]

    def run(self, *arguments: str, programme: str | None = None, code: int = 0) -> str:
        chosen = ["--programme", programme] if programme else []
        ran = self.office.run(*chosen, *arguments, **self.environment)
        assert ran.code == code, (arguments, ran)
        return ran.out

    def day(self, day: str) -> str:
        """What is due on a day, for both."""
        mailserver.set_now(self.mail_root, clock.at(date.fromisoformat(day), 7))
        return self.run("run-day", "--today", day)

    def status(self, programme: str, cycle: str, today: str) -> Any:
        return json.loads(self.run("status", cycle, "--json", "--today", today, programme=programme))

    def states(self, programme: str, cycle: str, today: str) -> dict[str, str]:
        return {unit["code"]: unit["state"] for unit in self.status(programme, cycle, today)["units"]}

    def inbox(self, address: str) -> list[Incoming]:
        return self.letterbox.received_by([address])

    def subjects(self, address: str) -> list[str]:
        return [str(make_header(decode_header(mail.subject))) for mail in self.inbox(address)]

    def answer(
        self,
        sender: str,
        request: Incoming,
        form: bytes,
        number: str | None,
        day: str,
        *,
        step: str = "report",
    ) -> None:
        """A department answers a mail of the office with a form and, given a number, a signed document."""
        signed = [Attached("bao-cao.pdf", PDF, SIGNED + (number or "").encode())] if number else []
        letter = Letter(
            sender.replace("@", "-"),
            step,
            ("Sở", sender),
            request.reply_to,
            f"Báo cáo số {number} ngày {date.fromisoformat(day):%d/%m/%Y}" if number else "Biểu số liệu",
            "Sở gửi báo cáo.",
            (Attached("bieu.xlsx", XLSX, form), *signed),
            request.message_id,
        )
        now = clock.at(date.fromisoformat(day), 6)
        mailserver.set_now(self.mail_root, now)
        self.letterbox.send([letter], now)


def filled(form: bytes | None, answers: Mapping[str, Value], number: str | None, day: str) -> bytes:
    cover = {layout.SIGNER: "Lãnh đạo", "SY00.05.1": "Cán bộ đầu mối"}
    if number:
        cover |= {
            layout.DOCUMENT_NUMBER: number,
            layout.DOCUMENT_DATE: f"{date.fromisoformat(day):%d/%m/%Y}",
        }
    assert form is not None
    return workbook.fill(form, answers, cover, {})


def houses(households: int, begun: int) -> dict[str, Value]:
    """The answers of a unit of the sample: all other numbers follow from two."""
    from decimal import Decimal

    numbers = {"NO01.01": households, "NO01.02": begun, "NO01.03": 0, "NO01.04": 2, "NO02.01": 60 * begun,
               "NO02.02": 10 * begun, "NO02.03": 0}  # fmt: skip
    said: dict[str, Value] = {code: Decimal(value) for code, value in numbers.items()}
    return {**said, "NO01.05": "Có", "NO03.01": "Giá vật liệu tăng."}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoProgrammes]:
    """Both programmes in one folder, both programmes' contacts, the mail servers running."""
    folder = tmp_path / "programmes"
    shutil.copytree(SAMPLES / SAMPLE, folder / SAMPLE)
    shutil.copytree(
        Settings().programmes_dir / PARTNER, folder / PARTNER, ignore=shutil.ignore_patterns("rehearsal")
    )
    office = Office(tmp_path)
    office.add("cong-van.pdf", SIGNED)
    lines = ["code,role,email,name,position,telephone"]
    lines += [f"{code},role_box,{address},,," for code, address in PARTNERS.items()]
    office.add("lien-he-109.csv", "\n".join([*lines, f"04,officer,{CLERK},Văn thư,,"]))
    lines = ["code,role,email,name,position,telephone"]
    lines += [f"{code},role_box,{address},,," for code, address in BOX.items()]
    office.add("lien-he-mau.csv", "\n".join([*lines, f"04,officer,{CLERK},Văn thư,,"]))
    root = tmp_path / "mail"
    servers = mailserver.start(root, OWN)
    try:
        environment = {
            "PROGRAMMES_DIR": str(folder),
            "SMTP_URL": servers.smtp_url,
            "IMAP_URL": servers.imap_url,
            "MAIL_FROM": OWN,
        }
        yield TwoProgrammes(office, root, Letterbox(root, servers.smtp_url), environment)
    finally:
        mailserver.stop(root)


def begin(two: TwoProgrammes) -> None:
    """Programme 109 opens its year by a signed letter; in February the sample opens by itself."""
    two.run("init")
    by = ("--by", "Văn thư", "--today", "2025-12-15")
    two.run("contacts", "import", "lien-he-109.csv", *by, programme=PARTNER)
    two.run("open", YEAR, "--letter", "cong-van.pdf", "--number", "12/CV-VPQGGN", "--signed-on", "2025-12-15",
            *by, programme=PARTNER)  # fmt: skip
    two.day("2025-12-15")
    by = ("--by", "Văn thư", "--today", "2026-02-24")
    two.run("contacts", "import", "lien-he-mau.csv", *by, programme=SAMPLE)
    two.day("2026-02-25")


def test_a_whole_cycle_of_the_sample_beside_programme_109(two: TwoProgrammes) -> None:
    begin(two)

    # Each unit is asked by its own programme, under its own key, in its own words.
    (asked,) = two.inbox(BOX["04"])
    assert two.subjects(BOX["04"]) == [f"[NHAOMAU {CYCLE}/04] Đề nghị báo cáo tháng 2 năm 2026"]
    assert "+nhaomau.monthly-2026-02.04.r." in asked.reply_to
    (partner,) = [mail for mail in two.inbox(PARTNERS["04"]) if mail.workbook]
    assert "+ctph109.annual-2025.04.r." in partner.reply_to
    assert sorted(subject.split(" ")[0] for subject in two.subjects(CLERK)) == ["[CTPH109", "[NHAOMAU"]
    text = text_of(two, BOX["04"])
    assert "Kính gửi: Sở Xây dựng tỉnh Cao Bằng" in text
    assert "Quý đơn vị" in text
    assert "Quý Sở" not in text
    waiting = two.run("handover", "--today", "2026-02-25", programme=SAMPLE)
    # Three provinces have no address; a ministry is not asked by mail and lacks none.
    assert "Đơn vị chưa có địa chỉ thư: 3 " in waiting

    # Replies: one in order, one with a mistake, one draft, one by the clerk who answers both.
    on = "2026-03-02"
    (mail,) = two.inbox(BOX["08"])
    two.answer(BOX["08"], mail, filled(mail.workbook, houses(10, 3), "8/BC-SXD", on), "8/BC-SXD", on)
    (mail,) = two.inbox(BOX["11"])
    two.answer(BOX["11"], mail, filled(mail.workbook, houses(2, 5), "11/BC-SXD", on), "11/BC-SXD", on)
    (mail,) = two.inbox(BOX["12"])
    two.answer(BOX["12"], mail, filled(mail.workbook, houses(7, 1), None, on), None, on)
    mails = {mail.reply_to.split("+")[1].split(".")[0]: mail for mail in two.inbox(CLERK)}
    two.answer(
        CLERK,
        mails["nhaomau"],
        filled(mails["nhaomau"].workbook, houses(20, 6), "9/BC-SXD", on),
        "9/BC-SXD",
        on,
    )
    # The form of the sample in answer to the mail of programme 109.
    (mail,) = [each for each in two.inbox(PARTNERS["08"]) if each.workbook]
    (other,) = [each for each in two.inbox(BOX["08"]) if each.workbook]
    two.answer(
        PARTNERS["08"], mail, filled(other.workbook, houses(99, 50), "8/BC-SNNMT", on), "8/BC-SNNMT", on
    )
    two.day(on)

    assert two.states(SAMPLE, CYCLE, on) == {
        "04": "accepted", "08": "accepted", "11": "needs_correction", "12": "draft", "14": "missing",
        "01": "missing", "40": "missing", "66": "missing", "bqp": "missing", "bca": "missing",
    }  # fmt: skip
    assert set(two.states(PARTNER, YEAR, on).values()) <= {"missing", "under_review"}
    reasons = [row["reasons"] for row in json.loads(two.run("quarantine", "--json", programme=PARTNER))]
    assert len(reasons) == 1
    assert any("nhiều chương trình: ctph-109, nha-o-mau" in reason for reason in reasons[0])

    (mixed,) = json.loads(two.run("quarantine", "--json", programme=PARTNER))
    chosen = ("quarantine", "assign", str(mixed["id"]), "08", "--cycle", YEAR, "--by", "Trực ban")
    ran = two.office.run("--programme", PARTNER, *chosen, "--today", on, **two.environment)
    ran.assert_refused("chương trình nha-o-mau")  # a person cannot mix them either
    for programme, cycle in ((SAMPLE, CYCLE), (PARTNER, YEAR)):
        sent = json.loads(two.run("outbox", "--json", programme=programme))
        assert {message["cycle"] for message in sent} == {cycle}

    # A ministry's report is recorded by hand.
    two.run("form", CYCLE, "bqp", "-o", "bqp.xlsx", "--today", on, programme=SAMPLE)
    form = filled((two.office.folder / "bqp.xlsx").read_bytes(), houses(30, 10), "5/BC-BQP", on)
    two.office.add("bqp.xlsx", form)
    two.run("record", CYCLE, "bqp", "--number", "5/BC-BQP", "--date", on, "--received-on", on,
            "--channel", "exchange", "--values", "bqp.xlsx", "--by", "Văn thư", "--today", on,
            programme=SAMPLE)  # fmt: skip
    assert two.states(SAMPLE, CYCLE, on)["bqp"] == "accepted"

    # Reminders go by each programme's own rhythm: the sample's on 3/3 and 10/3, to who has not answered.
    before = len(two.inbox(PARTNERS["04"]))
    two.day("2026-03-03")
    two.day("2026-03-10")
    assert len(two.inbox(PARTNERS["04"])) == before
    assert [subject.startswith("Re: ") for subject in two.subjects(BOX["14"])] == [False, True, True]
    assert not any(subject.startswith("Re: ") for subject in two.subjects(BOX["12"]))  # its draft is here
    on = "2026-03-11"
    reminder = two.inbox(BOX["14"])[-1]
    blank = two.inbox(BOX["14"])[0].workbook
    two.answer(BOX["14"], reminder, filled(blank, houses(10, 4), "14/BC-SXD", on), "14/BC-SXD", on)
    two.day(on)
    assert two.states(SAMPLE, CYCLE, on)["14"] == "accepted"
    assert two.status(SAMPLE, CYCLE, on)["messages"]["reminder"]["accepted"] == 1

    # The cycle closes on 20/3 and its report is compiled; programme 109 is untouched.
    two.day("2026-03-20")
    two.day("2026-03-23")
    report = two.office.folder / "home" / "reports" / SAMPLE / CYCLE / "2026-03-20" / "v1"
    figures = {each["code"]: each for each in json.loads((report / "figures.json").read_text())["figures"]}
    assert figures["NO01.02"]["value"] == str(3 + 4 + 5 + 6 + 10)
    assert figures["NO01.90"]["value"] == figures["NO01.02"]["value"]
    assert figures["NO01.02"]["coverage"] == {"n": 5, "N": 10}
    words = "\n".join(paragraph.text for paragraph in docx.Document(str(report / "bao-cao.docx")).paragraphs)
    assert "Chương trình mẫu hỗ trợ nhà ở" in words
    for stranger in ("Phối hợp", "phối hợp", "Mặt trận", "Sở LĐTBXH", "địa phương chưa"):
        assert stranger not in words, stranger
    assert not (two.office.folder / "home" / "reports" / PARTNER).exists()
    assert two.status(PARTNER, YEAR, "2026-03-23")["state"] == "open"
    assert two.status(SAMPLE, CYCLE, "2026-03-23")["state"] == "closed"
    assert two.status(SAMPLE, "monthly-2026-03", "2026-03-23")["reported"] == 0
    for programme in (SAMPLE, PARTNER):
        page = (two.office.folder / "home" / "status" / programme / "index.html").read_text(encoding="utf-8")
        assert ("Chương trình mẫu" in page) is (programme == SAMPLE)


def test_a_mailbox_of_its_own(two: TwoProgrammes, tmp_path: Path) -> None:
    """The sample sends from and reads an address of its own; what strangers write there is its alone."""
    own, root = "nha-o@van-phong.example", tmp_path / "own-mail"
    servers = mailserver.start(root, own)
    try:
        box = {"mail_from": own, "smtp_url": servers.smtp_url, "imap_url": servers.imap_url}
        two.environment = {**two.environment, "MAILBOXES": json.dumps({SAMPLE: box})}
        two.letterbox = Letterbox(root, servers.smtp_url)
        mailserver.set_now(root, clock.at(date(2026, 2, 25), 7))
        begin(two)
        (asked,) = two.inbox(BOX["08"])
        assert asked.reply_to.startswith("nha-o+nhaomau.")
        assert not (two.mail_root / "departments" / BOX["08"]).exists()
        assert not (root / "departments" / PARTNERS["08"]).exists()
        on = "2026-03-02"
        mailserver.set_now(root, clock.at(date.fromisoformat(on), 6))
        form = filled(asked.workbook, houses(10, 3), "8/BC-SXD", on)
        signed = Attached("bao-cao.pdf", PDF, SIGNED + b"8")
        letters = [
            Letter("08", "report", ("Sở", BOX["08"]), asked.reply_to, "Báo cáo", "Sở gửi báo cáo.",
                   (Attached("bieu.xlsx", XLSX, form), signed), asked.message_id),
            Letter("x", "question", ("Ai đó", "ai@noi-khac.example"), own, "Hỏi", "Xin hỏi."),
        ]  # fmt: skip
        two.letterbox.send(letters, clock.at(date.fromisoformat(on), 6))
        two.day(on)
        assert two.states(SAMPLE, CYCLE, on)["08"] == "accepted"
        assert two.status(SAMPLE, CYCLE, on)["quarantined"] == 1
        assert two.status(PARTNER, YEAR, on)["quarantined"] == 0
        assert json.loads(two.run("quarantine", "--json", programme=PARTNER)) == []
        (waiting,) = json.loads(two.run("quarantine", "--json", programme=SAMPLE))
        assert waiting["sender"] == "ai@noi-khac.example"
    finally:
        mailserver.stop(root)


def text_of(two: TwoProgrammes, address: str) -> str:
    (file,) = (two.mail_root / "departments" / address).glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
