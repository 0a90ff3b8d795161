"""What the calendar asks for: planning cycles, drafting letters, opening and closing."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from reporting.follow_up.due import AwaitLetter, Close, CycleAction, DraftLetter, Open, cycle_actions
from reporting.home.context import Context, current_cycles, for_each_programme
from reporting.home.folder import rehearsed_cycle
from reporting.outcome import Outcome
from reporting.programme.model import CycleDefinition
from reporting.requests import lifecycle
from reporting.requests.letter import draft_request, request_letter
from reporting.store import audit
from reporting.store.tables import Cycle
from reporting.vietnamese.formats import short_date


def follow_calendar(context: Context) -> Outcome:
    """Plan the cycles whose period has begun, draft letters, open those that need none, close the past."""
    return for_each_programme(context, _follow)


def _follow(context: Context, session: Session) -> Outcome:
    done: list[str] = []
    waiting = list(_out_of_force(context, session))
    for definition in _due_to_plan(context, session):
        known = {row.name for row, _ in current_cycles(session, context.programme)}
        lifecycle.plan_cycle(context, session, definition.name)
        if definition.name not in known:
            done.append(f"lập kỳ {definition.name}")
    for row, definition in current_cycles(session, context.programme):
        lifecycle.follow_calendar(context, session, row)
        for action in _calendar_actions(context, session, row, definition):
            if isinstance(action, DraftLetter):
                file = draft_request(context, session, row)
                done.append(f"dự thảo công văn đề nghị báo cáo kỳ {row.name}: {file.name}")
            elif isinstance(action, Open):
                opening = lifecycle.open_cycle(context, session, row, by=audit.SYSTEM)
                done.append(f"mở kỳ {row.name}: {opening.queued} thư yêu cầu")
                waiting += [f"{name}: chưa có địa chỉ thư" for name in opening.without_address]
            elif isinstance(action, AwaitLetter):
                waiting.append(
                    f"kỳ {row.name} chờ đăng ký công văn đã ký (từ ngày {short_date(action.since)})"
                )
            elif isinstance(action, Close):
                lifecycle.close_cycle(context, session, row)
                done.append(f"khóa sổ kỳ {row.name}")
    return Outcome(tuple(done), tuple(waiting))


def _due_to_plan(context: Context, session: Session) -> list[CycleDefinition]:
    only = rehearsed_cycle(session)
    return [
        cycle
        for cycle in context.programme.cycles
        if cycle.period_start <= context.today <= cycle.close_on
        and (only is None or cycle.name == only)
        and context.programme.is_in_force(cycle)
    ]


def _out_of_force(context: Context, session: Session) -> Iterator[str]:
    """The cycles that should open about now and may not: the programme has ended (PRACTICE P24)."""
    for cycle in context.programme.cycles if rehearsed_cycle(session) is None else ():
        soon = cycle.open_on - timedelta(days=30)
        if soon <= context.today <= cycle.close_on and not context.programme.is_in_force(cycle):
            yield (
                f"kỳ {cycle.name} nằm ngoài thời hạn của chương trình: cần nhập văn bản gia hạn hoặc "
                "thay thế (programme.yaml, mục succession) rồi mới lập được"
            )


def _calendar_actions(
    context: Context, session: Session, row: Cycle, definition: CycleDefinition
) -> list[CycleAction]:
    letter = request_letter(session, row)
    return cycle_actions(
        context.programme,
        definition,
        state=row.state,
        letter_drafted=letter is not None,
        today=context.today,
    )
