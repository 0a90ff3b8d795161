"""Server settings."""

import pytest
from pydantic import SecretStr

from config.settings import Settings
from reporting.errors import BadInput
from reporting.mail.plus_addresses import is_own
from reporting.mail.servers import imap_server, parse_server, smtp_server


def test_a_server_is_read_whole() -> None:
    server = parse_server("imap://a%40b:p%2Fw@mail.example:1143/Báo%20cáo?tls=implicit", "imap", "X")
    assert (server.host, server.port, server.user, server.password) == ("mail.example", 1143, "a@b", "p/w")
    assert (server.tls, server.folder) == ("implicit", "Báo cáo")
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://h.example", 587), ("smtp://h.example?tls=implicit", 465), ("smtp://h.example?tls=none", 25)],
)
def test_encryption_is_the_rule(url: str, port: int) -> None:
    assert parse_server(url, "smtp", "X").port == port


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://h.example",
        "smtp://",
        "smtp://h:port",
        "smtp://u:geheim@h.example?tls=maybe",
        "smtp://[::1",
    ],
)
def test_a_wrong_setting_is_named_but_not_shown(url: str) -> None:
    with pytest.raises(BadInput, match="KYBAOCAO_SMTP_URL") as caught:
        parse_server(url, "smtp", "KYBAOCAO_SMTP_URL")
    assert "geheim" not in str(caught.value)


def test_what_is_not_set() -> None:
    bare = Settings(_env_file=None)
    assert imap_server(bare) is None
    with pytest.raises(BadInput, match="KYBAOCAO_MAIL_FROM"):
        smtp_server(bare.model_copy(update={"smtp_url": SecretStr("smtp://h.example")}))


def test_addresses_of_our_own() -> None:
    assert is_own("Bao-Cao+x.y@Van-Phong.example", "bao-cao@van-phong.example")
    assert not is_own("bao-cao@van-phong.example.evil.example", "bao-cao@van-phong.example")
    assert not is_own("bao-caox@van-phong.example", "bao-cao@van-phong.example")
