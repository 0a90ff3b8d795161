"""One request of a person: who it is, what they may do, what they typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.responses import Response

from deployments.web.desk import Desk
from reporting.home.context import Context
from reporting.people import links
from reporting.people.roles import Action, Role, may

SESSION, NOTE = "kybaocao_phien", "kybaocao_noi"
MARK = "_mark"  # the field by which a form proves to be ours


@dataclass(frozen=True)
class Who:
    """The person of a session, as they were when it was looked up. ``rights``: programme -> roles."""

    login: str
    name: str
    rights: Mapping[str, frozenset[Role]]


@dataclass
class Visit:
    """``fields`` is what a form brought; of a field that comes several times the last."""

    desk: Desk
    method: str
    path: str
    asked: Mapping[str, str]  # the query
    parts: Mapping[str, Any]  # of the path
    fields: Mapping[str, str]
    cookies: Mapping[str, str]
    address: str
    host: str
    programme: str
    context: Context
    now: datetime
    person: Who | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """What the person is in the programme in use."""
        return self.person.rights.get(self.programme, frozenset()) if self.person else frozenset()

    @property
    def token(self) -> str:
        return self.cookies.get(SESSION, "")

    @property
    def mark(self) -> str:
        """What its forms carry."""
        return links.form_mark(self.token)

    @property
    def name(self) -> str:
        """Who decides, for the audit trail."""
        assert self.person is not None
        return self.person.name

    def may(self, action: str) -> bool:
        """Whether the person may do it here; for templates, which show no button that would be refused."""
        return may(self.roles, Action(action))

    def at(self, page: str = "") -> str:
        """The way to a page of the programme in use."""
        return f"/ct/{self.programme}/{page}"

    def typed(self, name: str) -> str:
        """A field without blanks around it; empty where there is none."""
        return self.fields.get(name, "").strip()

    def set_cookie(self, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
        """A cookie for this site alone that no script can read."""
        safe = self.desk.is_safe(self.host)
        answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=safe, path="/")

    def leave_note(self, answer: Response, note: str) -> None:
        """A sentence for the next page; signed, so that nobody else can put words there."""
        self.set_cookie(answer, NOTE, self._notes().dumps(note[:1500]), 60)

    def take_note(self) -> str:
        try:
            return str(self._notes().loads(self.cookies.get(NOTE, "")))
        except BadSignature:
            return ""

    def forget_note(self, answer: Response) -> None:
        answer.delete_cookie(NOTE, path="/")

    def _notes(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.context.home.secret_key, salt=f"note {links.kept(self.token)}")
