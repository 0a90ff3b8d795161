"""What following up would do today, before anything is done."""

from reporting.follow_up import due
from reporting.follow_up.call_list import due_calls
from reporting.follow_up.escalation import may_escalate
from reporting.follow_up.unit_facts import unit_facts
from reporting.home.context import Context, current_cycles
from reporting.states import CycleState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading


def reminders_due(context: Context) -> list[str]:
    """What ``remind`` would queue today, a line each; nothing is changed."""
    lines = []
    with reading(context.home.engine) as session:
        for row, definition in current_cycles(session, context.programme):
            if row.state is not CycleState.OPEN:
                continue
            status = cycle_status(session, context.programme, row.name, as_of=context.today)
            names = {unit.unit.code: unit.unit.name for unit in status.units}
            for action in due.unit_actions(
                context.programme,
                definition,
                unit_facts(context, session, row, status),
                context.today,
                may_escalate=may_escalate(session, context.programme, row),
            ):
                if isinstance(action, due.Remind):
                    lines.append(f"{row.name}: nhắc lần {action.sequence} {names[action.unit]}")
                elif isinstance(action, due.Escalate):
                    named = ", ".join(names[code] for code in action.units)
                    lines.append(f"{row.name}: dự thảo công văn đôn đốc {named}")
    return lines or ["Không có thư nhắc nào đến hạn."]


def calls_due(context: Context) -> int:
    """How many units are to be rung today, over all open cycles of the programme."""
    with reading(context.home.engine) as session:
        statuses = [
            cycle_status(session, context.programme, row.name, as_of=context.today)
            for row, _ in current_cycles(session, context.programme)
        ]
        return sum(len(due_calls(session, context.programme, status, context.today)) for status in statuses)
