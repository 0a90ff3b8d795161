"""The sentences of the form: what is asked, until when, how to answer."""

from datetime import date

from reporting.finding import Finding
from reporting.forms import layout
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme

REVIEW_WIDTH = 34
COVER_GUIDANCE = {
    layout.DOCUMENT_NUMBER: "Để trống nếu báo cáo chưa phát hành: biểu sẽ được nhận là bản dự thảo.",
    layout.DOCUMENT_DATE: "Ghi ngày/tháng/năm, ví dụ 09/01/2024.",
    "SY00.05.1": "Thông tin liên hệ chỉ dùng để trao đổi số liệu, không in vào báo cáo.",
}


def instructions(programme: Programme, cycle: CycleDefinition, today: date) -> list[str]:
    """The lines above the table: period, due date, how to send back, how to answer."""
    issuer = programme.agency("issuer", today)
    contact = " - ".join(filter(None, (issuer.contact_name, issuer.contact_telephone)))
    return [
        f"Kỳ báo cáo: {cycle.title}, từ ngày {cycle.period_start:%d/%m/%Y} đến ngày "
        f"{cycle.period_end:%d/%m/%Y}. Số liệu thực hiện tính đến ngày {cycle.period_end:%d/%m/%Y}; chỉ tiêu "
        "nào chưa có số thực hiện thì ghi số ước thực hiện và nêu rõ ở cột Giải trình.",
        f"Thời hạn gửi: chậm nhất là ngày {cycle.due_on:%d/%m/%Y}, về {issuer.name}"
        + (f" (đầu mối: {contact})." if contact else "."),
        "Cách gửi: trả lời thư điện tử đã nhận, đính kèm biểu này (giữ dạng .xlsx) và báo cáo đã ký, có số "
        "và ngày ban hành. Chỉ nhập vào các ô nền vàng; không xóa, không sửa cột Mã. Cột Kiểm tra chuyển "
        "màu khi có số cần xem lại.",
        "Cách trả lời: ghi một con số (0 là một con số), hoặc chọn ở cột Trả lời: «không phát sinh», «chưa "
        "có số liệu» (có thể ghi thêm đang chờ cơ quan nào). Dấu (*): chỉ tiêu cần có trả lời. Mỗi đơn vị "
        "cung cấp số liệu có một trang riêng để in hoặc gửi đi.",
    ]


def label(indicator: Indicator, cycle: CycleDefinition) -> str:
    """The indicator's name; one of a supplement says which one and until when (PRACTICE P11)."""
    name = f"{indicator.name} (*)" if indicator.required == "yes" else indicator.name
    for supplement in cycle.supplements:
        if supplement.id == indicator.supplement:
            return f"{name}\n[{supplement.title}; gửi đến ngày {supplement.due_on:%d/%m/%Y}]"
    return name


def guidance(programme: Programme, indicator: Indicator) -> str:
    """What helps to answer: the catalogue's sentence, several items, the condition."""
    parts = [indicator.guidance or ""]
    if indicator.type in (IndicatorType.DOCUMENTS, IndicatorType.DATES):
        parts.append("Nhiều mục thì cách nhau bằng dấu chấm phẩy.")
    if indicator.condition:
        parts.append(_condition_words(programme, indicator.condition))
    return " ".join(part for part in parts if part)


def _condition_words(programme: Programme, condition: str) -> str:
    negated = "!=" in condition
    code, _, wanted = condition.partition("!=" if negated else "=")
    asked = programme.by_code.get(code.strip())
    labels = {choice.code: choice.label for choice in asked.choices} if asked else {}
    label = labels.get(wanted.strip(), wanted.strip())
    return f"Trả lời khi {code.strip()} {'khác' if negated else 'là'} «{label}»."


def review(mark: Finding) -> str:
    """A finding as it stands beside its cell: the sentence, then what is there and what is wanted."""
    facts = (("hiện ghi", mark.seen), ("cần", mark.expected))
    detail = "; ".join(f"{word}: {text}" for word, text in facts if text)
    text = f"{mark.message} ({detail})" if detail and mark.seen else mark.message
    reason = explained(mark.explanation, mark.explained_in)
    return f"{text}\n{reason}; không phải giải trình lại." if reason else text


def explained(explanation: str | None, cycle: str | None) -> str:
    """A unit's words on a warning, with the cycle they are of; empty when there are none."""
    return f"Đã giải trình (kỳ {cycle}): {explanation}" if explanation else ""


def review_size(marks: list[Finding]) -> tuple[str, int]:
    """What stands under REVIEW at a cell, and the width it has."""
    return "\n".join(review(mark) for mark in marks), REVIEW_WIDTH
