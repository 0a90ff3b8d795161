"""``phieu-chuyen.docx``: what the clerk sends out, to whom and by which way (PRACTICE P21)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from reporting.programme.model import Agency, CycleDefinition, Programme
from reporting.states import Channel, ReportKind
from reporting.vietnamese.formats import long_date, short_date, two_digits
from reporting.word import filling
from reporting.word.agencies import agency_words

TEMPLATE, TRANSFER = "transfer.docx", "phieu-chuyen.docx"
ROUTES = {
    Channel.EXCHANGE: "Trục liên thông văn bản (văn thư)",
    Channel.EMAIL: "Trục liên thông văn bản (văn thư); hệ thống gửi thêm bản thư điện tử",
    "file": "Lưu",
}


@dataclass(frozen=True)
class Sent:
    """The signed paper that goes out. ``corrects``: the report it puts right or replaces."""

    kind: str  # of states.ReportKind
    number: str
    signed_on: date
    file_name: str
    corrects: tuple[str, date] | None = None

    @property
    def title(self) -> str:
        """What the paper is, as a sentence begins with it."""
        if self.corrects is None:
            return "Báo cáo"
        what = "Văn bản đính chính" if self.kind == ReportKind.CORRIGENDUM else "Báo cáo thay thế"
        return f"{what} Báo cáo số {self.corrects[0]} ngày {short_date(self.corrects[1])}"


def write_transfer(
    programme: Programme, cycle: CycleDefinition, sent: Sent, *, copies: int, by: str, rehearsal: bool
) -> bytes:
    """The slip; ``copies``: e-mails to departments that were queued, ``by``: who registered the paper.

    Raises BadInput for a template that cannot be filled.
    """
    notes = filling.Notes()
    return filling.render(
        programme.folder / "templates" / TEMPLATE,
        transfer_context(programme, cycle, sent, copies=copies, by=by, rehearsal=rehearsal, notes=notes),
        notes,
        title=f"Phiếu chuyển {sent.number}",
        made_on=sent.signed_on,
    )


def transfer_context(
    programme: Programme,
    cycle: CycleDefinition,
    sent: Sent,
    *,
    copies: int,
    by: str,
    rehearsal: bool,
    notes: filling.Notes,
) -> dict[str, Any]:
    """Everything the slip's template can name."""
    ministry = programme.agency("ministry", sent.signed_on)
    return {
        "bo": agency_words(ministry),
        "van_phong": agency_words(programme.agency("issuer", sent.signed_on)),
        "chuong_trinh": {
            "ten": filling.plain(programme.name),
            "ten_tat": filling.plain(programme.short_name),
        },
        "ky": {"ten": filling.plain(cycle.title)},
        "ban_hanh": {
            "ten": filling.plain(sent.title),
            "so": filling.plain(sent.number),
            "ngay": short_date(sent.signed_on),
            "tep": filling.plain(sent.file_name),
            "nguoi_dang_ky": filling.plain(by),
        },
        "noi_nhan": list(_recipients(ministry)),
        "so_thu": two_digits(copies),
        "ngay_ky_dai": long_date(sent.signed_on),
        "dien_tap": rehearsal,
        "chu_thich": notes.add,
    }


def _recipients(ministry: Agency) -> list[dict[str, str]]:
    return [
        {
            "tt": str(number),
            "ten": filling.plain(name),
            "cach_gui": ROUTES[ministry.routes.get(name, Channel.EXCHANGE.value)],
        }
        for number, name in enumerate(ministry.recipients, start=1)
    ]
