"""What must hold between the rows and files of a programme."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TypeVar

from reporting.forms.documents import parse_document
from reporting.forms.layout import CODE_LIKE
from reporting.programme.model import (
    ROUNDED,
    Agency,
    Edit,
    Indicator,
    IndicatorLineage,
    Lineage,
    Region,
    RegisterCodes,
    Succession,
    Tile,
    Unit,
)
from reporting.programme.sources import Mistakes, Row, YamlFile
from reporting.text import fold

_DAY = timedelta(days=1)
_UNIT_CODE = re.compile(r"^[a-z0-9]+$")  # it stands in the addresses of our mails
_ROLES = ("issuer", "ministry")  # without these no letter and no report can be made
_DEPARTMENT = "department"  # needed where provinces or cities report
_ALL_ROLES = (*_ROLES, _DEPARTMENT, "counterpart")
_REGISTER_STATUSES = {"rieng", "khac", "chua"}
_EDIT_NEEDS = {
    "balance": ("total", "parts"),
    "part_whole": ("part", "wholes"),
    "ratio": ("numerator", "denominator"),
}
Item = TypeVar("Item", Region, Unit, Lineage, Indicator, IndicatorLineage, Tile)
Rows = Sequence[tuple[Row, Item]]
Key = TypeVar("Key", bound=Hashable)
_UnitKey = tuple[str, date]


@dataclass(frozen=True)
class Catalogue:
    """The names that an indicator may use."""

    areas: tuple[int, ...]
    suppliers: tuple[str, ...]
    kinds: tuple[str, ...]
    supplements: tuple[str, ...]
    units: tuple[str, ...]


def check_tiles(tiles: Rows[Tile], units: Rows[Unit], mistakes: Mistakes) -> None:
    """Each box is a unit's, and no two of one list of units stand in one place."""
    known = {(unit.code, unit.valid_from) for _, unit in units}
    taken: set[tuple[date, int, int]] = set()
    for row, tile in tiles:
        if (tile.code, tile.valid_from) not in known:
            mistakes.append(
                row.mistake(f"ô của đơn vị {tile.code} ({tile.valid_from}) không có trong units.csv")
            )
        place = (tile.valid_from, tile.column, tile.row)
        if place in taken:
            mistakes.append(row.mistake(f"hai ô cùng đứng ở cột {tile.column}, hàng {tile.row}"))
        taken.add(place)


def check_units(units: Rows[Unit], regions: Rows[Region], mistakes: Mistakes) -> None:
    _check_twice([(row, region.id) for row, region in regions], "vùng", mistakes)
    known = {region.id for _, region in regions}
    by_code: dict[str, list[tuple[Row, Unit]]] = defaultdict(list)
    by_position: dict[int, list[tuple[Row, Unit]]] = defaultdict(list)
    for row, unit in units:
        by_code[unit.code].append((row, unit))
        by_position[unit.position].append((row, unit))
        if not _UNIT_CODE.match(unit.code):
            mistakes.append(row.mistake(f"mã đơn vị '{unit.code}' chỉ được gồm chữ thường a-z và chữ số"))
        if unit.region not in known:
            text = f"đơn vị {unit.code} thuộc vùng '{unit.region}' không có trong regions.csv"
            mistakes.append(row.mistake(text))
        if unit.valid_to is not None and unit.valid_to < unit.valid_from:
            mistakes.append(row.mistake(f"đơn vị {unit.code} hết hiệu lực trước khi bắt đầu"))
    _check_overlaps(by_code, "hai đơn vị cùng mang mã {key} trong một thời gian", mistakes)
    _check_overlaps(by_position, "hai đơn vị cùng đứng ở vị trí {key} trong một thời gian", mistakes)
    by_name: dict[str, list[tuple[Row, Unit]]] = defaultdict(list)
    for row, unit in units:
        for name in {fold(name) for name in (unit.name, unit.full_name, *unit.aliases)}:
            by_name[name].append((row, unit))
    _check_overlaps(by_name, "tên '{key}' chỉ hai đơn vị trong một thời gian", mistakes)


def _check_overlaps(groups: dict[Key, list[tuple[Row, Unit]]], text: str, mistakes: Mistakes) -> None:
    for key, group in groups.items():
        group.sort(key=lambda pair: pair[1].valid_from)
        for (_, earlier), (row, later) in pairwise(group):
            if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
                mistakes.append(row.mistake(text.format(key=key)))


def check_lineage(units: Rows[Unit], lineage: Rows[Lineage], mistakes: Mistakes) -> None:
    """Each unit that ends goes somewhere, each later unit comes from somewhere, once."""
    by_key = {(unit.code, unit.valid_from): (row, unit) for row, unit in units}
    out_of: dict[_UnitKey, list[Lineage]] = defaultdict(list)
    into: set[_UnitKey] = set()
    for row, step in lineage:
        old = (step.predecessor_code, step.predecessor_valid_from)
        new = (step.successor_code, step.successor_valid_from)
        into.add(new)
        before = out_of[old]
        if any(new == (s.successor_code, s.successor_valid_from) for s in before):
            mistakes.append(row.mistake(f"đơn vị {old[0]} đi về {new[0]} ghi hai lần"))
        elif before and any(s.relation != "split" for s in (*before, step)):
            text = f"đơn vị {old[0]} bắt đầu {old[1]} đi về hai đơn vị mà không phải là chia tách (split)"
            mistakes.append(row.mistake(text))
        before.append(step)
        mistakes.extend(row.mistake(text) for text in _wrong_ends(step, old, new, by_key))
    _check_relations(lineage, mistakes)
    first = min((unit.valid_from for _, unit in units), default=None)
    for key, (row, unit) in by_key.items():
        if unit.valid_to is not None and key not in out_of:
            mistakes.append(row.mistake(f"lineage.csv không cho biết {unit.name} ({unit.code}) đi về đâu"))
        if unit.valid_from != first and key not in into:
            mistakes.append(row.mistake(f"lineage.csv không cho biết {unit.name} ({unit.code}) từ đâu đến"))


def _check_relations(lineage: Rows[Lineage], mistakes: Mistakes) -> None:
    """One becomes one (continued, renamed), several become one (merged), one becomes several (split)."""
    olds: dict[_UnitKey, list[tuple[Row, Lineage]]] = defaultdict(list)
    news: dict[_UnitKey, list[tuple[Row, Lineage]]] = defaultdict(list)
    for row, step in lineage:
        olds[step.predecessor_code, step.predecessor_valid_from].append((row, step))
        news[step.successor_code, step.successor_valid_from].append((row, step))
    for (code, _), steps in news.items():
        alone = [(row, step) for row, step in steps if step.relation in ("continued", "renamed")]
        if len(steps) > 1:
            for row, step in alone:
                text = (
                    f"đơn vị {code} gồm {len(steps)} đơn vị cũ nhưng ghi {step.relation}, không phải merged"
                )
                mistakes.append(row.mistake(text))
        elif steps[0][1].relation == "merged":
            text = f"đơn vị {code} ghi là sáp nhập (merged) nhưng chỉ có một đơn vị cũ"
            mistakes.append(steps[0][0].mistake(text))
    for (code, _), steps in olds.items():
        if len(steps) == 1 and steps[0][1].relation == "split":
            text = f"đơn vị {code} ghi là chia tách (split) nhưng chỉ đi về một đơn vị"
            mistakes.append(steps[0][0].mistake(text))


def _wrong_ends(
    step: Lineage, old: _UnitKey, new: _UnitKey, by_key: Mapping[_UnitKey, tuple[Row, Unit]]
) -> Iterable[str]:
    for code, starts in (old, new):
        if (code, starts) not in by_key:
            yield f"units.csv không có đơn vị {code} bắt đầu ngày {starts}"
    if new in by_key and new[1] != step.effective_on:
        yield f"đơn vị {new[0]} không bắt đầu vào ngày {step.effective_on}"
    if old in by_key and by_key[old][1].valid_to != step.effective_on - _DAY:
        yield f"đơn vị {old[0]} không kết thúc vào ngày liền trước {step.effective_on}"


def check_contacts(contacts: Sequence[Row], units: Rows[Unit], mistakes: Mistakes) -> None:
    """Samples only: real addresses are personal data and live in the store."""
    codes = {unit.code for _, unit in units}
    for row in contacts:
        code = row.cells.get("code", "")
        if code not in codes:
            mistakes.append(row.mistake(f"không có đơn vị mang mã '{code}' trong units.csv"))
        email = row.cells.get("email", "")
        if "@" not in email or not email.endswith(".example"):
            mistakes.append(row.mistake(f"địa chỉ mẫu phải nằm dưới .example, không phải '{email}'"))


def check_agencies(
    file: YamlFile, agencies: Sequence[Agency], mistakes: Mistakes, *, has_places: bool
) -> None:
    for role in (*_ROLES, _DEPARTMENT) if has_places else _ROLES:
        if all(agency.role != role for agency in agencies):
            mistakes.append(file.mistake(f"chưa có cơ quan giữ vai trò '{role}'", "agencies"))
    ends: dict[str, date | None] = {}
    order = sorted(range(len(agencies)), key=lambda index: agencies[index].valid_from)
    for index in order:
        agency = agencies[index]
        if agency.role not in _ALL_ROLES:
            text = f"vai trò '{agency.role}' không có; chọn một trong: {', '.join(_ALL_ROLES)}"
            mistakes.append(file.mistake(text, "agencies", index, "role"))
        if agency.valid_to is not None and agency.valid_to < agency.valid_from:
            mistakes.append(file.mistake("valid_to ở trước valid_from", "agencies", index, "valid_to"))
        if agency.role in ends:
            end = ends[agency.role]
            if end is None or agency.valid_from <= end:
                text = f"hai cơ quan cùng giữ vai trò '{agency.role}' trong một thời gian"
                mistakes.append(file.mistake(text, "agencies", index, "valid_from"))
            elif agency.valid_from > end + _DAY:
                text = f"từ {end + _DAY} không cơ quan nào giữ vai trò '{agency.role}'"
                mistakes.append(file.mistake(text, "agencies", index, "valid_from"))
        ends[agency.role] = agency.valid_to


def check_indicators(indicators: Rows[Indicator], catalogue: Catalogue, mistakes: Mistakes) -> None:
    _check_twice([(row, indicator.code) for row, indicator in indicators], "chỉ tiêu", mistakes)
    by_code = {indicator.code: indicator for _, indicator in indicators}
    for row, indicator in indicators:
        for text in (
            *_unknown_names(indicator, catalogue),
            *_wrong_shape(indicator, by_code),
            *_wrong_formula(indicator, by_code, catalogue),
        ):
            mistakes.append(row.mistake(f"{indicator.code}: {text}"))


def check_succession(
    file: YamlFile, ends: date, succession: Sequence[Succession], mistakes: Mistakes
) -> None:
    """Each document has number and date and reaches further than what went before it."""
    for index, each in enumerate(succession):
        place = ("succession", index)
        if parse_document(f"số {each.document}") is None:
            text = f"văn bản '{each.document}' cần có số, ký hiệu và ngày"
            mistakes.append(file.mistake(text, *place, "document"))
        if each.valid_to <= ends:
            mistakes.append(file.mistake(f"valid_to phải sau {ends:%d/%m/%Y}", *place, "valid_to"))
        if each.kind == "succeeds" and each.name is None:
            mistakes.append(file.mistake("văn bản thay thế cần tên chương trình kế tiếp (name)", *place))
        ends = max(ends, each.valid_to)


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
        for code, found in ((step.predecessor_code, old), (step.successor_code, new)):
            if found is None:
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


def check_edits(
    file: YamlFile, edits: Sequence[Edit], indicators: Sequence[Indicator], mistakes: Mistakes
) -> None:
    known = {indicator.code: indicator for indicator in indicators}
    seen: set[str] = set()
    for index, edit in enumerate(edits):
        if edit.id in seen:
            mistakes.append(file.mistake(f"quy tắc {edit.id} ghi hai lần", "edits", index, "id"))
        seen.add(edit.id)
        for place, code in _codes(edit):
            if code not in known:
                text = f"{edit.id} nhắc đến chỉ tiêu '{code}' không có trong indicators.csv"
                mistakes.append(file.mistake(text, "edits", index, place))
            elif not known[code].type.is_number:
                mistakes.append(file.mistake(f"{edit.id}: {code} không phải là số", "edits", index, place))
        for text in _wrong_edit(edit):
            mistakes.append(file.mistake(f"{edit.id}: {text}", "edits", index, "family"))


def _codes(edit: Edit) -> Iterable[tuple[str, str]]:
    for place in ("indicators", "parts", "wholes"):
        yield from ((place, code) for code in getattr(edit, place))
    for place in ("total", "part", "numerator", "denominator"):
        code = getattr(edit, place)
        if code is not None:
            yield place, code


def _wrong_edit(edit: Edit) -> Iterable[str]:
    for name in _EDIT_NEEDS.get(edit.family, ()):
        if not getattr(edit, name):
            yield f"quy tắc loại {edit.family} cần mục '{name}'"
    if edit.family in ("ratio", "range") and edit.minimum is None and edit.maximum is None:
        yield f"quy tắc loại {edit.family} cần mục 'minimum' hoặc 'maximum'"
    if edit.family == "duplicate" and len(edit.indicators) < 2:
        yield "quy tắc loại duplicate cần ít nhất hai chỉ tiêu"
    limits: dict[str, Decimal] = {}
    for name in ("tolerance", "minimum", "maximum"):
        value = getattr(edit, name)
        try:
            if value is not None and not (name == "tolerance" and value == ROUNDED):
                limits[name] = Decimal(value)
        except InvalidOperation:
            yield f"'{value}' ở '{name}' không phải là số"
    if "minimum" in limits and "maximum" in limits and limits["minimum"] > limits["maximum"]:
        yield "minimum lớn hơn maximum"


def _check_twice(items: Iterable[tuple[Row, str]], what: str, mistakes: Mistakes) -> None:
    seen: dict[str, int] = {}
    for row, key in items:
        if key in seen:
            mistakes.append(row.mistake(f"{what} '{key}' đã có ở dòng {seen[key]}"))
        seen.setdefault(key, row.line)
