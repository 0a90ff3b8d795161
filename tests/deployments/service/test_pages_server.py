"""The pages as a reader's browser asks for them, from a server in a process of its own."""

import http.client
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from deployments.service.children import start_child, stop_child, wait_until
from deployments.service.listening import HOST, Listening
from deployments.service.prefect_server import answers, usable_port

LOGIN = Listening(SecretStr("phong:mat-khau"))
VERSION = "reports/ctph-109/annual-2023/2024-04-30/v1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    files = {
        "status/ctph-109/index.html": "tình hình",
        f"{VERSION}/manifest.json": "{}",
        f"{VERSION}/bao-cao.docx": "báo cáo",
        f"{VERSION}/.bao-cao.docx.part": "nửa chừng",
        "reports/ctph-109/annual-2023/2024-04-30/v2/bao-cao.docx": "chưa xong",
        "kybaocao.db": "số liệu",
        "secret.key": "khóa",
        "serve.login": "phong:mat-khau",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "status" / "out").symlink_to(home / "secret.key")
    return home


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    port, pid_file, log_file = usable_port(0), home / "pages.pid", home / "pages.log"
    args = [sys.executable, "-m", "deployments.service.pages_server", str(home), "--port", str(port)]
    child = start_child(args, os.environ, pid_file, log_file)
    try:
        wait_until(lambda: answers(HOST, port, "/", LOGIN.headers), child, 60, log_file)
        yield port
    finally:
        stop_child(pid_file)


Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture
def ask(port: int) -> Ask:
    def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        with closing(http.client.HTTPConnection(HOST, port, timeout=60)) as connection:
            connection.request(method, path, headers={**LOGIN.headers, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    return ask


def test_the_front_page_leads_to_the_pages_and_the_finished_versions(ask: Ask) -> None:
    status, headers, text = ask("/")
    assert status == http.HTTPStatus.OK
    assert 'href="status/ctph-109/index.html"' in text
    assert f'href="{VERSION}/bao-cao.docx"' in text
    assert "30/04/2024" in text
    assert "v2" not in text
    assert ".part" not in text
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ask("/status/ctph-109/index.html")[2] == "tình hình"
    assert ask(f"/{VERSION}/bao-cao.docx")[2] == "báo cáo"


@pytest.mark.parametrize(
    "path",
    [
        "/kybaocao.db",
        "/secret.key",
        "/serve.login",
        "/../secret.key",
        "/status/../secret.key",
        "/status/..%2fsecret.key",
        "/status/%2e%2e/secret.key",
        "/status//../../secret.key",
        "/status/out",
        f"/{VERSION}/.bao-cao.docx.part",
        "/reports",
        "/reports/",
        "/run/",
    ],
)
def test_nothing_else_of_the_home_can_be_read(ask: Ask, path: str) -> None:
    status, _, text = ask(path)
    assert status != http.HTTPStatus.OK
    assert "khóa" not in text
    assert "số liệu" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(ask: Ask, method: str) -> None:
    assert ask("/status/ctph-109/index.html", method)[0] == http.HTTPStatus.METHOD_NOT_ALLOWED


def test_another_site_cannot_borrow_the_address(ask: Ask) -> None:
    assert ask("/", host="elsewhere.example")[0] == http.HTTPStatus.MISDIRECTED_REQUEST
