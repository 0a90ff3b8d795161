"""What each role may do: the table ``config/roles.csv``, an action a row.

The table is all there is: no page and no command knows of a right that is not in it.
"""

import csv
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

import config

TABLE = Path(config.__file__).parent / "roles.csv"
EVERYWHERE = "*"  # in place of a programme


class Role(StrEnum):
    """What a person is in the office."""

    READER = "reader"
    OFFICER = "officer"
    CLERK = "clerk"
    HEAD = "head"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"


ROLE_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.READER: "người xem",
        Role.OFFICER: "chuyên viên",
        Role.CLERK: "văn thư",
        Role.HEAD: "lãnh đạo văn phòng",
        Role.LEADER: "lãnh đạo ký",
        Role.ADMINISTRATOR: "quản trị",
    }
)


class Action(StrEnum):
    """What a page shows or does, as far as not everybody may."""

    VIEW = "view"
    READ_MAIL = "read-mail"
    TRIAGE = "triage"
    UNDO = "undo"
    WAIVE = "waive"
    OUTBOX = "outbox"
    SEND = "send"
    AUDIT = "audit"
    PERSONS = "persons"


@cache
def table() -> Mapping[Action, frozenset[Role]]:
    """The roles that may do each action. A row or column that is not known here raises ValueError."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    may = {
        Action(row.pop("action")): frozenset(
            Role(name) for name, mark in row.items() if name != "words" and mark
        )
        for row in rows
    }
    if missing := set(Action) - may.keys():
        raise ValueError(f"{TABLE.name} has no row for {', '.join(sorted(missing))}")
    return may


@cache
def action_words() -> Mapping[Action, str]:
    """What each action is, for people."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {Action(row["action"]): row["words"] for row in csv.DictReader(file)}


def may(roles: Iterable[Role], action: Action) -> bool:
    """Whether one of those roles lets a person do it."""
    return not table()[action].isdisjoint(roles)
