"""The checks of a cycle once more, by hand and in pandas: what a run is measured and proved against.

Written from the programme's data and the meaning of each family, and without the rules' own code:
equal sets of (rule, unit) are a proof of both. Numbers are floats here, so it is no checker for
real work.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.frames import Frames
from reporting.programme.edits import BalanceEdit, DuplicateEdit, Edit, PartWholeEdit, RangeEdit, RatioEdit
from reporting.programme.edits.sums import Tolerance
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme
from reporting.vietnamese.working_days import is_working_day

_ITEMS = re.compile(r"\s*(?:;|,|\n|\s+và\s+)\s*")
_UPPER = "[A-ZĂÂĐÊÔƠƯ][A-Za-zĂÂĐÊÔƠƯăâđêôơư]{0,15}"
_SYMBOL = rf"[0-9]{{1,6}}(?:[/-]{_UPPER}(?:[&.]{_UPPER})*){{1,7}}"
_TYPES = ("BC", "CT", "CTPH", "CTR", "CTRPH", "CV", "HD", "KH", "NQ", "QĐ", "TB", "TT", "TTR")
_DATES = (IndicatorType.DATE, IndicatorType.DATES)


class Oracle:
    """One vectorised expression a rule."""

    def __init__(self, programme: Programme, cycle: CycleDefinition, frames: Frames) -> None:
        self.programme, self.cycle, self.frames = programme, cycle, frames
        self.asked = [
            indicator
            for indicator in programme.indicators
            if indicator.level == "provincial"
            and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
        ]
        self.codes = {indicator.code for indicator in self.asked}
        self.nothing = pd.Series(False, index=frames.about.index)

    def sets(self) -> dict[str, frozenset[str]]:
        """Rule -> the units in which it does not hold; rules that hold everywhere are left out."""
        broken = {}
        for rule, mask in self.masks():
            if mask.any():
                broken[rule] = frozenset(mask.index[mask.to_numpy()])
        return broken

    def masks(self) -> Iterator[tuple[str, pd.Series]]:
        for indicator in self.asked:
            yield from self._answers(indicator)
        for indicator in self.programme.indicators:
            if indicator.level == "provincial" and indicator.code not in self.codes:
                yield f"WINDOW-{indicator.code}", self._given(indicator.code)
        for edit in self.programme.edits:
            if (mask := self._edit(edit)) is not None:
                yield edit.id, mask
        yield from self._twice()
        yield from self._paper()
        yield from self._lists()

    def _answers(self, indicator: Indicator) -> Iterator[tuple[str, pd.Series]]:
        code, kind, number = indicator.code, self.frames.kind[indicator.code], self.number(indicator.code)
        settled, met = self._condition(indicator)
        if indicator.required == "yes" or indicator.condition:
            owed = self.frames.asked[code] & met if indicator.required != "no" else self.nothing
            yield f"COMP-{code}", owed & (kind == "blank")
        yield f"PEND-{code}", kind == "pending"
        if indicator.condition:
            yield f"COND-{code}", settled & ~met & kind.isin(["number", "text"])
        yield f"TYPE-{code}", self._misread(indicator)
        if indicator.type.is_number:
            typed = kind == "number"
            yield f"RANGE-{code}", typed & ~self._possible(code)
        if indicator.type is IndicatorType.TEXT:
            yield f"LENGTH-{code}", self.frames.text[code].str.len() > 2000
        if indicator.only_units:
            elsewhere = ~self.frames.about["code"].isin(indicator.only_units)
            yield f"UNITS-{code}", elsewhere & self._given(code)
        supplements = {supplement.id: supplement for supplement in self.cycle.supplements}
        if indicator.supplement in supplements:
            early = self.frames.about["received"] < pd.Timestamp(supplements[indicator.supplement].asked_on)
            yield f"EVENT-{code}", early & self._given(code)
        if indicator.type.is_number and indicator.aggregation == "sum":
            if code in self.frames.inside:
                yield f"HIST-{code}", number < pd.to_numeric(self.frames.inside[code])
            if not indicator.only_units:
                yield from self._peers(code, number)

    def _possible(self, code: str) -> pd.Series:
        money = {"triệu đồng": 1e9, "tỷ đồng": 1e6}
        number = self.number(code)
        return (number >= 0) & (number < money.get(self.programme.by_code[code].unit, 1e12))

    def _misread(self, indicator: Indicator) -> pd.Series:
        kind, text = self.frames.kind[indicator.code], self.frames.text[indicator.code]
        wrong = (kind == "unreadable") | (kind == ("text" if indicator.type.is_number else "number"))
        if indicator.type is IndicatorType.INTEGER:
            wrong |= self.number(indicator.code) % 1 > 0
        words = [choice.code for choice in indicator.choices]
        if indicator.type is IndicatorType.BOOLEAN:
            words = ["có", "không"]
        return wrong | ((kind == "text") & ~text.isin(words)) if words else wrong

    def _condition(self, indicator: Indicator) -> tuple[pd.Series, pd.Series]:
        """Where what the condition asks is answered, and where it is met."""
        if indicator.condition is None:
            return ~self.nothing, ~self.nothing
        code, wanted = (part.strip() for part in indicator.condition.replace("!=", "=").split("="))
        settled = self.frames.text[code].notna()
        is_wanted = self.frames.text[code] == wanted
        return settled, settled & (~is_wanted if "!=" in indicator.condition else is_wanted)

    def _given(self, code: str) -> pd.Series:
        kind = self.frames.kind[code]
        return (kind == "text") | ((kind == "number") & (self.number(code) != 0))

    def _peers(self, code: str, number: pd.Series) -> Iterator[tuple[str, pd.Series]]:
        positive = number[(number > 0) & (self.frames.kind[code] == "number")]
        if len(positive) < 15:
            return
        logs = np.log(positive)
        deviation = max((logs - logs.median()).abs().median(), np.log(1.5))
        far = ((np.log(number.where(number > 0)) - logs.median()).abs() * 0.6745) > 3.5 * deviation
        yield f"OUTLIER-{code}", far
        yield f"SHARE-{code}", number > 0.4 * positive.sum()

    def number(self, code: str) -> pd.Series:
        return self.frames.number[code]

    def _terms(self, codes: Sequence[str | None]) -> list[str] | None:
        """The cells behind codes; None where a central figure is among them."""
        terms: list[str] = []
        for code in codes:
            indicator = self.programme.by_code.get(code or "")
            if indicator is None:
                continue
            if indicator.level == "central":
                return None
            inner = self._terms(indicator.formula) if indicator.level == "derived" else [indicator.code]
            if not inner:
                return None
            terms += [term for term in inner if term in self.codes]
        return terms

    def _sum(self, codes: Sequence[str | None]) -> tuple[pd.Series, list[str]] | None:
        """Their sum where all are there and none is below zero."""
        terms = self._terms(codes)
        if not terms:
            return None
        numbers = self.frames.number[terms]
        return numbers.where(numbers >= 0).sum(axis=1, skipna=False), terms

    def _edit(self, edit: Edit) -> pd.Series | None:
        match edit:
            case BalanceEdit():
                pair = self._sum([edit.total]), self._sum(edit.parts)
            case PartWholeEdit():
                pair = self._sum([edit.part]), self._sum(edit.wholes)
            case RatioEdit():
                pair = self._sum([edit.numerator]), self._sum([edit.denominator])
            case _:
                return self._each(edit)
        one, other = pair
        if one is None or other is None:
            return None
        if isinstance(edit, RatioEdit):
            return self._outside(one[0], _float(edit.minimum), _float(edit.maximum), other[0])
        allowed = self._allowed(edit.tolerance, [*one[1], *other[1]])
        gap = one[0] - other[0]
        beyond: pd.Series = (gap.abs() if isinstance(edit, BalanceEdit) else gap) > allowed + 1e-9
        return beyond

    def _each(self, edit: RangeEdit | DuplicateEdit) -> pd.Series | None:
        codes = [code for code in edit.indicators if code in self.codes]
        if isinstance(edit, RangeEdit):
            least, most = _float(edit.minimum), _float(edit.maximum)
            outside = [self._outside(self.number(c), least, most) & self._possible(c) for c in codes]
            return pd.concat(outside, axis=1).any(axis=1) if outside else None
        return self._equal(codes, _float(edit.minimum) or 100, set()) if len(codes) > 1 else None

    def _allowed(self, tolerance: Tolerance, terms: Sequence[str]) -> Any:
        if tolerance != "rounded":
            return float(tolerance)
        return (0.5 * 10.0 ** -self.frames.places[list(terms)].clip(lower=0)).sum(axis=1)

    @staticmethod
    def _outside(value: pd.Series, least: float | None, most: float | None, per: Any = 1.0) -> pd.Series:
        below = value < least * per - 1e-9 if least is not None else value != value.fillna(0)
        below &= value.notna()
        return below if most is None else below | (value > most * per + 1e-9)

    def _twice(self) -> Iterator[tuple[str, pd.Series]]:
        tied = set()
        for edit in self.programme.edits:
            tied |= {(a, b) for a in edit.codes for b in edit.codes}
        numbers = [indicator for indicator in self.asked if indicator.type.is_number]
        for area, indicators in groupby(numbers, key=lambda indicator: indicator.area):
            codes = [indicator.code for indicator in indicators]
            if len(codes) > 1:
                yield f"DUP-{area}", self._equal(codes, 100, tied)

    def _equal(self, codes: Sequence[str], smallest: float, tied: set[tuple[str, str]]) -> pd.Series:
        """Where two are equal that no edit ties; the first of equal ones is what the others are held to."""
        equal = self.nothing.copy()
        large = self.frames.number[list(codes)]
        large = large.where(large >= smallest)
        ordered = np.sort(large.to_numpy(), axis=1)
        some = large[(np.diff(ordered, axis=1) == 0).any(axis=1)]
        for unit, row in some.iterrows():
            first: dict[float, str] = {}
            for code, value in row.dropna().items():
                if first.setdefault(value, str(code)) != code and (first[value], code) not in tied:
                    equal[unit] = True
        return equal

    def _paper(self) -> Iterator[tuple[str, pd.Series]]:
        about = self.frames.about
        day, number = about["dated"], about["document"]
        starts, ends = pd.Timestamp(self.cycle.period_start), pd.Timestamp(self.cycle.period_end)
        yield "DATE-DOCUMENT-FUTURE", day > about["received"]
        yield "DATE-PERIOD", day < starts
        early = day < about["request"]
        yield "DATE-DOCUMENT-EARLY", early | (day.notna() & about["request"].isna())
        yield "DATE-PERIOD-END", (day >= starts) & (day < ends)
        off = {
            moment
            for moment in day.dropna().unique()
            if not is_working_day(date.fromisoformat(str(moment)[:10]))
        }
        yield "DATE-WEEKEND", day.isin(off)
        yield "DOC-NUMBER", number.notna() & ~number.str.fullmatch(_SYMBOL).fillna(False).astype(bool)
        symbol = number.str.upper().str.split(r"[/&-]", regex=True).str[1:3]
        yield (
            "DOC-KIND",
            number.notna()
            & ~symbol.map(lambda parts: "BC" in parts, na_action="ignore").fillna(False).astype(bool),
        )

    def _speaks_until(self) -> pd.Series:
        about = self.frames.about
        paper = about["dated"].mask(about["dated"] < about["request"])
        until: pd.Series = pd.concat([paper, about["received"]], axis=1).min(axis=1)
        return until

    def _lists(self) -> Iterator[tuple[str, pd.Series]]:
        items: dict[str, Any] = {
            indicator.code: self.frames.text[indicator.code].str.strip().str.split(_ITEMS).explode().dropna()
            for indicator in self.asked
            if indicator.type in (*_DATES, IndicatorType.DOCUMENTS)
        }
        founded = re.search(r"ngày (\d+)/(\d+)/(\d{4})", self.programme.document)
        for code, listed in items.items():
            if self.programme.by_code[code].type in _DATES:
                days = items[code] = pd.to_datetime(listed)
                late = days > self._speaks_until().reindex(days.index)
                yield f"DATE-{code}", self._any(late)
            else:
                good = listed.str.fullmatch(_SYMBOL).astype(bool)
                yield f"DOC-{code}", self._any(~good)
                if self.programme.register_codes and code == self.programme.register_codes.numbers:
                    yield from self._register(code, listed[good])
        for numbers, dates in pairwise(self.asked):
            if numbers.type is IndicatorType.DOCUMENTS and dates.type is IndicatorType.DATES:
                counts = [items[indicator.code].groupby(level=0).size() for indicator in (numbers, dates)]
                both = pd.concat(counts, axis=1, keys=["n", "d"]).dropna()
                yield f"PAIR-{numbers.code}", self._any(both["n"] != both["d"])
                if founded:
                    first = pd.Timestamp(int(founded[3]), int(founded[2]), int(founded[1]))
                    yield f"DATE-BEFORE-{dates.code}", self._any(items[dates.code] < first)

    def _register(self, code: str, listed: pd.Series) -> Iterator[tuple[str, pd.Series]]:
        parts = listed.str.upper().str.split(r"[/-]", regex=True).str[1:]
        kind = parts.str[0].where(parts.str[0].isin(_TYPES))
        issuers = parts.map(lambda words: [word for word in words if word != "BTT"]).str.len() - kind.notna()
        yield f"DOC-JOINT-{code}", self._any(issuers < 2)
        own = re.search(r"\d+/([A-Za-z]+)", self.programme.document)
        wanted = own[1].upper()[:2] if own and own[1].upper() in _TYPES else "CT"
        yield f"DOC-TYPE-{code}", self._any(kind.str[:2] != wanted)

    def _any(self, mask: pd.Series) -> pd.Series:
        return mask.groupby(level=0).any().reindex(self.nothing.index, fill_value=False)


def _float(bound: Decimal | None) -> float | None:
    return None if bound is None else float(bound)
