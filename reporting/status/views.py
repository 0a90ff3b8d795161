"""A cycle's status in other units than those of its time: each later unit from its older ones.

A later unit has reported when all older units in it have; ``partial`` when only some. Where an old
unit was split, the later ones cannot be told apart: they stand together, one row for all.
"""

from collections.abc import Sequence
from dataclasses import replace

from reporting.errors import BadInput
from reporting.programme.lineage import Group, View, groups, key, views
from reporting.programme.model import Programme, Unit
from reporting.status.cycle import CycleStatus
from reporting.status.unit import REPORTED, Timeliness, UnitState, UnitStatus
from reporting.vietnamese.formats import short_date

# Of several parts that are alike in being reported, or in not being it, the first found here speaks.
_OF_REPORTED = (UnitState.NEEDS_CORRECTION, UnitState.LETTER_ONLY, UnitState.ACCEPTED_WITH_WAIVERS)
_OF_OTHERS = (UnitState.UNDER_REVIEW, UnitState.DRAFT)
_SLOWEST_FIRST = (Timeliness.LATE, Timeliness.ON_TIME)


def find_view(status: CycleStatus, text: str) -> View:
    """The view of that name (63, 34). Raises BadInput naming those there are."""
    offered = views(status.programme, status.cycle)
    for view in offered:
        if view.name == text.strip():
            return view
    known = ", ".join(f"{view.name} (từ {short_date(view.since)})" for view in offered)
    raise BadInput(f"Kỳ {status.cycle.name} không xem được theo '{text.strip()}' đơn vị; có: {known}.")


def in_view(status: CycleStatus, view: View) -> CycleStatus:
    """The same status in the view's units; what is counted of units is counted of those."""
    if view.is_own:
        return status
    by_key = {key(unit.unit): unit for unit in status.units}
    regions = {region.id: region.name for region in status.programme.regions}
    compared = groups(status.programme, [unit.unit for unit in status.units], view.units)
    units = [
        _combined(status.programme, group, [by_key[key(unit)] for unit in group.before], regions)
        for group in compared
        if group.before  # a unit that came from nothing owes nothing for a time before it
    ]
    return replace(status, units=tuple(units), view=view)


def _combined(
    programme: Programme, group: Group, parts: Sequence[UnitStatus], regions: dict[str, str]
) -> UnitStatus:
    unit = _together(group.after) if group.after else parts[0].unit
    together = group.after if len(group.after) > 1 else ()
    region = regions.get(unit.region, unit.region)
    if len(parts) == 1:
        return replace(parts[0], unit=unit, region=region, parts=tuple(parts), together=together)
    whole = all(part.is_reported for part in parts)
    numbers = dict.fromkeys(part.document_number for part in parts if part.document_number)
    promised = [part.promised_on for part in parts if part.promised_on]
    called = [part.last_call_on for part in parts if part.last_call_on]
    received = [part.received_on for part in parts if part.received_on]
    dated = [part.document_date for part in parts if part.document_date]
    channels = {part.channel for part in parts}
    kinds = {part.document_kind for part in parts}
    return UnitStatus(
        unit=unit,
        row_id=None,
        region=region,
        state=_state(parts),
        document_number="; ".join(numbers) or None,
        document_date=max(dated, default=None),
        document_kind=kinds.pop() if len(kinds) == 1 else None,
        received_on=max(received, default=None),
        channel=channels.pop() if len(channels) == 1 else None,
        timeliness=_slowest(parts) if whole else None,
        due_on=max((part.due_on for part in parts if part.due_on), default=None),
        open_errors=sum(part.open_errors for part in parts),
        open_warnings=sum(part.open_warnings for part in parts),
        reminders=sum(part.reminders for part in parts),
        calls=sum(part.calls for part in parts),
        last_call_on=max(called, default=None),
        promised_on=max(promised, default=None),
        quarantined=sum(part.quarantined for part in parts),
        doubtful=sum(part.doubtful for part in parts),
        doubt_until=max((part.doubt_until for part in parts if part.doubt_until), default=None),
        has_draft=any(part.has_draft for part in parts),
        parts=tuple(parts),
        together=together,
    )


def _together(units: Sequence[Unit]) -> Unit:
    """The unit itself, or one name for several that cannot be told apart."""
    first = units[0]
    if len(units) == 1:
        return first
    return first.model_copy(
        update={
            "code": "+".join(unit.code for unit in units),
            "name": " và ".join(unit.name for unit in units),
            "full_name": " và ".join(unit.full_name for unit in units),
            "annex_name": None,
        }
    )


def _state(parts: Sequence[UnitStatus]) -> UnitState:
    states = {part.state for part in parts}
    if states <= REPORTED:
        return next((state for state in _OF_REPORTED if state in states), UnitState.ACCEPTED)
    if states & REPORTED:
        return UnitState.PARTIAL
    return next((state for state in _OF_OTHERS if state in states), UnitState.MISSING)


def _slowest(parts: Sequence[UnitStatus]) -> Timeliness:
    present = {part.timeliness for part in parts}
    return next((slowest for slowest in _SLOWEST_FIRST if slowest in present), Timeliness.EARLY)
