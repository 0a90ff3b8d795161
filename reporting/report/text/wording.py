"""How a figure, a quote and a source read in the report."""

import re
from collections.abc import Sequence
from decimal import Decimal

from reporting.figures.figure import BEFORE, COVERAGE, GAP, NAMED, NOW, RATE, STEP, Figure
from reporting.report.facts.quotes import Quote
from reporting.status.unit import UnitStatus
from reporting.vietnamese.formats import number, rounded_down, short_date, two_digits
from reporting.vietnamese.numbers import plain as plain_number
from reporting.word.filling import plain

PLACE = re.compile(r"\{(ty)?([0-9])?\}")
# What may stand between the braces of a place for a number.
FORMS = ("", "ty", *(f"ty{n}" for n in range(10)), *(str(n) for n in range(10)))
_STEPS = {STEP: ("tăng", "giảm", "không thay đổi"), GAP: ("cao hơn văn bản", "thấp hơn văn bản", "khớp")}
# Beyond these a quote is cut and the rest of the list counted: all of it stands in the data annex.
LONGEST_QUOTE, MOST_QUOTES = 600, 150
_MOMENTS = ("ngày", "tháng", "hết", "cuối")
_KINDS = (
    ("/BC-", "Báo cáo"),
    ("-BC/", "Báo cáo"),
    ("/QĐ-", "Quyết định"),
    ("/CV-", "Công văn"),
    ("/KH-", "Kế hoạch"),
)


def covered(figure: Figure) -> int:
    """How many units stand behind a figure."""
    return figure.coverage.n if figure.coverage else 0


def parted(phrase: str) -> tuple[str, str]:
    """Code and form of ``MH03.05`` or ``NL02.90 {ty}``."""
    code, _, rest = phrase.partition(" ")
    place = PLACE.search(rest)
    return code, place[0][1:-1] if place else ""


def without_suffix(code: str) -> str:
    """The code of the indicator itself: ``MH03.05`` of ``MH03.05.truoc``."""
    for suffix in (COVERAGE, NOW, BEFORE, STEP, RATE, NAMED, GAP):
        code = code.removesuffix(suffix)
    return code


def lowered(name: str) -> str:
    """A name within a sentence; abbreviations stay."""
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def quoted(quote: Quote, place: str) -> dict[str, str]:
    """A quote for the template: ``noi_dung`` and ``nguon``."""
    text = plain(quote.text)
    if len(text) > LONGEST_QUOTE:
        text = f"{text[:LONGEST_QUOTE].rsplit(maxsplit=1)[0]} […]"
    if len(quote.replies) == 1:
        who = _reply(quote.replies[0])
    else:  # number and date of each stand in the annex of replies
        names = ", ".join(unit.unit.name for unit in quote.replies)
        who = f"{two_digits(len(quote.replies))} {place}: {names}"
    return {"noi_dung": f"“{text}”", "nguon": plain(who)}


def _reply(unit: UnitStatus) -> str:
    if not unit.document_number:
        return unit.unit.name
    day = f" ngày {short_date(unit.document_date)}" if unit.document_date else ""
    return f"{unit.unit.name} (số {unit.document_number}{day})"


def said(figure: Figure, form: str) -> str:
    """A figure with a value in one of the forms of ``FORMS``: with its "trên", its "tỷ đồng".

    A step or a gap says which way it goes; a rate is as large either way, its step says which.
    """
    assert figure.value is not None
    if figure.code.endswith(RATE):
        return number(abs(figure.value))
    words = next((words for suffix, words in _STEPS.items() if figure.code.endswith(suffix)), None)
    if words is None:
        return _amount(figure.value, figure.qualifier, form)
    if not figure.value:
        return words[2]
    return f"{words[figure.value < 0]} {_amount(abs(figure.value), None, form)}"


def exact(form: str, figures: Sequence[Figure]) -> str:
    """The form in which all of the figures are told to the last digit, so that a reader can add them up.

    Money goes on in tỷ đồng, with as many decimals as that takes.
    """
    if not form.startswith("ty"):
        return ""
    digits = [
        plain_number(figure.value / Decimal(1000)).as_tuple().exponent for figure in figures if figure.value
    ]
    return f"ty{min(9, max((-int(d) for d in digits if int(d) < 0), default=0)) or ''}"


def _amount(value: Decimal, qualifier: str | None, form: str) -> str:
    money, decimals = form.startswith("ty"), form.removeprefix("ty")
    if money:  # the catalogue keeps money in triệu đồng
        cut, text = rounded_down(value / Decimal(1000), "tỷ đồng", int(decimals or 0))
        qualifier = qualifier or cut
        if value and text.startswith("0 "):  # less than the last digit
            qualifier, text = None, f"{number(value)} triệu đồng"
    elif decimals:
        text = number(value, int(decimals))
    else:
        text = two_digits(value)
    return f"{qualifier} {text}" if qualifier else text


def citation(figure: Figure) -> str:
    """The document that a central figure was taken from, with the moment it is of."""
    document = plain(figure.source.ref)
    head = document.split(" ")[0]
    kind = next((kind for sign, kind in _KINDS if sign in head), "Văn bản") if head[:1].isdigit() else ""
    cited = f"{kind} số {document}" if kind else document
    moment = plain(figure.as_of_label or f"ngày {short_date(figure.as_of)}")
    until = "tính đến " if moment.startswith(_MOMENTS) else ""
    return f"số liệu {until}{moment}, theo {cited}"
