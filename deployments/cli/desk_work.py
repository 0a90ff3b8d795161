"""call-list, handover: what a person at the desk does next, and what the next person takes over."""

from typing import TYPE_CHECKING

import typer

from deployments.cli import edge
from deployments.cli.cycle import OptionalCycle, current_cycle
from deployments.cli.edge import Json, Today, say

if TYPE_CHECKING:
    from reporting.call_list import DueCall


def call_list(cycle: OptionalCycle = None, json: Json = False, today: Today = None) -> None:
    """Hôm nay gọi Sở nào: lý do, số điện thoại, đã gửi gì, lần gọi và lời hẹn gần nhất."""
    from reporting.call_list import due_calls
    from reporting.status import cycle_status
    from reporting.store.engine import reading

    desk = edge.desk(today, writes=False)
    with reading(desk.home.engine) as session:
        name = cycle or current_cycle(desk, session)
        status = cycle_status(session, desk.programme, name, as_of=desk.today)
        calls = due_calls(session, desk.programme, status, desk.today)
        if json:
            edge.show_json([each.as_json() for each in calls])
        elif calls:
            _show_calls(calls)
        else:
            say("Hôm nay không có đơn vị nào cần gọi.")


def _show_calls(calls: "list[DueCall]") -> None:
    from reporting.vnfmt import short_date

    rows = []
    for each in calls:
        whom = each.contact
        last, promise = each.last_call, each.unit.promised_on
        rows.append(
            (
                each.unit.unit.name,
                each.why,
                ", ".join(part for part in (whom and whom.name, whom and whom.position) if part),
                (whom and whom.telephone) or "chưa có số",
                "; ".join(each.sent) or "chưa gửi gì",
                f"{short_date(last.called_on)}, {last.spoke_to}: {last.result}" if last else "",
                short_date(promise) if promise else "",
            )
        )
    columns = ("Đơn vị", "Vì sao", "Gặp ai", "Điện thoại", "Đã gửi", "Lần gọi trước", "Đã hẹn")
    edge.table(f"Cần gọi: {len(rows)} đơn vị", columns, rows)


def handover(json: Json = False, today: Today = None) -> None:
    """Mọi việc đang mở, để bàn giao cho người khác."""
    from reporting.open_matters import all_open
    from reporting.status import status_line
    from reporting.store.engine import reading

    desk = edge.desk(today, writes=False)
    with reading(desk.home.engine) as session:
        found = all_open(session, desk.programme, desk.today)
        if json:
            edge.show_json(
                [
                    {
                        "cycle": status.cycle.name,
                        "state": str(status.state),
                        "line": status_line(status, desk.now),
                        "matters": [matter.as_json() for matter in matters],
                    }
                    for status, matters in found
                ]
            )
            return
        for status, matters in found:
            say(f"Kỳ {status.cycle.name}: {status_line(status, desk.now)}.")
            for matter in matters:
                say(f"\n{matter.title}: {matter.count}" + (f"  ({matter.command})" if matter.command else ""))
                for line in matter.lines:
                    say(f"  • {line}")
            say()
    if not any(matters for _, matters in found):
        say("Không có việc gì đang mở.")


def add_to(app: typer.Typer) -> None:
    app.command("call-list")(call_list)
    app.command("handover")(handover)
