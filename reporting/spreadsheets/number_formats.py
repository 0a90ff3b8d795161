"""What a cell shows of its number where that is not the number alone: "12%", "12 tỷ", "622/BC-SLĐTBXH".

A percentage is stored as its hundredth, a unit may stand in the format only; a person filled in what is
shown (ECMA-376, part 1, 18.8.30 and 18.8.31).
"""

import re

PERCENTS = {9: "0%", 10: "0.00%"}  # the formats without a code of their own that show a percentage
_APART = re.compile(r'"([^"]*)"|\\(.)|\[[^\[\]]*\]|[_*].', re.DOTALL)  # words, a sign, colours, widths
_DIGITS = re.compile(r"[0#?](?:[0#?,.]*[0#?])?(,*)")
_CURRENCY = {"đ", "₫", "vnd", "vnđ", "đồng"}  # a button puts them there, beside any unit
_GENERAL = re.compile("general", re.IGNORECASE)


def shows_more(code: str) -> bool:
    """Whether cells of a format show more, or something other, than their number."""
    before, behind, scaled = _parts(code)
    return bool(before or behind or scaled)


def shown(number: float, code: str) -> str:
    """The number as a person would have typed what the cell shows, in the Vietnamese way.

    Of one that is shown in thousands or millions both are told: nobody knows which was meant.
    """
    before, behind, scaled = _parts(code)
    if scaled:
        return f"{_typed(number)} (ô hiển thị số đã rút gọn)"
    return f"{before}{_typed(number * 100 if '%' in behind else number)}{behind}"


def _parts(code: str) -> tuple[str, str, bool]:
    """The words before and behind the digits, and whether thousands are left out."""
    first = _sections(code)[0]
    digits = _DIGITS.search(_GENERAL.sub("0######", _blanked(first)))
    if digits is None or re.search("[ymdhs]", _GENERAL.sub("", _blanked(first)), re.IGNORECASE):
        return "", "", False
    code = _GENERAL.sub("0######", first)
    before, behind = _words(code[: digits.start()]), _words(code[digits.end() :])
    return before, behind, bool(digits[1])


def _words(code: str) -> str:
    """Letters and percent signs that a piece of a format shows; nothing for blanks and currencies."""
    percent = "%" if "%" in _blanked(code) else ""
    text = "".join(match[1] or match[2] or "" for match in _APART.finditer(code))
    has_words = any(letter.isalpha() for letter in text) and text.strip(" .").lower() not in _CURRENCY
    return (text if has_words else "") + percent


def _blanked(code: str) -> str:
    """The code with blanks for whatever is shown as it stands."""
    return _APART.sub(lambda match: " " * len(match[0]), code)


def _sections(code: str) -> list[str]:
    blanked, begin, sections = _blanked(code), 0, []
    for at in [*(match.start() for match in re.finditer(";", blanked)), len(code)]:
        sections.append(code[begin:at])
        begin = at + 1
    return sections


def _typed(number: float) -> str:
    text = f"{number:.15g}".replace(".", ",")
    # Three decimals alone could be taken for a thousand.
    return f"{text}0" if re.fullmatch(r"-?\d+,\d{3}", text) else text
