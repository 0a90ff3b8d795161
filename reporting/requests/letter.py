"""The request letter (công văn) of a cycle: drafted for a person to have signed, and what is known of it."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.durable import make_folder, write_durably
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import LetterKind
from reporting.store import audit
from reporting.store.tables import Cycle, Letter
from reporting.vietnamese.formats import long_date, short_date
from reporting.word.agencies import agency_words
from reporting.word.filling import Notes, plain, render

TEMPLATE = "letter.docx"


def request_letter(session: Session, cycle: Cycle) -> Letter | None:
    return session.scalar(
        select(Letter).where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.REQUEST)
    )


def read_signed_pdf(file: Path) -> bytes:
    """A signed paper's file. Raises BadInput when it cannot be read or is no PDF."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {file}: {error.strerror}.") from error
    if not content.startswith(b"%PDF-"):
        raise BadInput(f"Tệp {file.name} không phải là PDF: cần bản đã ký, định dạng PDF.")
    return content


def letter_reference(letter: Letter | None) -> dict[str, str | None]:
    """Number and date of the request letter, for the templates."""
    return {
        "letter_number": letter.number if letter else None,
        "letter_signed_on": letter.signed_on.isoformat() if letter and letter.signed_on else None,
    }


def request_date(session: Session, cycle: Cycle) -> date | None:
    """The date of the signed request letter; None before it is registered."""
    return session.scalar(
        select(Letter.signed_on).where(
            Letter.cycle_id == cycle.id, Letter.kind == LetterKind.REQUEST, Letter.signed_on.is_not(None)
        )
    )


def draft_request(context: Context, session: Session, cycle: Cycle) -> Path:
    """Draft the request letter for signing; once drafted it is left to the people who edit it."""
    definition = context.programme.cycle(cycle.name)
    folder = context.home.path / "letters" / context.programme.id / cycle.name
    file = folder / "cong-van-de-nghi-bao-cao.docx"
    letter = request_letter(session, cycle)
    if letter is not None and file.exists():
        return file
    make_folder(folder)
    write_durably(
        file, draft_letter(context.programme, definition, today=context.today, rehearsal=context.rehearsal)
    )
    if letter is None:
        session.add(
            Letter(
                cycle_id=cycle.id,
                kind=LetterKind.REQUEST,
                drafted_on=context.today,
                draft_file=file.name,
                recorded_at=context.now,
            )
        )
        audit.record(session, context.now, audit.SYSTEM, "dự thảo công văn đề nghị báo cáo", cycle=cycle)
    return file


def draft_letter(programme: Programme, cycle: CycleDefinition, *, today: date, rehearsal: bool) -> bytes:
    """The letter as a .docx, number and date left open. Raises BadInput for a broken template."""
    notes = Notes()
    return render(
        programme.folder / "templates" / TEMPLATE,
        letter_context(programme, cycle, today=today, rehearsal=rehearsal, notes=notes),
        notes,
        title=f"Công văn đề nghị báo cáo {cycle.title}",
        made_on=today,
    )


def letter_context(
    programme: Programme, cycle: CycleDefinition, *, today: date, rehearsal: bool, notes: Notes
) -> dict[str, Any]:
    """Everything the letter's template can name."""
    programme = programme.under(cycle)
    return {
        "bo": agency_words(programme.agency("ministry", today)),
        "van_phong": agency_words(programme.agency("issuer", today)),
        "doi_tac": _words(programme, "counterpart", today),
        "co_quan_dia_phuong": _words(programme, "department", today),
        "chuong_trinh": {
            "ten": plain(programme.name),
            "ten_tat": plain(programme.short_name),
            "van_ban": plain(programme.document),
            "ben_ky": plain(programme.signatory(today)),
        },
        "ky": {
            "ten": plain(cycle.title),
            "nam": cycle.year,
            "tu_ngay": short_date(cycle.period_start),
            "den_ngay": short_date(cycle.period_end),
            "han_gui": short_date(cycle.due_on),
            "han_gui_dai": long_date(cycle.due_on),
        },
        "bo_sung": [
            {"ten": plain(supplement.title), "han_gui": short_date(supplement.due_on)}
            for supplement in cycle.supplements
        ],
        "noi_dung": {area: plain(title) for area, title in programme.areas.items()},
        "so_don_vi": len(programme.expected_units(cycle)),
        "nam_ky": today.year,
        "dien_tap": rehearsal,
        "chu_thich": notes.add,
        "ngay": short_date,
        "ngay_dai": long_date,
    }


def _words(programme: Programme, role: str, day: date) -> dict[str, Any] | None:
    agency = programme.agency_if_any(role, day)
    return agency_words(agency) if agency else None
