"""kill -9 of the sending process, anywhere: nobody gets a message twice, and none is lost."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from reporting.states import MessageState
from tests.deployments.crash.conftest import TO_SEND
from tests.deployments.crash.harness import World, lay_world
from tests.mailroom import Mailroom
from tests.workplace import OPENED

DAY = OPENED + timedelta(days=1)

pytestmark = [pytest.mark.deep]

RUNS = 100


def assert_all_arrive_once(world: World) -> int:
    """Recover, let a person settle what is left, and count; how many were left to a person."""
    world.recover()
    world.assert_nothing_twice()
    by_hand = world.settle_by_hand()
    assert world.messages(MessageState.UNKNOWN) == []
    got = world.room.delivered()
    assert sorted(address for address, _ in got) == sorted(TO_SEND)
    assert set(got.values()) == {1}
    assert len(world.messages(MessageState.ACCEPTED)) == len(TO_SEND)
    return by_hand


def test_at_every_named_point(tmp_path: Path, room: Mailroom, three_to_send: Path) -> None:
    world = lay_world(three_to_send, tmp_path, room, DAY)
    lived, names = world.run(("send",))
    assert lived
    assert (
        names.count("before DATA") == names.count("after BEGIN") == names.count("after DATA") == len(TO_SEND)
    )
    assert assert_all_arrive_once(world) == 0
    to_hand = {}
    for number, name in enumerate(names):
        world = lay_world(three_to_send, tmp_path, room, DAY)
        lived, _ = world.run(("send",), fatal=number)
        assert not lived, name
        to_hand[f"{number} {name}"] = assert_all_arrive_once(world)
    # Only what died between the commit and the first byte waits for a person: it never left.
    left = {name for name, count in to_hand.items() if count}
    before_a_byte = {"after commit", "before DATA", "before BEGIN", "after BEGIN"}
    assert {name.partition(" ")[2] for name in left} <= before_a_byte, left


@pytest.mark.ci
@pytest.mark.parametrize("moment", ["BEGIN", "DATA", "TAKEN"])
def test_before_and_after_the_server_takes_the_mail_over(
    tmp_path: Path, room: Mailroom, three_to_send: Path, moment: str
) -> None:
    for count in range(len(TO_SEND)):
        world = lay_world(three_to_send, tmp_path, room, DAY)
        lived, _ = world.run(("send",), answer=(moment, count))
        assert not lived
        # Taken over: our copy proves it. Not taken over: nobody has it, and a person decides.
        assert assert_all_arrive_once(world) == (0 if moment == "TAKEN" else 1)


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(3))
def test_at_some_random_lines(tmp_path: Path, room: Mailroom, three_to_send: Path, seed: int) -> None:
    die_at_random_lines(tmp_path, room, three_to_send, seed, runs=1)


def test_at_many_random_lines(tmp_path: Path, room: Mailroom, three_to_send: Path) -> None:
    die_at_random_lines(tmp_path, room, three_to_send, 2023, runs=RUNS)


def die_at_random_lines(folder: Path, room: Mailroom, home: Path, seed: int, runs: int) -> None:
    """Die before random lines of ours, over three connections."""
    world = lay_world(home, folder, room, DAY, connections=3)
    assert world.run(("send",), by_line=True)[0]
    lines = world.lines()
    chance = random.Random(seed)
    for _ in range(runs):
        world = lay_world(home, folder, room, DAY, connections=3)
        fatal = chance.randrange(lines)
        world.run(("send",), fatal=fatal, by_line=True)  # the last lines may not come this time
        assert_all_arrive_once(world)
