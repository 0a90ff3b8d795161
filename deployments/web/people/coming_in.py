"""Logging in and out, and the link by which a person sets a password."""

from starlette.responses import Response

from deployments.web import answers
from deployments.web.visit import MARK, SESSION, Visit
from reporting.errors import BadInput
from reporting.people import persons, sessions
from reporting.people.login import log_in
from reporting.store.engine import reading, writing

_KEPT = "kept:"  # a field that was typed into another form before the session ended


def login_page(visit: Visit) -> Response:
    """Name and password; then back to where the person was going, with what was typed there."""
    back = answers.own_path(visit.fields.get("ve") or visit.asked.get("ve"))
    kept = {name.removeprefix(_KEPT): value for name, value in visit.fields.items() if name.startswith(_KEPT)}
    login = visit.typed("login")
    if visit.method != "POST":
        return answers.go(visit, back) if visit.person else _ask(visit, back, kept, login)
    try:
        token = log_in(
            *(visit.context.home.engine, login, visit.fields.get("password", ""), visit.address),
            now=visit.now,
        )
    except BadInput as error:
        return _ask(visit, back, kept, login, str(error))
    visit.cookies = {**visit.cookies, SESSION: token}
    answer = answers.show(visit, "go_on.html.j2", back=back, kept=kept) if kept else answers.go(visit, back)
    visit.set_cookie(answer, SESSION, token)
    return answer


def _ask(visit: Visit, back: str, kept: dict[str, str], login: str, error: str = "") -> Response:
    errors = {"login": error} if error else {}
    status = 401 if error else 200
    return answers.show(visit, "login.html.j2", status, back=back, kept=kept, login=login, errors=errors)


def logout(visit: Visit) -> Response:
    """End the session, for good."""
    if visit.fields.get(MARK) == visit.mark:
        with writing(visit.context.home.engine) as session:
            sessions.end(session, visit.token, now=visit.now)
    answer = answers.go(visit, "/dang-nhap")
    answer.delete_cookie(SESSION, path="/")
    return answer


def invitation(visit: Visit) -> Response:
    """A link that was opened: its person sets a password, twice the same."""
    token, engine = str(visit.parts["token"]), visit.context.home.engine
    with reading(engine) as session:
        person = persons.invited(session, token, visit.now)
        shown = {"login": person.login, "name": person.name} if person else None
    if shown is None:
        words = "Đường dẫn này không còn dùng được: hãy xin người quản trị một đường dẫn mới."
        return answers.show(visit, "refused.html.j2", 404, words=words)
    if visit.method != "POST":
        return answers.show(visit, "invitation.html.j2", person=shown)
    password = visit.fields.get("password", "")
    try:
        if password != visit.fields.get("again"):
            raise BadInput("Hai lần nhập mật khẩu không giống nhau.")
        with writing(engine) as session:
            persons.set_password(session, token, password, now=visit.now)
    except BadInput as error:
        errors = {"password": str(error)}
        return answers.show(visit, "invitation.html.j2", 422, person=shown, errors=errors)
    return answers.go(visit, "/dang-nhap", "Đã đặt mật khẩu. Mời đăng nhập.")
