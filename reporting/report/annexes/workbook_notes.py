"""The sheets of the data annex that explain the others: notes, the pace behind the chart, what changed."""

from collections.abc import Sequence
from datetime import timedelta

from reporting.report.facts.diff import FigureChange
from reporting.report.facts.model import ReportModel
from reporting.states import FigureKind
from reporting.status.curve import curve, opened_on

Sheet = tuple[str, Sequence[str], list[tuple[object, ...]], Sequence[int]]


def notes(model: ReportModel) -> Sheet:
    """How to read the sheets, a word a row; then where the central figures come from."""
    rows: list[tuple[object, ...]] = [
        ("Đã gửi báo cáo", "Đã nhận văn bản ký có số, ngày: báo cáo hoặc công văn."),
        ("Có biểu số liệu dùng được", "Biểu số liệu đã được chấp nhận."),
        ("Ô trống", "Không hỏi địa phương chỉ tiêu này, hoặc địa phương chưa trả lời."),
        ("không phát sinh", "Địa phương trả lời không có hoạt động; cộng như số 0."),
        ("chưa có số liệu", "Địa phương trả lời chưa có; không cộng, không tính vào độ phủ."),
        ("không đọc được", "Nội dung đã điền không phải là số; giữ nguyên trong bản gốc, không cộng."),
        (
            "Độ phủ n/N",
            "n địa phương có số hoặc không phát sinh, trên N địa phương phải báo cáo.",
        ),
        ("Từ kèm (trên, hơn)", "Số đã làm tròn xuống; để trống là số chính xác."),
        ("còn lỗi", "Số tổng hợp có giá trị đang được đề nghị rà soát; vẫn cộng vào và được đánh dấu."),
        ("Tính đến", "Ngày chốt số liệu; số liệu trung ương có ngày chốt theo văn bản nguồn."),
    ]
    documents = dict.fromkeys(
        (figure.source.ref, f"{figure.as_of:%d/%m/%Y}")
        for figure in model.figures.values()
        if figure.kind == FigureKind.CENTRAL and figure.value is not None
    )
    rows += [("Văn bản nguồn", f"{ref}, số liệu đến {day}") for ref, day in documents]
    return "Ghi chú", ("Từ ngữ", "Nghĩa"), rows, (30, 100)


def pace(model: ReportModel) -> Sheet:
    """The numbers behind the curve of the internal annex."""
    start = opened_on(model.status)
    rows: list[tuple[object, ...]] = [
        (start + timedelta(days=day), day, count) for day, count in curve(model.status)
    ]
    return "Diễn biến", ("Đến hết ngày", "Ngày thứ", "Số báo cáo đã nhận"), rows, (16, 12, 20)


def changed(changes: Sequence[FigureChange] | None) -> Sheet:
    """What is not as it was in the version compiled before."""
    if changes is None:
        rows: list[tuple[object, ...]] = [("", "Đây là phiên bản đầu tiên.", "", "", "")]
    else:
        rows = [(change.code, change.name, change.old, change.new, change.why) for change in changes]
    header = ("Mã", "Chỉ tiêu", "Phiên bản trước", "Phiên bản này", "Do")
    return "Thay đổi", header, rows, (12, 60, 26, 26, 50)
