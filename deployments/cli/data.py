"""register import, figures import, contacts import, export, close and history."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import edge
from deployments.cli.edge import By, DryRun, Json, Today, Why, day_option, say

register_app = typer.Typer(help="Sổ theo dõi chương trình phối hợp đã ban hành.", no_args_is_help=True)
figures_app = typer.Typer(help="Số liệu của cơ quan trung ương.", no_args_is_help=True)
contacts_app = typer.Typer(help="Liên hệ của các đơn vị.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="Tệp .csv hoặc .xlsx.", metavar="FILE")]
CsvFile = Annotated[Path, typer.Argument(help="Tệp .csv.", metavar="FILE")]
OfCycle = Annotated[str | None, typer.Option("--cycle", help="Kỳ báo cáo (mặc định: kỳ đang mở).")]


@register_app.command("import")
def register_import(
    file: File,
    by: By,
    source: Annotated[str, typer.Option(help="Văn bản làm căn cứ.", metavar="DOC")],
    cycle: OfCycle = None,
    today: Today = None,
) -> None:
    """Nhập các dòng của sổ theo dõi từ một tệp; sai một dòng thì không nhập dòng nào."""
    from deployments.cli.cycle import current_cycle
    from reporting.register import import_register
    from reporting.store.engine import writing

    desk = edge.desk(today)
    with writing(desk.home.engine) as session:
        definition = desk.programme.cycle(cycle or current_cycle(desk, session))
        count = import_register(
            session, desk.programme, definition, file, source=source, by=by, now=desk.now, today=desk.today
        )
    say(f"Đã nhập {count} dòng.")


@figures_app.command("import")
def figures_import(
    file: File,
    by: By,
    source: Annotated[str | None, typer.Option(help="Văn bản có số liệu.", metavar="DOC")] = None,
    as_of: Annotated[datetime | None, day_option("Số liệu đến hết ngày này (mặc định: hôm nay).")] = None,
    cycle: OfCycle = None,
    today: Today = None,
) -> None:
    """Nhập số liệu của cơ quan trung ương từ văn bản có tên; sai một dòng thì không nhập dòng nào."""
    from deployments.cli.cycle import current_cycle
    from reporting.central import import_figures
    from reporting.desk import cycle_row
    from reporting.store.engine import writing

    desk = edge.desk(today)
    with writing(desk.home.engine) as session:
        row = cycle_row(session, desk.programme, cycle or current_cycle(desk, session))
        count = import_figures(
            session,
            desk.programme,
            row,
            file,
            source=source,
            as_of=edge.as_date(as_of),
            by=by,
            now=desk.now,
            today=desk.today,
        )
    say(f"Đã nhập {count} số liệu.")


@contacts_app.command("import")
def contacts_import(file: CsvFile, by: By, dry_run: DryRun = False, today: Today = None) -> None:
    """Nhập liên hệ; cho xem thay đổi trước, sai một dòng thì không nhập dòng nào."""
    from reporting.contacts import import_contacts
    from reporting.programme.units import sync_units
    from reporting.store.engine import trying, writing
    from reporting.unit_changes import open_cycles

    desk = edge.desk(today, writes=not dry_run)
    with (trying if dry_run else writing)(desk.home.engine) as session:
        if dry_run:
            sync_units(session, desk.programme)
        changes = import_contacts(
            session, desk.programme, file, by=by, today=desk.today, now=desk.now, dry_run=dry_run
        )
        opened = open_cycles(session, desk.programme)
    for change in changes:
        if change.what != "giữ nguyên":
            say(
                f"{change.what}: {change.unit} {change.email}"
                + (f" ({change.detail})" if change.detail else "")
            )
    say(f"{'Sẽ' if dry_run else 'Đã'} xử lý {len(changes)} dòng.")
    _warn(opened)


def _warn(opened: Sequence[str]) -> None:
    """Say which cycles are open: a change counts for their next mail."""
    if opened:
        say(f"Kỳ đang mở: {', '.join(opened)}. Thư nhắc, thư trả lời từ nay theo địa chỉ mới.")


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
    from reporting.contacts import NAME_ONLY, close_contact, living_unit
    from reporting.store.engine import trying, writing
    from reporting.unit_changes import open_cycles

    desk = edge.desk(today, writes=not dry_run)
    with (trying if dry_run else writing)(desk.home.engine) as session:
        row = living_unit(session, desk.programme, unit, desk.today)
        change = close_contact(
            session, desk.programme, row, email, whole=whole, by=by, why=why, today=desk.today, now=desk.now
        )
        opened = open_cycles(session, desk.programme)
    whose = f"{change.unit} {change.email}"
    if change.what == NAME_ONLY:
        say(f"{'Sẽ đóng' if dry_run else 'Đã đóng'} tên, giữ địa chỉ: {whose}")
    else:
        say(f"{'Sẽ đóng' if dry_run else 'Đã đóng'} địa chỉ: {whose}")
    _warn(opened)


@contacts_app.command("history")
def contacts_history(
    code: Annotated[str | None, typer.Argument(help="Mã đơn vị (mặc định: tất cả).", metavar="CODE")] = None,
    json: Json = False,
) -> None:
    """Mọi địa chỉ đã từng dùng: của ai, từ ngày nào, đến ngày nào, theo nguồn nào."""
    from reporting.contacts import history
    from reporting.store.engine import reading

    desk = edge.desk(None, writes=False)
    names = ("role", "email", "name", "state", "source")
    with reading(desk.home.engine) as session:
        found = [
            {
                "code": row.unit.code,
                "unit": row.unit.name,
                **{name: getattr(row, name) for name in names},
                "valid_from": row.valid_from.isoformat(),
                "valid_to": row.valid_to.isoformat() if row.valid_to else None,
            }
            for row in history(session, desk.programme, code)
        ]
    if json:
        edge.show_json(found)
        return
    columns = ("Mã", "Đơn vị", "Vai trò", "Địa chỉ", "Tên", "Tình trạng", "Nguồn", "Từ", "Đến")
    edge.table("", columns, [tuple(str(value or "") for value in each.values()) for each in found])


@contacts_app.command("plain-reply")
def contacts_plain_reply(
    address: Annotated[str, typer.Argument(help="Địa chỉ thư của đơn vị.", metavar="ĐỊA-CHỈ")],
    by: By,
    off: Annotated[bool, typer.Option("--off", help="Trở lại địa chỉ cộng.")] = False,
    today: Today = None,
) -> None:
    """Nhận trả lời ở địa chỉ thường: cho Sở có máy chủ thư không gửi được đến địa chỉ có dấu cộng."""
    from reporting.contacts import set_plain_reply
    from reporting.store.engine import writing

    desk = edge.desk(today)
    with writing(desk.home.engine) as session:
        units = set_plain_reply(session, desk.programme, address, plain=not off, by=by, now=desk.now)
    say(f"{', '.join(units)}: thư gửi từ nay ghi địa chỉ trả lời {'có dấu cộng' if off else 'thường'}.")


@contacts_app.command("export")
def contacts_export(file: CsvFile, today: Today = None) -> None:
    """Xuất liên hệ đang dùng ra tệp .csv."""
    from reporting.contacts import export_contacts
    from reporting.home import write_durably
    from reporting.store.engine import reading

    desk = edge.desk(today, writes=False)
    with reading(desk.home.engine) as session:
        content, count = export_contacts(session, desk.programme, desk.today)
    write_durably(file, content, mode=0o600)
    say(f"Đã xuất {count} liên hệ ra {file}.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(register_app, name="register")
    app.add_typer(figures_app, name="figures")
    app.add_typer(contacts_app, name="contacts")
