"""units list, changes and apply."""

from datetime import datetime
from typing import Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import By, Json, Today, Why, day_option, say

units_app = typer.Typer(help="Danh sách đơn vị báo cáo và nguồn gốc của chúng.", no_args_is_help=True)


@units_app.command("list")
def units_list(
    on: Annotated[
        datetime | None, day_option("Danh sách có hiệu lực vào ngày này (mặc định: hôm nay).")
    ] = None,
    json: Json = False,
    today: Today = None,
) -> None:
    """Các đơn vị có hiệu lực vào một ngày, gồm những đơn vị cũ nào."""
    from reporting.programme.lineage import predecessors

    context = terminal.context(today, writes=False)
    names = {(unit.code, unit.valid_from): unit.name for unit in context.programme.units}
    entries = [
        {
            "code": unit.code,
            "name": unit.full_name,
            "valid_from": unit.valid_from.isoformat(),
            "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
            "from": [
                f"{names[older]} ({older[0]})" for older in sorted(predecessors(context.programme, unit))
            ],
        }
        for unit in context.programme.register(terminal.as_date(on) or context.today)
    ]
    if json:
        terminal.show_json(entries)
        return
    rows = [
        (
            entry["code"],
            entry["name"],
            terminal.day(entry["valid_from"]),
            terminal.day(entry["valid_to"]),
            ", ".join(entry["from"] or ()),
        )
        for entry in entries
    ]
    terminal.table(f"{len(entries)} đơn vị", ("Mã", "Tên", "Từ", "Đến", "Gồm các đơn vị cũ"), rows)  # type: ignore[arg-type]


@units_app.command("changes")
def units_changes(json: Json = False) -> None:
    """units.csv, lineage.csv đã sửa gì so với cơ sở dữ liệu; kỳ nào vì vậy đổi đơn vị. Không thay đổi gì."""
    from reporting.programme.unit_changes import touched_cycles, unit_changes
    from reporting.store.engine import reading

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        changes = [str(change) for change in unit_changes(session, context.programme)]
        touched = [cycle.name for cycle in touched_cycles(session, context.programme)]
    if json:
        terminal.show_json({"changes": changes, "cycles": touched})
        return
    for change in changes:
        say(change)
    say(f"{len(changes)} thay đổi." if changes else "Không có thay đổi.")
    if touched:
        say(f"Kỳ sẽ gồm những đơn vị khác: {', '.join(touched)}.")


@units_app.command("apply")
def units_apply(by: By, why: Why, today: Today = None) -> None:
    """Đưa danh sách đơn vị đã sửa vào cơ sở dữ liệu, kể cả khi đổi đơn vị của một kỳ đã lập."""
    from reporting.home.days import refuse_past
    from reporting.programme.unit_changes import take_over, touched_cycles, unit_changes
    from reporting.store.engine import writing

    context = terminal.context(today, writes=False)
    with writing(context.home.engine) as session:
        refuse_past(session, context.today)
        changes = unit_changes(session, context.programme)
        touched = [cycle.name for cycle in touched_cycles(session, context.programme)]
        if changes:
            take_over(session, context.programme, changes, now=context.now, by=by, why=why)
    context.note_day()
    for change in changes:
        say(str(change))
    say(f"Đã đưa vào {len(changes)} thay đổi." if changes else "Không có thay đổi.")
    if touched:
        say(f"Kỳ nay gồm những đơn vị khác: {', '.join(touched)}; hãy xem lại liên hệ và thư đã xếp hàng.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(units_app, name="units")
