"""What must hold in a catalogue: its indicators, their formulas and their lineage."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from reporting.programme.model import (
    CODE_LIKE,
    Indicator,
    IndicatorLineage,
    Lineage,
    RegisterCodes,
    Unit,
)
from reporting.programme.sources import Mistakes, Rows, YamlFile, check_twice

_REGISTER_STATUSES = {"rieng", "khac", "chua"}


@dataclass(frozen=True)
class Catalogue:
    """The names that an indicator may use."""

    areas: tuple[int, ...]
    suppliers: tuple[str, ...]
    kinds: tuple[str, ...]
    supplements: tuple[str, ...]
    units: tuple[str, ...]


def check_indicators(indicators: Rows[Indicator], catalogue: Catalogue, mistakes: Mistakes) -> None:
    check_twice([(row, indicator.code) for row, indicator in indicators], "chỉ tiêu", mistakes)
    by_code = {indicator.code: indicator for _, indicator in indicators}
    for row, indicator in indicators:
        for text in (
            *_unknown_names(indicator, catalogue),
            *_wrong_shape(indicator, by_code),
            *_wrong_formula(indicator, by_code, catalogue),
        ):
            mistakes.append(row.mistake(f"{indicator.code}: {text}"))


def _unknown_names(indicator: Indicator, catalogue: Catalogue) -> Iterable[str]:
    if indicator.area not in catalogue.areas:
        yield f"nội dung {indicator.area} không có trong programme.yaml (areas)"
    if indicator.supplier is not None and indicator.supplier not in catalogue.suppliers:
        yield f"nguồn cung cấp '{indicator.supplier}' không có trong programme.yaml (suppliers)"
    for kind in indicator.cycles if catalogue.kinds else ():  # none: the calendar could not be read
        if kind not in catalogue.kinds:
            yield f"loại kỳ '{kind}' không có trong calendar.yaml (kinds)"
    if catalogue.kinds and indicator.supplement not in (None, *catalogue.supplements):
        yield f"không kỳ nào trong calendar.yaml có đợt bổ sung '{indicator.supplement}'"
    for code in indicator.only_units:
        if code not in catalogue.units:
            yield f"đơn vị '{code}' không có trong units.csv"


def _wrong_shape(indicator: Indicator, by_code: dict[str, Indicator]) -> Iterable[str]:
    if not CODE_LIKE.match(indicator.code) or indicator.code != indicator.code.upper():
        yield "mã chỉ tiêu cần 5 đến 14 chữ in hoa, số, có dấu chấm giữa hai số, ví dụ NO01.02"
    if indicator.level == "provincial" and indicator.supplier is None:
        yield "chưa ghi nguồn cung cấp (supplier)"
    if (indicator.type == "choice") != bool(indicator.choices):
        yield "cột choices chỉ dùng cho, và phải có ở, chỉ tiêu loại choice"
    if indicator.aggregation == "sum" and not indicator.type.is_number:
        yield f"không cộng được chỉ tiêu loại {indicator.type}"
    if indicator.valid_from and indicator.valid_to and indicator.valid_to < indicator.valid_from:
        yield "hết hiệu lực trước khi bắt đầu"
    if indicator.condition is not None:
        code, sign, value = indicator.condition.partition("=")
        code = code.removesuffix("!").strip()
        if not sign or not value.strip():
            yield f"điều kiện '{indicator.condition}' không đúng dạng CT00.01=chua hoặc CT00.01!=chua"
        elif code not in by_code:
            yield f"điều kiện nhắc đến chỉ tiêu '{code}' không có trong danh mục"
        elif (choices := by_code[code].choices) and value.strip() not in [choice.code for choice in choices]:
            yield f"điều kiện nhắc đến lựa chọn '{value.strip()}' không có ở {code}"


def _wrong_formula(
    indicator: Indicator, by_code: dict[str, Indicator], catalogue: Catalogue
) -> Iterable[str]:
    if (indicator.level == "derived") != bool(indicator.formula):
        yield "cột formula chỉ dùng cho, và phải có ở, chỉ tiêu mức derived"
    asked = set(indicator.cycles or catalogue.kinds)
    for code in indicator.formula:
        part = by_code.get(code)
        if part is None:
            yield f"công thức nhắc đến chỉ tiêu '{code}' không có trong danh mục"
            continue
        if part.level == "derived" or not part.type.is_number:
            yield f"công thức chỉ cộng chỉ tiêu dạng số được nhập, {code} không phải"
        if part.unit != indicator.unit:
            yield f"công thức cộng {code} tính bằng {part.unit}, khác {indicator.unit}"
        if not _lives_within(indicator, part):
            yield f"công thức dùng {code} ngoài thời gian hiệu lực của {code}"
        if not asked <= set(part.cycles or catalogue.kinds):
            yield f"công thức dùng {code} trong loại kỳ không hỏi {code}"


def _lives_within(inner: Indicator, outer: Indicator) -> bool:
    starts = outer.valid_from is None or (
        inner.valid_from is not None and inner.valid_from >= outer.valid_from
    )
    ends = outer.valid_to is None or (inner.valid_to is not None and inner.valid_to <= outer.valid_to)
    return starts and ends


def check_threads(indicators: Rows[Indicator], threads: Rows[IndicatorLineage], mistakes: Mistakes) -> None:
    """An indicator takes the place of one that has ended; one number is never compared with two."""
    by_code = {indicator.code: indicator for _, indicator in indicators}
    seen: dict[str, int] = {}
    for row, step in threads:
        old, new = by_code.get(step.predecessor_code), by_code.get(step.successor_code)
        for code, indicator in ((step.predecessor_code, old), (step.successor_code, new)):
            if indicator is None:
                mistakes.append(row.mistake(f"chỉ tiêu '{code}' không có trong indicators.csv"))
        if step.successor_code in seen:
            text = f"{step.successor_code} đã có chỉ tiêu trước ở dòng {seen[step.successor_code]}"
            mistakes.append(row.mistake(text))
        seen.setdefault(step.successor_code, row.line)
        if old is not None and new is not None:
            mistakes.extend(row.mistake(text) for text in _wrong_thread(old, new, step))


def _wrong_thread(old: Indicator, new: Indicator, step: IndicatorLineage) -> Iterable[str]:
    if old.valid_to is None or new.valid_from is None or new.valid_from <= old.valid_to:
        yield f"{new.code} thay {old.code} nhưng chưa bắt đầu sau khi {old.code} hết hiệu lực"
    if step.comparable == "yes" and (old.unit, old.type.is_number) != (new.unit, new.type.is_number):
        yield f"{new.code} tính bằng {new.unit}, {old.code} bằng {old.unit}: cần ghi comparable là no"


def check_only_units(
    indicators: Rows[Indicator], units: Rows[Unit], lineage: Rows[Lineage], mistakes: Mistakes
) -> None:
    """A code in ``only_units`` means one unit for as long as the indicator lives."""
    goes_on = {
        ((s.predecessor_code, s.predecessor_valid_from), (s.successor_code, s.successor_valid_from))
        for _, s in lineage
        if s.relation in ("continued", "renamed")
    }
    by_code: dict[str, list[Unit]] = defaultdict(list)
    for _, unit in sorted(units, key=lambda pair: pair[1].valid_from):
        by_code[unit.code].append(unit)
    for row, indicator in indicators:
        starts, ends = indicator.valid_from or date.min, indicator.valid_to or date.max
        for code in indicator.only_units:
            meant = [u for u in by_code[code] if u.valid_from <= ends and (u.valid_to or date.max) >= starts]
            for one, later in pairwise(meant):
                if ((one.code, one.valid_from), (later.code, later.valid_from)) not in goes_on:
                    text = (
                        f"{indicator.code}: từ {later.valid_from} mã {code} là đơn vị khác "
                        f"({one.name}, sau đó {later.name}); hãy giới hạn valid_from, valid_to của chỉ tiêu"
                    )
                    mistakes.append(row.mistake(text))


def check_register_codes(
    file: YamlFile, codes: RegisterCodes | None, indicators: Sequence[Indicator], mistakes: Mistakes
) -> None:
    """The register is fed by indicators that are there; its status is one of three choices."""
    known = {indicator.code: indicator for indicator in indicators}
    for name, code in codes or ():
        if code not in known:
            text = f"chỉ tiêu '{code}' của sổ theo dõi không có trong indicators.csv"
            mistakes.append(file.mistake(text, "register_codes", name))
        elif name == "status" and {choice.code for choice in known[code].choices} != _REGISTER_STATUSES:
            text = f"{code}: sổ theo dõi cần đúng ba lựa chọn {', '.join(sorted(_REGISTER_STATUSES))}"
            mistakes.append(file.mistake(text, "register_codes", name))
