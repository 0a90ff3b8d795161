"""A reply that ends the process that reads it: tried again once, then it waits for a person."""

import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from reporting.mail.reading import read_original
from reporting.replies import quarantine
from reporting.replies.reading import reply
from reporting.states import ReplyState
from tests.workplace import HANOI, PDF, Workplace, box

DAY = date(2024, 1, 10)
# A pass that is killed, as by a machine without memory, while it reads a mail.
KILLED = """
import os, signal, sys
from datetime import date
from config.settings import Settings
from reporting.home.folder import open_home
from reporting.replies.reading import reply
from tests.workplace import OWN, Workplace, programme
settings = Settings(home=sys.argv[1], mail_from=OWN, _env_file=None)
reply.read_original = lambda file: os.kill(os.getpid(), signal.SIGKILL)
place = Workplace(open_home(settings), settings, programme())
place.take_in(date(2024, 1, 10))
"""


def killed_while_reading(place: Workplace) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(place.home.path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL, run.stderr[-1000:]


def report(place: Workplace) -> bytes:
    files = {"bieu.xlsx": place.form(HANOI, "12/BC-SLĐTBXH", DAY), "bao-cao.pdf": PDF}
    return place.mail(box(HANOI), files, to=place.reply_address(HANOI))


def test_what_was_killed_once_is_taken_in_by_the_next_pass(place: Workplace) -> None:
    number = place.arrive(report(place), DAY)
    killed_while_reading(place)
    assert place.reply(number).state is ReplyState.STORED
    (taken,) = place.take_in(DAY)
    assert taken.state is ReplyState.PROCESSED


def test_what_killed_twice_is_not_read_again_until_a_person_says_so(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = place.arrive(report(place), DAY)
    for _ in range(2):
        killed_while_reading(place)
    read: list[Path] = []

    def counted(file: Path) -> object:
        read.append(file)
        return read_original(file)

    monkeypatch.setattr(reply, "read_original", counted)
    (taken,) = place.take_in(DAY)
    assert (taken.state, read) == (ReplyState.QUARANTINED, [])
    assert any("2 lần" in reason for reason in taken.reasons)
    assert place.reply(number).unit_id is not None  # whoever sent it is not chased meanwhile
    assert place.take_in(DAY) == []
    (taken,) = quarantine.reread(place.context(DAY), [number], by="Cán bộ trực")
    assert (taken.state, len(read)) == (ReplyState.PROCESSED, 1)


@pytest.mark.parametrize("fault", [OSError("đĩa đầy"), KeyboardInterrupt()])
def test_what_is_no_fault_of_the_reply_does_not_count(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    number = place.arrive(report(place), DAY)

    def broken(file: Path) -> object:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(reply, "read_original", broken)
        for _ in range(3):
            with pytest.raises(type(fault)):
                place.take_in(DAY)
    assert place.reply(number).attempts == 0
    (taken,) = place.take_in(DAY)
    assert taken.state is ReplyState.PROCESSED
