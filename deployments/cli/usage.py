"""What is wrong with a typed command, in Vietnamese. The words that come in are Typer's own."""

import re

_SAID = (
    (
        r"No such option: (?P<what>\S+) \(Possible options: (?P<near>.+)\)",
        "Không có tùy chọn {what}; gần giống: {near}.",
    ),
    (r"No such option: (?P<what>\S+)( Did you mean (?P<near>\S+)\?)?", "Không có tùy chọn {what}."),
    (r"No such command '(?P<what>.+)'\.", "Không có lệnh “{what}”."),
    (r"Missing argument '(?P<what>.+)'\.", "Thiếu {what}."),
    (r"Missing option '(?P<what>.+)'\.", "Thiếu tùy chọn {what}."),
    (r"Missing command\.", "Thiếu tên lệnh."),
    (r"Got unexpected extra arguments?(\(s\))? \((?P<what>.+)\)", "Thừa: {what}."),
    (r"Option '(?P<what>.+)' requires an argument\.", "Tùy chọn {what} cần một giá trị."),
    (r"Option '(?P<what>.+)' does not take a value\.", "Tùy chọn {what} không nhận giá trị."),
    (
        r"Invalid value for '(?P<what>.+?)': (Value error, )?'(?P<value>.*)' does not match the formats? .*",
        "{what}: “{value}” không phải là ngày; hãy viết 2024-04-30 hoặc 30/04/2024.",
    ),
    (
        r"Invalid value for '(?P<what>.+?)': Input should be a valid (integer|number).*",
        "{what}: phải là số.",
    ),
    (
        r"Invalid value for '(?P<what>.+?)': Input should be (?P<among>'.+)",
        "{what}: phải là một trong các giá trị {among}.",
    ),
    (r"Invalid value for '(?P<what>.+?)': (Value error, )?(?P<value>.+)", "{what}: {value}"),
)


def in_words(message: str) -> str:
    """The message in Vietnamese; as it came when it is none that is known."""
    message = " ".join(message.split()).replace("' / '", " / ")
    for pattern, words in _SAID:
        match = re.fullmatch(pattern, message)
        if match is not None:
            return words.format(**match.groupdict())
    return message
