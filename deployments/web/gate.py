"""The gate before every page: whose session it is, whether the form is ours, whether the role allows it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from deployments.web import answers
from deployments.web.desk import Desk
from deployments.web.visit import MARK, Visit, Who
from reporting.errors import BadInput, ReportingError
from reporting.people import persons, sessions
from reporting.people.roles import Action, may
from reporting.programme.files import load_programmes
from reporting.store import audit
from reporting.store.engine import reading, writing

_MOST_TYPED = 1_000_000  # bytes of a form
_MOST_FIELDS = 500

Page = Callable[[Visit], Response]


def page(work: Page, action: Action | None = Action.VIEW) -> Callable[[Request], Any]:
    """The endpoint of a page for whoever may do ``action``; None: for everybody, also without login."""

    async def endpoint(request: Request) -> Response:
        fields = await _fields(request)
        if fields is None:
            return PlainTextResponse("Biểu mẫu quá lớn.\n", 413)
        return await run_in_threadpool(_answer, request, fields, work, action)

    return endpoint


async def _fields(request: Request) -> Mapping[str, str] | None:
    """What was typed; None when it is too much. Files have a page of their own."""
    if request.method != "POST":
        return {}
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_TYPED:
            return None
    request._body = body
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _answer(request: Request, fields: Mapping[str, str], work: Page, action: Action | None) -> Response:
    desk: Desk = request.app.state.desk
    programme = request.path_params.get("programme", desk.settings.programme)
    if programme not in load_programmes(desk.settings.programmes_dir, desk.settings.office):
        return PlainTextResponse("Không có trang này.\n", 404)
    context = desk.reading(programme)
    visit = Visit(
        desk=desk,
        method=request.method,
        path=request.url.path,
        asked=request.query_params,
        parts=request.path_params,
        fields=fields,
        cookies=request.cookies,
        address=request.client.host if request.client else "",
        host=request.headers.get("host", ""),
        programme=programme,
        context=context,
        now=context.now,
    )
    try:
        _recognise(visit)
        return _refusal(visit, action) or work(visit)
    except OperationalError:
        words = "Cơ sở dữ liệu đang bận: chưa ghi gì, hãy thử lại."
        return answers.show(visit, "refused.html.j2", 503, words=words)
    except ReportingError as error:
        status = 422 if isinstance(error, BadInput) else 503
        return answers.show(visit, "refused.html.j2", status, words=answers.on_a_page(str(error)))


def _recognise(visit: Visit) -> None:
    """Find out whose session it is, and now and then note that it is in use."""
    if not visit.token:
        return
    engine = visit.context.home.engine
    with reading(engine) as session:
        person = sessions.person_of(session, visit.token, visit.now)
        if person is None:
            return
        rights = {name: persons.roles_in(person, name) for name in visit.context.programmes}
        visit.person = Who(person.login, person.name, rights)
        is_due = sessions.is_to_be_noted(session, visit.token, visit.now)
    if is_due:
        with writing(engine) as session:
            sessions.note_use(session, visit.token, visit.now)


def _refusal(visit: Visit, action: Action | None) -> Response | None:
    """Why the page may not do it: nobody is logged in, the form is not ours, the role forbids it."""
    if action is None:
        return None
    if visit.person is None:
        return _ask_to_log_in(visit)
    if visit.method == "POST" and visit.fields.get(MARK) != visit.mark:
        words = "Biểu mẫu này không phải của phiên đang mở: chưa ghi gì. Hãy mở lại trang và thử lại."
        return answers.show(visit, "refused.html.j2", 403, words=words)
    if not may(visit.roles, action):
        _note_refusal(visit, action)
        return answers.show(visit, "refused.html.j2", 403, words="Vai trò của bạn không có quyền này.")
    if visit.method == "POST" and visit.context.rehearsal:
        words = "Đây là thư mục diễn tập: chỉ để xem, không ghi gì thêm."
        return answers.show(visit, "refused.html.j2", 403, words=words)
    return None


def _ask_to_log_in(visit: Visit) -> Response:
    """What was typed while the session ended goes along, so that nothing of it is lost."""
    if visit.method != "POST":
        query = urlencode(dict(visit.asked))
        back = f"{visit.path}?{query}" if query else visit.path
        return answers.go(visit, f"/dang-nhap?{urlencode({'ve': back})}")
    kept = {name: value for name, value in visit.fields.items() if name != MARK}
    return answers.show(visit, "login.html.j2", 401, back=visit.path, kept=kept, login="")


def _note_refusal(visit: Visit, action: Action) -> None:
    with writing(visit.context.home.engine) as session:
        audit.record(
            session,
            visit.now,
            visit.name,
            "bị từ chối vì vai trò",
            subject=f"action {action}",
            detail=f"{visit.method} {visit.path}"[:500],
        )
