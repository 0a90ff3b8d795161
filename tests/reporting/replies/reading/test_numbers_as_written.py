"""The number of a document, wherever it stands: we say what was written, or it waits."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.replies import quarantine
from reporting.replies.by_hand import HandRecord, record_reply
from reporting.replies.set_aside import Taken
from reporting.states import MessageKind, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Document, FindingRow
from tests.reporting.forms.filling import saved, sheet_of
from tests.workplace import CYCLE, HANOI, PDF, Workplace, box

DAY = date(2024, 1, 9)
ON = "ngày 09/01/2024"
# As it was written, and as it stands on paper; None: nobody can tell, so it waits.
WRITTEN: dict[str, str | None] = {
    "45/BC-SLĐTBXH-P1": "45/BC-SLĐTBXH-P1",
    "1.234/BC-SLĐTBXH": "1.234/BC-SLĐTBXH",
    "15–BC/SLĐTBXH": "15-BC/SLĐTBXH",
    "16/BC-SLĐTBXH-TE,BĐG&PCTNXH": "16/BC-SLĐTBXH-TE,BĐG&PCTNXH",
    "17a / BC - SLĐTBXH": "17a/BC-SLĐTBXH",
    "18/BC-SLĐTBXH(P2)": None,
    "19/BC SLĐTBXH": None,
}


def send(
    place: Workplace, files: dict[str, bytes], subject: str = "Báo cáo", text: str = "Kính gửi."
) -> Taken:
    raw = place.mail(box(HANOI), files, to=place.reply_address(HANOI), subject=subject, text=text)
    return place.receive(raw, DAY)


def numbers(place: Workplace) -> list[str]:
    with reading(place.home.engine) as session:
        return list(session.scalars(select(Document.number).order_by(Document.id)))


@pytest.mark.parametrize("where", ["subject", "text", "name"])
def test_a_mail_states_it(place: Workplace, where: str) -> None:
    expected = []
    for at, (written, number) in enumerate(WRITTEN.items()):
        stated, pdf = f"Báo cáo số {written} {ON}", PDF + str(at).encode()
        if where == "name":
            written = written.replace("/", "-").replace("–", "-").replace(" - ", "-")
            taken = send(place, {f"{written} {ON.replace('/', '.')}.pdf": pdf})
            number = f"{number[:2]}/BC-SLĐTBXH" if number == "15-BC/SLĐTBXH" else number
        elif where == "text":
            taken = send(place, {"bao-cao.pdf": pdf}, text=f"Sở gửi {stated}.")
        else:
            taken = send(place, {"bao-cao.pdf": pdf}, subject=stated)
        is_read = number is not None
        assert (taken.state is ReplyState.PROCESSED) is is_read, (written, taken.reasons)
        expected += [number] if number is not None else []
        if not is_read and where != "name":
            assert any("chưa đọc được trọn vẹn số văn bản «1" in reason for reason in taken.reasons)
    assert numbers(place) == expected
    receipts = place.messages(MessageKind.RECEIPT, HANOI)
    assert [receipt.context["document_number"] for receipt in receipts] == expected


def test_a_number_not_read_in_the_subject_is_not_taken_from_elsewhere(place: Workplace) -> None:
    odd = f"Báo cáo số 18/BC-SLĐTBXH(P2) {ON}"
    taken = send(place, {f"18-BC-SLĐTBXH {ON.replace('/', '.')}.pdf": PDF}, subject=odd)
    assert (taken.state, numbers(place)) == (ReplyState.QUARANTINED, [])


def test_a_draft_whose_documents_number_cannot_be_read_waits(place: Workplace) -> None:
    odd = f"Báo cáo số 18/BC-SLĐTBXH(P2) {ON}"
    taken = send(place, {"bieu.xlsx": place.form(HANOI), "bao-cao.pdf": PDF}, subject=odd)
    assert taken.state is ReplyState.QUARANTINED
    decision = quarantine.Assignment(HANOI, CYCLE, number="Số: 18/BC – SLĐTBXH(P2)", dated=DAY)
    quarantine.assign(place.context(DAY), [taken.reply_id], decision, by="Cán bộ trực")
    assert (place.state(HANOI), numbers(place)) == ("accepted", ["18/BC-SLĐTBXH(P2)"])


def test_subject_and_text_that_name_two_documents_wait(place: Workplace) -> None:
    taken = send(
        place,
        {"bao-cao.pdf": PDF},
        subject=f"Công văn số 21/CV-SLĐTBXH {ON} về việc gửi báo cáo",
        text=f"Sở gửi Báo cáo số 45/BC-SLĐTBXH {ON}.",
    )
    assert taken.state is ReplyState.QUARANTINED
    assert any("thư nêu hai văn bản khác nhau, số 21/CV-SLĐTBXH" in reason for reason in taken.reasons)


@pytest.mark.parametrize(
    ("typed", "number", "rule"),
    [
        (f"45/BC-SLĐTBXH-P1 {ON}", "45/BC-SLĐTBXH-P1", None),
        ("16/BC-SLĐTBXH-TE, BĐG & PCTNXH", "16/BC-SLĐTBXH-TE,BĐG&PCTNXH", None),
        ("1.234 ∕ BC – SLĐTBXH", "1.234/BC-SLĐTBXH", None),
        ("45/BC-SLĐTBXH(P2)", "45/BC-SLĐTBXH(P2)", "DOC-NUMBER"),
        (f"45/BC-SLĐTBXH(P2) {ON}", None, "FORM-DOCUMENT-NUMBER"),
        ("BC-45/SLĐTBXH", None, "FORM-DOCUMENT-NUMBER"),
        ("45/BC-SLĐTBXH ngày 08/01/2024", "45/BC-SLĐTBXH", "DATE-DOCUMENT-UNREADABLE"),
        ("Số:      /BC-SLĐTBXH", None, None),
    ],
)
def test_the_cover_of_a_form_states_it(
    place: Workplace, typed: str, number: str | None, rule: str | None
) -> None:
    workbook, sheet = sheet_of(place.form(HANOI, "1/BC-X", DAY))
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "1/BC-X")
    cell.value = typed
    send(place, {"bieu.xlsx": saved(workbook), "ban-ky.pdf": PDF})
    with reading(place.home.engine) as session:
        rules = set(session.scalars(select(FindingRow.rule)))
    assert place.unit(HANOI).document_number == (None if rule == "DATE-DOCUMENT-UNREADABLE" else number)
    assert rule is None or rule in rules


def test_a_person_records_it(place: Workplace, tmp_path: Path) -> None:
    def record(number: str) -> None:
        arrival = HandRecord(number=number, dated=DAY, received_on=DAY, channel="paper")
        record_reply(place.context(DAY), CYCLE, HANOI, arrival, by="Văn thư")

    record("Số: 45 / BC – SLĐTBXH-P1")
    for nonsense in ("BC-SLĐTBXH", "1/" + "A" * 300_000):
        with pytest.raises(BadInput, match=r"(?i)số văn bản|không phải số, ký hiệu"):
            record(nonsense)
    assert numbers(place) == ["45/BC-SLĐTBXH-P1"]
