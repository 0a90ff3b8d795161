"""send, outbox."""

from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import By, DryRun, ExitCode, Json, Today, Why, say

if TYPE_CHECKING:
    from reporting.requests.again import SentAgain

outbox_app = typer.Typer(help="Thư gửi đi và trạng thái của chúng.", invoke_without_command=True)
Ids = Annotated[list[int], typer.Argument(help="Số thư đi.", metavar="ID...")]


def send(dry_run: DryRun = False, exit_code: ExitCode = False, today: Today = None) -> None:
    """Gửi những thư đang xếp hàng."""
    import asyncio

    from reporting.day import send_queued

    if dry_run:
        _show("queued", as_json=False)
        return
    context = terminal.context(today)
    terminal.warn_of_stand_ins(context)
    terminal.show_outcome(asyncio.run(send_queued(context)), exit_code)


@outbox_app.callback()
def outbox(
    invocation: typer.Context,
    state: Annotated[str | None, typer.Option(help="Chỉ những thư ở trạng thái này.")] = None,
    json: Json = False,
) -> None:
    """Liệt kê thư gửi đi."""
    if invocation.invoked_subcommand is None:
        _show(state, as_json=json)


def _show(state: str | None, *, as_json: bool) -> None:
    from sqlalchemy import select

    from reporting.errors import BadInput
    from reporting.states import MessageKind, MessageState
    from reporting.store.engine import reading
    from reporting.store.tables import Message
    from reporting.words import WORDS_OF, with_codes

    if state is not None and state not in [*MessageState]:
        raise BadInput(f"Không có trạng thái thư '{state}'; chọn một trong: {with_codes(MessageState)}.")
    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        query = select(Message).where(Message.programme == context.programme.id).order_by(Message.id)
        rows = [
            {
                "id": message.id,
                "cycle": message.cycle.name if message.cycle else "",
                "unit": message.unit.name if message.unit else "(nội bộ)",
                "kind": message.kind.value,
                "sequence": message.sequence,
                "recipient": message.recipient,
                "state": message.state.value,
                "queued_on": message.queued_on.isoformat(),
                "settled_by": message.settled_by,
                "error": message.error or (message.smtp_reply if message.state == "retry_wait" else None),
            }
            for message in session.scalars(query.where(Message.state == state) if state else query)
        ]
    if as_json:
        terminal.show_json(rows)
        return
    terminal.table(
        f"{len(rows)} thư đi",
        ("Thư đi", "Đơn vị", "Loại", "Lần", "Gửi đến", "Trạng thái", "Ngày", "Ghi chú"),
        [
            (
                str(row["id"]),
                str(row["unit"]),
                WORDS_OF[MessageKind][str(row["kind"])],
                str(row["sequence"]),
                str(row["recipient"]),
                WORDS_OF[MessageState][str(row["state"])],
                terminal.day(row["queued_on"]),
                str(row["error"] or ""),
            )
            for row in rows
        ],
    )


@outbox_app.command("show")
def show(message_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Xem một thư như nó đã hoặc sẽ được gửi."""
    from email import message_from_bytes, policy
    from email.header import decode_header, make_header

    from reporting.mail.outbox.render import as_it_leaves
    from reporting.store.engine import reading
    from reporting.store.mail_numbers import outgoing

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        message = outgoing(session, message_id)
        raw = as_it_leaves(context, session, message)
    shown = message_from_bytes(raw, policy=policy.default)
    headers = dict(shown.raw_items())
    for name in ("From", "To", "Reply-To", "Subject", "Date", "In-Reply-To", "Message-ID"):
        if name in headers:  # not as parsed: long names would show a gap where the line was folded
            terminal.quote(f"{name}: {make_header(decode_header(headers[name].replace(chr(10), '')))}")
    body = shown.get_body(("plain",))
    say()
    terminal.quote(body.get_content().replace("\r\n", "\n") if body is not None else "")
    for part in shown.iter_attachments():
        say(f"[tệp kèm: {part.get_filename()}]")


@outbox_app.command("release")
def release(
    by: By,
    ids: Annotated[list[int] | None, typer.Argument(help="Số thư đi.", metavar="ID...")] = None,
    kind: Annotated[str | None, typer.Option(help="Mọi thư đang giữ thuộc loại này.")] = None,
    today: Today = None,
) -> None:
    """Cho thư đang giữ, gửi hỏng hoặc bị trả lại được đi, đến địa chỉ hiện nay của đơn vị."""
    from sqlalchemy import select

    from reporting.errors import BadInput
    from reporting.requests.again import release as run
    from reporting.states import MessageKind, MessageState
    from reporting.store.engine import writing
    from reporting.store.tables import Message
    from reporting.words import with_codes

    if bool(ids) == bool(kind) or (kind and kind not in [*MessageKind]):
        raise BadInput(f"Cho biết mã thư, hoặc --kind với một trong: {with_codes(MessageKind)}.")
    context = terminal.context(today)
    with writing(context.home.engine) as session:
        if kind:
            held = select(Message.id).where(
                Message.state == MessageState.HELD, Message.kind == MessageKind(kind)
            )
            ids = list(session.scalars(held))
        outcomes = run(context, session, ids or [], by=by)
        lines = [line for outcome in outcomes for line in _line_if_elsewhere(outcome)]
        count = sum(len(outcome.recipients) for outcome in outcomes)
    for line in lines:
        say(line)
    say(f"Đã cho gửi {count} thư.")


def _line_if_elsewhere(outcome: "SentAgain") -> list[str]:
    """What to say of a message that does not simply go where it was to go."""
    message = outcome.message
    name = message.unit.name if message.unit else "(nội bộ)"
    if not outcome.recipients:
        return [f"Thư đi {message.id}, {name}: {outcome.why_not}"]
    if outcome.recipients == (message.recipient,):
        return []
    return [f"Thư đi {message.id}, {name}: {message.recipient} → {', '.join(outcome.recipients)}"]


@outbox_app.command("again")
def again(
    by: By,
    why: Why,
    units: Annotated[
        list[str] | None, typer.Argument(help="Mã hoặc tên các đơn vị.", metavar="UNIT...")
    ] = None,
    cause: Annotated[
        str, typer.Option(help="Mọi thư có chữ này trong lý do bị trả lại, ví dụ relay.", metavar="CHỮ")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Mọi thư bị trả lại hoặc gửi hỏng.")] = False,
    dry_run: DryRun = False,
    today: Today = None,
) -> None:
    """Gửi lại thư bị trả lại hoặc gửi hỏng đến địa chỉ hiện nay của đơn vị; thư cũ vẫn nằm trong lịch sử."""
    from reporting.errors import BadInput
    from reporting.programme.units import named_rows
    from reporting.requests.again import came_back, send_again
    from reporting.store.engine import trying, writing

    if not units and not cause and not everything:
        raise BadInput("Cho biết đơn vị, hoặc --cause với lý do, hoặc --all.")
    context = terminal.context(today, writes=not dry_run)
    with (trying if dry_run else writing)(context.home.engine) as session:
        rows = came_back(context, session, named_rows(session, context.programme, units or []), cause)
        outcomes = send_again(context, session, rows, by=by, why=why)
        lines = [line for outcome in outcomes for line in _line_of(outcome)]
        count = sum(len(outcome.recipients) for outcome in outcomes)
    for line in lines:
        say(line)
    say(f"Sẽ xếp hàng {count} thư gửi lại." if dry_run else f"Đã xếp hàng {count} thư gửi lại.")


def _line_of(outcome: "SentAgain") -> list[str]:
    to, unit = ", ".join(outcome.recipients), outcome.message.unit
    name = unit.name if unit else "(nội bộ)"
    return _line_if_elsewhere(outcome) or [f"Thư đi {outcome.message.id}, {name}: → {to}"]


@outbox_app.command("cancel")
def cancel(ids: Ids, by: By, why: Why, today: Today = None) -> None:
    """Hủy những thư chưa đi mà không cần nữa (đang giữ, đang xếp hàng, gửi không được)."""
    from reporting.mail.outbox.messages import cancel as run
    from reporting.store.engine import writing
    from reporting.store.mail_numbers import outgoing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        for number in ids:
            run(session, outgoing(session, number), why=why, now=context.now, by=by)
    say(f"Đã hủy {len(ids)} thư.")


@outbox_app.command("resolve")
def resolve(
    message_id: Annotated[int, typer.Argument(metavar="ID")],
    decision: Annotated[str, typer.Argument(help="sent: đã đi; resend: gửi lại.", metavar="sent|resend")],
    by: By,
    why: Why,
    today: Today = None,
) -> None:
    """Quyết định về một thư chưa rõ đã đi hay chưa."""
    from typing import Any, cast

    from reporting.errors import BadInput
    from reporting.mail.outbox.messages import resolve as run
    from reporting.store.engine import writing
    from reporting.store.mail_numbers import outgoing

    if decision not in ("sent", "resend"):
        raise BadInput("Quyết định phải là sent hoặc resend.")
    context = terminal.context(today)
    with writing(context.home.engine) as session:
        run(session, outgoing(session, message_id), cast("Any", decision), by=by, why=why, now=context.now)
    say(f"Thư đi {message_id}: {'đã đi' if decision == 'sent' else 'gửi lại'}.")


def add_to(app: typer.Typer) -> None:
    app.command("send")(send)
    app.add_typer(outbox_app, name="outbox")
