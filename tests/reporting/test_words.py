"""Every state and kind has its Vietnamese word, and tables that people read show it, not the code."""

from enum import StrEnum

import pytest

from reporting import states
from reporting.words import WORDS_OF, in_words

ENUMS = [one for one in vars(states).values() if isinstance(one, type) and issubclass(one, StrEnum)]


@pytest.mark.parametrize("values", [one for one in ENUMS if one is not StrEnum])
def test_each_state_and_kind_has_a_word_of_its_own(values: type[StrEnum]) -> None:
    words = [in_words(value) for value in values]
    assert [*WORDS_OF[values]] == [*values]
    assert len({*words}) == len(words)
    assert not {*words} & {*values} - {"eOffice"}
    assert all(word == word.strip() for word in words)


def test_nothing_else_has_a_table_here() -> None:
    assert {*WORDS_OF} == {one for one in ENUMS if one is not StrEnum}
