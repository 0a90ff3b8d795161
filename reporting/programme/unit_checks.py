"""What must hold of those who report and those they report to: units, lineage, contacts, agencies."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

from reporting.programme.model import Agency, Lineage, Region, Succession, Tile, Unit
from reporting.programme.sources import Mistakes, Row, Rows, YamlFile, check_twice
from reporting.vietnamese.cited_numbers import parse_document
from reporting.vietnamese.text import fold

_DAY = timedelta(days=1)
_UNIT_CODE = re.compile(r"^[a-z0-9]+$")  # it stands in the addresses of our mails
_ROLES = ("issuer", "ministry")  # without these no letter and no report can be made
_DEPARTMENT = "department"  # needed where provinces or cities report
_ALL_ROLES = (*_ROLES, _DEPARTMENT, "counterpart")
Key = TypeVar("Key", bound=Hashable)
_UnitKey = tuple[str, date]


def check_units(units: Rows[Unit], regions: Rows[Region], mistakes: Mistakes) -> None:
    check_twice([(row, region.id) for row, region in regions], "vùng", mistakes)
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


def check_succession(
    file: YamlFile, ends: date, succession: Sequence[Succession], mistakes: Mistakes
) -> None:
    """Each document has number and date and reaches further than what went before it."""
    for index, step in enumerate(succession):
        place = ("succession", index)
        if parse_document(f"số {step.document}") is None:
            text = f"văn bản '{step.document}' cần có số, ký hiệu và ngày"
            mistakes.append(file.mistake(text, *place, "document"))
        if step.valid_to <= ends:
            mistakes.append(file.mistake(f"valid_to phải sau {ends:%d/%m/%Y}", *place, "valid_to"))
        if step.kind == "succeeds" and step.name is None:
            mistakes.append(file.mistake("văn bản thay thế cần tên chương trình kế tiếp (name)", *place))
        ends = max(ends, step.valid_to)
