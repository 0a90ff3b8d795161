"""Connections that say nothing, or a byte at a time, keep nobody else from the pages."""

import os
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from deployments.service.children import start_child, stop_child, wait_until
from deployments.service.listening import HOST, Listening
from deployments.service.patience import MOST
from deployments.service.prefect_server import answers, usable_port

LOGIN = Listening(SecretStr("phong:mat-khau"))
HANDLES = 256  # of the server: the hundreds of a real one, sooner reached
# The server with little patience: a test has no ten seconds.
HASTY = """
import sys
from deployments.service import pages_server, patience
patience.ASKING = float(sys.argv.pop())
pages_server.main()
"""


def serving(folder: Path, seconds: float) -> Iterator[int]:
    (folder / "status" / "ctph-109").mkdir(parents=True)
    (folder / "status" / "ctph-109" / "index.html").write_text("x" * 20_000_000)
    (folder / "serve.login").write_text("phong:mat-khau")
    (folder / "serve.login").chmod(0o600)
    port, pid_file, log_file = usable_port(0), folder / "pages.pid", folder / "pages.log"
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    args = [sys.executable, "-c", HASTY, str(folder), "--port", str(port), str(seconds)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, most))
    try:
        child = start_child(args, os.environ, pid_file, log_file)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    try:
        wait_until(lambda: answers(HOST, port, "/", LOGIN.headers), child, 60, log_file)
        yield port
    finally:
        stop_child(pid_file)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One that waits for ever: only the number of connections helps."""
    yield from serving(tmp_path_factory.mktemp("patient"), 3600)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from serving(tmp_path_factory.mktemp("hasty"), 0.3)


SLOW = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
    "a second one": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET / HT",
    "a large answer, never read": (
        f"GET /status/ctph-109/index.html HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
        f"Authorization: {LOGIN.headers['Authorization']}\r\n\r\n"
    ).encode(),
}


@pytest.mark.parametrize("begun", SLOW.values(), ids=SLOW)
def test_hundreds_of_slow_ones_keep_nobody_out(patient: int, begun: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(MOST + HANDLES):
            connection = stack.enter_context(socket.create_connection((HOST, patient), timeout=60))
            connection.sendall(begun.replace(b"%d", str(patient).encode()))
        assert answers(HOST, patient, "/", LOGIN.headers)
        assert answers(HOST, patient, "/", LOGIN.headers)
    assert answers(HOST, patient, "/", LOGIN.headers)


@pytest.mark.parametrize("begun", [*SLOW.values()][:3], ids=[*SLOW][:3])
def test_who_does_not_go_on_asking_is_not_waited_for(hasty: int, begun: bytes) -> None:
    """Also when the bytes come one by one."""
    with socket.create_connection((HOST, hasty), timeout=0.05) as connection:
        connection.sendall(begun)
        assert is_closed(connection, drop=b"x" if begun else b"")


def is_closed(connection: socket.socket, drop: bytes) -> bool:
    """Whether the other side closes within the minute, though something may still come."""
    for _ in range(1200):
        try:
            connection.sendall(drop)
            if not connection.recv(4096):
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False
