"""What reading a form may find, in words for its sender; each rule once for a form."""

import unicodedata
from collections.abc import Sequence

from reporting.finding import YOU, Finding
from reporting.forms import layout
from reporting.forms.cells import untold_note
from reporting.spreadsheets.unread_cells import Untold
from reporting.states import Severity
from reporting.vietnamese.legacy_fonts import Suggestion
from reporting.vietnamese.text import clean_line, clean_text

_MOST_NAMED = 5  # codes or places in one sentence


def old_font(code: str, address: str, words: str, suggested: Suggestion) -> Finding:
    meant = clean_text(suggested.text)[:200]
    return Finding(
        f"FORM-OLD-FONT-{code}",
        Severity.WARNING,
        f"Nội dung dường như được gõ bằng phông chữ cũ ({suggested.font}), có thể là «{meant}»; "
        f"đề nghị {YOU} xác nhận hoặc gõ lại bằng bảng mã Unicode.",
        indicator=code,
        cell=address,
        seen=words,
        expected=meant,
    )


def unknown_codes(codes: Sequence[str], address: str) -> Finding:
    """``codes``: as they were typed, or the row's name; ``address``: where the first of them stands."""
    return Finding(
        "FORM-UNKNOWN-CODE",
        Severity.WARNING,
        f"Dòng không ghi mã hoặc ghi mã không có trong biểu mẫu của kỳ này ({_some(codes)}): số liệu ở đó "
        f"chưa được tổng hợp; đề nghị {YOU} kiểm tra lại cột Mã.",
        cell=address,
        seen=_some(codes),
    )


def retyped_codes(pairs: Sequence[tuple[str, str]], address: str) -> Finding:
    """Codes that only look like ours: typed, and what each was taken for."""
    taken = _some([f"{typed} ({_script(typed)}hiểu là {code})" for typed, code in pairs])
    return Finding(
        "FORM-RETYPED-CODE",
        Severity.WARNING,
        f"Cột Mã có mã được gõ khác với biểu đã gửi: {taken}; đề nghị {YOU} xác nhận "
        "hoặc dùng lại biểu đã nhận, không sửa cột Mã.",
        cell=address,
        seen=_some([typed for typed, _ in pairs]),
        expected=_some([code for _, code in pairs]),
    )


def _script(typed: str) -> str:
    """Why a code that looks right is not: nobody sees that its М is a Cyrillic one."""
    names = " ".join(unicodedata.name(char, "") for char in typed)
    scripts = [word for script, word in (("CYRILLIC", "Kirin"), ("GREEK", "Hy Lạp")) if script in names]
    return f"có chữ cái {' và '.join(scripts)} nhìn giống chữ La-tinh, " if scripts else ""


def double_code(code: str, places: Sequence[str]) -> Finding:
    """``places``: every cell where the code's value stands, the first one first."""
    return Finding(
        f"FORM-DOUBLE-{code}",
        Severity.ERROR,
        f"Mã {code} xuất hiện ở {len(places)} dòng ({_some(places)}); đề nghị {YOU} chỉ giữ lại một dòng.",
        indicator=code,
        cell=places[1],
        seen=f"{len(places)} dòng",
        expected="một dòng cho mỗi mã",
    )


def double_column(heading: str, address: str) -> Finding:
    """``address``: the cell with the heading for the second time."""
    return Finding(
        "FORM-DOUBLE-COLUMN",
        Severity.ERROR,
        f"Bảng có hai cột «{heading}» với nội dung khác nhau (cột sau ở ô {address}); đề nghị {YOU} chỉ giữ "
        "lại một cột.",
        cell=address,
        seen=f"hai cột «{heading}»",
        expected="một cột",
    )


def likely_grouped(code: str, address: str, written: str) -> Finding:
    """``written``: the amount as it is stored, its point a dot."""
    return Finding(
        f"FORM-SEPARATOR-{code}",
        Severity.WARNING,
        "Số tiền có đúng ba chữ số sau dấu thập phân, có thể dấu chấm ngăn cách hàng nghìn đã bị hiểu là dấu "
        f"thập phân; đề nghị {YOU} xác nhận hoặc nhập lại liền các chữ số.",
        indicator=code,
        cell=address,
        seen=written.replace(".", ","),
        expected=f"{written.replace('.', '')} nếu dấu chấm ngăn cách hàng nghìn",
    )


def several_tables(sheets: Sequence[str], codes: Sequence[str]) -> Finding:
    return Finding(
        "FORM-SEVERAL-TABLES",
        Severity.ERROR,
        f"Tệp có nhiều trang cùng dạng biểu (các trang {_some(sheets)}) với số liệu khác nhau ở: "
        f"{_some(codes)}; đề nghị {YOU} chỉ giữ lại trang cần gửi.",
        seen=_some(sheets),
        expected="một trang biểu",
    )


def unreadable_date(address: str, written: str) -> Finding:
    return Finding(
        "DATE-DOCUMENT-UNREADABLE",
        Severity.ERROR,
        f"Chưa đọc được ngày ban hành báo cáo; đề nghị {YOU} ghi theo dạng ngày/tháng/năm, ví dụ 09/01/2024.",
        indicator=layout.DOCUMENT_DATE,
        cell=address,
        seen=clean_line(written),
        expected="dd/mm/yyyy",
    )


def unreadable_number(address: str, written: str) -> Finding:
    """``written``: the beginning of what stands there."""
    return Finding(
        "FORM-DOCUMENT-NUMBER",
        Severity.ERROR,
        f"Chưa đọc được số, ký hiệu văn bản; đề nghị {YOU} chỉ ghi số, ký hiệu như trên văn bản đã ký, ví dụ "
        "622/BC-SLĐTBXH.",
        indicator=layout.DOCUMENT_NUMBER,
        cell=address,
        seen=clean_line(written),
        expected="số, ký hiệu văn bản",
    )


def untold(code: str, address: str, value: Untold) -> Finding:
    """A line of the cover that is an error or a formula without its result."""
    return Finding(
        f"FORM-UNTOLD-{code}",
        Severity.ERROR,
        f"Chưa đọc được mục «{layout.COVER[code]}»: {untold_note(value)}.",
        indicator=code,
        cell=address,
        seen=clean_line(value),
    )


def too_long(code: str, address: str, most: int) -> Finding:
    """``most``: how many characters of an answer are kept."""
    return Finding(
        f"FORM-LONG-{code}",
        Severity.WARNING,
        f"Nội dung dài hơn {most} ký tự, chỉ phần đầu được đọc; đề nghị {YOU} ghi ngắn gọn và gửi phần còn "
        "lại trong văn bản.",
        indicator=code,
        cell=address,
        seen=f"hơn {most} ký tự",
    )


def bad_email(code: str, address: str, written: str) -> Finding:
    return Finding(
        "CONTACT-EMAIL",
        Severity.WARNING,
        f"Địa chỉ thư điện tử của cán bộ đầu mối chưa đúng dạng; đề nghị {YOU} kiểm tra lại.",
        indicator=code,
        cell=address,
        seen=written,
    )


def older_version() -> Finding:
    return Finding(
        "FORM-VERSION",
        Severity.NOTICE,
        "Biểu được lập theo danh mục chỉ tiêu khác với danh mục hiện hành; chỉ tiêu thêm hoặc bớt từ đó "
        "được nêu riêng.",
    )


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(clean_line(text) for text in texts[:_MOST_NAMED])
    more = len(texts) - _MOST_NAMED
    return f"{shown} và {more} chỗ khác" if more > 0 else shown
