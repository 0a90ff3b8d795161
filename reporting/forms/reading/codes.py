"""Which indicator a row is about, also where its code was typed anew and looks right only to the eye."""

import re
import unicodedata
from functools import cached_property

from reporting.forms import layout
from reporting.programme.model import CODE_LIKE, Indicator, Programme

_LONGEST = 20  # characters; a longer text beside the table is no code
# Cyrillic and Greek capitals that look like Latin ones, and letters that look like digits.
_LOOK_ALIKE = str.maketrans("АВСЕНІЈКМОРЅТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧOIL", "ABCEH1JKM0PSTXYABEZH1KMN0PTYX011")
_WORD = re.compile(r"^MÃ(?:\s+SỐ)?[\s:]*(?=\S)")  # "Mã TT01.01"
_BETWEEN = re.compile(r"[\s.,:;·_/‐-―−-]+")


class Codes:
    """The codes of a programme's form: its provincial indicators and the cover."""

    def __init__(self, programme: Programme) -> None:
        self.indicators: dict[str, Indicator] = {
            indicator.code: indicator for indicator in programme.indicators if indicator.level == "provincial"
        }

    def find(self, typed: str) -> str | None:
        """The code as the form has it; the text itself where it only looks like a code; else None."""
        code = typed.strip().upper()
        if code in self.indicators or code in layout.COVER:
            return code
        if not 0 < len(code) <= _LONGEST:
            return None
        return self._by_look.get(_look(code)) or (code if CODE_LIKE.match(code) else None)

    @cached_property
    def _by_look(self) -> dict[str, str]:
        by_look: dict[str, str] = {}
        twice = set()
        for code in (*self.indicators, *layout.COVER):
            twice |= {look for look in (_look(code),) if look in by_look}
            by_look[_look(code)] = code
        return {look: code for look, code in by_look.items() if look not in twice}


def _look(code: str) -> str:
    """What a code is to the eye: without the word before it and whatever stands between its parts."""
    text = _WORD.sub("", unicodedata.normalize("NFKC", code).strip().upper())
    return _BETWEEN.sub("", text).translate(_LOOK_ALIKE)
