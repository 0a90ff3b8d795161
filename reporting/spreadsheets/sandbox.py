"""Reading files of strangers in processes that may die: limited in memory, in work and in time.

The parser of workbooks is native code, and a file can make it abort the process it runs in. So it
runs in a worker of a pool, which is started when the first file comes and kept. A worker is
*spawned*: a fork of a process with threads (flows have them) could hang on a lock nobody holds.
"""

import atexit
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as OutOfTime
from multiprocessing import get_context
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from reporting.spreadsheets.guard import CostlyForm
from reporting.spreadsheets.read import Workbook, open_form, open_workbook

A = TypeVar("A")
T = TypeVar("T")

MOST_MEMORY = 2**30  # bytes of address space of a worker
MOST_WORK = 10  # seconds of processor time for one file
LONGEST_WAIT = 30.0  # seconds until a file is given up
FILES_A_WORKER = 50

_HARMFUL = (
    "Tệp không đọc được trong giới hạn an toàn (quá lớn hoặc có cấu trúc bất thường): "
    "đề nghị gửi lại đúng biểu mẫu đã nhận, không thêm dữ liệu khác."
)
_SLOW = "Tệp mất quá nhiều thời gian để đọc: đề nghị gửi lại đúng biểu mẫu đã nhận."

_pool: ProcessPool | None = None
_lock = threading.Lock()


def read_workbook(content: bytes) -> Workbook:
    """What a file holds. Raises UnreadableForm with one sentence, also when reading it kills the reader."""
    return run_limited(open_workbook, content)


def read_form_workbook(content: bytes) -> Workbook:
    """The same of a file that should be a form: no more of it than a form may hold."""
    return run_limited(open_form, content)


def run_limited(
    function: Callable[[A], T], content: A, *, work: int = MOST_WORK, wait: float = LONGEST_WAIT
) -> T:
    """Call an importable ``function`` in a limited process: ``work`` seconds of processor, ``wait`` in all.

    ``content`` is a file's bytes, or where it lies.

    What it raises is raised here. When its process dies the file is read once more in a fresh one,
    since an earlier file may have left that process weak; if that dies as well, or it takes too
    much work or too long, CostlyForm is raised.
    """
    for _ in range(2):
        try:
            task = _workers().schedule(_within_limits, args=[function, content, work], timeout=wait)
            result: T = task.result()
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGXCPU:  # by its own work: no earlier file is to blame
                break
            continue
        except OutOfTime as error:
            raise CostlyForm(_SLOW) from error
        except MemoryError as error:
            raise CostlyForm(_HARMFUL) from error
        return result
    raise CostlyForm(_HARMFUL)


def stop() -> None:
    """End the workers, at once; the next file starts new ones."""
    global _pool
    with _lock:
        pool, _pool = _pool, None
    if pool is not None:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _workers() -> ProcessPool:
    global _pool
    with _lock:
        if _pool is None or not _pool.active:
            _pool = ProcessPool(
                max_workers=1,
                max_tasks=FILES_A_WORKER,
                initializer=_limit_this_process,
                context=get_context("spawn"),
            )
            atexit.register(stop)
        return _pool


def _limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What dying native code says is for nobody: one sentence is said in its place.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _within_limits(function: Callable[[A], T], content: A, work: int) -> T:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + work
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    return function(content)
