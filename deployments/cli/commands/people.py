"""person add, invite, list, role and disable: who may log in to the desk, and as what."""

from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import By, Json, Today, Why, say

if TYPE_CHECKING:
    from reporting.home.context import Context
    from reporting.people.roles import Role

person_app = typer.Typer(help="Người dùng của bàn làm việc và vai trò của họ.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="Tên đăng nhập.", metavar="LOGIN")]
RoleWord = Annotated[
    str,
    typer.Option(
        "--role", help="reader, officer, clerk, head, leader hoặc administrator.", metavar="VAI-TRÒ"
    ),
]
All = Annotated[bool, typer.Option("--all", help="Ở mọi chương trình, không riêng chương trình đang dùng.")]


@person_app.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="Họ tên.", metavar="TÊN", callback=terminal.filled)],
    role: RoleWord,
    by: By,
    everywhere: All = False,
    today: Today = None,
) -> None:
    """Thêm người dùng với một vai trò; in đường dẫn dùng một lần để người ấy đặt mật khẩu."""
    from reporting.people import persons
    from reporting.store.engine import writing

    chosen, context = _role(role), terminal.context(today)
    with writing(context.home.engine) as session:
        token = persons.add_person(
            session, login, name, [chosen], _where(context, everywhere), by=by, now=context.now
        )
    say(f"Đã thêm {name} ({login}).")
    _say_link(token)


@person_app.command("invite")
def invite(login: Login, by: By, today: Today = None) -> None:
    """Đường dẫn mới để đặt mật khẩu (quên mật khẩu, mở khóa); đường dẫn trước hết hiệu lực."""
    from reporting.people import persons
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        token = persons.invite(session, login, by=by, now=context.now)
    _say_link(token)


@person_app.command("list")
def persons_list(json: Json = False) -> None:
    """Người dùng, vai trò của họ, ai đã bị khóa."""
    from reporting.people.persons import all_persons
    from reporting.people.roles import ROLE_WORDS, Role
    from reporting.store.engine import reading

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        persons = all_persons(session)
        entries = [
            {
                "login": person.login,
                "name": person.name,
                "roles": [{"role": row.role, "programme": row.programme} for row in person.roles],
                "disabled": person.disabled_at is not None,
                "invited": person.disabled_at is None and person.password is None,
            }
            for person in persons
        ]
        rows = [
            (
                person.login,
                person.name,
                ", ".join(f"{ROLE_WORDS[Role(row.role)]} ({row.programme})" for row in person.roles),
                "đã khóa" if person.disabled_at else "" if person.password else "chưa đặt mật khẩu",
            )
            for person in persons
        ]
    if json:
        terminal.show_json(entries)
        return
    terminal.table(f"{len(rows)} người dùng", ("Tên đăng nhập", "Họ tên", "Vai trò", "Tình trạng"), rows)


@person_app.command("role")
def role(
    login: Login,
    role: RoleWord,
    by: By,
    remove: Annotated[bool, typer.Option("--remove", help="Thôi vai trò này thay vì giao.")] = False,
    everywhere: All = False,
    today: Today = None,
) -> None:
    """Giao một vai trò, hoặc thôi một vai trò với --remove."""
    from reporting.people import persons
    from reporting.store.engine import writing

    chosen, context = _role(role), terminal.context(today)
    change = persons.withdraw if remove else persons.grant
    with writing(context.home.engine) as session:
        change(session, login, chosen, _where(context, everywhere), by=by, now=context.now)
    say(f"Đã ghi vai trò của {login}.")


@person_app.command("disable")
def disable(login: Login, by: By, why: Why, today: Today = None) -> None:
    """Khóa người dùng: mọi phiên và đường dẫn hết hiệu lực ngay; tên vẫn còn trong nhật ký."""
    from reporting.people import persons
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        persons.disable(session, login, by=by, why=why, now=context.now)
    say(f"Đã khóa {login}. Mở lại: kybaocao person invite {login}")


def _say_link(token: str) -> None:
    say(f"Đường dẫn đặt mật khẩu, dùng một lần, trong ba ngày: /moi/{token}")
    say("(thêm vào sau địa chỉ của bàn làm việc, ví dụ http://127.0.0.1:4202)")


def _role(word: str) -> "Role":
    from reporting.people.roles import Role

    try:
        return Role(word)
    except ValueError:
        raise typer.BadParameter(f"không có vai trò '{word}'.") from None


def _where(context: "Context", everywhere: bool) -> str:
    from reporting.people.roles import EVERYWHERE

    return EVERYWHERE if everywhere else context.programme.id


def add_to(app: typer.Typer) -> None:
    app.add_typer(person_app, name="person")
