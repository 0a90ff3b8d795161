"""The mail server as a second clock: a day far ahead is believed when it took a mail in about now."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from reporting import clock
from reporting.errors import BadInput
from reporting.home.context import open_context
from reporting.home.days import set_last
from reporting.home.folder import init_home
from reporting.mail.inbox.second_clock import newest_arrival
from reporting.store.engine import writing
from tests.mailroom import logged_in

NO_WITNESS = "không có thư mới nào trong hộp thư chứng tỏ hôm nay"


def test_a_long_rest_needs_a_mail_that_came_about_now(office: Any, post: Path, tmp_path: Path) -> None:
    """Whatever folder it went to since; what its sender wrote over it proves nothing."""
    settings, now = office.settings.model_copy(update={"home": tmp_path / "real"}), clock.now()
    url = settings.imap_url.get_secret_value()
    home = init_home(settings, now)
    with writing(home.engine) as session:
        set_last(session, clock.day_of(now) - timedelta(days=30))

    def begin(**changes: Any) -> None:
        open_context(settings.model_copy(update=changes), newest_arrival=newest_arrival)

    with pytest.raises(BadInput, match=NO_WITNESS):
        begin()
    with logged_in(url) as client:
        mail = f"Date: {now:%a, %d %b %Y %H:%M:%S +0700}\r\nSubject: x\r\n\r\nx\r\n".encode()
        client.append("INBOX", mail, msg_time=now - timedelta(days=30))
    with pytest.raises(BadInput, match=NO_WITNESS):
        begin()
    with logged_in(url) as client:
        client.create_folder("Processed")
        client.append("Processed", mail, msg_time=now - timedelta(hours=1))
    with pytest.raises(BadInput, match=NO_WITNESS):
        begin(imap_url=SecretStr("imap://a:b@127.0.0.1:1?tls=none"))  # and a server that is out says nothing
    begin()
    assert newest_arrival(settings) is not None
    home.engine.dispose()
