"""A figure is bound to its sentence: the words on either side that say what it counts.

Wording is free. But beside a figure no telling word may go or come (triệu → tỷ, nghèo → cận nghèo),
and its control may not stand where the compiled report has no such words around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reporting.report.edited.numbers import shortened
from reporting.report.edited.points import MISPLACED, REWORDED, ReviewPoint
from reporting.report.edited.telling import Telling, telling_words, words_in
from reporting.report.facts.diff import Figures
from reporting.vietnamese.text import nfc
from reporting.word.read_controls import Paragraph

_END = re.compile(r"[;:.()…“”]")  # where a clause ends
_KEPT = 0.5  # a figure that keeps fewer of its words stands in another sentence
_NEAR = 40  # letters shown on either side


@dataclass(frozen=True)
class Place:
    """Where a figure stands. The clause on either side, and all up to the next figure."""

    code: str
    before: frozenset[str]
    after: frozenset[str]
    own_before: frozenset[str]  # up to the clause of the figure before
    own_after: frozenset[str]
    far_before: frozenset[str]  # up to the figure before
    far_after: frozenset[str]
    is_open_before: bool  # no clause ends between it and the figure before
    is_open_after: bool
    is_first: bool  # no figure stands before it in its paragraph
    clause: str  # as it reads
    near: str

    def gone(self, other: "Place") -> frozenset[str]:
        """What of this place's clause is not at the other."""
        left = (self.before - other.own_before - other.after) | (self.after - other.own_after - other.before)
        if self.is_first and other.is_first:  # the words at the head are of all figures of the line
            head = self.far_before - other.far_before - other.after
            if len(head) * 2 <= len(self.far_before):
                left |= head
        return left

    def come(self, other: "Place") -> frozenset[str]:
        """What is in the other's clause and not here; one that lost its end takes in the next words."""
        before = self.far_before if other.is_open_before else self.before
        after = self.far_after if other.is_open_after else self.after
        return (other.before - before - self.after) | (other.after - after - self.before)


def strayed(now: Sequence[Paragraph], before: Sequence[Paragraph], figures: Figures) -> Iterator[ReviewPoint]:
    """Figures whose words changed, or that stand in another sentence, in reading order."""
    telling = telling_words(figures)
    own: dict[str, list[Place]] = {}
    for paragraph in before:
        for place in _places(paragraph):
            own.setdefault(place.code, []).append(place)
    for paragraph in now:
        for place in _places(paragraph):
            point = _judged(place, own.get(place.code, []), telling, figures)
            if point is not None:
                yield point


def _judged(place: Place, own: Sequence[Place], telling: Telling, figures: Figures) -> ReviewPoint | None:
    """Held against the place in the compiled report that is most like it."""
    if not own:
        return None
    differences = [
        (was, was.gone(place) & telling.may_not_go, was.come(place) & telling.may_not_come) for was in own
    ]
    was, gone, come = min(differences, key=lambda each: len(each[1]) + len(each[2]))
    if not gone and not come:
        return None
    words = (was.before | was.after) & telling.may_not_go
    kind = MISPLACED if words and len(words - gone) < _KEPT * len(words) and len(gone) > 1 else REWORDED
    entry = figures.get(place.code, {})
    return ReviewPoint(
        kind, place.code, str(entry.get("name", "")), place.clause, was.clause,
        why=_step(gone, come), near=place.near,
    )  # fmt: skip


def _step(gone: frozenset[str], come: frozenset[str]) -> str:
    parts = [f"mất “{' '.join(sorted(gone))}”"] if gone else []
    return ", ".join([*parts, *([f"thêm “{' '.join(sorted(come))}”"] if come else [])])


def _places(paragraph: Paragraph) -> Iterator[Place]:
    text = nfc(paragraph.text) if len(nfc(paragraph.text)) == len(paragraph.text) else paragraph.text
    outer = _outer(paragraph)
    for at, (code, first, last) in enumerate(outer):
        begin = outer[at - 1][2] if at else 0
        end = outer[at + 1][1] if at + 1 < len(outer) else len(text)
        ahead, behind = text[begin:first], text[last:end]
        aheads, behinds = _END.split(ahead), _END.split(behind)
        before, after = aheads[-1], behinds[0]
        yield Place(
            code, words_in(before), words_in(after),
            words_in(" ".join(aheads[1:] if at else aheads) or before),
            words_in(" ".join(behinds[:-1]) or after),
            words_in(ahead), words_in(behind), len(aheads) == 1, len(behinds) == 1, at == 0,
            " ".join(f"{before}…{after}".split()),
            shortened(text[max(0, first - _NEAR) : last + _NEAR]),
        )  # fmt: skip


def _outer(paragraph: Paragraph) -> list[tuple[str, int, int]]:
    """Code, begin and end of the controls that lie in no other one."""
    outer: list[tuple[str, int, int]] = []
    for control, (first, last) in zip(paragraph.controls, paragraph.spans, strict=True):
        if not outer or first >= outer[-1][2]:
            outer.append((control.code, first, last))
    return outer
