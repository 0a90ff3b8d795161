"""Child processes that are found again: by pid file, also after their parent was killed.

The child notes itself in its pid file before it becomes the program it shall run, so there is no
moment at which it lives unnoted. The note names process id, start time and boot: a process that
merely got the same number later is never touched.
"""

import fcntl
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reporting.errors import BadInput, ServiceUnavailable

# Runs in the child, before the program. A process started in the background of a shell ignores
# SIGINT, and Prefect's commands turn SIGTERM into SIGINT: without the reset they would never end.
_PRELUDE = """
import os, signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGXFSZ"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
stat = open("/proc/self/stat").read().rpartition(")")[2].split()
boot = open("/proc/sys/kernel/random/boot_id").read().strip()
pid_file, *args = sys.argv[1:]
part = f"{pid_file}.{os.getpid()}"
with open(part, "w") as file:
    file.write(f"{os.getpid()} {stat[19]} {boot}")
os.replace(part, pid_file)
os.execv(args[0], args)
"""


@dataclass(frozen=True)
class Child:
    """A process of ours: number and start time (in ticks since boot) name it without doubt."""

    pid: int
    started: int
    boot: str

    @property
    def is_alive(self) -> bool:
        """Whether it runs; one that ended and was not waited for does not."""
        return _identity(self.pid) == self


def start_child(args: Sequence[str], env: Mapping[str, str], pid_file: Path, log_file: Path) -> Child:
    """Start ``args`` in a session of its own, output to the end of ``log_file``.

    ``args[0]`` is the full path of a program. One that an earlier, killed run left behind under
    the same ``pid_file`` is stopped first. Raises ServiceUnavailable when it cannot be started.
    """
    stop_stale(pid_file)
    for file in (pid_file, log_file):
        file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-c", _PRELUDE, str(pid_file), *args],
            dict(env),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
            setsid=True,
        )
    try:
        _until(lambda: _noted(pid_file, pid), pid, 20, log_file)
    except ServiceUnavailable:
        _reap(pid)
        raise
    child = _read(pid_file)
    if child is None:
        raise ServiceUnavailable(f"Không khởi động được tiến trình con: xem nhật ký {log_file}.")
    return child


def wait_until(ready: Callable[[], bool], child: Child, limit: float, log_file: Path) -> None:
    """Wait until ``ready()``, at most ``limit`` seconds.

    Raises ServiceUnavailable, with the way to the log, when the child ends or time is up.
    """
    _until(ready, child.pid, limit, log_file)


def wait_for_any(children: Sequence[Child], seconds: float | None = None) -> Child | None:
    """Sleep until one of them ends, and say which; None when so many seconds have passed before."""
    with ExitStack() as stack:
        poll = select.poll()
        handles: dict[int, Child] = {}
        for child in children:
            try:
                handle = os.pidfd_open(child.pid)
            except ProcessLookupError:
                return child
            stack.callback(os.close, handle)
            handles[handle] = child
            poll.register(handle, select.POLLIN)
        ended = poll.poll(None if seconds is None else seconds * 1000)
        return handles[ended[0][0]] if ended else None


def stop_child(pid_file: Path, patience: float = 15) -> bool:
    """Ask the child noted in ``pid_file`` to end (SIGTERM) and wait; after ``patience`` seconds
    end it and all of its session by force. True if there was one.
    """
    child = _read(pid_file)
    was_there = child is not None and _stop(child, patience)
    pid_file.unlink(missing_ok=True)
    return was_there


def stop_stale(pid_file: Path) -> bool:
    """End what an earlier run left behind when it was killed. True if there was something."""
    return stop_child(pid_file, patience=5)


@contextmanager
def lock(lock_file: Path) -> Iterator[bool]:
    """Try to hold a lock that falls with the process, however it ends; False: another holds it."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def held(lock_file: Path, what: str) -> Iterator[None]:
    """Hold a lock, or raise BadInput because ``what`` already runs in another process."""
    with lock(lock_file) as is_ours:
        if not is_ours:
            raise BadInput(
                f"{what} đang chạy ở một tiến trình khác (khóa {lock_file}): hãy dừng tiến trình đó trước."
            )
        yield


def _until(ready: Callable[[], bool], pid: int, limit: float, log_file: Path) -> None:
    end = time.monotonic() + limit
    while not ready():
        # Asked once more at its end: it may have got ready, or noted itself, just before.
        if _ended(pid, within=0.05) and not ready():
            raise ServiceUnavailable(f"Tiến trình con đã dừng sớm: xem nhật ký {log_file}.")
        if time.monotonic() > end:
            raise ServiceUnavailable(
                f"Tiến trình con chưa sẵn sàng sau {limit:.0f} giây: xem nhật ký {log_file}."
            )


def _stop(child: Child, patience: float) -> bool:
    try:
        handle = os.pidfd_open(child.pid)
    except ProcessLookupError:
        return False
    try:
        # Compared after the handle is held: from here on the number cannot change its owner.
        if not child.is_alive:
            return False
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        if not _wait(handle, patience):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            _wait(handle, 60)
    finally:
        os.close(handle)
        _reap(child.pid)
    return True


def _ended(pid: int, within: float) -> bool:
    """Whether the process ends within so many seconds; this is how to wait for it."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return _wait(handle, within)
    finally:
        os.close(handle)


def _wait(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):  # not ours: a child of the run that was killed
        os.waitpid(pid, os.WNOHANG)


def _noted(pid_file: Path, pid: int) -> bool:
    child = _read(pid_file)
    return child is not None and child.pid == pid


def _read(pid_file: Path) -> Child | None:
    try:
        pid, started, boot = pid_file.read_text().split()
        return Child(int(pid), int(started), boot)
    except (FileNotFoundError, ValueError):
        return None


def _identity(pid: int) -> Child | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return Child(pid, int(fields[19]), boot)
