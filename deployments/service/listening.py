"""Where the servers of a home listen, under which addresses and login, and whether it is they who do."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from config.settings import Settings
from deployments.service.door import ANY_HOST, LOOPBACK, basic, origins
from deployments.service.login import login_in_use
from reporting.errors import BadInput

HOST = LOOPBACK[0]
_LISTENS = "0A"  # in the kernel's table of sockets


@dataclass(frozen=True)
class Listening:
    """Where a server listens, the login it asks for, and under which addresses it may be called."""

    login: SecretStr  # name:password
    host: str = HOST
    addresses: str | None = None  # beyond those of this machine, with commas between

    @classmethod
    def of(cls, settings: Settings, home: Path, host: str = HOST) -> "Listening":
        """As those settings have it for that home, which gets a login if it has none.

        Raises BadInput for a login or an address that is none, and where it would be open to the
        network under no name.
        """
        named = [address for address in (settings.serve_addresses, settings.pages_url) if address]
        addresses = ",".join(named) or None
        origins(host, 0, addresses)
        if host == ANY_HOST and addresses is None:
            raise BadInput(
                f"Mở cổng ra mạng ({host}) thì phải nói người đọc vào bằng địa chỉ nào: hãy đặt "
                "KYBAOCAO_SERVE_ADDRESSES, ví dụ http://TÊN-MÁY:4200,http://TÊN-MÁY:4201."
            )
        return cls(login_in_use(settings, home), host, addresses)

    @property
    def reached_at(self) -> str:
        """The address at which this machine itself reaches it."""
        return HOST if self.host == ANY_HOST else self.host

    @property
    def environment(self) -> dict[str, str]:
        """What both ends of Prefect need: a command line could be read by everybody."""
        login = self.login.get_secret_value()
        return {"PREFECT_SERVER_API_AUTH_STRING": login, "PREFECT_API_AUTH_STRING": login}

    @property
    def settings(self) -> dict[str, str]:
        """What the servers need, as environment."""
        login = {"KYBAOCAO_SERVE_LOGIN": self.login.get_secret_value()}
        return login if self.addresses is None else {**login, "KYBAOCAO_SERVE_ADDRESSES": self.addresses}

    @property
    def headers(self) -> dict[str, str]:
        """What a request of ours to the server carries."""
        return {"Authorization": basic(self.login)}


def listens(port: int, home: Path) -> bool:
    """Whether a program of ours listens there: of our user, of the home's owner, or of root.

    Asked before the login is sent to a port. Another user of the machine may have taken it while ours
    was down or starting, to be told the login.
    """
    table = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    users = {
        int(fields[7])
        for fields in table
        if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port
    }
    return bool(users) and users <= {0, os.geteuid(), home.stat().st_uid}
