"""Warnings: the unit is asked for the reason, its words are kept, shown, and used again next year."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from deployments.cli.app import app
from reporting.checks import unit as unit_checks
from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.replies.by_hand import waive_finding
from reporting.replies.try_form import check_file
from reporting.states import MessageKind, MessageState, Severity
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, FindingRow, Submission
from tests.workplace import BAC_NINH, HANOI, Workplace, box

DAY = date(2024, 1, 9)
RULE = "RATIO-TT01-PHAT-HANH"
MANY: dict[str, Any] = {"TT01_03": 10, "TT01_04": 600_000}
WORDS = "Gồm bản tin phát không thu tiền đến từng thôn."
NEXT = "annual-2024"
OPENED_NEXT, DAY_NEXT = date(2024, 12, 13), date(2025, 1, 9)


def warnings(place: Workplace, code: str = HANOI) -> dict[str, FindingRow]:
    """Rule -> the warning on the unit's newest version."""
    with reading(place.home.engine) as session:
        query = (
            select(FindingRow)
            .join(Submission)
            .where(FindingRow.severity == Severity.WARNING, Submission.unit.has(code=code))
            .order_by(Submission.id)
        )
        rows = list(session.scalars(query))
        last = max((row.submission_id for row in rows), default=0)
        session.expunge_all()
        return {row.rule: row for row in rows if row.submission_id == last}


def asked(place: Workplace, code: str = HANOI) -> list[Any]:
    return place.messages(MessageKind.CORRECTION, code)


def explained_form(content: bytes, code: str, words: str) -> bytes:
    """The workbook that came with the mail, with words typed into its column ``Giải trình``."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Biểu"]
    heads = {
        cell.value: cell.column for row in sheet.iter_rows() for cell in row if cell.value == "Giải trình"
    }
    place = next(cell for row in sheet.iter_rows() for cell in row if cell.value == code)
    sheet.cell(place.row, heads["Giải trình"]).value = words
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def marked_workbook(place: Workplace) -> bytes:
    (message,) = asked(place)
    return place.home.read(message.context["attachments"][0]["sha256"])


def release(place: Workplace) -> None:
    """Ops let the first cycle's corrections go (PRACTICE P13), and they are sent."""
    from reporting.mail.outbox import messages

    context = place.context(DAY)
    with writing(place.home.engine) as session:
        messages.release(session, [message.id for message in asked(place)], by="Người trực", now=context.now)
    place.send(date(2024, 1, 10))


def test_a_warning_alone_is_asked_about_and_holds_nothing_back(place: Workplace) -> None:
    place.report(HANOI, DAY, **MANY)
    unit = place.unit(HANOI)
    assert (str(unit.state), unit.open_warnings) == ("accepted", 1)
    (message,) = asked(place)
    assert message.state is MessageState.HELD  # the programme's first cycle
    assert message.context["is_explanation"]
    assert [point["code"] for point in message.context["points"]] == ["TT01.04"]
    place.report(BAC_NINH, DAY, number="13/BC-SLĐTBXH")
    assert asked(place, BAC_NINH) == []


def test_words_beside_the_value_close_the_question(place: Workplace) -> None:
    place.report(HANOI, DAY, explanations={"TT01.04": WORDS}, **MANY)
    assert place.unit(HANOI).open_warnings == 0
    assert asked(place) == []
    row = warnings(place)[RULE]
    assert (row.explanation, row.explained_in) == (WORDS, "annual-2023")
    listing = CliRunner().invoke(app, ["--home", str(place.home.path), "findings", "annual-2023", "--json"])
    assert WORDS in listing.stdout


def test_the_answer_to_the_question_is_taken_in_without_a_person(place: Workplace) -> None:
    place.report(HANOI, DAY, **MANY)
    book = marked_workbook(place)
    release(place)
    day = date(2024, 1, 12)
    answer = explained_form(book, "TT01.04", WORDS)
    taken = place.receive(place.mail(box(HANOI), {"b.xlsx": answer}, to=place.reply_address(HANOI)), day)
    assert (taken.state, taken.reasons) == ("processed", ())
    unit = place.unit(HANOI)
    assert (str(unit.state), unit.version, unit.open_warnings) == ("accepted", 2, 0)
    assert len(asked(place)) == 1
    # Unasked, the next one waits for a person, as ever.
    late = place.form(HANOI, "12/BC-SLĐTBXH", DAY, MH03_05=12)
    waits = place.receive(place.mail(box(HANOI), {"c.xlsx": late}, to=place.reply_address(HANOI)), day)
    assert waits.state == "quarantined"


def test_the_workbook_that_goes_back_keeps_what_was_explained(place: Workplace) -> None:
    place.report(HANOI, DAY, explanations={"TT01.04": WORDS}, **MANY, KT04_04=999)
    (message,) = asked(place)
    assert not message.context["is_explanation"]
    assert [point["code"] for point in message.context["points"]] == ["KT04.04"]  # not the explained one
    context = place.context(DAY)
    file = place.home.path / "again.xlsx"
    file.write_bytes(marked_workbook(place))
    findings = {finding.rule: finding for finding in check_file(context, file).findings}
    assert findings[RULE].explanation == WORDS


@pytest.mark.parametrize(
    ("copies", "is_asked"),
    [(620_000, False), (659_000, False), (720_000, True)],
    ids=["a little more", "a tenth more", "a fifth more"],
)
def test_next_year_the_same_reason_is_not_asked_for_again(
    place: Workplace, letter: Path, copies: int, is_asked: bool
) -> None:
    place.report(HANOI, DAY, explanations={"TT01.04": WORDS}, **MANY)
    place.open(letter, OPENED_NEXT, NEXT, "888/CV-VPQGGN")
    again: dict[str, Any] = {"TT01_03": 10, "TT01_04": copies}
    form = place.form(HANOI, "9/BC-SLĐTBXH", DAY_NEXT, cycle=NEXT, made_on=OPENED_NEXT, **again)
    place.receive(place.mail(box(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI, NEXT)), DAY_NEXT)
    row = warnings(place)[RULE]
    if is_asked:
        assert row.explanation is None
    else:
        assert (row.explanation, row.explained_in) == (WORDS, "annual-2023")
    assert bool(asked(place)) == is_asked
    assert place.unit(HANOI, cycle=NEXT).open_warnings == is_asked


def test_an_early_report_is_asked_which_days_it_covers(place: Workplace) -> None:
    early = date(2023, 12, 11)
    form = place.form(HANOI, "12/BC-SLĐTBXH", early)
    place.receive(place.mail(box(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    (receipt,) = place.messages(MessageKind.RECEIPT, HANOI)
    assert receipt.context["is_early"]
    assert asked(place) == []
    (mail,) = [mail for address, mail in place.send_and_see(DAY) if mail["Message-ID"] == receipt.message_id]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "tính đến ngày nào" in text
    assert "14/12/2023" in text


def test_a_person_closes_a_question_by_name_and_reason(place: Workplace) -> None:
    place.report(HANOI, DAY, **MANY)
    number = warnings(place)[RULE].id
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        waive_finding(context, session, number, by="Trưởng phòng", why="Đã đối chiếu văn bản ký")
        with pytest.raises(BadInput, match="Trưởng phòng"):
            waive_finding(context, session, number, by="Khác", why="lại")
    assert place.unit(HANOI).open_warnings == 0
    with reading(place.home.engine) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.actor, event.detail, event.why) == ("Trưởng phòng", RULE, "Đã đối chiếu văn bản ký")


def test_a_rule_that_breaks_leaves_the_reply_waiting(place: Workplace, monkeypatch: Any) -> None:
    """A fault of ours is never a pass: nothing is accepted, and the reply waits for a person."""

    def broken(*_args: Any, **_named: Any) -> list[Finding]:
        raise ZeroDivisionError("chia cho không")

    place.arrive(place.mail(box(HANOI), {"b.xlsx": place.form(HANOI, "12/BC-X", DAY)}), DAY)
    monkeypatch.setattr(unit_checks, "check_form", broken)
    from reporting.replies.collect import take_in_replies

    take_in_replies(place.context(DAY))
    assert place.state(HANOI) == "under_review"
    assert place.count(Submission) == 0
