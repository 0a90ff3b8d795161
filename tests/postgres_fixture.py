"""A private PostgreSQL for the tests that ask for it; they import the fixture."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def as_postgres(data: Path) -> list[str]:
    """PostgreSQL does not run as root: another user's name to put before a command, or none."""
    if os.geteuid() != 0:
        return []
    shutil.chown(data, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A private PostgreSQL on loopback; the URL of its server, without a database."""
    if not POSTGRES:
        pytest.skip("PostgreSQL is not installed")
    programs = POSTGRES[-1].parent
    data = Path(tempfile.mkdtemp(prefix="kybaocao-pg-"))
    user = as_postgres(data)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    initdb = [*user, str(programs / "initdb"), "-D", str(data / "db"), "-U", "office", "-A", "trust"]
    subprocess.run([*initdb, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, cwd=data)
    options = f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off"
    control = [*user, str(programs / "pg_ctl"), "-D", str(data / "db"), "-w"]
    subprocess.run([*control, "-l", str(data / "log"), "-o", options, "start"], check=True,
                   stdout=subprocess.DEVNULL, cwd=data)  # fmt: skip
    try:
        yield f"postgresql+psycopg://office@127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=data)
        shutil.rmtree(data)


@pytest.fixture
def postgres_url(cluster: str, request: pytest.FixtureRequest) -> str:
    """An empty database of its own."""
    name = f"test_{abs(hash(request.node.name))}"
    server = create_engine(f"{cluster}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return f"{cluster}/{name}"
