"""The desk as one application: its pages by address, and what stands before all of them."""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from config.settings import Settings
from deployments.service.door import Door
from deployments.web import answers, outbox, review, today, trail, triage, units
from deployments.web.desk import Desk
from deployments.web.gate import page
from deployments.web.headers import Headers
from deployments.web.people import admin, coming_in
from reporting import clock
from reporting.home.folder import open_home
from reporting.people.roles import Action

_READ, _BOTH = ["GET"], ["GET", "POST"]
_CT = "/ct/{programme}"


def desk_app(
    settings: Settings, origins: tuple[str, ...], now: Callable[[], datetime] = clock.now
) -> Starlette:
    """The site of a home. ``origins``: the addresses under which it may be called.

    Raises BadInput for a home that is not there or is of another version.
    """
    app = Starlette(
        routes=[
            Route("/", page(today.front, None)),
            Route("/dang-nhap", page(coming_in.login_page, None), methods=_BOTH),
            Route("/dang-xuat", page(coming_in.logout, None), methods=["POST"]),
            Route("/moi/{token}", page(coming_in.invitation, None), methods=_BOTH),
            Route(f"{_CT}/", page(today.today)),
            *_triage(),
            *_outbox(),
            Route(f"{_CT}/don-vi", page(units.units)),
            Route(f"{_CT}/don-vi/{{cycle}}/{{code}}", page(units.unit)),
            Route(f"{_CT}/ra-soat", page(review.review)),
            Route(f"{_CT}/ra-soat/{{number}}", page(review.finding), methods=_READ),
            Route(f"{_CT}/ra-soat/{{number}}", page(review.waive, Action.WAIVE), methods=["POST"]),
            Route(f"{_CT}/nhat-ky", page(trail.trail, Action.AUDIT)),
            Route(f"{_CT}/nguoi-dung", page(admin.people, Action.PERSONS), methods=_BOTH),
            Route(f"{_CT}/vai-tro", page(admin.roles)),
            Mount("/static", StaticFiles(directory=answers.HERE / "static")),
        ],
        middleware=[Middleware(Headers), Middleware(Door, origins=origins, login=None)],
    )
    app.state.desk = Desk(settings, open_home(settings), origins, now)
    return app


def _triage() -> list[Route]:
    one = f"{_CT}/khu-cho/{{number}}"
    return [
        Route(f"{_CT}/khu-cho", page(triage.triage, Action.READ_MAIL)),
        Route(one, page(triage.waiting_reply, Action.READ_MAIL), methods=_READ),
        Route(one, page(triage.decide, Action.TRIAGE), methods=["POST"]),
        Route(f"{one}/hoan-tac", page(triage.undo, Action.UNDO), methods=["POST"]),
        Route(f"{one}/tep/{{file}}", page(triage.attachment, Action.READ_MAIL)),
    ]


def _outbox() -> list[Route]:
    one = f"{_CT}/thu/{{number}}"
    return [
        Route(f"{_CT}/thu", page(outbox.outbox, Action.OUTBOX)),
        Route(one, page(outbox.message, Action.OUTBOX), methods=_READ),
        Route(one, page(outbox.decide, Action.SEND), methods=["POST"]),
    ]
