"""Người dùng, Vai trò: who may come in, and the table of what each role may do."""

from starlette.responses import Response

from deployments.web import answers
from deployments.web.forms import FieldError, needed
from deployments.web.visit import Visit
from reporting.errors import BadInput
from reporting.people import persons
from reporting.people.roles import ROLE_WORDS, Role, action_words, table
from reporting.store.engine import reading, writing


def people(visit: Visit) -> Response:
    """The list, and a form for one more."""
    if visit.method != "POST":
        return _show(visit)
    step = {"them": _add, "moi": _invite, "khoa": _disable}.get(visit.typed("buoc"))
    if step is None:
        raise BadInput("Không rõ việc cần làm.")
    try:
        return step(visit)
    except BadInput as error:
        name = error.name if isinstance(error, FieldError) else "login" if step is _add else ""
        return _show(visit, {name: str(error)}, 422)


def roles(visit: Visit) -> Response:
    """The table itself."""
    return answers.show(visit, "roles.html.j2", roles=ROLE_WORDS, actions=action_words(), table=table())


def _add(visit: Visit) -> Response:
    name = needed(visit.typed("name"), "name", "Họ tên")
    role = visit.typed("role")
    if role not in [*Role]:
        raise FieldError("role", f"không có vai trò '{role}'.")
    with writing(visit.context.home.engine) as session:
        token = persons.add_person(
            *(session, visit.typed("login"), name, [Role(role)], visit.programme),
            by=visit.name,
            now=visit.now,
        )
    return _show(visit, link=_link(visit, token))


def _invite(visit: Visit) -> Response:
    with writing(visit.context.home.engine) as session:
        token = persons.invite(session, visit.typed("login"), by=visit.name, now=visit.now)
    return _show(visit, link=_link(visit, token))


def _disable(visit: Visit) -> Response:
    why = needed(visit.typed("why"), "", "Lý do khóa")
    login = visit.typed("login")
    if visit.person is not None and login == visit.person.login:
        raise BadInput("Không tự khóa mình được: hãy nhờ người quản trị khác, hoặc dùng lệnh trên máy chủ.")
    with writing(visit.context.home.engine) as session:
        persons.disable(session, login, by=visit.name, why=why, now=visit.now)
    return answers.go(visit, visit.at("nguoi-dung"), f"Đã khóa {login}.")


def _link(visit: Visit, token: str) -> str:
    scheme = "https" if visit.desk.is_safe(visit.host) else "http"
    return f"{scheme}://{visit.host}/moi/{token}"


def _show(visit: Visit, errors: dict[str, str] | None = None, status: int = 200, link: str = "") -> Response:
    with reading(visit.context.home.engine) as session:
        everybody = persons.all_persons(session)
        typed = {} if link else dict(visit.fields)
        return answers.show(
            *(visit, "persons.html.j2", status),
            persons=everybody,
            words=ROLE_WORDS,
            typed=typed,
            link=link,
            errors=errors or {},
        )
