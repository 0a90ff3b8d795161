"""Numbers and symbols of official documents: "622/BC-SLĐTBXH", and what people write around them."""

import re
from functools import lru_cache

from reporting.states import DocumentKind
from reporting.vietnamese.text import nfc, one_line

LONGEST_NUMBER = 100  # characters of a document's number; no office has one of half of that
_CAPITAL = "A-ZĂÂĐÊÔƠƯ"
_SYMBOL_LETTER = f"{_CAPITAL}a-zăâđêôơư0-9"
# What stands between two strokes: BC, SLĐTBXH, P1, BCĐ389. No letter of it bears a tone.
PIECE = rf"[{_CAPITAL}][{_SYMBOL_LETTER}]{{0,40}}"
# A whole one, and no beginning of a word such as "Sở".
WHOLE_PIECE = rf"{PIECE}(?![^\W_])"
DIGITS = r"(?:[0-9]{1,3}(?:\.[0-9]{3}){1,2}|[0-9]{1,6})[A-Za-zđĐ]{0,2}"  # 622, 1.234, 15a
_YEAR = r"(?:/(?:19|20)[0-9]{2})?"  # 20/2021/NĐ-CP
# 622/BC-SLĐTBXH, 28/SLĐTBXH-BTXH&PCTN, 16/BC-SLĐTBXH-TE,BĐG&PCTNXH, 500/CTPH/UBND-MTTQ, 516-BC/TU
NUMBER = rf"{DIGITS}{_YEAR}(?:[/-]{PIECE}(?:[&.,]{PIECE}){{0,6}}){{1,7}}"
_WHOLE = re.compile(rf"{NUMBER}\Z")
# Signs that stand for the stroke, the hyphen and the rest in what programs and telephones write.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2044\u2215\uff0f", "/"),
        "\uff06": "&",
        "\uff0c": ",",
    }
)
_WORD = re.compile(r"^số\s*:?\s*", re.IGNORECASE)
_AROUND = re.compile(rf" ?([/&-]) ?| ?(,) ?(?={WHOLE_PIECE})")
_SYMBOL, _ANY_SYMBOL = re.compile(r"[/-]"), re.compile(r"[/&-]")
_KEPT = 2**15  # several rules take the same answers of thousands of units apart, one after the other
# A comma inside a symbol ("TE,BĐG&PCTNXH") parts no list.
_MORE_OF_IT = rf" ?{WHOLE_PIECE}(?:[&.-]{WHOLE_PIECE}){{0,6}} ?(?:[;,\n]|\Z| và )"
_SEPARATOR = re.compile(rf" ?(?:[;\n]|,(?!{_MORE_OF_IT})| và ) ?")


def usual_signs(text: str) -> str:
    """``text`` in NFC with one sign for each kind of dash and stroke, of the same length as its NFC."""
    return nfc(text).translate(_SIGNS)


def tidy_number(text: str) -> str:
    """A document number without the blanks and the word "Số" people put around it.

    >>> tidy_number("Số:  622 / BC – SLĐTBXH")
    '622/BC-SLĐTBXH'
    """
    text = _WORD.sub("", one_line(usual_signs(text)))
    return _AROUND.sub(lambda sign: sign[1] or sign[2], text).strip(" .;,")


def is_document_number(text: str) -> bool:
    """Whether the whole text is one number with its symbol."""
    return len(text) <= LONGEST_NUMBER and _WHOLE.match(text) is not None


@lru_cache(maxsize=_KEPT)
def split_list(text: str) -> tuple[str, ...]:
    """The items of an answer that may hold several: numbers or dates, split by ";" "," "và".

    >>> split_list("16/BC-SLĐTBXH-TE,BĐG&PCTNXH, 17/KH-UBND")
    ('16/BC-SLĐTBXH-TE,BĐG&PCTNXH', '17/KH-UBND')
    """
    lines = "\n".join(map(one_line, nfc(text).strip().split("\n")))
    return tuple(item for item in _SEPARATOR.split(lines) if item)


# Types of documents as they stand in a symbol, folded to capitals.
_TYPES = frozenset(
    (
        "BC",
        "CT",
        "CTPH",
        "CTR",
        "CTRPH",
        "CV",
        "HD",
        "KH",
        "KHPH",
        "KL",
        "NQ",
        "QC",
        "QCPH",
        "QĐ",
        "TB",
        "TT",
        "TTR",
    )
)
_ORGANS = frozenset({"BTT"})  # a body inside the issuer named before it


@lru_cache(maxsize=_KEPT)
def symbol_of(number: str) -> tuple[str | None, tuple[str, ...]]:
    """The document's type and who issued it, out of its symbol; None where it names no type.

    >>> symbol_of("239/KH-MTTQ-BTT"), symbol_of("3417/SLĐTBHXH-UBMTTQ")
    (('KH', ('MTTQ',)), (None, ('SLĐTBHXH', 'UBMTTQ')))
    """
    parts = [part for part in _SYMBOL.split(tidy_number(number).upper())[1:] if part]
    kind = parts[0] if parts and parts[0] in _TYPES else None
    return kind, tuple(part for part in parts[kind is not None :] if part not in _ORGANS)


def names_no_issuer(number: str) -> bool:
    """Whether a number stops after its type ("622/BC"), so that more of it may follow."""
    return symbol_of(number)[0] is not None and len(_SYMBOL.split(number)) == 2


def document_kind(number: str) -> DocumentKind:
    """A report for a number of the type BC, a letter (công văn) for any other."""
    symbol = _ANY_SYMBOL.split(tidy_number(number).upper())[1:]
    return DocumentKind.REPORT if "BC" in symbol[:2] else DocumentKind.LETTER
