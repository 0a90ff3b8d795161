"""Children are found again and ended, and nobody else's process ever is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.service.children import (
    Child,
    held,
    start_child,
    stop_child,
    stop_stale,
    wait_for_any,
    wait_until,
)
from reporting.errors import BadInput, ServiceUnavailable

SLEEP = ["/bin/sleep", "600"]
DEAF = [
    sys.executable,
    "-c",
    "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch(); signal.pause()",
]


@pytest.fixture
def pid_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "run" / "child.pid"
    yield file
    stop_child(file, patience=0)


def start(args: list[str], pid_file: Path) -> Child:
    return start_child(args, os.environ, pid_file, pid_file.with_suffix(".log"))


def test_a_child_is_noted_and_stopped(pid_file: Path) -> None:
    child = start(SLEEP, pid_file)
    assert child.is_alive
    assert pid_file.read_text().split()[0] == str(child.pid)
    assert stop_child(pid_file)
    assert not child.is_alive
    assert not pid_file.exists()
    assert not stop_child(pid_file)


def test_starting_again_stops_the_one_before(pid_file: Path) -> None:
    first = start(SLEEP, pid_file)
    second = start(SLEEP, pid_file)
    assert not first.is_alive
    assert second.is_alive


def test_a_child_outlives_its_killed_parent_and_is_found(pid_file: Path) -> None:
    parent = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, pathlib, signal, sys; from deployments.service.children import start_child;"
            "file = pathlib.Path(sys.argv[1]);"
            "start_child(['/bin/sleep', '600'], os.environ, file, file.with_suffix('.log'));"
            "os.kill(os.getpid(), signal.SIGKILL)",
            str(pid_file),
        ],
        check=False,
    )
    assert parent.returncode == -signal.SIGKILL
    pid, started, boot = pid_file.read_text().split()
    left = Child(int(pid), int(started), boot)
    assert left.is_alive
    assert stop_stale(pid_file)
    assert not left.is_alive


def test_a_process_that_only_has_the_same_number_is_left_alone(pid_file: Path) -> None:
    child = start(SLEEP, pid_file)
    other = pid_file.with_name("other.pid")
    for started, boot in ((child.started + 1, child.boot), (child.started, "another-boot")):
        other.write_text(f"{child.pid} {started} {boot}")
        assert not stop_stale(other)
        assert child.is_alive


@pytest.mark.parametrize("content", ["", "12", "a b c", "1 2 3 4", "999999999 1 x"])
def test_a_spoiled_note_harms_nothing(pid_file: Path, content: str) -> None:
    pid_file.parent.mkdir(parents=True)
    pid_file.write_text(content)
    assert not stop_stale(pid_file)
    assert start(SLEEP, pid_file).is_alive


def test_one_that_does_not_listen_is_ended_by_force(pid_file: Path) -> None:
    listening = pid_file.with_name("deaf")
    child = start([*DEAF, str(listening)], pid_file)
    wait_until(listening.exists, child, 60, pid_file.with_suffix(".log"))
    assert stop_child(pid_file, patience=0.2)
    assert not child.is_alive


def test_a_child_hears_sigint_also_when_its_parent_does_not(pid_file: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = start(SLEEP, pid_file)
    finally:
        signal.signal(signal.SIGINT, before)
    os.kill(child.pid, signal.SIGINT)
    assert wait_for_any([child]) == child


def test_one_that_ends_early_is_told_with_its_log(pid_file: Path) -> None:
    log_file = pid_file.with_suffix(".log")
    child = start(["/bin/sh", "-c", "echo no such luck; exit 3"], pid_file)
    with pytest.raises(ServiceUnavailable, match=str(log_file)):
        wait_until(lambda: False, child, 60, log_file)
    assert log_file.read_text() == "no such luck\n"


def test_a_program_that_is_not_there_is_told_with_its_log(pid_file: Path) -> None:
    child, log_file = start(["/no/such/program"], pid_file), pid_file.with_suffix(".log")
    with pytest.raises(ServiceUnavailable, match=str(log_file)):
        wait_until(lambda: False, child, 60, log_file)
    assert "FileNotFoundError" in log_file.read_text()


def test_a_lock_is_refused_while_held_and_falls_with_its_holder(tmp_path: Path) -> None:
    lock_file = tmp_path / "run" / "serve.lock"
    with (
        held(lock_file, "Việc này"),
        pytest.raises(BadInput, match="Việc này đang chạy"),
        held(lock_file, "Việc này"),
    ):
        pass
    holder = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, pathlib, signal, sys; from deployments.service.children import held\n"
            "with held(pathlib.Path(sys.argv[1]), 'x'): os.kill(os.getpid(), signal.SIGKILL)",
            str(lock_file),
        ],
        check=False,
    )
    assert holder.returncode == -signal.SIGKILL
    with held(lock_file, "Việc này"):
        pass
