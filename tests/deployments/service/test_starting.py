"""What the worker and its runs are told of our settings."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Mailbox, Settings
from deployments.service.starting import settings_for_runs


def test_runs_have_the_settings_of_the_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a programme's own mailbox, its secrets and days, too: they came out as no JSON once."""
    own = Mailbox(
        mail_from="khac@coquan.example",
        imap_url=SecretStr("imap://khac:mật-khẩu@may-chu.example/INBOX"),
        mail_since=date(2026, 1, 5),
        oauth_refresh_token=SecretStr("first"),
    )
    settings = Settings(
        _env_file=None,
        home=tmp_path,
        mail_from="vpqggn@coquan.example",
        smtp_url=SecretStr("smtp://a:b@may-chu.example"),
        mail_since=date(2026, 1, 1),
        oauth_client_secret=SecretStr("kín"),
        mailboxes={"khac": own},
    )
    for name, value in settings_for_runs(settings, tmp_path).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == settings
