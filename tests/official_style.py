"""What no clerk would leave in a signed text: each rule with its pattern and where it comes from.

Read over the printed text of every report and paper that tests make.
"""

import re

_N = r"\d+(?:\.\d{3})*(?:,\d+)?"
# Name -> pattern. Sources: Nghị định 30/2020/NĐ-CP, annexes I and II (marks, blanks, numbers); the drafts
# that a ministry's office sent back.
RULES: dict[str, re.Pattern[str]] = {
    "two numbers side by side": re.compile(rf"(?<![\d/.,]){_N} {_N}(?![\d/])"),
    "a line of noughts": re.compile(r": 0 [^;:.]*(?:; [^;:]*\b0\b[^;:]*)+\."),
    "a blank before a mark": re.compile(r"\S [,;:.)](?!\S)"),
    "a blank after an opening bracket": re.compile(r"[(“] \S"),
    "no blank before an opening bracket": re.compile(r"[a-zà-ỹ]\("),
    # Number and day are written in by hand at the signature.
    "two blanks": re.compile(r"(?<!Số:)(?<!số)(?<!ngày)(?<!tháng)(?<=\S)  +(?=\S)"),
    "a mark twice": re.compile(r",,|;;|::|;\.|,\.|(?<!\.)\.\.(?!\.)"),
    "a word twice": re.compile(
        r"\b(và|của|các|số|năm|tỉnh|thành phố|địa phương|báo cáo|kỳ|trong|tỷ đồng|triệu đồng) \1\b"
    ),
    "a tag left over": re.compile(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bnan\b"),
    "a share of one in one": re.compile(r"\b0?1/0?1 (?:địa phương|tỉnh|Sở)"),
}


def slips(text: str) -> list[str]:
    """Rule and paragraph of everything a reader would mark; a paragraph a line."""
    return [
        f"{name}: {line.strip()}"
        for line in text.splitlines()
        for name, pattern in RULES.items()
        if pattern.search(line)
    ]


# What besides has no place in a mail to a department.
IN_MAILS: dict[str, re.Pattern[str]] = {
    "a date of machines": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "a code": re.compile(
        r"\b(request|reminder|receipt|queued|held|accepted|quarantined|missing|draft|role_box|nil|pending|TODO)\b"
    ),
    "the due day left out": re.compile(r"(?:gửi|báo cáo)[^.;]* trước ngày \d"),
    "due days in other words": re.compile(r"chậm nhất (?!là ngày )"),
}


def mail_slips(text: str) -> list[str]:
    """The same of a mail: its subject and text, a paragraph a line."""
    return slips(text) + [
        f"{name}: {line.strip()}"
        for line in text.splitlines()
        for name, pattern in IN_MAILS.items()
        if pattern.search(line)
    ]
