"""Clean replies in the ways of other people's programs do not wait, and none is read wrongly."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from reporting.states import ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Document, Submission, UnitRow, Value
from tests.clean_replies import CODES, Clean, clean_replies
from tests.workplace import Workplace, copy_home

MANY, MOST_WAITING = 300, 3  # one in a hundred


def misread(place: Workplace, reply_id: int, its: Clean) -> str | None:
    """What of a reply that counts is not what was put in."""
    with reading(place.home.engine) as session:
        document = session.scalars(select(Document).where(Document.reply_id == reply_id)).one_or_none()
        if document is None or (document.number, document.document_date) != (its.number, its.dated):
            return f"document {document and (document.number, document.document_date)}"
        if (code := session.get_one(UnitRow, document.unit_id).code) != its.code:
            return f"unit {code}"
        values = session.execute(
            select(Value.indicator, Value.number)
            .join(Submission)
            .where(Submission.unit_id == document.unit_id, Value.indicator.in_(its.figures or ()))
        ).all()
        figures = {row.indicator: row.number for row in values}
        return None if figures == (its.figures or {}) else f"figures {figures} for {its.figures}"


def outcomes(
    opened_home: Path, folder: Path, many: int, *, seed: int, with_office: bool
) -> tuple[list[str], list[str]]:
    """Which replies wait, and which are read wrongly, each with its ways. A home takes one of each unit."""
    waiting, wrong = [], []
    first = copy_home(opened_home, folder / "first")
    replies = list(clean_replies(first, many, seed=seed, folder=folder, with_office=with_office))
    first.home.engine.dispose()
    for start in range(0, many, len(CODES)):
        place = copy_home(opened_home, folder / f"home-{start}")
        for its in replies[start : start + len(CODES)]:
            taken = place.receive(its.raw, its.dated)
            if taken.state is not ReplyState.PROCESSED:
                waiting.append(f"{its.ways}: {taken.state} {taken.reasons}")
            elif (fault := misread(place, taken.reply_id, its)) is not None:
                wrong.append(f"{its.ways}: {fault}")
        place.home.engine.dispose()
    return waiting, wrong


def test_clean_replies_count_as_they_were_meant(opened_home: Path, tmp_path: Path) -> None:
    assert outcomes(opened_home, tmp_path, 25, seed=2, with_office=False) == ([], [])


@pytest.mark.deep
def test_at_most_one_clean_reply_in_a_hundred_waits(opened_home: Path, tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    waiting, wrong = outcomes(opened_home, tmp_path, MANY, seed=1, with_office=True)
    assert wrong == []
    assert len(waiting) <= MOST_WAITING, "\n".join(waiting)
