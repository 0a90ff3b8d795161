"""Postfix and Dovecot from Debian, on high ports of loopback, in a folder of their own.

``Postfix -> dovecot-lda -> Dovecot`` for every address; mail for ``hong.example`` goes to a next hop that
refuses it, so that a real delivery report comes back. Both need root to change users; nothing of
the machine's own configuration is read or touched.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from imapclient import IMAPClient

from tests.mailroom import listening

REFUSING = "hong.example"  # its server knows nobody
LDA = "/usr/lib/dovecot/dovecot-lda"
PASSWORD = "thu-nghiem"
SIZE_LIMIT = 30_000_000

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
myhostname = may-chu.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = {size_limit}
mailbox_size_limit = 0
local_recipient_maps =
alias_maps =
recipient_delimiter = +
default_transport = {transport}
lda_destination_recipient_limit = 1
transport_maps = inline:{{ {{ {refusing} = smtp:[127.0.0.1]:{refusing_port} }} }}
delay_warning_time = 0
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lda unix - n n - - pipe
  flags=DRhu user=nobody argv={lda} -c {root}/dovecot.conf -f ${{sender}}
  -o mail_location=maildir:{root}/mail/${{user}}@${{domain}} -o log_path={root}/mail/lda.log
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT = """\
protocols = imap
listen = 127.0.0.1
base_dir = {root}/dovecot/run
state_dir = {root}/dovecot/state
log_path = {root}/dovecot.log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{root}/mail/%Lu
recipient_delimiter = +
auth_username_format = %Lu
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%Lu allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True)
class PostOffice:
    """Where the servers are, as settings name them. Any address may log in to its own mailbox."""

    root: Path
    own_address: str
    smtp_port: int
    imap_port: int

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp_port}?tls=none"

    @property
    def imap_url(self) -> str:
        user = self.own_address.replace("@", "%40")
        return f"imap://{user}:{PASSWORD}@127.0.0.1:{self.imap_port}/INBOX?tls=none"

    @contextmanager
    def mailbox(self, address: str) -> Iterator[IMAPClient]:
        """The mailbox of an address, its inbox selected."""
        with IMAPClient("127.0.0.1", self.imap_port, ssl=False) as client:
            client.login(address, PASSWORD)
            client.select_folder("INBOX")
            yield client

    def log(self) -> str:
        """The end of both servers' logs, for the message of a test that fails."""
        logs = (self.root / "postfix.log", self.root / "dovecot.log")
        return "\n".join(log.read_text()[-3000:] for log in logs if log.exists())


class _KnowsNobody:
    async def handle_RCPT(self, _server: Any, _session: Any, _envelope: Any, to: str, _options: Any) -> str:
        return f"550 5.1.1 <{to}>: no such user here"


def skip_without(*programs: str) -> None:
    """Skip the test unless the servers are installed and may be started."""
    missing = [program for program in programs if shutil.which(program, path="/usr/sbin:/usr/bin") is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.skip("Postfix and Dovecot are started as root only")


@contextmanager
def open_postoffice(own_address: str) -> Iterator[PostOffice]:
    """Start both servers, and stop them at the end."""
    with ExitStack() as stack:
        # Their users must get through; a folder of pytest's is closed to others.
        root = Path(tempfile.mkdtemp(prefix="postoffice-"))
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        root.chmod(0o755)
        refusing = stack.enter_context(listening(lambda loop: SMTP(_KnowsNobody(), hostname="x", loop=loop)))
        smtp, imap = _free_ports(2)
        nobody = getpwnam("nobody")
        (root / "mail").mkdir()
        os.chown(root / "mail", nobody.pw_uid, nobody.pw_gid)
        (root / "dovecot").mkdir()
        config = root / "dovecot.conf"
        config.write_text(
            _DOVECOT.format(root=root, imap=imap, uid=nobody.pw_uid, gid=nobody.pw_gid, password=PASSWORD)
        )
        _run("dovecot", "-c", str(config))
        stack.callback(_run, "dovecot", "-c", str(config), "stop")
        stack.enter_context(_postfix(root, smtp, "lda:", refusing))
        yield PostOffice(root, own_address, smtp, imap)


@contextmanager
def open_discarding_postfix() -> Iterator[int]:
    """A Postfix that takes everything over and throws it away; its port."""
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix="postoffice-"))
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        root.chmod(0o755)
        (port,) = _free_ports(1)
        stack.enter_context(_postfix(root, port, "discard:", 9))
        yield port


@contextmanager
def _postfix(root: Path, port: int, transport: str, refusing: int) -> Iterator[None]:
    conf = root / "postfix"
    for folder in (conf, root / "queue", root / "data"):
        folder.mkdir()
    shutil.chown(root / "data", "postfix")
    (conf / "main.cf").write_text(
        _MAIN.format(
            root=root,
            transport=transport,
            refusing=REFUSING,
            refusing_port=refusing,
            size_limit=SIZE_LIMIT,
        )
    )
    (conf / "master.cf").write_text(_MASTER.format(port=port, root=root, lda=LDA))
    _run("postfix", "-c", str(conf), "start")
    try:
        yield
    finally:
        _run("postfix", "-c", str(conf), "stop")


def _run(program: str, *arguments: str) -> None:
    path = shutil.which(program, path="/usr/sbin")
    assert path is not None
    with tempfile.TemporaryFile("w+") as said:  # no pipe: a daemon would hold it open
        done = subprocess.run(
            [path, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=60, check=False
        )
        said.seek(0)
        assert done.returncode == 0, f"{program} {' '.join(arguments)}: {said.read()}"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
