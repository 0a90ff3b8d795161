# ruff: noqa: E501 - sentences of the page
"""Write docs/kiem-tra.md, the list of all checks, from the rules themselves.

.venv/bin/python -m tools.build_rules_page
"""

from collections.abc import Iterator
from pathlib import Path

from config.settings import Settings
from reporting.checks.rules import Rule, rules_for
from reporting.checks.rules.edits import figure_edits
from reporting.finding import SEVERITY_WORDS
from reporting.programme.edits import FAMILIES
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.report.facts.rules import RULES
from reporting.states import Severity

PAGE = Path(__file__).parents[1] / "docs" / "kiem-tra.md"
_CYCLES = ("annual-2023", "annual-2024", "six-month-2024")
_FAMILIES = {family.family_name(): family.words for family in FAMILIES} | {
    "completeness": "đầy đủ",
    "validity": "hợp lệ",
    "consistency": "nhất quán",
    "timeliness": "kịp thời",
    "change": "thay đổi so với kỳ trước",
    "outlier": "bất thường",
    "share": "tỷ trọng",
    "uniqueness": "tính duy nhất",
}
# What a rule that each indicator has finds, where its own sentence names the indicator.
_EACH = {
    "COMP-…": "Chỉ tiêu bắt buộc, hoặc đủ điều kiện phải trả lời, còn để trống",
    "PEND-…": "Trả lời «chưa có số liệu»: không cộng vào tổng, được hỏi lại sau",
    "COND-…": "Có nội dung ở chỉ tiêu mà câu trả lời khác cho thấy không cần ghi",
    "TYPE-…": "Ô không đọc được, số lẻ ở chỉ tiêu đếm, từ ngoài danh sách chọn",
    "RANGE-…": "Số âm, hoặc không thể có: từ 1.000 tỷ đơn vị, tiền từ một triệu tỷ đồng trở lên",
    "LIMIT-…": "Số lớn khác thường đối với một địa phương: tiền ghi bằng đồng thay cho triệu đồng, gõ thừa chữ số",
    "LENGTH-…": "Nội dung bằng chữ quá dài",
    "UNITS-…": "Có số liệu ở chỉ tiêu chỉ dành cho địa phương khác",
    "EVENT-…": "Kết quả của một dịp (Tết) chưa diễn ra vào ngày nhận biểu",
    "WINDOW-…": "Chỉ tiêu không thu thập trong kỳ, đã hết hoặc chưa có hiệu lực",
    "DOC-…": "Số, ký hiệu văn bản được liệt kê chưa đúng dạng",
    "DOC-JOINT-…": "Văn bản của chương trình phối hợp chỉ nêu một cơ quan ban hành",
    "DOC-TYPE-…": "Văn bản không phải loại văn bản của chương trình, hoặc không nêu loại",
    "DATE-…": "Ngày của một việc ở sau ngày ban hành báo cáo (báo cáo có trước công văn đề nghị: sau ngày nhận biểu)",
    "DATE-BEFORE-…": "Văn bản ban hành trước chương trình cấp trung ương",
    "PAIR-…": "Số văn bản và số ngày ban hành không tương ứng",
    "HIST-…": "Số cả năm nhỏ hơn số sáu tháng đã báo cáo",
    "CHANGE-…": "Gấp năm lần hoặc bằng một phần năm kỳ cùng loại trước đó, và chênh từ 20 đơn vị",
    "OUTLIER-…": "Khác xa số của các đơn vị khác (điểm z hiệu chỉnh trên logarit, quá 3,5; từ 15 đơn vị)",
    "SHARE-…": "Một đơn vị chiếm trên 40% tổng số toàn quốc (từ 15 đơn vị)",
    "DUP-…": "Hai chỉ tiêu trong một nội dung mang cùng một số từ 100 trở lên, trừ các số có quan hệ với nhau",
}
READING = {
    "FORM-DOUBLE-…": (Severity.ERROR, "Một mã chỉ tiêu đứng ở hai dòng"),
    "FORM-OLD-FONT-…": (Severity.WARNING, "Chữ gõ bằng phông cũ (TCVN3, VNI)"),
    "FORM-DOUBLE-COLUMN": (Severity.ERROR, "Bảng có hai cột cùng tên với nội dung khác nhau"),
    "FORM-SEPARATOR-…": (
        Severity.WARNING,
        "Số tiền dưới 1000 có đúng ba chữ số thập phân: có thể nhầm dấu chấm",
    ),
    "FORM-UNKNOWN-CODE": (Severity.WARNING, "Dòng có số liệu nhưng không có mã của biểu"),
    "FORM-RETYPED-CODE": (Severity.WARNING, "Mã gõ khác với biểu đã gửi mà vẫn nhận ra"),
    "FORM-SEVERAL-TABLES": (Severity.ERROR, "Tệp có nhiều trang cùng dạng biểu"),
    "FORM-VERSION": (Severity.NOTICE, "Biểu của bản cũ"),
    "FORM-LONG-…": (Severity.WARNING, "Nội dung dài hơn mức được đọc; chỉ phần đầu được giữ"),
    "FORM-UNTOLD-…": (Severity.ERROR, "Mục ở phần đầu biểu báo lỗi hoặc là công thức chưa được tính"),
    "FORM-DOCUMENT-NUMBER": (Severity.ERROR, "Số, ký hiệu văn bản quá dài, chưa đọc được"),
    "DATE-DOCUMENT-UNREADABLE": (Severity.ERROR, "Không đọc được ngày ban hành"),
    "CONTACT-EMAIL": (Severity.WARNING, "Địa chỉ thư điện tử của cán bộ đầu mối chưa đúng dạng"),
}
# A contradiction of the reference report -> what it is, the rules that find it.
CASES = {
    "I-14, X-01": (
        "61 + 02 + 02 địa phương trong 63; hai địa phương được kể hai lần",
        "REPORT-PARTITION; nhập sổ theo dõi từ chối một đơn vị ghi hai dòng; check-report «không cộng khớp»",
    ),
    "X-03": (
        "Ký ngày 15/4 nhưng nêu tình hình đến 30/4",
        "compile, issue từ chối ngày chốt sau hôm nay, sau ngày ký",
    ),
    "X-04": (
        "Báo cáo ngày 19/4 được tính trong báo cáo ký 15/4",
        "DATE-DOCUMENT-FUTURE, REPORT-REPLY-DATE; số đếm theo ngày chốt",
    ),
    "X-05": ("Báo cáo ban hành trước công văn đề nghị", "DATE-DOCUMENT-EARLY, DATE-PERIOD-END"),
    "X-06": ("Công văn về Tháng cao điểm ghi ngày sau khi tháng kết thúc", "REPORT-ORDER, REPORT-WEEKEND"),
    "X-07": ("Sự kiện, số liệu ngoài kỳ báo cáo", "REPORT-OUT-OF-PERIOD, REPORT-SOURCE-BEFORE"),
    "X-08": ("Một văn bản dưới hai ký hiệu", "REPORT-SYMBOL"),
    "X-10": (
        "Báo cáo năm mang số liệu tám tháng từ kênh khác",
        "REPORT-SOURCE-AGE, REPORT-SOURCE-DATE, REPORT-SAME-FACT",
    ),
    "X-11": ("Tổng không ghi phạm vi n/63", "check-report: ô độ phủ không còn trong tệp"),
    "X-12": ("Số liệu không nguồn", "REPORT-SOURCE"),
    "X-14": ("Số 493 đứng hai lần trong một đoạn", "DUP-…"),
    "X-19": ("Báo cáo gửi bằng công văn", "DOC-KIND"),
    "X-20": (
        "Văn bản không nêu loại, không nêu hai cơ quan, nhiều số một ô, trước chương trình",
        "DOC-TYPE-…, DOC-JOINT-…, PAIR-…, DATE-BEFORE-…",
    ),
    "X-24": (
        "Tên địa phương gõ sai dấu hoặc theo cách viết cũ (Dồng Nai, Đăk Lăk)",
        "không cần quy tắc: phụ lục in tên theo danh sách đơn vị, không theo lời văn gửi đến",
    ),
    "I-08": (
        "Phân bổ 320 tỷ đồng trong 337 tỷ đã đăng ký: khớp trong báo cáo, vẫn so mỗi kỳ",
        "PART-TW02-PHAN-BO, RATIO-TW02-PHAN-BO",
    ),
    "I-15": ("Ghi 03 kế hoạch và liệt kê ba: khớp trong báo cáo, vẫn so mỗi kỳ", "REPORT-LIST"),
    "X-17, X-25": (
        "Thiếu thành phần trong lời văn; thiếu hạn gửi, ngày nhận",
        "không quy tắc nào kiểm được: lời văn do người viết; hệ thống lưu hạn gửi và ngày nhận",
    ),
}


def group_of(rule: str, programme: Programme) -> str:
    """The name under which a rule stands on the page: with … for the indicator or the area."""
    head, _, tail = rule.rpartition("-")
    is_one_of_many = tail in programme.by_code or (head == "DUP" and tail.isdigit())
    return f"{head}-…" if is_one_of_many else rule


def every_rule(programme: Programme) -> Iterator[Rule]:
    """The rules of all kinds of cycles, each group's first one."""
    seen: set[str] = set()
    for name in _CYCLES:
        for rule in (*rules_for(programme, programme.cycle(name)), *figure_edits(programme)):
            if (group := group_of(rule.id, programme)) not in seen:
                seen.add(group)
                yield rule


def page(programme: Programme) -> str:
    """The page as it should stand in docs."""
    lines = [
        "# Các quy tắc kiểm tra",
        "",
        "Trang này do `tools/build_rules_page.py` lập từ chính các quy tắc; sửa quy tắc rồi lập lại, không sửa tay. "
        "Dấu … thay cho mã chỉ tiêu hoặc số thứ tự nội dung.",
        "",
        "- **Đề nghị rà soát**: gửi về Sở kèm biểu đánh dấu; số liệu được cộng và đánh dấu, lãnh đạo chỉ ký khi đã "
        "khép lại hoặc ký vượt có lý do.",
        "- **Đề nghị giải trình**: không giữ biểu lại; Sở ghi vào cột *Giải trình*, lời giải trình được lưu và dùng "
        "lại kỳ sau nếu số liệu không lệch thêm quá một phần mười.",
        "- **Lưu ý nội bộ**: chỉ Văn phòng thấy.",
        "- Người có trách nhiệm chấp nhận một điểm bằng `kybaocao waive` (tên, lý do); mọi việc ghi trong `audit`.",
        "",
        "## Trên biểu của từng đơn vị",
        "",
        "| Mã | Họ | Mức | Phát hiện |",
        "|---|---|---|---|",
    ]
    central = {rule.id for rule in figure_edits(programme)}
    for rule in every_rule(programme):
        if rule.id not in central:
            group = group_of(rule.id, programme)
            lines.append(_row(group, rule.family, rule.severity, _EACH.get(group, rule.description)))
    lines += ["", "Khi đọc tệp:", "", "| Mã | Mức | Phát hiện |", "|---|---|---|"]
    lines += [f"| `{code}` | {SEVERITY_WORDS[level]} | {words} |" for code, (level, words) in READING.items()]
    lines += [
        "",
        "## Trên báo cáo chung, khi tổng hợp",
        "",
        "| Mã | Họ | Mức | Phát hiện |",
        "|---|---|---|---|",
    ]
    lines += [_row(code, family, level, words) for code, (family, level, words) in RULES.items()]
    for rule in figure_edits(programme):
        lines.append(_row(rule.id, rule.family, rule.severity, rule.description))
    lines += [
        "",
        "## Mâu thuẫn đã gặp trong báo cáo tham chiếu",
        "",
        "Mỗi dòng kiểm được đều được nhập lại thành lỗi trong một kỳ không có lỗi nào khác (`tests/reporting/checks/test_report_analysis.py`).",
        "",
        "| Dòng | Mâu thuẫn | Quy tắc tìm ra |",
        "|---|---|---|",
    ]
    lines += [f"| {row} | {what} | {rules} |" for row, (what, rules) in CASES.items()]
    return "\n".join([*lines, ""])


def _row(code: str, family: str, severity: Severity, words: str) -> str:
    return f"| `{code}` | {_FAMILIES[family]} | {SEVERITY_WORDS[severity]} | {words.replace('|', '/')} |"


def main() -> None:
    PAGE.write_text(page(load_programme(Settings().programmes_dir / "ctph-109")), encoding="utf-8")


if __name__ == "__main__":
    main()
