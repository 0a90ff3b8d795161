"""Annex rows, the letterhead and what stands on every page: data and form, not wording."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from reporting.report.edited.package import ReadReport
from reporting.report.edited.points import HEADER, ROW, ReviewPoint
from reporting.vietnamese.text import nfc
from reporting.word.read_tables import Row

_BLANKS = re.compile(r"\s{2,}|[.…]{3,}")  # where number and date are filled in
_WIDE = 3  # a row of so many equal cells is the same row, altered


def altered_rows(now: ReadReport, before: ReadReport) -> Iterator[ReviewPoint]:
    """Rows that are no longer there as they were compiled, with what is there in their place."""
    there, own = Counter(map(_tidy, now.rows)), Counter(map(_tidy, before.rows))
    left = [row for row in (there - own).elements() if any(row)]
    for row in (own - there).elements():
        if not any(row):
            continue
        other = max(left, key=lambda seen: _alike(row, seen), default=None)
        if other is None or not _is_same_row(row, other):
            yield ReviewPoint(ROW, None, _name(row), "", _line(row), why="mất hàng")
            continue
        left.remove(other)
        yield _altered(row, other)
    if own:
        heads = {len(row) for row in own}
        for row in left:
            if len(row) in heads:  # a table that somebody put in is text: its numbers are told of there
                yield ReviewPoint(ROW, None, _name(row), _line(row), "", why="thêm hàng")


def _altered(row: Row, other: Row) -> ReviewPoint:
    pairs = [(was, new) for was, new in zip(row, other, strict=False) if was != new]
    if len(row) != len(other) or not pairs:
        return ReviewPoint(ROW, None, _name(row), _line(other), _line(row), why="gộp hoặc tách ô")
    was, new = (" | ".join(side) for side in zip(*pairs, strict=True))
    return ReviewPoint(ROW, None, _name(row), new or "(trống)", was or "(trống)", near=_line(other))


def _tidy(row: Row) -> Row:
    return tuple(nfc(cell) for cell in row)


def _alike(row: Row, other: Row) -> int:
    return (Counter(filter(None, row)) & Counter(filter(None, other))).total()


def _is_same_row(row: Row, other: Row) -> bool:
    alike = _alike(row, other)
    return alike >= min(_WIDE, max(1, sum(map(bool, row)) - 1))


def _name(row: Row) -> str:
    return " ".join(cell for cell in row[:2] if cell)


def _line(row: Row) -> str:
    return " | ".join(row)


def altered_heads(now: ReadReport, before: ReadReport) -> Iterator[ReviewPoint]:
    """Lines of the letterhead that are written anew, not filled in; lines of headers that are gone."""
    lines = [_spaced(paragraph.text) for paragraph in now.letterhead]
    for paragraph in before.letterhead:
        was = nfc(paragraph.text).strip()
        pattern = r"[\s\d.…]*".join(re.escape(_spaced(part)) for part in _BLANKS.split(was))
        if was and not any(re.fullmatch(pattern, line) for line in lines):
            seen = get_close_matches(_spaced(was), lines, 1, 0.3)
            yield ReviewPoint(HEADER, None, "", seen[0] if seen else "", _spaced(was))
    yield from _gone(now.beside, before.beside)


def _gone(now: Sequence[str], before: Sequence[str]) -> Iterator[ReviewPoint]:
    lines = {_spaced(line) for line in now}
    for line in dict.fromkeys(map(_spaced, before)):
        if line and not line.isdigit() and line not in lines:
            seen = get_close_matches(line, [other for other in lines if other], 1, 0.3)
            yield ReviewPoint(HEADER, None, "", seen[0] if seen else "", line)


def _spaced(text: str) -> str:
    return " ".join(nfc(text).split())
