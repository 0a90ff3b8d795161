"""Vietnamese typed for the fonts of before Unicode, as it comes out of old files: recognised and spelt anew.

Such text arrives as Latin-1 letters ("Hµ Néi" for Hà Nội). *TCVN3* (.VnTime) has one character a
letter, *VNI* (VNI-Times) a letter and a mark after it. What comes out is a suggestion for a person:
toned capitals of .VnTimeH exist only in the font, so "TØNH Hµ GIANG" comes out as TỈNH Hà GIANG.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from reporting.vietnamese.text import nfc

SOFT_HYPHEN = "\u00ad"  # the letter ư of TCVN3: text that is cleaned of it can be read no more

# TCVN 5712:1993 as the .Vn fonts have it: code by code from 0xA1.
_TCVN3_CODES = "a1a2a3a4a5a6a7a8a9aaabacadaeb5b6b7b8b9bbbcbdbec6c7c8c9cacbccced0cfd1d2d3d4d5d6"
_TCVN3_CODES += "d7d8dcdddedfe1e2e3e4e5e6e7e8e9eaebecedeeeff1f2f3f4f5f6f7f8f9fafbfcfdfe"
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻéẽẹềểễếệ"
_TCVN3_LETTERS += "ìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_TCVN3 = dict(zip(bytes.fromhex(_TCVN3_CODES).decode("latin-1"), _TCVN3_LETTERS, strict=True))

_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_ON_CIRCUMFLEX = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_ON_BREVE = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_ALONE = {"ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ô": "ơ", "ö": "ư", "î": "ỵ", "ñ": "đ"}


def _vni_table() -> dict[str, str]:
    pairs = {vowel + mark: vowel + tone for vowel in "aeouy" for mark, tone in _TONES.items()}
    pairs |= {
        f"{typed}{mark}": f"{letter}{tone}"
        for typed, letter in (("ô", "ơ"), ("ö", "ư"))
        for mark, tone in _TONES.items()
    }
    pairs |= {
        f"{vowel}{mark}": f"{vowel}\u0302{tone}" for vowel in "aeo" for mark, tone in _ON_CIRCUMFLEX.items()
    }
    pairs |= {f"a{mark}": f"a\u0306{tone}" for mark, tone in _ON_BREVE.items()}
    pairs |= _ALONE
    pairs = {typed: nfc(letter) for typed, letter in pairs.items()}
    return (
        pairs
        | {typed.upper(): letter.upper() for typed, letter in pairs.items()}
        | {typed[0].upper() + typed[1:]: letter.upper() for typed, letter in pairs.items() if len(typed) > 1}
    )


_VNI = _vni_table()
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_ONSET = r"(?:ngh|ng|nh|gh|gi|kh|th|tr|ph|ch|qu|[bcdđghklmnpqrstvx])?"
_OPEN = (
    "ai ao au ay âu ây eo êu iu iêu yêu oi oai oao oay oeo ôi ơi ui uôi uây ưi ươi ươu ưu uyu uêu "
    "ia ya ua ưa uya oa oe uê uơ uy a e ê i o ô ơ u ư y"
)
_CLOSED = "uyê iê yê uô ươ oa oă oe oo uâ uê uy a ă â e ê i o ô ơ u ư y"
_RIME = f"(?:{_OPEN})|(?:{_CLOSED})(?:(?P<stop>ch|[ckpt])|ng|nh|[mn])".replace(" ", "|")
_SYLLABLE = re.compile(f"{_ONSET}(?:{_RIME})")
_TONE_MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_ONLY_UNICODE = re.compile(
    "[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]"
)


@dataclass(frozen=True)
class Suggestion:
    """What a text may say."""

    font: str  # TCVN3 (.VnTime), VNI
    text: str


def suggestion(text: str) -> Suggestion | None:
    """The text in today's letters when it was typed for an old font; None when nothing says so.

    It was when what stands there is no Vietnamese, and read the old way nearly every word is. Where
    either font would do, it is the one that explains more words.
    """
    if text.isascii() or _ONLY_UNICODE.search(text):
        return None
    explained: dict[Suggestion, float] = {}
    for font, read, marks in (("TCVN3", _from_tcvn3, _TCVN3), ("VNI", _from_vni, _VNI)):
        letters = set("".join(marks))
        pairs = [(word, read(word)) for word in _words(text, letters)]
        old = [(word, now) for word, now in pairs if not word.isascii()]
        spelt = [(word, now) for word, now in old if _is_syllable(now)]
        shown = {word for word, now in spelt if not _is_syllable(word)}
        if _is_enough(shown, pairs) and len(spelt) >= 0.8 * len(old):
            explained[Suggestion(font, nfc(_respelt(text, letters, read)))] = len(spelt) / len(old)
    return max(explained, key=lambda meant: explained[meant], default=None)


def _is_enough(shown: set[str], pairs: list[tuple[str, str]]) -> bool:
    """Whether words that only the old way of reading explains are no chance.

    One short word ("Hµ Giang") is enough among others that are Vietnamese, too.
    """
    if len(shown) > 1 or any(len(word) > 2 for word in shown):
        return True
    begins = any(word[0].isascii() for word in shown)
    return begins and len(pairs) > 1 and all(_is_syllable(now) for _, now in pairs)


def _is_letter(char: str, marks: set[str]) -> bool:
    return char.isalpha() or char in marks


def _words(text: str, marks: set[str]) -> list[str]:
    """The words, in which a sign such as ® or ¬ is a letter when it stands beside one."""
    cut = "".join(char if _is_letter(char, marks) else " " for char in text)
    return [
        word
        for word in cut.split(" ")
        if any(char.isascii() and char.isalpha() for char in word) or len(word) > 1
    ]


def _respelt(text: str, marks: set[str], read: Callable[[str], str]) -> str:
    out, word = [], ""
    for char in [*text, ""]:
        if char and _is_letter(char, marks):
            word += char
            continue
        out += [read(word), char]
        word = ""
    return "".join(out)


def _from_tcvn3(word: str) -> str:
    letters = "".join(_TCVN3.get(char, char) for char in word)
    plain = [char for char in word if char.isascii()]
    # Its toned letters are small ones; in a word of capitals they are meant so.
    return letters.upper() if len(plain) > 1 and all(char.isupper() for char in plain) else letters


def _from_vni(word: str) -> str:
    return _VNI_LETTER.sub(lambda found: _VNI[found[0]], word)


def _is_syllable(word: str) -> bool:
    """Whether a word may be a Vietnamese syllable: its letters, at most one tone, and the right one."""
    if not (word.islower() or word.isupper() or word.istitle()):  # "kÕ" for "kế"
        return False
    spelt = unicodedata.normalize("NFD", word.lower())
    tones = [char for char in spelt if char in _TONE_MARKS]
    found = _SYLLABLE.fullmatch(nfc("".join(char for char in spelt if char not in _TONE_MARKS)))
    if found is None or len(tones) > 1:
        return False
    return found["stop"] is None or (tones and tones[0] in ("\u0301", "\u0323")) or not tones
