"""Rà soát: a point in a unit's figures is looked at, and let stand with a reason, once."""

from sqlalchemy import select

from reporting.people.roles import Role
from reporting.store.engine import reading
from reporting.store.tables import FindingRow, Waiver
from tests.deployments.web.conftest import DAY, Desk, send
from tests.workplace import HANOI

LIST = "/ct/ctph-109/ra-soat"


def wrong_number(desk: Desk) -> int:
    """A report with an error; the number of its first point."""
    desk.place.report(HANOI, DAY, MH03_08=-1)
    assert desk.place.state(HANOI) == "needs_correction"
    with reading(desk.place.home.engine) as session:
        return session.scalars(select(FindingRow.id).where(FindingRow.indicator == "MH03.08")).all()[0]


def test_a_point_is_let_stand_with_a_reason_by_the_first_of_two(desk: Desk) -> None:
    number = wrong_number(desk)
    chief, other = desk.as_role(Role.HEAD), desk.as_role(Role.OFFICER)
    page = f"{LIST}/{number}"
    assert f'href="{page}"' in chief.get(LIST).text
    assert "Hà Nội" in chief.get(page).text
    refused = send(chief, page, {"why": " "})
    assert (refused.status_code, '<a href="#why">Lý do để trống.' in refused.text) == (422, True)
    assert send(chief, page, {"why": "Sở đã xác nhận"}).status_code == 303
    assert f"Đã chấp nhận điểm rà soát {number}" in chief.get(LIST).text
    second = send(other, page, {"why": "tôi cũng thấy vậy"})
    assert (second.status_code, "đã được Người head chấp nhận" in second.text) == (409, True)
    assert desk.place.count(Waiver) == 1
    assert "Sở đã xác nhận" in other.get(page).text


def test_a_point_that_is_not_there_is_said(desk: Desk) -> None:
    reader = desk.as_role(Role.READER)
    assert "Không có điểm nào" in reader.get(LIST).text
    assert reader.get(f"{LIST}/99").status_code == 422
