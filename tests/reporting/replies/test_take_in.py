"""Replies as they come in by mail and through the drop folder: what is taken in, and what waits."""

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from reporting import clock
from reporting.errors import BadInput
from reporting.forms import layout
from reporting.programme.units import unit_rows
from reporting.received.submissions import documents_of
from reporting.replies import quarantine
from reporting.replies.answering.no_report import PASSED_ON
from reporting.replies.collect import take_in_replies
from reporting.replies.set_aside import Taken
from reporting.replies.take_in import take_in, waiting_replies
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, Cycle, Document, Message, Submission, UnitRow, Value
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    PDF,
    QUANG_TRI,
    Workplace,
    box,
    officer,
)

DAY = date(2024, 1, 9)
NUMBER = "12/BC-SLĐTBXH"
DOCUMENT_MAIL = "Báo cáo số 28/SLĐTBXH-BTXH&PCTN ngày 09/01/2024"


def versions(place: Workplace, code: str) -> list[int]:
    with reading(place.home.engine) as session:
        query = select(Submission.version).join(UnitRow).where(UnitRow.code == code)
        return sorted(session.scalars(query))


def test_form_and_document_by_mail_from_a_registered_address_are_accepted(place: Workplace) -> None:
    taken = place.report(HANOI, DAY)
    assert (taken.state, taken.unit, taken.reasons) == (ReplyState.PROCESSED, "Hà Nội", ())
    unit = place.unit(HANOI)
    assert unit.state == "accepted"
    assert (unit.document_number, unit.document_date, unit.received_on) == (NUMBER, DAY, DAY)
    assert (unit.channel, unit.version, unit.timeliness) == ("email", 1, "on_time")
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert (receipt.recipient, receipt.state) == (box(HANOI), MessageState.QUEUED)
    assert receipt.in_reply_to == place.reply(taken.reply_id).message_id
    assert receipt.context["has_document"] is True
    assert receipt.context["version"] == 1
    assert place.messages(MessageKind.CORRECTION) == []


def test_the_form_that_was_mailed_is_what_comes_back(place: Workplace) -> None:
    """Typed into by another program, from the bytes of the request itself."""
    (request,) = [m for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == officer(HANOI)]
    sha256 = request.context["attachments"][1]["sha256"]
    workbook = openpyxl.load_workbook(io.BytesIO(place.home.read(sha256)))
    sheet = workbook[layout.FORM_SHEET]
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value}
    sheet[f"E{rows['MH03.05']}"] = 12
    sheet[f"E{rows[layout.DOCUMENT_NUMBER]}"] = NUMBER
    sheet[f"E{rows[layout.DOCUMENT_DATE]}"] = "09/01/2024"
    file = io.BytesIO()
    workbook.save(file)
    # No plus-address: only the mark in the workbook and the sender (PRACTICE P9).
    taken = place.receive(place.mail(officer(HANOI), {"Biểu.xlsx": file.getvalue(), "a.pdf": PDF}), DAY)
    assert taken.state is ReplyState.PROCESSED
    assert place.state(HANOI) == "needs_correction"  # the rest of it is empty
    with reading(place.home.engine) as session:
        value = session.scalars(select(Value).where(Value.indicator == "MH03.05")).one()
        assert value.number == 12


@pytest.mark.parametrize(
    ("sender", "token", "form_of", "reason"),
    [
        ("ai-do@noi-khac.example", HANOI, HANOI, "địa chỉ gửi chưa được đăng ký"),
        (box(BAC_NINH), HANOI, HANOI, "địa chỉ gửi đăng ký cho đơn vị khác"),
        (box(HANOI), HANOI, BAC_NINH, "các mã nhận dạng chỉ đến nhiều đơn vị khác nhau"),
    ],
)
def test_signs_that_do_not_agree_wait_for_a_person(
    place: Workplace, sender: str, token: str, form_of: str, reason: str
) -> None:
    form = place.form(form_of, NUMBER, DAY)
    taken = place.receive(place.mail(sender, {"bieu.xlsx": form}, to=place.reply_address(token)), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert reason in taken.reasons
    assert place.count(Submission) == place.count(Document) == 0
    assert place.messages(MessageKind.RECEIPT) == []


def test_a_form_signed_with_another_key_is_no_sign(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY, secret="somebody-elses-key-somebody-elses-key")
    taken = place.receive(place.mail(box(HANOI), {"bieu.xlsx": form}), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert place.state(HANOI) == "under_review"


SERVER = "mx.van-phong.example"
COLLEAGUE = f"dong-nghiep@tinh-{HANOI}.example"


def receive_marked(place: Workplace, sender: str, *results: str) -> Taken:
    """A form from ``sender`` that our server saw so; the last of ``results`` came with the mail."""
    place.settings = place.settings.model_copy(update={"authserv_id": SERVER})
    form = place.form(HANOI, NUMBER, DAY)
    raw = place.mail(sender, {"bieu.xlsx": form}, to=place.reply_address(HANOI))
    marks = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    return place.receive(marks.encode() + raw, DAY)


def test_our_servers_word_against_a_registered_sender_makes_it_wait(place: Workplace) -> None:
    forged = f"{SERVER}; dmarc=pass header.from=tinh-{HANOI}.example"
    taken = receive_marked(
        place, box(HANOI), f"{SERVER}; dmarc=fail header.from=tinh-{HANOI}.example", forged
    )
    assert taken.state is ReplyState.QUARANTINED
    assert taken.reasons == ("máy chủ thư cho biết địa chỉ gửi có thể bị giả mạo (DMARC không đạt)",)
    assert place.messages(MessageKind.RECEIPT) == []


def test_a_colleague_of_the_departments_own_proved_domain_may_report(place: Workplace) -> None:
    taken = receive_marked(place, COLLEAGUE, f"{SERVER}; dmarc=pass header.from=tinh-{HANOI}.example")
    assert taken.state is ReplyState.PROCESSED
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert receipt.recipient == box(HANOI)  # still a registered address


@pytest.mark.parametrize(
    "results",
    [
        (),
        (f"mx.noi-khac.example; dmarc=pass header.from=tinh-{HANOI}.example",),
        (f"{SERVER}; none", f"{SERVER}; dmarc=pass header.from=tinh-{HANOI}.example"),
        (f"{SERVER}; dmarc=pass header.from=noi-khac.example",),
    ],
)
def test_a_colleague_whom_our_server_did_not_prove_waits(place: Workplace, results: tuple[str, ...]) -> None:
    taken = receive_marked(place, COLLEAGUE, *results)
    assert taken.state is ReplyState.QUARANTINED


def test_a_domain_of_several_departments_proves_none(place: Workplace) -> None:
    with writing(place.home.engine) as session:
        for contact in session.scalars(select(Contact)):
            contact.email = contact.email.replace(f"tinh-{contact.unit.code}.", "thu-chung.")
    taken = receive_marked(
        place, "ai-do@thu-chung.example", f"{SERVER}; dmarc=pass header.from=thu-chung.example"
    )
    assert taken.reasons == ("địa chỉ gửi chưa được đăng ký",)


def test_a_mail_from_two_senders_waits(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    raw = place.mail(box(HANOI), {"bieu.xlsx": form}, to=place.reply_address(HANOI))
    for second in (
        f"From: {box(HANOI)}\r\n".encode() + raw,
        raw.replace(b"From: ", b"From: a@b.example, ", 1),
    ):
        taken = place.receive(second, DAY)
        assert taken.state is ReplyState.QUARANTINED
        assert taken.reasons == ("thư ghi nhiều người gửi",)


def test_a_form_of_another_cycle_waits(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY, cycle="six-month-2024")
    taken = place.receive(place.mail(box(HANOI), {"bieu.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert "các mã nhận dạng chỉ đến nhiều kỳ báo cáo khác nhau" in taken.reasons
    assert place.count(Submission) == 0


def test_a_form_of_a_cycle_that_is_not_planned_waits(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY, cycle="six-month-2024")
    taken = place.receive(place.mail(box(HANOI), {"bieu.xlsx": form}), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert taken.reasons


def test_a_reply_after_the_close_waits(place: Workplace) -> None:
    place.close(date(2024, 5, 2))
    taken = place.report(HANOI, date(2024, 5, 3))
    assert taken.state is ReplyState.QUARANTINED
    assert taken.reasons == ("đến sau ngày khóa sổ 30/4/2024 của kỳ annual-2023", PASSED_ON)
    assert place.state(HANOI) == "under_review"
    assert place.state(HANOI, as_of=date(2024, 4, 30)) == "missing"


def test_the_day_it_came_decides_whether_it_is_after_the_close(place: Workplace) -> None:
    last = place.programme.cycle(CYCLE).close_on
    for code, day in ((HANOI, last), (NGHE_AN, last + timedelta(days=1))):
        files = {"bieu.xlsx": place.form(code, NUMBER, DAY)}
        place.arrive(place.mail(box(code), files, to=place.reply_address(code)), day)
    early, late = place.take_in(last + timedelta(days=2))  # the calendar has not closed the cycle yet
    assert (early.state, late.state) == (ReplyState.PROCESSED, ReplyState.QUARANTINED)
    assert "đến sau ngày khóa sổ" in late.reasons[0]
    files = {"bieu.xlsx": place.form(DIEN_BIEN, NUMBER, DAY)}
    place.arrive(place.mail(box(DIEN_BIEN), files, to=place.reply_address(DIEN_BIEN)), last)
    place.close(last + timedelta(days=2))
    (read_late,) = place.take_in(last + timedelta(days=2))
    assert read_late.state is ReplyState.PROCESSED


def truncated(form: bytes) -> bytes:
    return form[: len(form) // 2]


def without_sheets(form: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(form)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            if not name.startswith("xl/worksheets"):
                target.writestr(name, source.read(name))
    return file.getvalue()


@pytest.mark.parametrize(
    "broken",
    [lambda form: b"", truncated, without_sheets],
    ids=["empty", "cut", "bare"],
)
def test_a_broken_workbook_waits_and_its_unit_is_under_review(place: Workplace, broken: object) -> None:
    content = broken(place.form(HANOI, NUMBER, DAY))  # type: ignore[operator]
    taken = place.receive(place.mail(box(HANOI), {"bieu.xlsx": content}, to=place.reply_address(HANOI)), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert any(reason.startswith("bieu.xlsx: ") for reason in taken.reasons)
    assert place.state(HANOI) == "under_review"
    assert place.home.read(place.reply(taken.reply_id).raw_sha256)


def test_a_mail_with_nothing_in_it_waits(place: Workplace) -> None:
    claim = place.mail(
        box(HANOI), to=place.reply_address(HANOI), text="Đã gửi qua trục số 12/BC-SLĐTBXH ngày 09/01/2024."
    )
    taken = place.receive(claim, DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert place.state(HANOI) == "under_review"  # a claim: it is not chased, and not reported


def test_a_mail_of_an_unknown_sender_without_any_sign_is_kept(place: Workplace) -> None:
    raw = place.mail("ai-do@noi-khac.example", {"bao-cao.pdf": PDF}, subject=DOCUMENT_MAIL)
    taken = place.receive(raw, DAY)
    assert (taken.state, taken.unit) == (ReplyState.QUARANTINED, None)
    assert place.home.read(place.reply(taken.reply_id).raw_sha256) == raw
    assert place.messages(MessageKind.RECEIPT) == []


@pytest.mark.parametrize(
    "headers",
    [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X-Autoreply": "yes"}],
    ids=lambda case: next(iter(case)),
)
def test_an_automatic_answer_is_neither_a_reply_nor_answered(
    place: Workplace, headers: dict[str, str]
) -> None:
    raw = place.mail(box(HANOI), to=place.reply_address(HANOI), subject="Vắng mặt", headers=headers)
    assert place.receive(raw, DAY).state is ReplyState.IGNORED
    assert place.state(HANOI) == "missing"
    assert place.messages(MessageKind.RECEIPT) == []


@pytest.mark.parametrize("sender", [box(HANOI), "mailer-daemon@so.example"])
def test_a_form_that_a_machine_passes_on_waits_for_a_person(place: Workplace, sender: str) -> None:
    files = {"bieu.xlsx": place.form(HANOI, NUMBER, DAY), "bao-cao.pdf": PDF}
    raw = place.mail(sender, files, to=place.reply_address(HANOI), headers={"Precedence": "bulk"})
    taken = place.receive(raw, DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert "thư có dấu hiệu do máy tự gửi, nhưng kèm biểu số liệu" in taken.reasons
    assert place.messages(MessageKind.RECEIPT) == []
    quarantine.assign(
        place.context(DAY), [taken.reply_id], quarantine.Assignment(HANOI, CYCLE), by="Cán bộ trực"
    )
    assert place.state(HANOI) == "accepted"


def test_a_signed_document_that_a_machine_passes_on_waits_for_a_person(place: Workplace) -> None:
    """Answering a mail of ours it is no newsletter; a logo alone makes no report of a holiday notice."""
    to = place.reply_address(HANOI)
    for headers, sender in (
        ({"Precedence": "bulk"}, box(HANOI)),
        ({"Auto-Submitted": "auto-generated"}, box(HANOI)),
        ({"Precedence": "list"}, officer(HANOI)),
    ):
        for files in (
            {"28.pdf": PDF},
            {"bieu.xlsx": b""},
            {"bieu.rar": b"Rar!\x1a\x07\x01\x00"},
            {"winmail.dat": b"\x78\x9f\x3e\x22"},
        ):
            raw = place.mail(sender, files, to=to, subject=DOCUMENT_MAIL, headers=headers)
            taken = place.receive(raw, DAY)
            assert taken.state is ReplyState.QUARANTINED
            assert "thư có dấu hiệu do máy tự gửi, nhưng kèm tệp" in taken.reasons
            card = {"logo.png": b"\x89PNG", "danh-thiep.vcf": b"BEGIN:VCARD"}
            logo = place.mail(sender, card, to=to, subject=DOCUMENT_MAIL, headers=headers)
            assert place.receive(logo, DAY).state is ReplyState.IGNORED
    assert place.state(HANOI) == "under_review"  # it is not reminded while it waits
    newsletter = place.mail(box(HANOI), {"ban-tin.pdf": PDF}, headers={"Precedence": "list"})
    assert place.receive(newsletter, DAY).state is ReplyState.IGNORED


def test_what_only_its_subject_calls_automatic_is_read_when_it_brings_a_report(place: Workplace) -> None:
    to = place.reply_address(HANOI)
    for files, state in (
        ({}, ReplyState.IGNORED),
        ({"logo.png": b"\x89PNG"}, ReplyState.IGNORED),
        ({"05-TB-SLĐTBXH ngày 02.01.2024.pdf": PDF}, ReplyState.QUARANTINED),
        ({"bieu.xlsx": place.form(HANOI, NUMBER, DAY), "a.pdf": PDF}, ReplyState.PROCESSED),
    ):
        raw = place.mail(box(HANOI), files, to=to, subject="Phản hồi tự động: thông báo nghỉ Tết")
        assert place.receive(raw, DAY).state is state
    assert place.unit(HANOI).document_number == NUMBER


def test_a_bounce_that_brings_our_own_form_back_changes_nothing(place: Workplace) -> None:
    (request,) = [m for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == box(HANOI)]
    form = place.home.read(request.context["attachments"][1]["sha256"])
    for sender in ("mailer-daemon@so.example", box(HANOI)):
        raw = place.mail(
            sender,
            {"bieu.xlsx": form},
            to=place.reply_address(HANOI),
            headers={"Auto-Submitted": "auto-replied"},
        )
        assert place.receive(raw, DAY).state is ReplyState.IGNORED
    assert place.state(HANOI) == "missing"


# --- the same reply again -----------------------------------------------------------------------


def test_one_reply_that_comes_four_times_is_one_submission(place: Workplace) -> None:
    files = {"bieu.xlsx": place.form(HANOI, NUMBER, DAY), "bao-cao.pdf": PDF}
    raw = place.mail(box(HANOI), files, to=place.reply_address(HANOI))
    place.arrive(raw, DAY)
    place.arrive(raw, DAY)  # byte for byte
    place.arrive(place.mail(officer(HANOI), files, subject="Fwd: Báo cáo"), DAY, hour=10)
    place.lay_down("bieu-ha-noi.xlsx", files["bieu.xlsx"], DAY)
    states = sorted(taken.state for taken in place.take_in(DAY))
    assert states == [ReplyState.IGNORED, ReplyState.IGNORED, ReplyState.PROCESSED]
    assert place.take_in(DAY) == []
    assert (versions(place, HANOI), place.count(Document)) == ([1], 1)
    assert len(place.messages(MessageKind.RECEIPT)) == 1
    assert place.state(HANOI) == "accepted"


def test_a_copy_that_a_stranger_sends_on_is_no_matter_of_ours(place: Workplace) -> None:
    """From a private mailbox (PRACTICE P9): what was counted already needs no person."""
    files = {"bieu.xlsx": place.form(HANOI, NUMBER, DAY), "bao-cao.pdf": PDF}
    to = place.reply_address(HANOI)
    place.receive(place.mail(box(HANOI), files, to=to), DAY)
    for sent_on in (files, {**files, "logo.png": b"\x89PNG"}, {"bieu.xlsx": files["bieu.xlsx"]}):
        taken = place.receive(place.mail("lan@thu-rieng.example", sent_on, to=to), DAY)
        assert taken.state is ReplyState.IGNORED
        assert taken.reasons == ("trùng với báo cáo đã nhận", "địa chỉ gửi chưa được đăng ký")
    assert place.unit(HANOI).quarantined == 0
    assert len(place.messages(MessageKind.RECEIPT)) == 1
    other = place.form(HANOI, NUMBER, DAY, MH03_05=1)
    for more in ({**files, "phu-luc.pdf": PDF + b"2"}, {"bieu.xlsx": other}, {**files, "b2.xlsx": other}):
        taken = place.receive(place.mail("lan@thu-rieng.example", more, to=to), DAY)
        assert taken.state is ReplyState.QUARANTINED


def test_taking_a_reply_in_twice_is_once(place: Workplace) -> None:
    number = place.report(HANOI, DAY).reply_id
    assert take_in(place.context(DAY), number).submission_id is None
    assert versions(place, HANOI) == [1]


# --- in parts -----------------------------------------------------------------------------------


def test_a_draft_then_the_signed_document(place: Workplace) -> None:
    draft = place.form(HANOI)
    place.receive(place.mail(officer(HANOI), {"bieu.xlsx": draft}), DAY)
    assert place.state(HANOI) == "draft"
    assert not place.unit(HANOI).is_reported
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert (receipt.context["has_document"], receipt.context["has_figures"]) == (False, True)
    later = date(2024, 1, 12)
    signed = place.mail(
        box(HANOI), {"bao-cao.pdf": PDF}, to=place.reply_address(HANOI), subject=DOCUMENT_MAIL
    )
    assert place.receive(signed, later).state is ReplyState.PROCESSED
    unit = place.unit(HANOI)
    assert (unit.state, unit.document_number) == ("accepted", "28/SLĐTBXH-BTXH&PCTN")
    assert (unit.document_date, unit.received_on) == (date(2024, 1, 9), later)
    assert place.unit(HANOI, as_of=DAY).state == "draft"
    assert versions(place, HANOI) == [1]


def test_the_signed_document_then_the_figures(place: Workplace) -> None:
    signed = place.mail(
        box(HANOI), {"bao-cao.pdf": PDF}, to=place.reply_address(HANOI), subject=DOCUMENT_MAIL
    )
    place.receive(signed, DAY)
    assert place.state(HANOI) == "letter_only"
    assert place.unit(HANOI).document_kind == "letter"
    assert place.unit(HANOI).is_reported
    place.receive(place.mail(officer(HANOI), {"bieu.xlsx": place.form(HANOI)}), date(2024, 1, 20))
    unit = place.unit(HANOI)
    assert (unit.state, unit.received_on, unit.version) == ("accepted", DAY, 1)


def test_a_reply_after_the_due_date_is_late(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 16))
    assert place.unit(HANOI).timeliness == "late"
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert receipt.context["is_late"] is True


def test_an_early_reply_with_the_form_of_a_planned_cycle_is_taken_in(empty_place: Workplace) -> None:
    empty_place.plan()
    taken = empty_place.report(HANOI, date(2023, 12, 5))
    assert taken.state is ReplyState.PROCESSED
    assert empty_place.unit(HANOI).timeliness == "early"
    assert empty_place.state(HANOI) == "accepted"
    assert empty_place.messages(MessageKind.REQUEST) == []


# --- versions -----------------------------------------------------------------------------------


def test_a_correction_under_the_same_number_replaces_the_figures(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=3, MH03_10=5)  # a part larger than the whole
    assert place.state(HANOI) == "needs_correction"
    (first,) = place.messages(MessageKind.CORRECTION)
    place.report(HANOI, date(2024, 1, 11), with_pdf=False, MH03_05=5, MH03_10=5)
    unit = place.unit(HANOI)
    assert (unit.state, unit.version, unit.received_on) == ("accepted", 2, DAY)
    assert versions(place, HANOI) == [1, 2]
    assert len(place.messages(MessageKind.CORRECTION)) == 1
    assert first.sequence == 1
    with reading(place.home.engine) as session:
        row = session.scalars(select(Submission).where(Submission.version == 1)).one()
        assert row.received_on == DAY  # nothing is overwritten


def test_after_acceptance_a_new_version_waits(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=5)
    taken = place.report(HANOI, date(2024, 1, 12), with_pdf=False, MH03_05=6)
    assert taken.state is ReplyState.QUARANTINED
    assert taken.reasons == ("số liệu mới gửi sau khi bản trước đã được chấp nhận", PASSED_ON)
    assert versions(place, HANOI) == [1]
    assert place.state(HANOI) == "accepted"


def test_a_supplement_that_was_asked_for_counts(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=5)
    asked_on = date(2024, 2, 19)
    assert "đề nghị bổ sung tet: Hà Nội" in place.remind(asked_on)
    (asked,) = place.messages(MessageKind.SUPPLEMENT)
    assert asked.recipient == officer(HANOI)
    assert not [m for m in place.messages(MessageKind.SUPPLEMENT) if m.unit_id != asked.unit_id]
    taken = place.report(
        HANOI, date(2024, 3, 1), with_pdf=False, made_on=asked_on, MH03_05=5, NL02_10=10, NL02_11=5
    )
    assert taken.state is ReplyState.PROCESSED
    assert place.unit(HANOI).version == 2
    assert not any("đề nghị bổ sung" in line for line in place.remind(date(2024, 3, 4)))
    assert len(place.messages(MessageKind.SUPPLEMENT)) == 1
    # What comes after it was not asked for.
    again = place.report(HANOI, date(2024, 3, 5), with_pdf=False, made_on=asked_on, NL02_10=11, NL02_11=5)
    assert again.state is ReplyState.QUARANTINED


# --- answers ------------------------------------------------------------------------------------


def test_the_first_cycle_holds_corrections_and_names_at_most_five_points(place: Workplace) -> None:
    blank: dict[str, Any] = {f"NX07_0{number}": None for number in (1, 2, 3, 4, 5)}
    place.report(HANOI, DAY, MH03_05=None, MH03_07=None, MH03_08=-1, **blank)
    (message,) = place.messages(MessageKind.CORRECTION)
    assert message.state is MessageState.HELD
    assert message.recipient == officer(HANOI)  # never the department's own box
    assert len(message.context["points"]) == 5
    assert message.context["more_points"] == 3
    (form,) = message.context["attachments"]
    sheet = openpyxl.load_workbook(io.BytesIO(place.home.read(form["sha256"])))[layout.FORM_SHEET]
    assert layout.REVIEW in {cell.value for row in sheet.iter_rows() for cell in row}


def test_from_the_second_cycle_a_correction_goes_in_working_hours(place: Workplace, letter: Path) -> None:
    place.close(date(2024, 5, 2))
    opened = date(2024, 6, 14)
    place.open(letter, opened, "six-month-2024", "40/CV-VPQGGN")
    evening = date(2024, 6, 21)  # a Friday
    form = place.form(HANOI, NUMBER, evening, cycle="six-month-2024", made_on=opened, MH03_05=-1)
    raw = place.mail(box(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI, "six-month-2024"))
    place.arrive(raw, evening, hour=19)
    context = place.context(evening, hour=19)
    for number in waiting_replies(context):
        take_in(context, number)
    (message,) = place.messages(MessageKind.CORRECTION)
    assert message.state is MessageState.QUEUED
    assert message.not_before == clock.at(date(2024, 6, 24), 8)
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert receipt.not_before == context.now  # a receipt goes at once


def test_answers_go_to_registered_addresses_only(place: Workplace) -> None:
    """Laid in the drop folder, a form has no sender: the department's own box hears of it."""
    place.lay_down("bieu.xlsx", place.form(DIEN_BIEN, NUMBER, DAY), DAY)
    place.take_in(DAY)
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert receipt.recipient == box(DIEN_BIEN)
    with reading(place.home.engine) as session:
        recipients = set(session.scalars(select(Message.recipient)))
    known = {
        address
        for code in (HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN, QUANG_TRI)
        for address in (box(code), officer(code))
    }
    assert recipients <= known


def test_one_reply_that_breaks_does_not_stop_the_others(place: Workplace) -> None:
    files = {"b.xlsx": place.form(BAC_NINH, NUMBER, DAY), "a.pdf": PDF}
    lost = place.arrive(place.mail(box(BAC_NINH), files), DAY)
    original = place.home.original(place.reply(lost).raw_sha256)
    content = original.read_bytes()
    original.unlink()
    place.arrive(place.mail(box(HANOI), {"b.xlsx": place.form(HANOI, NUMBER, DAY)}), DAY)
    outcome = take_in_replies(place.context(DAY))
    assert outcome.done == ("tiếp nhận báo cáo của Hà Nội",)
    assert len(outcome.failures) == 1
    # It waits for a person, and holds up neither the next pass nor the reminders of others.
    assert place.reply(lost).state is ReplyState.QUARANTINED
    assert place.state(BAC_NINH) == "under_review"
    assert take_in_replies(place.context(DAY)).failures == ()
    with pytest.raises(BadInput, match="Không còn bản gốc"):
        quarantine.reread(place.context(DAY), [lost], by="Cán bộ trực")
    assert place.reply(lost).state is ReplyState.STORED
    take_in_replies(place.context(DAY))
    original.write_bytes(content)
    (taken,) = quarantine.reread(place.context(DAY), [lost], by="Cán bộ trực")
    assert (taken.state, place.state(BAC_NINH)) == (ReplyState.PROCESSED, "accepted")
    with pytest.raises(BadInput, match="trong khu chờ"):
        quarantine.reread(place.context(DAY), [lost], by="Cán bộ trực")


def test_an_outage_leaves_a_reply_for_the_next_pass(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place.arrive(place.mail(box(HANOI), {"b.xlsx": place.form(HANOI, NUMBER, DAY)}), DAY)
    with monkeypatch.context() as patch:
        patch.setattr(
            "reporting.home.folder.write_durably", lambda *_, **__: (_ for _ in ()).throw(OSError("đĩa đầy"))
        )
        outcome = take_in_replies(place.context(DAY))
    assert "đĩa đầy" in outcome.failures[0]
    assert place.reply(number).state is ReplyState.STORED
    assert take_in_replies(place.context(DAY)).done == ("tiếp nhận báo cáo của Hà Nội",)


def test_a_mail_with_very_many_files_waits(place: Workplace) -> None:
    files = {f"anh-{number}.jpg": b"\xff\xd8\xff" + bytes([number]) for number in range(51)}
    taken = place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), DAY)
    assert "thư có từ 50 tệp trở lên, chỉ 50 tệp đầu được đọc" in taken.reasons


def test_a_reply_without_a_sign_of_the_cycle_waits_in_the_open_one(place: Workplace) -> None:
    """From 15/12 the next cycles are planned too: the unit must not be chased in the open one."""
    place.plan(date(2023, 12, 15), "six-month-2024")
    taken = place.receive(place.mail(box(HANOI), {"bao-cao.pdf": PDF}), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert place.state(HANOI) == "under_review"
    assert not any("Hà Nội" in line for line in place.remind(date(2024, 1, 10)))


def test_documents_are_listed_in_the_order_they_came(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=-1)
    place.report(HANOI, date(2024, 1, 11), "13/BC-SLĐTBXH")
    with reading(place.home.engine) as session:
        cycle = session.scalars(select(Cycle)).one()
        unit = unit_rows(session, place.programme, place.programme.cycle(CYCLE))[HANOI]
        assert [document.number for document in documents_of(session, cycle, unit)] == [
            NUMBER,
            "13/BC-SLĐTBXH",
        ]
    assert place.unit(HANOI).document_number == NUMBER  # the first one made it reported
