"""The escalation letter and its slip as Word files (PRACTICE P16); a programme without them has none."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from reporting.follow_up.due import quiet_time
from reporting.programme.lineage import addressee
from reporting.programme.model import Programme
from reporting.requests.letter import letter_context
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitStatus
from reporting.vietnamese.formats import short_date, two_digits
from reporting.vietnamese.working_days import add_working_days
from reporting.word.filling import Notes, plain, render

LETTER, SLIP = "escalation.docx", "escalation-slip.docx"
TEMPLATES = {LETTER: "cong-van-don-doc.docx", SLIP: "phieu-trinh-don-doc.docx"}  # template -> file
DAYS_TO_ANSWER = 7  # working days, not beyond the close
MOST_ROWS = 15  # of the slip, which is one page

Request = tuple[str, date]  # number, day of signing


def has_templates(folder: Path) -> bool:
    return all((folder / "templates" / name).exists() for name in TEMPLATES)


def draft(
    programme: Programme,
    status: CycleStatus,
    named: Sequence[UnitStatus],
    *,
    request: Request | None,
    today: date,
) -> dict[str, bytes]:
    """The files by name. Raises BadInput for a template that cannot be filled."""
    made = {}
    for template, name in TEMPLATES.items():
        notes = Notes()
        made[name] = render(
            programme.folder / "templates" / template,
            escalation_context(programme, status, named, request=request, today=today, notes=notes),
            notes,
            title=f"Công văn đôn đốc báo cáo {status.cycle.title}",
            made_on=today,
        )
    return made


def escalation_context(
    programme: Programme,
    status: CycleStatus,
    named: Sequence[UnitStatus],
    *,
    request: Request | None,
    today: date,
    notes: Notes,
) -> dict[str, Any]:
    """Everything the two templates can name: what the request letter's can, and ``don_doc``."""
    dates = status.row or status.cycle
    asked = {"so": plain(request[0]), "ngay": short_date(request[1])} if request else None
    answer_by = _answer_by(programme, today, dates.close_on)
    words = letter_context(programme, status.cycle, today=today, rehearsal=status.rehearsal, notes=notes)
    # A programme's dates may have moved since the request.
    words["ky"] |= {"han_gui": short_date(dates.due_on), "khoa_so": short_date(dates.close_on)}
    return words | {
        "cong_van_yeu_cau": asked,
        "ngay_lap": short_date(today),
        "don_doc": {
            "so": two_digits(len(named)),
            "noi_nhan": [plain(addressee(programme, unit.unit, today)) for unit in named],
            "han": short_date(answer_by),
            "dong": [_row(unit) for unit in named[:MOST_ROWS]],
            "con_nua": two_digits(len(named) - MOST_ROWS) if len(named) > MOST_ROWS else "",
        },
        "da_bao_cao": two_digits(status.reported),
        "tong": two_digits(status.expected),
        "dung_duoc": two_digits(status.usable),
        "chua_bao_cao": two_digits(len(status.missing)),
    }


def _answer_by(programme: Programme, today: date, close_on: date) -> date:
    """So many working days on, past a quiet time around Tết, and not beyond the close."""
    day = add_working_days(today, DAYS_TO_ANSWER)
    quiet = quiet_time(programme, day)
    return min(add_working_days(quiet.ends_on, 1) if quiet is not None else day, close_on)


def _row(unit: UnitStatus) -> dict[str, str]:
    # What waits may be its report, or a forgery: whoever signs knows of it.
    doubt = " (có thư chờ xác minh)" if unit.doubtful else ""
    return {
        "ten": plain(f"{unit.unit.name}{doubt}"),
        "nhac": str(unit.reminders or "–"),
        "goi": short_date(unit.last_call_on) if unit.last_call_on else "–",
        "hen": short_date(unit.promised_on) if unit.promised_on else "–",
    }
