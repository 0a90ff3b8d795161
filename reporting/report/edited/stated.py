"""What the compiled text states beside its figures: days, symbols of documents, years, numbers.

Words may be written anew and sentences taken out; but where a sentence stays, so does what it states.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from reporting.report.edited.numbers import shortened
from reporting.report.edited.package import ReadReport
from reporting.report.edited.points import STATED, ReviewPoint
from reporting.vietnamese.text import nfc
from reporting.word.read_controls import Paragraph
from reporting.word.read_tables import masked

_DAY = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})", re.IGNORECASE)
_SYMBOL = r"\d{0,6} ?/(?:\d{4}/)?[A-ZĐƯ][\w&.]*(?:-[A-ZĐƯ][\w&.]*)*"
_WORD = re.compile(rf"⟦[^⟧]*⟧|{_SYMBOL}|\d+(?:[./]\d+)*(?:,\d+)?|[^\W\d_]+")
_NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.)]|[-–+•]|[a-zđ]\)|[IVX]+\.)\s*")
_SAME = 0.4  # a paragraph with so many of the words of another is that one, edited
_RESTATED = 8  # a longer piece taken out is a sentence taken out; a shorter one a statement
_NEAR = 8  # words shown around


def altered_statements(now: ReadReport, before: ReadReport) -> Iterator[ReviewPoint]:
    """What no longer stands in a sentence or footnote that is still there, and footnotes that are gone."""
    yield from _altered(now.body, before.body, are_notes=False)
    points = list(_altered(now.notes, before.notes, are_notes=True))
    gone = [point for point in points if not point.seen and point.why]
    with_lines = _lines_gone(now.body, before.body)  # a footnote goes with its sentence
    yield from (point for point in points if point not in gone or len(gone) > with_lines)


def _lines_gone(now: Sequence[Paragraph], before: Sequence[Paragraph]) -> int:
    """How many paragraphs of the compiled text are no longer there in any form."""
    there, own = Counter(_texts(now)), Counter(_texts(before))
    left = [text.split("\n") for text in (there - own).elements()]
    return sum(
        all(_alike(text.split("\n"), other) < _SAME for other in left) for text in (own - there).elements()
    )


def _altered(
    now: Sequence[Paragraph], before: Sequence[Paragraph], *, are_notes: bool
) -> Iterator[ReviewPoint]:
    there, own = _texts(now), _texts(before)
    left = [words.split("\n") for words in (Counter(there) - Counter(own)).elements() if words]
    for text in (Counter(own) - Counter(there)).elements():
        words = text.split("\n")
        if not any(_is_statement(word) for word in words):
            continue
        alike = max(left, key=lambda other: _alike(words, other), default=[])
        if _alike(words, alike) >= _SAME:
            yield from _differences(words, alike)
            if are_notes:
                left.remove(alike)
        elif are_notes:
            yield ReviewPoint(STATED, None, "", "", " ".join(words), why="mất cước chú")


def _texts(paragraphs: Sequence[Paragraph]) -> list[str]:
    """Each paragraph as its words, a line each: days and symbols in one form, no numbering."""
    return ["\n".join(_words(_NUMBERING.sub("", masked(paragraph)))) for paragraph in paragraphs]


def _words(text: str) -> list[str]:
    text = _DAY.sub(lambda match: f"{match[1]}/{match[2]}/{match[3]}", nfc(" ".join(text.split())))
    return [_tidy(word) for word in _WORD.findall(text)]


def _tidy(word: str) -> str:
    if word[0] == "⟦" or "/" not in word:
        return word
    if re.fullmatch(r"[\d/]+", word):  # 05/3/2024 is 5/3/2024
        return "/".join(part.lstrip("0") or "0" for part in word.split("/"))
    return "".join(word.split())


def _is_statement(word: str) -> bool:
    return word[:1] != "⟦" and (word[:1].isdigit() or "/" in word)


def _alike(words: Sequence[str], other: Sequence[str]) -> float:
    return (Counter(words) & Counter(other)).total() / max(len(words), 1)


def _differences(words: list[str], other: list[str]) -> Iterator[ReviewPoint]:
    """Statements that went or were replaced, each with what stands in its place."""
    left = Counter(word for word in other if _is_statement(word)) - Counter(words)
    kept = Counter(other)
    matcher = SequenceMatcher(None, [w.casefold() for w in words], [w.casefold() for w in other], False)
    for what, i, j, first, last in matcher.get_opcodes():
        if what not in ("replace", "delete"):
            continue
        for word in words[i:j]:
            if not _is_statement(word) or _stays(word, kept, words):
                continue
            seen = next((new for new in other[first:last] if _is_statement(new) and left[new]), "")
            if not seen and j - i > _RESTATED:
                continue
            if seen and _is_filled_in(word, seen):
                continue
            near = shortened(" ".join(other[max(0, first - _NEAR) : last + _NEAR]))
            yield ReviewPoint(STATED, None, "", seen, word, near=near)


def _stays(word: str, kept: Counter[str], words: Sequence[str]) -> bool:
    """It stands elsewhere in the paragraph as often as before: the sentence was turned round."""
    return kept[word] >= words.count(word) or any(
        other.endswith(f"/{word}") and other not in words for other in kept
    )


def _is_filled_in(word: str, seen: str) -> bool:
    """A number put before a symbol that waited for it."""
    return word.startswith("/") and seen.endswith(word) and seen[: -len(word)].isdigit()
