"""kill -9 of the collecting process, anywhere: no reply is lost, and none is taken in twice."""

import random
from datetime import date
from pathlib import Path

import pytest

from reporting.states import MessageState
from tests.deployments.crash.harness import Facts, World, lay_world
from tests.mailroom import Mailroom
from tests.workplace import BAC_NINH, DIEN_BIEN, HANOI, NGHE_AN, OWN, PDF, box, copy_home

pytestmark = [pytest.mark.deep]

DAY = date(2024, 1, 5)
RUNS = 100


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory, three_to_send: Path) -> dict[str, tuple[str, str, bytes]]:
    """What four departments send: sender, recipient, bytes. One of them sends the same mail twice."""
    place = copy_home(three_to_send, tmp_path_factory.mktemp("mails") / "home")
    good = place.form(HANOI, "12/BC-SLĐTBXH", DAY)
    doubtful = place.form(BAC_NINH, "13/BC-SLĐTBXH", DAY, MH03_08=-1)
    mails = {}
    for name, code, files in (
        ("a report", HANOI, {"bieu.xlsx": good, "bao-cao.pdf": PDF}),
        ("figures to look at again", BAC_NINH, {"bieu.xlsx": doubtful}),
        ("a stranger's", DIEN_BIEN, {"bieu.xlsx": b"no workbook"}),
    ):
        to = OWN if code == DIEN_BIEN else place.reply_address(code)
        sender = "la@noi-khac.example" if code == DIEN_BIEN else box(code)
        mails[name] = (sender, to, place.mail(sender, files, to=to))
    mails["a report again"] = mails["a report"]
    place.home.engine.dispose()
    return mails


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory, three_to_send: Path) -> bytes:
    place = copy_home(three_to_send, tmp_path_factory.mktemp("dropped") / "home")
    form = place.form(NGHE_AN, "14/BC-SLĐTBXH", DAY)
    place.home.engine.dispose()
    return form


@pytest.fixture(scope="module")
def lay(
    tmp_path_factory: pytest.TempPathFactory,
    room: Mailroom,
    three_to_send: Path,
    mails: dict[str, tuple[str, str, bytes]],
    dropped: bytes,
) -> "Laid":
    return Laid(tmp_path_factory.mktemp("world") / "it", room, three_to_send, mails, dropped)


class Laid:
    """Lays out the same world again and again: three requests to send, four mails, one dropped file."""

    def __init__(
        self,
        folder: Path,
        room: Mailroom,
        home: Path,
        mails: dict[str, tuple[str, str, bytes]],
        dropped: bytes,
    ) -> None:
        self.folder, self.room, self.home, self.mails, self.dropped = folder, room, home, mails, dropped
        self.known: dict[tuple[str, ...], tuple[list[str], int, Facts]] = {}

    def unharmed(self, command: tuple[str, ...]) -> tuple[list[str], int, Facts]:
        """The points and how many lines are passed, and how it ends, when nothing dies."""
        if command not in self.known:
            lived, names = self().run(command)
            assert lived
            world = self()
            assert world.run(command, by_line=True)[0]
            lines = world.lines()
            world.recover()
            self.known[command] = names, lines, world.facts()
        return self.known[command]

    def __call__(self) -> World:
        world = lay_world(self.home, self.folder, self.room, DAY)
        for mail in self.mails.values():
            self.room.deliver(*mail)
        (world.home / "drop").mkdir(exist_ok=True)
        (world.home / "drop" / "nghe-an.xlsx").write_bytes(self.dropped)
        return world


def assert_same_end(world: World, expected: Facts) -> None:
    world.recover()
    world.assert_nothing_twice()
    world.settle_by_hand()
    facts = world.facts()
    assert facts == expected


def test_the_world_has_something_of_each(lay: Laid) -> None:
    """What the tests below compare with is not empty by mistake."""
    names, _, facts = lay.unharmed(("collect",))
    assert {"before IMAP move", "after IMAP fetch", "before original"} <= set(names)
    assert [code for code, _ in facts.submissions] == sorted([HANOI, BAC_NINH, NGHE_AN])
    assert facts.replies.count("quarantined") == 1
    assert dict(facts.folders)["INBOX"] == 0
    assert {state for *_, state in facts.messages} == {
        MessageState.ACCEPTED,
        MessageState.CANCELLED,
        MessageState.HELD,
    }


def test_at_every_named_point(lay: Laid) -> None:
    names, _, expected = lay.unharmed(("collect",))
    for number, name in enumerate(names):
        world = lay()
        lived, _ = world.run(("collect",), fatal=number)
        assert not lived, name
        try:
            assert_same_end(world, expected)
        except AssertionError as error:
            raise AssertionError(f"after dying at point {number}, {name}") from error


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(2))
def test_at_some_random_lines(lay: Laid, seed: int) -> None:
    die_at_random_lines(lay, seed, 1, ("collect",))


def test_at_many_random_lines(lay: Laid) -> None:
    die_at_random_lines(lay, 2023, RUNS, ("collect",))


def test_at_random_lines_of_a_whole_day(lay: Laid) -> None:
    """Collecting, reminding and sending together, as the schedule does it."""
    die_at_random_lines(lay, 109, 20, ("run-day",))


def die_at_random_lines(lay: Laid, seed: int, runs: int, command: tuple[str, ...]) -> None:
    """Die before random lines of ours."""
    _, lines, expected = lay.unharmed(command)
    chance = random.Random(seed)
    for _ in range(runs):
        world = lay()
        fatal = chance.randrange(lines)
        world.run(command, fatal=fatal, by_line=True)  # the last lines may not come this time
        try:
            assert_same_end(world, expected)
        except AssertionError as error:
            raise AssertionError(f"after dying at line {fatal} of {lines}") from error
