"""The words and codes of the form that writing and reading must agree on."""

FORM_SHEET = "Biểu"
META_SHEET = "_meta"
TOKEN_PROPERTY = "kybaocao"  # noqa: S105 - the name of a document property

CODE = "Mã"
CODE_REPEATED = "Mã số"  # on sheets that only repeat the form: they are not read
NAME = "Chỉ tiêu"
UNIT = "Đơn vị tính"
SUPPLIER = "Đơn vị cung cấp"
VALUE = "Số liệu"
ANSWER = "Trả lời"
PREVIOUS = "Kỳ trước"
EXPLANATION = "Giải trình"
CHECK = "Kiểm tra"
GUIDANCE = "Hướng dẫn"
REVIEW = "Nội dung đề nghị rà soát"

GIVEN = "có số liệu"
ZERO = "0"
NIL = "không phát sinh"
PENDING = "chưa có số liệu"
YES = "có"
NO = "không"

DOCUMENT_NUMBER = "SY00.02"
DOCUMENT_DATE = "SY00.03"
SIGNER = "SY00.05"
# Cover code -> (label, field of FilledForm.officer)
OFFICER = {
    "SY00.05.1": ("Họ và tên cán bộ đầu mối", "name"),
    "SY00.05.2": ("Chức vụ", "position"),
    "SY00.05.3": ("Điện thoại", "telephone"),
    "SY00.05.4": ("Thư điện tử", "email"),
}
COVER = {
    DOCUMENT_NUMBER: "Số, ký hiệu báo cáo",
    DOCUMENT_DATE: "Ngày ban hành",
    SIGNER: "Người ký, chức vụ",
    **{code: label for code, (label, _) in OFFICER.items()},
}

REHEARSAL_MARK = "BẢN DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH"
LONGEST_TEXT = 2000  # characters of one answer in words
