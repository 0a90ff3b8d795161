"""What each kind of message is told, beside its programme, cycle, unit, office and due date.

``Message.context`` holds these names. It is stored as JSON, so days are ISO text; the templates
turn them into 15/01/2024 with the filter ``day``. What is left out takes the default below.
``attachments`` are ``{"sha256", "file_name", "media_type"}``, their bytes kept in the home.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reporting.states import MessageKind, ReportKind

# Every message of a cycle may cite the request letter; None where the programme needs none.
_LETTER: dict[str, Any] = {"letter_number": None, "letter_signed_on": None}

DEFAULTS: dict[MessageKind, dict[str, Any]] = {
    MessageKind.REQUEST: {**_LETTER, "attachments": []},
    MessageKind.REMINDER: {**_LETTER, "attachments": []},
    MessageKind.RECEIPT: {
        **_LETTER,
        "receipt_number": None,
        "received_on": None,
        "arrived": [],  # names of the files that came
        "document_number": None,
        "document_date": None,
        "has_document": False,  # signed, with number and date
        "has_figures": False,
        "lacks": [],  # what is still awaited, each by itself: figures, document, number, date
        "review": None,  # "asked": a mail asks about the figures; "later": the office will
        "version": None,  # of the figures that came with this reply
        "is_late": False,
        "is_early": False,  # signed before the request letter
        "attachments": [],
    },
    MessageKind.CORRECTION: {
        **_LETTER,
        "version": None,
        "is_explanation": False,  # nothing to put right, only reasons to give
        "officer": None,  # Bà Nguyễn …: only where it is known how to address them
        "points": [],  # {"code", "name", "cell", "seen", "message"}, the most important first
        "more_points": 0,  # those that stand in the workbook only
        "answer_by": None,
        "attachments": [],
    },
    MessageKind.RESEND: {
        **_LETTER,
        "received_on": None,
        "asked": [],  # for each file that could not be used, its name and what is asked for
        "attachments": [],
    },
    MessageKind.ANSWER: {
        **_LETTER,
        "received_on": None,
        "came": [],  # form, paper, word, photo, blank, unreadable, other, figures, words
        "arrived": [],  # names of files, where it is sure who sent them
        "asks": [],  # own_form, again, fill, number, document; none: a person answers
        "words": None,  # a person's own
        "attachments": [],
    },
    MessageKind.SUPPLEMENT: {**_LETTER, "title": None, "supplement_due_on": None, "attachments": []},
    MessageKind.EXTENSION: {**_LETTER, "extended_until": None, "attachments": []},
    # The signed report for a department, with its own row and what is still open for it.
    MessageKind.REPORT_COPY: {
        **_LETTER,
        "report_kind": ReportKind.REPORT,
        "report_title": None,  # Báo cáo, văn bản đính chính Báo cáo
        "report_number": None,
        "report_signed_on": None,
        "corrects_number": None,
        "corrects_signed_on": None,
        "as_of": None,
        "document_number": None,  # its own; None: not reported
        "document_date": None,
        "figures_words": None,  # what became of its figures
        "open_lines": [],
        "points": [],  # as in a correction request, for the contact officer only
        "more_points": 0,
        "attachments": [],
    },
    # What is wrong with the running of things, or was.
    MessageKind.ALARM: {"text": "", "began": "", "ended": None, "advice": None, "pages": None},
    # Where a cycle stands, for managers; all lines are ready to read.
    MessageKind.DIGEST: {
        "title": "",
        "sentence": "",
        "days_left": "",
        "since": [],
        "waiting": [],
        "more": 0,
        "report": [],
        "page": None,
    },
}

_WITH_LETTER = {"letter_number": "01/CV-MAU", "letter_signed_on": "2024-01-02"}
_RECEIPT: dict[str, Any] = {
    "receipt_number": "annual-2023/01/1",
    "received_on": "2024-01-10",
    "arrived": ["BieuMau.xlsx", "VanBanMau.pdf"],
    "document_number": "01/BC-MAU",
    "document_date": "2024-01-09",
    "has_document": True,
    "has_figures": True,
    "version": 1,
}
_POINT = {
    "code": "TT01.01",
    "name": "Chỉ tiêu mẫu",
    "cell": "Biểu!E14",
    "seen": "12",
    "message": "Đề nghị Quý Sở rà soát.",
}

_COPY = {
    "report_title": "Báo cáo",
    "report_number": "01/BC-MAU",
    "report_signed_on": "2024-04-15",
    "as_of": "2024-04-15",
}

# Between them these lead through every branch of the templates.
_SAMPLES: dict[MessageKind, list[Mapping[str, Any]]] = {
    MessageKind.REQUEST: [_WITH_LETTER, {}],
    # Before the due date, after it the second and the third time, and with a later date of its own.
    MessageKind.REMINDER: [
        _WITH_LETTER,
        {**_WITH_LETTER, "due_on": date(2000, 1, 1)},
        {"due_on": date(2000, 1, 1)},
        {"due_on": date(2999, 12, 31)},
    ],
    MessageKind.RECEIPT: [
        _RECEIPT,
        {**_RECEIPT, "has_document": False, "lacks": ["document", "number", "date"], "review": "asked"},
        {**_RECEIPT, "has_document": False, "lacks": ["number"], "review": "later"},
        {**_RECEIPT, "has_document": False, "lacks": ["figures", "number", "date"]},
        {**_RECEIPT, "review": "later"},
        {**_RECEIPT, "document_number": None, "document_date": None, "has_document": False},
        {**_RECEIPT, "version": None, "has_figures": False, "arrived": [], "is_late": True},
        {**_RECEIPT, **_WITH_LETTER, "version": None, "has_figures": False},
        {**_RECEIPT, "is_early": True},
        {"received_on": "2024-01-10"},
    ],
    MessageKind.CORRECTION: [
        {
            "version": 1,
            "officer": "Bà Cán bộ đầu mối",
            "points": [_POINT] * 5,
            "more_points": 2,
            "answer_by": "2024-01-17",
        },
        {"is_explanation": True, "points": [_POINT]},
        {"points": [{"code": None, "name": None, "cell": None, "seen": None, "message": "Đề nghị rà soát."}]},
    ],
    MessageKind.RESEND: [{"received_on": "2024-01-10", "asked": ["BieuMau.xlsx: đề nghị gửi lại."] * 2}],
    MessageKind.ANSWER: [
        {
            "received_on": "2024-01-10",
            "came": ["form", "paper", "word", "photo", "blank", "unreadable", "other"],
            "arrived": ["BieuMau.xlsx"],
            "asks": ["own_form", "again", "fill", "number", "document"],
            "attachments": [{"file_name": "BieuMau.xlsx"}],
        },
        {"received_on": "2024-01-10", "came": ["figures"], "asks": ["fill", "document"]},
        {"received_on": "2024-01-10", "came": ["words"]},
        {"received_on": "2024-01-10", "words": "Nội dung mẫu."},
    ],
    MessageKind.SUPPLEMENT: [
        {"title": "Nội dung mẫu", "supplement_due_on": "2024-03-15", **_WITH_LETTER},
        {"title": "Nội dung mẫu", "supplement_due_on": "2024-03-15"},
    ],
    MessageKind.EXTENSION: [
        {"extended_until": "2024-01-31", **_WITH_LETTER},
        {"extended_until": "2024-01-31"},
    ],
    MessageKind.REPORT_COPY: [
        {
            **_COPY,
            "document_number": "01/BC-MAU",
            "document_date": "2024-01-09",
            "figures_words": "biểu số liệu đã được tổng hợp",
            "points": [_POINT] * 5,
            "more_points": 2,
            "open_lines": ["Nội dung mẫu."],
        },
        {**_COPY, "report_kind": "corrigendum", "corrects_number": "01", "corrects_signed_on": "2024-04-15"},
        {**_COPY, "report_kind": "replacement", "corrects_number": "01", "corrects_signed_on": "2024-04-15"},
    ],
}


_DIGEST = {"title": "mẫu", "sentence": "câu mẫu", "days_left": "còn 5 ngày"}
_ALARM = {"text": "nội dung mẫu", "began": "8h00 ngày 05/01/2024"}
_SAMPLES |= {
    MessageKind.ALARM: [
        {**_ALARM, "advice": "xem nhật ký", "pages": "http://mau"},
        {**_ALARM, "ended": "9h00 ngày 05/01/2024"},
    ],
    MessageKind.DIGEST: [
        {**_DIGEST, "since": ["m"], "waiting": ["m"], "more": 2, "report": ["m"], "page": "http://mau"},
        _DIGEST,
    ],
}


def filled(kind: MessageKind, context: Mapping[str, Any]) -> dict[str, Any]:
    """``context`` with the kind's defaults for what it leaves out."""
    return {**DEFAULTS[kind], **context}


def samples(kind: MessageKind) -> list[dict[str, Any]]:
    """Made-up contexts to try a template with."""
    return [filled(kind, sample) for sample in _SAMPLES[kind]]
