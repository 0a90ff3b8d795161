"""How every state and kind is called where people read: one table of words per enum of ``states``.

What machines read (JSON, options, files that go in again) keeps the codes. A table of the programme's
own report may say more; a short word for a narrow column stands beside its column.
"""

from collections.abc import Mapping
from enum import StrEnum

from reporting.states import (
    Channel,
    ContactRole,
    ContactState,
    CycleState,
    DocumentBasis,
    DocumentKind,
    FigureKind,
    FileRole,
    LetterKind,
    MessageKind,
    MessageState,
    RegisterSource,
    ReplyState,
    ReportKind,
    Severity,
    SourceKind,
    ValueKind,
)

WORDS_OF: Mapping[type[StrEnum], Mapping[str, str]] = {
    CycleState: {
        CycleState.PLANNED: "đang lập",
        CycleState.OPEN: "đang mở",
        CycleState.CLOSED: "đã khóa sổ",
    },
    MessageKind: {
        MessageKind.REQUEST: "thư yêu cầu",
        MessageKind.REMINDER: "thư nhắc",
        MessageKind.RECEIPT: "thư báo nhận",
        MessageKind.CORRECTION: "thư đề nghị rà soát",
        MessageKind.RESEND: "thư đề nghị gửi lại tệp",
        MessageKind.ANSWER: "thư trả lời",
        MessageKind.SUPPLEMENT: "thư đề nghị bổ sung",
        MessageKind.REPORT_COPY: "bản điện tử báo cáo đã ban hành",
        MessageKind.EXTENSION: "thư báo gia hạn",
        MessageKind.ALARM: "thư báo sự cố",
        MessageKind.DIGEST: "bản tin tuần",
    },
    MessageState: {
        MessageState.QUEUED: "đang xếp hàng",
        MessageState.LEASED: "đang soạn",
        MessageState.IN_FLIGHT: "đang gửi",
        MessageState.ACCEPTED: "đã gửi",
        MessageState.BOUNCED: "bị trả lại",
        MessageState.DELAYED: "máy chủ nhận báo chậm",
        MessageState.RETRY_WAIT: "chờ gửi lại",
        MessageState.FAILED: "không gửi được",
        MessageState.UNKNOWN: "chưa rõ đã đi hay chưa",
        MessageState.HELD: "đang giữ",
        MessageState.CANCELLED: "đã hủy",
    },
    ReplyState: {
        ReplyState.STORED: "đã lưu, chưa đọc",
        ReplyState.PROCESSED: "đã tiếp nhận",
        ReplyState.QUARANTINED: "chờ xử lý",
        ReplyState.REJECTED: "đã loại",
        ReplyState.IGNORED: "bỏ qua",
    },
    ValueKind: {
        ValueKind.NUMBER: "số",
        ValueKind.NIL: "không phát sinh",
        ValueKind.PENDING: "chưa có số liệu",
        ValueKind.BLANK: "để trống",
        ValueKind.UNREADABLE: "không đọc được",
        ValueKind.TEXT: "chữ",
    },
    Severity: {
        Severity.ERROR: "đề nghị rà soát",
        Severity.WARNING: "đề nghị giải trình",
        Severity.NOTICE: "lưu ý nội bộ",
    },
    Channel: {
        Channel.EMAIL: "thư điện tử",
        Channel.DROP: "thư mục nhận tệp",
        Channel.EXCHANGE: "trục liên thông",
        Channel.EOFFICE: "eOffice",
        Channel.PAPER: "văn bản giấy",
        Channel.IMPORT: "nhập từ tệp số liệu",
    },
    FileRole: {
        FileRole.FORM: "biểu số liệu",
        FileRole.DOCUMENT: "tệp PDF",
        FileRole.WORD: "tệp Word",
        FileRole.PHOTO: "ảnh chụp trang văn bản",
        FileRole.IMAGE: "hình nhỏ",
        FileRole.BESIDE: "tệp do chương trình thư kèm thêm",
        FileRole.OURS: "tệp của Văn phòng gửi trở lại",
        FileRole.OTHER: "tệp khác",
        FileRole.UNREADABLE: "không đọc được",
        FileRole.ERASED: "đã xóa",
    },
    ContactRole: {
        ContactRole.ROLE_BOX: "hộp thư chung",
        ContactRole.OFFICER: "cán bộ đầu mối",
    },
    ContactState: {
        ContactState.ACTIVE: "đang dùng",
        ContactState.PROPOSED: "đề xuất",
        ContactState.REJECTED: "không chấp nhận",
        ContactState.BOUNCED: "thư bị trả lại",
        ContactState.CLOSED: "đã đóng",
        ContactState.ERASED: "đã xóa",
    },
    LetterKind: {
        LetterKind.REQUEST: "công văn đề nghị báo cáo",
        LetterKind.ESCALATION: "công văn đôn đốc",
    },
    DocumentKind: {
        DocumentKind.REPORT: "báo cáo",
        DocumentKind.LETTER: "công văn",
    },
    DocumentBasis: {
        DocumentBasis.TYPED: "số, ngày ghi trong biểu, chưa có văn bản",
        DocumentBasis.ACCEPTED: "số, ngày ghi trong biểu, được tính",
        DocumentBasis.UNREAD: "có tệp, chưa đối chiếu số và ngày",
        DocumentBasis.READ: "số, ngày đọc được từ tệp",
        DocumentBasis.PERSON: "người trực ghi theo văn bản",
    },
    ReportKind: {
        ReportKind.REPORT: "báo cáo",
        ReportKind.CORRIGENDUM: "văn bản đính chính",
        ReportKind.REPLACEMENT: "báo cáo thay thế",
    },
    RegisterSource: {
        RegisterSource.REPLY: "trả lời của đơn vị",
        RegisterSource.OFFICE: "Văn phòng ghi",
    },
    FigureKind: {
        FigureKind.SUM: "tổng",
        FigureKind.COUNT: "đếm",
        FigureKind.LIST: "danh sách",
        FigureKind.DERIVED: "tính từ số liệu khác",
        FigureKind.CENTRAL: "cơ quan trung ương cung cấp",
    },
    SourceKind: {
        SourceKind.REPLIES: "báo cáo của đơn vị",
        SourceKind.DOCUMENT: "văn bản",
        SourceKind.DERIVED: "tính từ số liệu khác",
    },
}


def in_words(value: StrEnum) -> str:
    """A state or kind as people read it."""
    return WORDS_OF[type(value)][value]


def with_codes(values: type[StrEnum]) -> str:
    """What an option takes, and what that means: ``held (đang giữ), …``."""
    return ", ".join(f"{code} ({words})" for code, words in WORDS_OF[values].items())
