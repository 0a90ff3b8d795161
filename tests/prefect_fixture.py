"""One real Prefect server for all tests of a run; a conftest imports the fixture.

The server and what it starts note every connection beyond loopback, so that each test with this
server is also a witness that nothing leaves the machine.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.service.pool import CREATE_POOL
from deployments.service.prefect_server import PrefectServer, running_server
from deployments.service.starting import DEPLOYMENTS
from tests.deployments.loopback import loopback_environment


@pytest.fixture(scope="session")
def connection_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where connections beyond loopback are noted."""
    return tmp_path_factory.mktemp("connections") / "log"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory, connection_log: Path) -> Iterator[PrefectServer]:
    """A server with its scheduler, on loopback, which this process uses as well."""
    home = tmp_path_factory.mktemp("prefect-home")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in loopback_environment(connection_log).items():
            patch.setenv(name, value)
        with running_server(home, wait=False) as server:
            for name, value in server.environment.items():
                patch.setenv(name, value)
            server.connect()
            server.wait()
            yield server


@pytest.fixture(scope="session")
def deployed(prefect_server: PrefectServer, tmp_path_factory: pytest.TempPathFactory) -> PrefectServer:
    """The server with our file deployed, from a folder that is not the project's."""
    for command in (
        CREATE_POOL,
        ("prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOYMENTS)),
    ):
        subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path_factory.mktemp("elsewhere"),
            check=True,
            capture_output=True,
        )
    return prefect_server
