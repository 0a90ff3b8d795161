"""The number of a document as a person types it at a command: the whole of it, or a refusal.

What is printed in a receipt, an annex or a register is what somebody typed; a word for "later" or a
stroke must never stand there.
"""

import re

from reporting.errors import BadInput
from reporting.vietnamese.text import nfc, one_line

# A number and its symbol: 622/BC-SLĐTBXH, 15a/BC-SNNMT, 1.234/SXD-QLN, 516-BC/TU. What the symbol holds is
# the issuer's affair (&, commas, dots, digits); it has a letter, so that a date is no number.
_NUMBER = re.compile(r"[0-9][0-9.]{0,8}[^\W\d_]{0,2} ?[/-] ?(?=[^/-]{0,60}[^\W\d_])[^<>\"]{1,90}")
_WORD = re.compile(r"^số ?:? ?(?=[0-9])", re.IGNORECASE)


def document_number(text: str) -> str:
    """The number as it is kept. Raises BadInput for what is none.

    >>> document_number(" Số: 12/BC-SNNMT ")
    '12/BC-SNNMT'
    """
    number = _WORD.sub("", one_line(nfc(text)).strip())
    if _NUMBER.fullmatch(number) is None:
        raise BadInput(f"«{number}» không phải số, ký hiệu văn bản: hãy ghi đủ, ví dụ 12/BC-SNNMT.")
    return number
