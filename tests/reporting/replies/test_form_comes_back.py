"""The form goes back with everything it was told, and what is put right on it counts."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from reporting.forms import layout
from reporting.forms.read import read_form
from reporting.mail.outbox import messages
from reporting.report.explain import explain_figure
from reporting.states import MessageKind, Severity
from reporting.store.engine import reading, writing
from reporting.store.tables import Document, FindingRow, RawReply, Submission
from tests.reporting.forms.filling import filled, filled_in
from tests.workplace import HANOI, PDF, Workplace, box

NUMBER = "12/BC-SLĐTBXH"
RECEIVED, AGAIN = date(2024, 1, 24), date(2024, 1, 26)
WRONG, RIGHT = date(2024, 2, 9), date(2024, 1, 9)
FUTURE = "DATE-DOCUMENT-FUTURE"
COVER = {
    layout.SIGNER: "Người ký A, Giám đốc",
    "SY00.05.1": "Cán bộ A",
    "SY00.05.3": "024 1234 5678",
    "SY00.05.4": "can-bo-a@tinh-01.example",
}


def sent(place: Workplace, content: bytes, day: date) -> None:
    """With the signed paper where it comes for the first time."""
    files = {"bieu.xlsx": content} | ({"bao-cao.pdf": PDF} if day == RECEIVED else {})
    taken = place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), day)
    assert (taken.state, taken.reasons) == ("processed", ())


def marked(place: Workplace) -> bytes:
    """The workbook of the newest correction request."""
    message = place.messages(MessageKind.CORRECTION, HANOI)[-1]
    return place.home.read(message.context["attachments"][0]["sha256"])


def release(place: Workplace) -> None:
    """Ops let the corrections of the first cycle go."""
    with writing(place.home.engine) as session:
        waiting = [
            message.id for message in place.messages(MessageKind.CORRECTION) if message.state == "held"
        ]
        messages.release(session, waiting, by="Người trực", now=place.context(RECEIVED).now)


def rules(place: Workplace) -> set[str]:
    with reading(place.home.engine) as session:
        newest = session.scalars(select(Submission.id).order_by(Submission.id.desc())).first()
        return set(session.scalars(select(FindingRow.rule).where(FindingRow.submission_id == newest)))


def test_the_cover_goes_back_as_it_came(place: Workplace) -> None:
    sent(place, filled(place.form(HANOI, NUMBER, WRONG), COVER), RECEIVED)
    form = read_form(marked(place), [place.programme], place.home.secret_key)
    assert (form.document_number, form.document_date) == (NUMBER, WRONG)
    assert form.cover == {**COVER, layout.DOCUMENT_NUMBER: NUMBER, layout.DOCUMENT_DATE: "09/02/2024"}


def test_a_date_that_cannot_be_read_goes_back_as_it_was_typed(place: Workplace) -> None:
    sent(place, filled(place.form(HANOI, NUMBER, WRONG), {layout.DOCUMENT_DATE: "mồng 9 Tết"}), RECEIVED)
    assert "DATE-DOCUMENT-UNREADABLE" in rules(place)
    form = read_form(marked(place), [place.programme], place.home.secret_key)
    assert form.cover[layout.DOCUMENT_DATE] == "mồng 9 Tết"


def test_the_marked_form_sent_back_unchanged_keeps_its_error(place: Workplace) -> None:
    sent(place, place.form(HANOI, NUMBER, WRONG), RECEIVED)
    assert FUTURE in rules(place)
    release(place)
    sent(place, filled(marked(place), {}), AGAIN)  # opened and saved
    assert FUTURE in rules(place)
    assert place.state(HANOI) == "needs_correction"


def test_a_form_without_its_cover_is_held_to_the_document_that_came_before(place: Workplace) -> None:
    sent(place, place.form(HANOI, NUMBER, WRONG), RECEIVED)
    release(place)
    sent(place, place.form(HANOI, MH03_05=4), AGAIN)
    assert FUTURE in rules(place)
    assert place.state(HANOI) == "needs_correction"


def test_a_date_put_right_on_the_marked_form_is_the_one_that_counts(place: Workplace) -> None:
    sent(place, place.form(HANOI, NUMBER, WRONG), RECEIVED)
    release(place)
    sent(place, filled(marked(place), {layout.DOCUMENT_DATE: f"{RIGHT:%d/%m/%Y}"}), AGAIN)
    unit = place.unit(HANOI)
    assert (str(unit.state), unit.document_number, unit.document_date) == ("accepted", NUMBER, RIGHT)
    assert unit.received_on == RECEIVED  # the report was there on that day
    assert place.unit(HANOI, as_of=RECEIVED).document_date == WRONG
    assert place.count(Document) == 2  # the older row stays


@pytest.mark.parametrize("first", ["21/BC-SLĐTBXH", "12 BC SLĐTBXH"])
def test_a_number_put_right_takes_the_place_of_the_old_one(place: Workplace, first: str) -> None:
    sent(place, place.form(HANOI, first, RIGHT, MH03_05=-1), RECEIVED)
    assert place.unit(HANOI).document_number == first
    release(place)
    sent(place, filled(marked(place), {layout.DOCUMENT_NUMBER: NUMBER, "MH03.05": 4}), AGAIN)
    unit = place.unit(HANOI)
    assert (unit.document_number, unit.document_date, unit.received_on) == (NUMBER, RIGHT, RECEIVED)


def test_the_signed_file_stays_that_of_the_document(place: Workplace) -> None:
    """A date put right by a form alone: the paper that was signed is still the source."""
    files = {"bieu.xlsx": place.form(HANOI, NUMBER, WRONG), "bao-cao.pdf": PDF}
    place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), RECEIVED)
    release(place)
    sent(place, filled(marked(place), {layout.DOCUMENT_DATE: f"{RIGHT:%d/%m/%Y}"}), AGAIN)
    with reading(place.home.engine) as session:
        explained = explain_figure(session, place.programme, "annual-2023", "SY00.01", as_of=AGAIN)
        pdf = next(
            attachment
            for attachment in session.get_one(RawReply, 1).attachments
            if attachment.role == "document"
        )
        (document,) = explained["documents"]
        assert (document["dated"], document["file_sha256"]) == ("2024-01-09", pdf.blob_sha256)


def explanations(place: Workplace) -> dict[str, str | None]:
    """Rule -> what was said of it, of the newest version's warnings."""
    with reading(place.home.engine) as session:
        newest = session.scalars(select(Submission.id).order_by(Submission.id.desc())).first()
        rows = session.scalars(select(FindingRow).where(FindingRow.submission_id == newest))
        return {row.rule: row.explanation for row in rows if row.severity is Severity.WARNING}


def test_a_warning_about_words_or_the_cover_is_explained_in_its_row(place: Workplace) -> None:
    """On the cover and beside an answer in words; what was said goes back with the next request."""
    lists: dict[str, Any] = {"CT00_02": "07/CTr-SLĐTBXH-MTTQ; quyết định kèm theo"}
    sent(place, place.form(HANOI, "12 BC SLĐTBXH", RIGHT, MH03_05=-1, **lists), RECEIVED)
    asked = explanations(place)
    assert {"DOC-NUMBER", "DOC-CT00.02"} <= asked.keys()
    assert set(asked.values()) == {None}
    release(place)
    words = {layout.DOCUMENT_NUMBER: "Văn thư Sở ghi số như vậy.", "CT00.02": "Văn bản chưa có số."}
    sent(place, filled_in(marked(place), {"H": words}), AGAIN)
    words_back = explanations(place)
    assert (words_back["DOC-NUMBER"], words_back["DOC-CT00.02"]) == tuple(words.values())
    again = read_form(marked(place), [place.programme], place.home.secret_key)
    assert words.items() <= again.explanations.items()
