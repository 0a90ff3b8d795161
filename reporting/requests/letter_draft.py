"""The request letter (công văn) as a draft: a person has it signed and registers it."""

from datetime import date
from typing import Any

from reporting.programme.model import CycleDefinition, Programme
from reporting.vietnamese.formats import long_date, short_date
from reporting.word.agencies import agency_words
from reporting.word.filling import Notes, plain, render

TEMPLATE = "letter.docx"


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
