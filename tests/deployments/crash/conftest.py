"""The mailroom of the crash tests, and homes at the moment before the crash."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reporting.programme.units import sync_units
from reporting.states import MessageState
from reporting.store.engine import writing
from reporting.store.tables import Message
from tests.mailroom import Mailroom, open_mailroom
from tests.workplace import BAC_NINH, HANOI, OWN, box, copy_home, officer, whole_programme

TO_SEND = (box(HANOI), officer(HANOI), box(BAC_NINH))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path_factory.mktemp("mailroom"), OWN) as room:
        yield room


@pytest.fixture(scope="session")
def three_to_send(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Path:
    """The opened home with three of its requests left to send."""
    place = copy_home(opened_home, tmp_path_factory.mktemp("three") / "home")
    with writing(place.home.engine) as session:
        sync_units(session, whole_programme())  # commands read the whole folder
        for message in session.scalars(select(Message)):
            if message.recipient not in TO_SEND:
                message.state = MessageState.CANCELLED
    place.home.engine.dispose()
    return place.home.path
