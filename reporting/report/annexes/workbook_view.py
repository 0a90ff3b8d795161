"""The data annex in the units of today: status and sums of each, with the older units they cover."""

from collections.abc import Mapping, Sequence

from reporting.figures.answers import Answer
from reporting.figures.by_view import sums_by_unit
from reporting.programme.lineage import View
from reporting.programme.model import Programme
from reporting.status.cycle import CycleStatus
from reporting.status.views import in_view
from reporting.status.words import WORDS

Row = Sequence[object]
Sheet = tuple[str, Sequence[str], list[Row], Sequence[int]]  # name, header, rows, widths

_STATUS_HEADER = ("Mã", "Địa phương", "Tình trạng", "Đơn vị cũ đã báo cáo", "Đơn vị cũ chưa báo cáo", "n/N")


def view_sheets(
    programme: Programme, status: CycleStatus, view: View, answers: Mapping[str, Sequence[Answer]]
) -> list[Sheet]:
    """Two tables: who has reported, and the sums; ``n/N`` where not all older units answered."""
    seen = in_view(status, view)
    return [
        (f"Tình hình ({view.name})", _STATUS_HEADER, _status_rows(seen), (6, 24, 32, 50, 50, 8)),
        (f"Số liệu ({view.name})", *_sums(programme, seen, answers)),
    ]


def _status_rows(seen: CycleStatus) -> list[Row]:
    rows: list[Row] = []
    for unit in seen.units:
        reported = [part.unit.name for part in unit.parts if part.is_reported]
        left = [part.unit.name for part in unit.parts if not part.is_reported]
        rows.append(
            (unit.unit.code, unit.unit.name, WORDS[unit.state], ", ".join(reported), ", ".join(left),
             f"{len(reported)}/{len(unit.parts)}")
        )  # fmt: skip
    return rows


def _sums(
    programme: Programme, seen: CycleStatus, answers: Mapping[str, Sequence[Answer]]
) -> tuple[Sequence[str], list[Row], Sequence[int]]:
    added = [i for i in programme.indicators if i.aggregation == "sum" and i.code in answers]
    sums = sums_by_unit(seen, {i.code: answers[i.code] for i in added})
    header = ["Mã", "Địa phương"]
    for indicator in added:
        header += [f"{indicator.code}\n{indicator.name} ({indicator.unit})", "Phủ"]
    rows: list[Row] = []
    for place, unit in enumerate(seen.units):
        row: list[object] = [unit.unit.code, unit.unit.name]
        for indicator in added:
            total = sums[indicator.code][place]
            whole = total.coverage.n == total.coverage.N
            row += [total.value, "" if whole else f"{total.coverage.n}/{total.coverage.N}"]
        rows.append(row)
    return header, rows, [6, 24, *(width for _ in added for width in (16, 6))]
