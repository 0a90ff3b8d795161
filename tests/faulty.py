"""A line between a client and a server that breaks where it is told to."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from threading import Thread
from time import sleep


class Fault(Enum):
    CUT = auto()  # the line is cut before this text gets through
    HANG = auto()  # nothing gets through any more
    SLOW = auto()  # from here on a few bytes at a time
    LOSE = auto()  # just this text is lost


@dataclass
class FaultyLine:
    """What breaks: at the ``times``-th text line that matches ``where``, of either side; once, or always."""

    port: int = 0
    where: re.Pattern[bytes] | None = None
    fault: Fault = Fault.CUT
    times: int = 1
    rewrite: tuple[re.Pattern[bytes], bytes] | None = None
    happened: bool = False
    is_lasting: bool = False

    def breaks_at(self, line: bytes) -> Fault | None:
        if self.where is None or not self.where.search(line):
            return None
        if self.happened:
            return self.fault if self.is_lasting else None
        self.times -= 1
        self.happened = self.times == 0
        return self.fault if self.happened else None


@contextmanager
def faulty_line(to: int) -> Iterator[FaultyLine]:
    """Listen on a port of its own and pass on what comes to the server at port ``to``."""
    line = FaultyLine()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line.port = listener.getsockname()[1]
        thread = Thread(target=_serve, args=(listener, to, line))
        thread.start()
        yield line
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener: socket.socket, to: int, line: FaultyLine) -> None:
    pumps: list[Thread] = []
    ends: list[socket.socket] = []
    with suppress(OSError):  # the listener was shut
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", to))
            ends += [near, far]
            pumps += [
                Thread(target=_pump, args=(source, target, line))
                for source, target in ((near, far), (far, near))
            ]
            for pump in pumps[-2:]:
                pump.start()
    for pump in pumps:
        pump.join()
    for end in ends:
        end.close()


def _pump(source: socket.socket, target: socket.socket, line: FaultyLine) -> None:
    rest, is_slow = b"", False
    with suppress(OSError):
        while chunk := source.recv(65536):
            *texts, rest = (rest + chunk).split(b"\n")
            for text in (each + b"\n" for each in texts):
                fault = line.breaks_at(text)
                if fault is Fault.CUT:
                    raise OSError
                if fault is Fault.HANG:
                    while source.recv(65536):
                        pass
                    raise OSError
                is_slow = is_slow or fault is Fault.SLOW
                if fault is not Fault.LOSE:
                    _pass_on(target, re.sub(*line.rewrite, text) if line.rewrite else text, is_slow)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _pass_on(target: socket.socket, text: bytes, is_slow: bool) -> None:
    for start in range(0, len(text), 64 if is_slow else len(text) or 1):
        target.sendall(text[start : start + 64] if is_slow else text)
        if is_slow:
            sleep(0.0005)
