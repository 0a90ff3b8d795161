"""A table a page at a time: nothing costs more than it shows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from deployments.web.forms import number_in
from deployments.web.visit import Visit

ROWS = 50


@dataclass(frozen=True)
class Part:
    """The rows of one page. ``number`` counts pages from 1."""

    rows: list[Any]
    number: int
    count: int  # of all rows

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // ROWS))


def part_of(visit: Visit, session: Session, query: Select[Any]) -> Part:
    """The page of a query that was asked for (``?trang=2``); the last one where there are not so many."""
    count = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = _asked(visit, count)
    rows = session.scalars(query.limit(ROWS).offset((number - 1) * ROWS)).unique()
    return Part(list(rows), number, count)


def part_of_list(visit: Visit, rows: list[Any]) -> Part:
    """The same of a list at hand."""
    number = _asked(visit, len(rows))
    return Part(rows[(number - 1) * ROWS : number * ROWS], number, len(rows))


def _asked(visit: Visit, count: int) -> int:
    asked = number_in(visit.asked.get("trang", "")) or 1
    return max(1, min(asked, -(-count // ROWS)))
