"""The edits of ``edits.yaml``: a module a family, with its fields, its check, its words, its formula.

A new family is one new module and one more class in ``Edit``.
"""

from typing import Annotated, get_args

from pydantic import Field

from reporting.programme.edits.balance import BalanceEdit
from reporting.programme.edits.base import BaseEdit
from reporting.programme.edits.duplicate import DuplicateEdit
from reporting.programme.edits.part_whole import PartWholeEdit
from reporting.programme.edits.range import RangeEdit
from reporting.programme.edits.ratio import RatioEdit

Edit = Annotated[
    BalanceEdit | PartWholeEdit | RatioEdit | RangeEdit | DuplicateEdit, Field(discriminator="family")
]
FAMILIES: tuple[type[BaseEdit], ...] = get_args(get_args(Edit)[0])

__all__ = ["FAMILIES", "BalanceEdit", "DuplicateEdit", "Edit", "PartWholeEdit", "RangeEdit", "RatioEdit"]
