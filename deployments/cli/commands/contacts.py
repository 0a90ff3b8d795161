"""contacts import, export, proposed, accept, reject, review, close, confirm, history, plain-reply."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.contact_decisions import (
    accept_contacts,
    ask_for_key,
    in_words,
    reject_contacts,
    warn_of_open_cycles,
)
from deployments.cli.language import in_language
from deployments.cli.terminal import By, DryRun, Json, Today, Why, say

if TYPE_CHECKING:
    pass

contacts_app = typer.Typer(help="Liên hệ của các đơn vị.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="Tệp .csv hoặc .xlsx.", metavar="FILE")]
Ids = Annotated[list[int], typer.Argument(help="Mã liên hệ đề xuất.", metavar="ID...")]
Instead = Annotated[
    bool, typer.Option("--instead", help="Thay cho cán bộ đầu mối đang dùng: đóng các địa chỉ cũ đó.")
]


@contacts_app.command("import")
def contacts_import(file: File, by: By, dry_run: DryRun = False, today: Today = None) -> None:
    """Nhập liên hệ; cho xem thay đổi trước, sai một dòng thì không nhập dòng nào."""
    from reporting.contacts.files import import_contacts
    from reporting.programme.unit_changes import open_cycles
    from reporting.programme.units import sync_units
    from reporting.store.engine import trying, writing

    context = terminal.context(today, writes=not dry_run)
    with (trying if dry_run else writing)(context.home.engine) as session:
        if dry_run:
            sync_units(session, context.programme)
        changes = import_contacts(
            session, context.programme, file, by=by, today=context.today, now=context.now, dry_run=dry_run
        )
        opened = open_cycles(session, context.programme)
    for change in changes:
        if change.what != "giữ nguyên":
            say(in_words(change))
        if change.notice is not None:
            say(f"{change.unit}: {change.notice}")
    say(f"{'Sẽ' if dry_run else 'Đã'} xử lý {len(changes)} dòng.")
    warn_of_open_cycles(opened)


@contacts_app.command("close")
def contacts_close(
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên đơn vị.", metavar="UNIT")],
    email: Annotated[str, typer.Argument(help="Địa chỉ thư.", metavar="EMAIL")],
    by: By,
    why: Why,
    whole: Annotated[
        bool, typer.Option("--whole", help="Đóng cả hộp thư chung, không chỉ tên người phụ trách.")
    ] = False,
    dry_run: DryRun = False,
    today: Today = None,
) -> None:
    """Người phụ trách thôi việc, chuyển công tác: đóng tên, giữ hộp thư chung của Sở."""
    from reporting.contacts.book import NAME_ONLY, close_contact, living_unit
    from reporting.programme.unit_changes import open_cycles
    from reporting.store.engine import trying, writing

    context = terminal.context(today, writes=not dry_run)
    with (trying if dry_run else writing)(context.home.engine) as session:
        row = living_unit(session, context.programme, unit, context.today)
        change = close_contact(
            session,
            context.programme,
            row,
            email,
            whole=whole,
            by=by,
            why=why,
            today=context.today,
            now=context.now,
        )
        opened = open_cycles(session, context.programme)
    whose = f"{change.unit} {change.email}"
    if change.what == NAME_ONLY:
        say(f"{'Sẽ đóng' if dry_run else 'Đã đóng'} tên, giữ địa chỉ: {whose}")
    else:
        say(f"{'Sẽ đóng' if dry_run else 'Đã đóng'} địa chỉ: {whose}")
    warn_of_open_cycles(opened)


@contacts_app.command("confirm")
def contacts_confirm(
    by: By,
    why: Why,
    addresses: Annotated[list[str] | None, typer.Argument(help="Địa chỉ thư.", metavar="EMAIL...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Mọi địa chỉ bị trả lại thư.")] = False,
    today: Today = None,
) -> None:
    """Xác nhận địa chỉ bị trả lại thư vẫn còn dùng: từ nay thư lại đi đến đó."""
    from reporting.contacts.revive import confirm
    from reporting.errors import BadInput
    from reporting.store.engine import writing

    if bool(addresses) == everything:
        raise BadInput("Cho biết địa chỉ, hoặc --all.")
    context = terminal.context(today)
    with writing(context.home.engine) as session:
        changes = confirm(
            session,
            context.programme,
            addresses or [],
            by=by,
            why=why,
            today=context.today,
            now=context.now,
        )
    for change in changes:
        say(f"Dùng lại địa chỉ: {change.unit} {change.email}")
    say(f"Đã xác nhận {len(changes)} địa chỉ; gửi lại thư bị trả lại bằng 'kybaocao outbox again'.")


@contacts_app.command("history")
def contacts_history(
    unit: Annotated[
        str | None, typer.Argument(help="Mã hoặc tên đơn vị (mặc định: tất cả).", metavar="UNIT")
    ] = None,
    json: Json = False,
) -> None:
    """Mọi địa chỉ đã từng dùng: của ai, từ ngày nào, đến ngày nào, theo nguồn nào."""
    from reporting.contacts.book import history
    from reporting.programme.units import named_rows
    from reporting.states import ContactRole, ContactState
    from reporting.store.engine import reading
    from reporting.words import WORDS_OF

    context = terminal.context(None, writes=False)
    names = ("role", "email", "salutation", "name", "state", "source")
    with reading(context.home.engine) as session:
        units = named_rows(session, context.programme, [unit]) if unit else None
        rows = [
            {
                "code": contact.unit.code,
                "unit": contact.unit.name,
                **{name: getattr(contact, name) for name in names},
                "valid_from": contact.valid_from.isoformat(),
                "valid_to": contact.valid_to.isoformat() if contact.valid_to else None,
            }
            for contact in history(session, context.programme, units)
        ]
    if json:
        terminal.show_json(rows)
        return
    for row in rows:
        row["role"] = WORDS_OF[ContactRole][row["role"] or ""]
        row["state"] = WORDS_OF[ContactState][row["state"] or ""]
        row["valid_from"], row["valid_to"] = terminal.day(row["valid_from"]), terminal.day(row["valid_to"])
    columns = ("Mã", "Đơn vị", "Vai trò", "Địa chỉ", "Xưng hô", "Tên", "Tình trạng", "Nguồn", "Từ", "Đến")
    terminal.table("", columns, [tuple(str(value or "") for value in row.values()) for row in rows])


@contacts_app.command("plain-reply")
def contacts_plain_reply(
    address: Annotated[str, typer.Argument(help="Địa chỉ thư của đơn vị.", metavar="ĐỊA-CHỈ")],
    by: By,
    off: Annotated[bool, typer.Option("--off", help="Trở lại địa chỉ cộng.")] = False,
    today: Today = None,
) -> None:
    """Nhận trả lời ở địa chỉ thường: cho Sở có máy chủ thư không gửi được đến địa chỉ có dấu cộng."""
    from reporting.contacts.book import set_plain_reply
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        units = set_plain_reply(session, context.programme, address, plain=not off, by=by, now=context.now)
    say(f"{', '.join(units)}: thư gửi từ nay ghi địa chỉ trả lời {'có dấu cộng' if off else 'thường'}.")


@contacts_app.command("export")
def contacts_export(file: File, today: Today = None) -> None:
    """Xuất liên hệ đang dùng ra tệp .csv hoặc .xlsx."""
    from reporting.contacts.files import export_contacts
    from reporting.durable import write_durably
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    with reading(context.home.engine) as session:
        content, count = export_contacts(
            session, context.programme, context.today, workbook=file.suffix.lower() == ".xlsx"
        )
    write_durably(file, content)
    say(f"Đã xuất {count} liên hệ ra {file}.")


@contacts_app.command("proposed")
def contacts_proposed(json: Json = False) -> None:
    """Thay đổi do biểu báo cáo hoặc thư đến cho biết, chờ người chấp nhận hoặc loại."""
    from reporting.contacts.proposals import proposed, would_change
    from reporting.store.engine import reading

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        rows = [
            {
                "id": contact.id,
                "code": contact.unit.code,
                "unit": contact.unit.name,
                "role": contact.role,
                "email": contact.email,
                "change": (change := would_change(session, contact)).what,
                "detail": change.detail,
                "source": contact.source,
            }
            for contact in proposed(session, context.programme)
        ]
    if json:
        terminal.show_json(rows)
        return
    columns = ("Mã", "Mã đơn vị", "Đơn vị", "Vai trò", "Địa chỉ", "Thay đổi", "Chi tiết", "Nguồn")
    terminal.table(
        f"{len(rows)} đề xuất", columns, [tuple(str(value) for value in row.values()) for row in rows]
    )


@contacts_app.command("accept")
def contacts_accept(ids: Ids, by: By, instead: Instead = False, today: Today = None) -> None:
    """Chấp nhận liên hệ đề xuất: từ nay thư đi theo đó."""
    accept_contacts(terminal.context(today), ids, by=by, instead=instead)


@contacts_app.command("reject")
def contacts_reject(ids: Ids, by: By, why: Why, today: Today = None) -> None:
    """Loại liên hệ đề xuất; không đề xuất lại nội dung đó nữa."""
    reject_contacts(terminal.context(today), ids, by=by, why=why)


@contacts_app.command("review")
def contacts_review(by: By, today: Today = None) -> None:
    """Xem lần lượt từng liên hệ đề xuất, mỗi quyết định một phím."""
    from reporting.contacts.proposals import others_of, proposed, would_change
    from reporting.store.engine import reading

    context = terminal.context(today)
    with reading(context.home.engine) as session:
        proposals = [
            (
                row.id,
                in_words(would_change(session, row)),
                row.source,
                [
                    f"{other.email} {other.name or ''}".strip()
                    for other in others_of(session, row, context.today)
                ],
            )
            for row in proposed(session, context.programme)
        ]
    decided = 0
    for place, (number, change, source, others) in enumerate(proposals, start=1):
        say(f"\n[{place}/{len(proposals)}] {change}")
        say(f"  Theo {source}")
        for other in others:
            say(f"  Cán bộ đầu mối đang dùng: {other}")
        try:
            key = ask_for_key(has_others=bool(others))
            if key == "q":
                break
            if key in ("y", "t"):
                accept_contacts(context, [number], by=by, instead=key == "t")
            elif key == "x":
                reject_contacts(context, [number], by=by, why=str(typer.prompt(in_language("Lý do"))).strip())
            decided += key in ("y", "t", "x")
        except typer.Abort:  # nobody answers any more: the rest waits
            break
    say(f"\nĐã xử lý {decided} đề xuất, còn chờ {len(proposals) - decided}.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(contacts_app, name="contacts")
