"""Simulated departments and the rehearsal's real mail server: they read, fill, send, repeat nothing."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings import Settings
from deployments.rehearsal import mailserver
from deployments.rehearsal.people.departments import OFFICE_ADDRESS, People, people_for
from deployments.rehearsal.scenario import load_scenario
from deployments.rehearsal.values import values_of
from reporting import clock
from reporting.errors import BadInput, ServiceUnavailable
from reporting.finding import Finding
from reporting.forms.model import FilledForm
from reporting.forms.read import read_form
from reporting.forms.write import write_form
from reporting.programme.files import load_programme
from reporting.states import Severity, ValueKind
from reporting.vietnamese.cited_numbers import parse_document

PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")
SCENARIO = load_scenario(PROGRAMME, "annual-2023")
UNITS = {unit.code: unit for unit in PROGRAMME.expected_units(SCENARIO.cycle)}
SECRET = "a key for tests"
LETTER_ON = SCENARIO.office.letter.signed_on


@dataclass
class World:
    """The mail servers, and the office's side of them."""

    root: Path
    smtp_url: str
    sent: int = 0

    def people(self, *codes: str) -> People:
        """The departments with these codes, alone."""
        departments = tuple(SCENARIO.by_code[code] for code in codes)
        return people_for(PROGRAMME, replace(SCENARIO, departments=departments), self.root, self.smtp_url)

    def act(self, people: People, day: date) -> list[str]:
        now = clock.at(day, 9)
        mailserver.set_now(self.root, now)
        return [each.step for each in people.act(day, now)]

    def write(
        self, to: str, day: date, form: bytes, *, subject: str = "[CTPH109 annual-2023] Đề nghị báo cáo"
    ) -> str:
        """A mail of the office with a form; says its Message-ID."""
        self.sent += 1
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = f"Văn phòng <{OFFICE_ADDRESS}>"
        message["Reply-To"] = OFFICE_ADDRESS.replace("@", "+ma.ky@")
        message["To"], message["Subject"] = to, subject
        message["Date"] = format_datetime(clock.at(day, 8))
        message["Message-ID"] = f"<{self.sent}@vpqggn.example>"
        message.set_content("Kính gửi Quý Sở")
        message.add_attachment(form, maintype="application", subtype="vnd.ms-excel", filename="bieu.xlsx")
        mailserver.set_now(self.root, clock.at(day, 8))
        server = urlsplit(self.smtp_url)
        with smtplib.SMTP(server.hostname or "", server.port or 0, local_hostname="x.example") as connection:
            connection.sendmail(OFFICE_ADDRESS, [to], message.as_bytes())
        return str(message["Message-ID"])

    def request(self, code: str) -> str:
        """The request, to both mailboxes of a department."""
        form = blank_form(code, LETTER_ON)
        first, _ = [self.write(address, LETTER_ON, form) for address in addresses(code)]
        return first

    def came_from(self, code: str) -> list[EmailMessage]:
        """What a unit's department wrote to the office, in the order it came."""
        files = sorted((self.root / "imap" / "mailbox").glob("[nc]*/*"), key=lambda file: file.name)
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        own = {*addresses(code), SCENARIO.by_code[code].sender}
        return [mail for mail in mails if mail["From"].addresses[0].addr_spec in own]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("mail")
    servers = mailserver.start(root, OFFICE_ADDRESS)
    yield World(root, servers.smtp_url)
    mailserver.stop(root)


def addresses(code: str) -> list[str]:
    lines = (PROGRAMME.folder / "contacts.sample.csv").read_text(encoding="utf-8").splitlines()
    return [line.split(",")[2] for line in lines if line.startswith(f"{code},")]


def blank_form(code: str, day: date, marks: tuple[Finding, ...] = ()) -> bytes:
    return write_form(
        PROGRAMME, SCENARIO.cycle, UNITS[code], today=day, secret=SECRET, rehearsal=True, marks=marks
    )


def files(mail: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in mail.iter_attachments()}


def form_in(mail: EmailMessage) -> FilledForm:
    (content,) = (content for name, content in files(mail).items() if name.endswith(".xlsx"))
    return read_form(content, [PROGRAMME], SECRET)


def pdf_in(mail: EmailMessage) -> bytes | None:
    return next((content for name, content in files(mail).items() if name.endswith(".pdf")), None)


def numbers(form: FilledForm) -> dict[str, Decimal]:
    return {code: cell.number for code, cell in form.cells.items() if cell.number is not None}


def true_numbers(code: str, form: FilledForm) -> dict[str, Decimal]:
    answers = values_of(PROGRAMME, SCENARIO.cycle, code)
    on_form = {each: value for each, value in answers.items() if each in form.cells}
    return {each: value for each, value in on_form.items() if isinstance(value, Decimal)}


def test_a_report_with_form_and_signed_document(world: World) -> None:
    people = world.people("10")
    request = world.request("10")
    assert world.act(people, date(2023, 12, 27)) == []
    assert world.act(people, date(2023, 12, 28)) == ["report"]
    (mail,) = world.came_from("10")
    assert (mail["In-Reply-To"], mail["X-Rehearsal"]) == (request, "yes")
    assert mail["To"].addresses[0].addr_spec == "kybaocao+ma.ky@vpqggn.example"
    assert parse_document(str(mail["Subject"])) == ("476/BC-BTXHTEBĐG", date(2023, 12, 28))
    assert (pdf_in(mail) or b"").startswith(b"%PDF-")
    form = form_in(mail)
    assert form.token is not None
    assert form.token.unit == "10"
    assert (form.document_number, form.document_date) == ("476/BC-BTXHTEBĐG", date(2023, 12, 28))
    assert numbers(form) == true_numbers("10", form)
    assert form.problems == ()
    # "không phát sinh" stands where it belongs
    assert form.cells["NL02.12.1"].kind is ValueKind.NIL


def test_a_document_older_than_the_request_and_its_figures_later(world: World) -> None:
    people = world.people("74")
    assert world.act(people, date(2023, 11, 8)) == []
    assert world.act(people, date(2023, 11, 9)) == ["document"]
    (early,) = world.came_from("74")
    assert early["To"].addresses[0].addr_spec == OFFICE_ADDRESS
    assert list(files(early)) == ["241-BC-SLDTBXH.pdf"]
    body = early.get_body(("plain",))
    assert body is not None
    assert parse_document(body.get_content()) == ("241/BC-SLĐTBXH", date(2023, 11, 8))
    world.request("74")
    assert world.act(people, date(2023, 12, 20)) == ["figures"]
    assert form_in(world.came_from("74")[1]).document_number == "241/BC-SLĐTBXH"


def test_figures_come_as_a_draft_and_the_document_follows(world: World) -> None:
    people = world.people("20")
    world.request("20")
    assert world.act(people, date(2024, 1, 4)) == ["figures"]
    assert world.act(people, date(2024, 1, 10)) == ["document"]
    draft, signed = world.came_from("20")
    form = form_in(draft)
    assert (form.document_number, form.document_date, pdf_in(draft)) == (None, None, None)
    assert parse_document(str(signed["Subject"])) == ("13/BC-SLĐTBXH", date(2024, 1, 9))
    assert pdf_in(signed) is not None


def test_a_mistake_is_corrected_when_asked_and_the_supplement_answered(world: World) -> None:
    people = world.people("62")
    world.request("62")
    world.act(people, date(2024, 1, 12))
    wrong = form_in(world.came_from("62")[0])
    assert numbers(wrong)["TT01.13"] > numbers(wrong)["TT01.14"]
    # nothing is corrected before it was asked for
    assert world.act(people, date(2024, 1, 15)) == []
    marks = (Finding("PART-TT01-DIEM", Severity.ERROR, "Đề nghị rà soát.", "TT01.13"),)
    officer = addresses("62")[1]
    marked = blank_form("62", date(2024, 1, 15), marks)
    asked = world.write(officer, date(2024, 1, 15), marked, subject="Rà soát")
    assert world.act(people, date(2024, 1, 17)) == []
    (step,) = world.act(people, date(2024, 1, 18))
    assert step.startswith("correction-")
    answer = world.came_from("62")[-1]
    assert (answer["In-Reply-To"], answer["From"].addresses[0].addr_spec) == (asked, officer)
    right = form_in(answer)
    assert numbers(right) == true_numbers("62", right)
    assert (right.document_number, right.document_date) == (wrong.document_number, wrong.document_date)
    world.write(officer, date(2024, 2, 19), blank_form("62", date(2024, 2, 19)), subject="Tết")
    (step,) = world.act(people, date(2024, 2, 20))
    assert step.startswith("supplement-")
    assert {"NL02.10", "NL02.11"} <= set(numbers(form_in(world.came_from("62")[-1])))


def test_the_same_day_again_sends_nothing_and_after_a_crash_the_same_bytes(world: World) -> None:
    world.request("66")
    day = date(2024, 1, 5)
    assert world.act(world.people("66"), day) == ["report"]
    assert world.act(world.people("66"), day) == []
    # killed between the server's answer and the note of it
    (world.root / "sent" / "66" / "report.sent").unlink()
    assert world.act(world.people("66"), date(2024, 1, 8)) == ["report"]
    first, again = world.came_from("66")
    assert first["Message-ID"] == again["Message-ID"]
    assert files(first) == files(again)
    assert first["Date"] == again["Date"]


def test_an_absence_notice_and_a_mail_delivered_twice(world: World) -> None:
    absent, twice = world.people("17"), world.people("12")
    world.request("17")
    world.request("12")
    assert world.act(absent, LETTER_ON) == []
    assert world.act(absent, date(2023, 12, 14)) == ["absence"]
    (notice,) = world.came_from("17")
    assert notice["Auto-Submitted"] == "auto-replied"
    assert "Vắng mặt" in str(notice["Subject"])
    assert world.act(twice, date(2023, 12, 18)) == ["report"]
    assert world.act(twice, date(2023, 12, 19)) == ["report-again"]
    assert world.act(twice, date(2023, 12, 20)) == []
    one, other = world.came_from("12")
    assert (one["Message-ID"], one["Date"]) == (other["Message-ID"], other["Date"])


def test_a_report_from_an_address_nobody_registered(world: World) -> None:
    world.request("72")
    assert world.act(world.people("72"), date(2023, 12, 20)) == ["report"]
    (mail,) = world.came_from("72")
    assert mail["From"].addresses[0].addr_spec in world.people("72").scenario.unit_of_address


def test_document_exchange_is_a_parcel_of_files(world: World) -> None:
    people = world.people("01", "38")
    with pytest.raises(BadInput, match="chưa nhận được biểu"):
        people.parcel("01")
    world.request("01")
    parcel = people.parcel("01")
    assert parcel.values is not None
    before = (parcel.document.read_bytes(), parcel.values.read_bytes())
    assert read_form(before[1], [PROGRAMME], SECRET).document_number == "141/BC-SLĐTBXH"
    again = world.people("01").parcel("01")
    assert again == parcel
    assert before == (parcel.document.read_bytes(), parcel.values.read_bytes())
    assert people.parcel("38").values is None  # its figures come by mail
    assert world.act(people, date(2024, 1, 30)) == []  # and nothing of it is mailed before


def test_nobody_works_on_a_day_off(world: World) -> None:
    world.request("36")
    people = world.people("36")  # its report is due to leave on 3 January
    assert world.act(people, date(2024, 1, 6)) == []  # a Saturday
    assert world.act(people, date(2024, 2, 9)) == []  # Tết
    assert world.act(people, date(2024, 2, 15)) == ["report"]


def test_a_server_that_is_out_loses_nothing(world: World) -> None:
    world.request("67")
    people = world.people("67")
    out = people_for(PROGRAMME, people.scenario, world.root, "smtp://127.0.0.1:1")
    with pytest.raises(ServiceUnavailable):
        out.act(date(2024, 1, 8), clock.at(date(2024, 1, 8)))
    assert world.act(people, date(2024, 1, 9)) == ["report"]
    assert len(world.came_from("67")) == 1
