"""The number of a paper of ours: by the pattern of its kind, with the symbol of who issues it that day.

Form of numbers: Decree 30/2020/NĐ-CP, annex I, part II, item 3: number/kind-issuer, a letter without
a kind is number/issuer-office; numbering begins anew each year.
"""

import re
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.programme.model import Programme
from reporting.states import ReportKind
from reporting.store.tables import IssuedReport, Letter
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.text import nfc

_ORDINAL = r"(?P<ordinal>0?[1-9][0-9]{0,5})"
_OFFICE = r"(?:-[^\W\d_][\w.&]{0,14}){0,2}"  # the office that drafted it: -VPQGGN


def paper_number(programme: Programme, kind: str, text: str, signed_on: date) -> str:
    """The number as it is kept. Raises BadInput when it cannot be one of a paper of that kind.

    ``kind``: of states.ReportKind. The symbol is that of the ministry on the day of the signature.

    67/BC-BLĐTBXH for a report, 80/ĐC-BLĐTBXH or 80/BLĐTBXH-VPQGGN for a corrigendum.
    """
    number = nfc(text)
    ministry = programme.agency("ministry", signed_on)
    symbol = re.escape(nfc(ministry.symbol)) if ministry.symbol else r"[^\W\d_][\w&.]{1,14}"
    shown = ministry.symbol or "KÝ HIỆU CƠ QUAN"
    pattern, example = rf"{_ORDINAL}/BC-{symbol}{_OFFICE}", f"67/BC-{shown}"
    if kind == ReportKind.CORRIGENDUM:
        pattern = rf"{_ORDINAL}/(?:(?:ĐC|CV)-)?{symbol}{_OFFICE}"
        example = f"80/ĐC-{shown}"
    if re.fullmatch(pattern, number) is None:
        raise BadInput(
            f"«{number}» không phải số, ký hiệu của {ministry.name} ngày {short_date(signed_on)}: "
            f"hãy ghi đúng như trên bản đã ký, không thêm dấu cách, ví dụ {example}."
        )
    return number


def refuse_used(session: Session, number: str, signed_on: date) -> None:
    """Raises BadInput when a paper of ours of the same year has that number, in whatever cycle."""
    own = _key(number)
    issued = session.execute(select(IssuedReport.number, IssuedReport.signed_on)).tuples()
    letters = session.execute(select(Letter.number, Letter.signed_on)).tuples()
    for other, day in [*issued, *letters]:
        if other and day and day.year == signed_on.year and _key(other) == own:
            raise BadInput(
                f"Số {number} đã dùng cho văn bản số {other} ngày {short_date(day)}: hãy xem lại số trên bản "
                "đã ký."
            )


def _key(number: str) -> str:
    """One number however it is written: 07/BC-X is 7/BC-X."""
    return "".join(nfc(number).upper().split()).lstrip("0")
