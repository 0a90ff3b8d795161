"""Counts of units: who reported how, and who issued a programme of cooperation."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from reporting.figures.figure import Coverage, Figure, Source
from reporting.programme.model import Indicator, RegisterCodes
from reporting.received.issued_programmes import RegisterRow
from reporting.states import DocumentKind, FigureKind, RegisterSource, SourceKind
from reporting.status.cycle import CycleStatus, submissions_of
from reporting.vietnamese.formats import short_date

REPORTED_CODE = "SY00.01"
NOT_REPORTED_CODE = f"{REPORTED_CODE}.ten_chua"  # their names
_REGISTER_LABELS = {
    "rieng": "ban hành riêng",
    "khac": "thực hiện theo chương trình khác đã ban hành",
    "chua": "chưa ban hành",
}
_UNKNOWN = "chua_ro"


def report_counts(status: CycleStatus) -> list[Figure]:
    """The count of units that have reported, then the counts told beside it."""
    place = status.programme.words.place
    reported = [unit for unit in status.units if unit.is_reported]
    letters = [unit for unit in reported if unit.document_kind == DocumentKind.LETTER]
    whole = Figure(
        code=REPORTED_CODE,
        name=f"Số {place} đã gửi báo cáo",
        value=Decimal(len(reported)),
        unit=place,
        qualifier=None,
        kind=FigureKind.COUNT,
        source=Source(SourceKind.REPLIES, f"{len(reported)}/{status.expected} báo cáo"),
        as_of=status.as_of,
        coverage=Coverage(len(reported), status.expected),
        units=tuple(unit.unit.code for unit in reported),
        submissions=submissions_of(reported),
    )
    parts = {
        "tong": (f"Số {place} phải báo cáo", status.units),
        "bao_cao": (
            f"Số {place} đã gửi báo cáo theo loại báo cáo",
            [unit for unit in reported if unit.document_kind != DocumentKind.LETTER],
        ),
        "cong_van": (f"Số {place} đã gửi báo cáo bằng công văn", letters),
        "dung_duoc": (
            f"Số {place} có biểu số liệu đã được chấp nhận",
            [unit for unit in status.units if unit.is_usable],
        ),
        "chua": (f"Số {place} chưa gửi báo cáo", status.missing),
    }
    silent = replace(
        whole,
        code=NOT_REPORTED_CODE,
        name=f"Tên các {place} chưa gửi báo cáo",
        value=None,
        text=", ".join(unit.unit.name for unit in status.missing) or None,
        kind=FigureKind.LIST,
        unit="",
        units=tuple(unit.unit.code for unit in status.missing),
        submissions=(),
    )
    return [
        whole,
        *(
            replace(
                whole,
                code=f"{REPORTED_CODE}.{part}",
                name=name,
                value=Decimal(len(units)),
                units=tuple(unit.unit.code for unit in units),
                submissions=submissions_of(units),
            )
            for part, (name, units) in parts.items()
        ),
        silent,
    ]


def register_counts(
    indicator: Indicator, status: CycleStatus, register: Sequence[RegisterRow]
) -> list[Figure]:
    """The count of issued programmes and its three parts, from the register."""
    parts = [
        _register_figure(indicator, status, [row for row in register if row.status == part], register)
        for part in _REGISTER_LABELS
    ]
    issued = _register_figure(indicator, status, [row for row in register if row.is_issued], register)
    silent = [row for row in register if row.status is None]
    unknown = replace(
        _register_figure(indicator, status, silent, register), value=Decimal(len(silent))
    )  # also when nobody has said anything
    labels = {**_REGISTER_LABELS, _UNKNOWN: "chưa có thông tin"}
    return [
        issued,
        *(
            replace(figure, code=f"{indicator.code}.{part}", name=f"{indicator.name}: {label}")
            for figure, (part, label) in zip([*parts, unknown], labels.items(), strict=True)
        ),
    ]


def _register_figure(
    indicator: Indicator,
    status: CycleStatus,
    rows: Sequence[RegisterRow],
    register: Sequence[RegisterRow],
) -> Figure:
    known = [row for row in register if row.status is not None]
    by_reply = sum(row.source == RegisterSource.REPLY for row in known)
    place = status.programme.words.place
    return Figure(
        code=indicator.code,
        name=indicator.name,
        value=Decimal(len(rows)) if known else None,
        unit=place,
        qualifier=None,
        kind=FigureKind.COUNT,
        source=Source(
            SourceKind.DOCUMENT,
            f"Sổ theo dõi Chương trình phối hợp: {by_reply} dòng theo báo cáo của {place}, "
            f"{len(known) - by_reply} dòng do cơ quan tổng hợp nhập",
        ),
        as_of=status.as_of,
        coverage=Coverage(len(known), status.expected),
        units=tuple(row.unit.code for row in rows),
        submissions=tuple(row.submission_id for row in rows if row.submission_id is not None),
    )


def register_words(row: RegisterRow) -> str:
    """What a row of the register says: ``ban hành riêng, 07/CTr-SLĐTBXH-MTTQ ngày 11/4/2023``."""
    cited = [
        document.number + (f" ngày {short_date(document.issued_on)}" if document.issued_on else "")
        for document in row.documents
    ]
    label = _REGISTER_LABELS[row.status] if row.status is not None else "chưa có thông tin"
    return ", ".join([label, *cited, *([row.reason] if row.reason else [])])


def register_list(
    indicator: Indicator, codes: RegisterCodes, status: CycleStatus, register: Sequence[RegisterRow]
) -> Figure:
    words = {row.unit.code: _register_text(indicator.code, codes, row) for row in register}
    rows = [row for row in register if words[row.unit.code]]
    lines = [f"{row.unit.name}: {words[row.unit.code]}" for row in rows]
    figure = _register_figure(indicator, status, rows, register)
    return replace(
        figure, kind=FigureKind.LIST, value=None, unit=indicator.unit, text="\n".join(lines) or None
    )


def _register_text(code: str, codes: RegisterCodes, row: RegisterRow) -> str:
    if code == codes.numbers:
        return "; ".join(document.number for document in row.documents)
    if code == codes.dates:
        return "; ".join(short_date(d.issued_on) for d in row.documents if d.issued_on)
    return row.reason or ""
