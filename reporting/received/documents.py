"""Which rows tell of one signed document: its number or its date may have been put right since."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from reporting.vietnamese.document_numbers import is_document_number


class Numbered(Protocol):
    """A row of a document, whole or in part."""

    @property
    def number(self) -> str: ...

    @property
    def document_date(self) -> date: ...

    @property
    def kind(self) -> str: ...


D = TypeVar("D", bound=Numbered)


def documents(rows: Iterable[D]) -> list[tuple[D, D]]:
    """A unit's documents in a cycle, each as it first came and as it reads now.

    ``rows`` in the order they came. One number is one document; so is one kind of one day, or a day
    whose number was none: what came later puts the date, or the number, right. When it came first
    decides whether it was on time.
    """
    pairs: list[tuple[D, D]] = []
    for row in rows:
        for place, (first, now) in enumerate(pairs):
            if is_same_document(now, row):
                pairs[place] = first, row
                break
        else:
            pairs.append((row, row))
    return pairs


def is_same_document(now: Numbered, later: Numbered) -> bool:
    """Whether what came later tells of the same document, or puts its number or date right."""
    if now.number == later.number:
        return True
    is_like = now.kind == later.kind or not is_document_number(now.number)
    return now.document_date == later.document_date and is_like
