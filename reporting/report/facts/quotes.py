"""What the provinces wrote in words, quoted with its source; the same words once, with all who said them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reporting.figures.answers import Answer
from reporting.programme.model import IndicatorType, Programme
from reporting.status.unit import UnitStatus


@dataclass(frozen=True)
class Quote:
    """Words, and the replies they stand in, in the report's order."""

    text: str
    replies: tuple[UnitStatus, ...]


def quotes_in(programme: Programme, answers: Mapping[str, Sequence[Answer]]) -> dict[str, tuple[Quote, ...]]:
    """Code of a question answered in words -> what was said."""
    return {
        indicator.code: grouped(answers[indicator.code])
        for indicator in programme.indicators
        if indicator.type is IndicatorType.TEXT and indicator.code in answers
    }


def grouped(answers: Iterable[Answer]) -> tuple[Quote, ...]:
    """The same words of several units are one quote; what most say comes first."""
    by_words: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.text and answer.says_something:
            key = " ".join(answer.text.casefold().split()).rstrip(".;, ")
            by_words.setdefault(key, []).append(answer)
    quotes = [
        Quote(str(given[0].text).strip(), tuple(answer.unit for answer in given))
        for given in by_words.values()
    ]
    return tuple(sorted(quotes, key=lambda quote: -len(quote.replies)))


Quotes = Mapping[str, tuple[Quote, ...]]
