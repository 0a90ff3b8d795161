"""call-list, escalate, handover: what a person does next, and what the next person takes over."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.arguments import Cycle, OptionalCycle, current_cycle
from deployments.cli.language import in_language
from deployments.cli.terminal import Json, Today, day_option, say
from reporting.errors import BadInput
from reporting.states import Channel

if TYPE_CHECKING:
    from reporting.follow_up.call_list import DueCall


def call_list(cycle: OptionalCycle = None, json: Json = False, today: Today = None) -> None:
    """Hôm nay gọi Sở nào: lý do, số điện thoại, đã gửi gì, lần gọi và lời hẹn gần nhất."""
    from reporting.follow_up.call_list import due_calls
    from reporting.status.cycle import cycle_status
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    with reading(context.home.engine) as session:
        name = cycle or current_cycle(context, session)
        status = cycle_status(session, context.programme, name, as_of=context.today)
        calls = due_calls(session, context.programme, status, context.today)
        if json:
            terminal.show_json([call.as_json() for call in calls])
        elif calls:
            _show_calls(calls)
        else:
            say("Hôm nay không có đơn vị nào cần gọi.")


def _show_calls(calls: "list[DueCall]") -> None:
    from reporting.contacts.book import person
    from reporting.vietnamese.formats import short_date

    rows = []
    for call in calls:
        whom = call.contact
        last, promise = call.last_call, call.unit.promised_on
        rows.append(
            (
                call.unit.unit.name,
                call.why,
                ", ".join(part for part in (whom and person(whom), whom and whom.position) if part),
                (whom and whom.telephone) or "chưa có số",
                call.sent_in_short or "chưa gửi gì",
                f"{short_date(last.called_on)}, {last.spoke_to}: {last.result}" if last else "",
                short_date(promise) if promise else "",
            )
        )
    columns = ("Đơn vị", "Vì sao", "Gặp ai", "Điện thoại", "Đã gửi", "Lần gọi trước", "Đã hẹn")
    terminal.table(f"Cần gọi: {len(rows)} đơn vị", columns, rows)


def escalate(
    cycle: Cycle,
    number: Annotated[str | None, typer.Option(help="Số, ký hiệu công văn đã gửi.", metavar="N")] = None,
    signed_on: Annotated[datetime | None, day_option("Ngày ký công văn.")] = None,
    channel: Annotated[
        str, typer.Option(help="Gửi bằng cách nào: exchange, eoffice, paper, email.", metavar="CÁCH")
    ] = Channel.EXCHANGE,
    letter: Annotated[Path | None, typer.Option(help="Công văn đã ký (PDF).", metavar="PDF")] = None,
    by: Annotated[str, typer.Option("--by", help="Người ghi nhận.", metavar="TÊN")] = "",
    today: Today = None,
) -> None:
    """Dự thảo công văn đôn đốc kèm phiếu trình; hoặc ghi nhận công văn đã ký và đã gửi (máy không tự gửi)."""
    from reporting.follow_up.escalation import draft_now, register_escalation
    from reporting.store.engine import writing
    from reporting.vietnamese.formats import short_date
    from reporting.words import WORDS_OF

    given = (number, signed_on, by)
    if (any(given) or letter) and not all(given):
        raise BadInput("Ghi nhận công văn đã gửi cần đủ: --number, --signed-on, --by.")
    context = terminal.context(today)
    with writing(context.home.engine) as session:
        if number is None or signed_on is None:
            for file in draft_now(context, session, cycle):
                say(f"Dự thảo: {file}")
            return
        sent = register_escalation(
            context,
            session,
            cycle,
            number=number,
            signed_on=signed_on.date(),
            channel=channel,
            by=by,
            file=letter,
        )
        day = short_date(sent.signed_on) if sent.signed_on else ""
        way = WORDS_OF[Channel][str(sent.channel)]
        say(f"Đã ghi nhận công văn đôn đốc số {sent.number} ngày {day}, gửi qua {way}.")


def handover(json: Json = False, today: Today = None) -> None:
    """Mọi việc đang mở, để bàn giao cho người khác."""
    from reporting.follow_up.handover import all_open
    from reporting.status.words import status_line
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    with reading(context.home.engine) as session:
        open_matters = all_open(session, context.programme, context.today)
        if json:
            terminal.show_json(
                [
                    {
                        "cycle": status.cycle.name,
                        "state": str(status.state),
                        "line": status_line(status, context.now),
                        "matters": [matter.as_json() for matter in matters],
                    }
                    for status, matters in open_matters
                ]
            )
            return
        for status, matters in open_matters:
            say(f"Kỳ {status.cycle.name}: {status_line(status, context.now)}.")
            for matter in matters:
                title = in_language(matter.title)
                say(f"\n{title}: {matter.count}" + (f"  ({matter.command})" if matter.command else ""))
                for line in matter.lines:
                    say(f"  • {line}")
            say()
    if not any(matters for _, matters in open_matters):
        say("Không có việc gì đang mở.")


def add_to(app: typer.Typer) -> None:
    app.command("call-list")(call_list)
    app.command("escalate")(escalate)
    app.command("handover")(handover)
