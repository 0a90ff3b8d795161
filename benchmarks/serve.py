"""What ``kybaocao serve`` costs while nobody works: ``python -m benchmarks.serve [MINUTES]``.

Starts it in a new home and again in the same one, then looks at memory and processor time of all
its processes: with no cycle open, and with one of 34 units open beside mail servers of its own
(those are not counted). Each span holds the exchanges of mail that fall into it; what a run costs
is worked out from spans of at least ten minutes.
"""

import contextlib
import csv
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

from benchmarks.measure import python_environment, tree_cpu, tree_pss
from deployments.rehearsal import mailserver
from deployments.service.listening import HOST
from deployments.service.prefect_server import usable_port
from reporting import clock

MINUTES = 12.0
SETTLE = 30.0  # seconds after the start that belong to the start
CYCLE, OWN = "nine-month-2025", "bao-cao@van-phong.example"
IDLE_MIB, IDLE_SHARE, FIRST_SECONDS, NEXT_SECONDS = 600, 6.0, 60, 20


@dataclass(frozen=True)
class Span:
    """``share``: percent of one core. ``mib``: the highest sum of PSS seen."""

    share: float
    mib: float


class Office:
    """A home and the settings its commands run with."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.pages, self.prefect = usable_port(0), usable_port(0)
        self.environment = {
            **{name: value for name, value in python_environment().items() if "KYBAOCAO" not in name},
            "KYBAOCAO_HOME": str(self.home),
        }

    def command(self, *words: str) -> None:
        subprocess.run(  # noqa: S603 - our own command
            [_kybaocao(), *words], env=self.environment, check=True, stdout=subprocess.DEVNULL
        )

    @contextlib.contextmanager
    def serving(self) -> Iterator[tuple[int, float]]:
        """The process of ``serve`` and the seconds until its pages and Prefect's answered."""
        start = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own command
            [_kybaocao(), "serve", "--port", str(self.prefect), "--pages-port", str(self.pages)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            for port, path in ((self.prefect, "/api/ready"), (self.prefect, "/"), (self.pages, "/")):
                while not _answers(port, path):
                    if process.poll() is not None:
                        raise RuntimeError("serve ended")
                    time.sleep(0.1)
            yield process.pid, time.monotonic() - start
        finally:
            process.terminate()
            process.wait(timeout=90)


def watch(pid: int, minutes: float) -> Span:
    """Look at a process and its descendants for a while."""
    time.sleep(SETTLE)
    begin, used, most = time.monotonic(), tree_cpu(pid), 0
    while time.monotonic() - begin < minutes * 60:
        time.sleep(2)
        most = max(most, tree_pss(pid))
    return Span(100 * (tree_cpu(pid) - used) / (time.monotonic() - begin), most / 1024)


def open_a_cycle(office: Office, folder: Path, servers: mailserver.Servers) -> None:
    """A cycle that opened yesterday, its letters on their way."""
    today = clock.day_of(clock.now())
    programmes = folder / "programmes"
    source = Path(__file__).parents[1] / "config" / "programmes" / "ctph-109"
    copytree(source, programmes / source.name)
    calendar = programmes / source.name / "calendar.yaml"
    days = {"open_on": -1, "due_on": 40, "grace_until": 50, "close_on": 90}
    dates = "".join(f"    {name}: {today + timedelta(days=count)}\n" for name, count in days.items())
    calendar.write_text(_with_dates(calendar.read_text(encoding="utf-8"), dates), encoding="utf-8")
    office.environment |= {
        "KYBAOCAO_PROGRAMMES_DIR": str(programmes),
        "KYBAOCAO_SMTP_URL": servers.smtp_url,
        "KYBAOCAO_IMAP_URL": servers.imap_url,
        "KYBAOCAO_MAIL_FROM": OWN,
    }
    letter = folder / "cong-van.pdf"
    letter.write_bytes(b"%PDF-1.4\n%%EOF\n")
    addresses = folder / "contacts.csv"
    addresses.write_text(
        "code,role,email,name,position,telephone\n"
        + "".join(f"{code},role_box,so-{code}@so.example,,,\n" for code in _living(source / "units.csv"))
    )
    office.command("contacts", "import", str(addresses), "--by", "Bàn vận hành")
    office.command("open", CYCLE)
    office.command(
        *("open", CYCLE, "--letter", str(letter), "--number", "901/CV-VPQGGN"),
        *("--signed-on", _iso(today), "--by", "Chuyên viên"),
    )


def _with_dates(calendar: str, dates: str) -> str:
    line = f"  - name: {CYCLE}\n"
    if line not in calendar:
        raise RuntimeError(f"no {CYCLE} in the calendar")
    return calendar.replace(line, line + dates)


def _living(units: Path) -> list[str]:
    with units.open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file) if not row["valid_to"]]


def _iso(day: date) -> str:
    return day.isoformat()


def _kybaocao() -> str:
    return str(Path(sys.executable).with_name("kybaocao"))


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
            return int(answer.status) == 200
    except urllib.error.HTTPError as error:
        return error.code == 401 and path == "/"  # the pages ask for the login
    except OSError:
        return False


def _say(what: str, value: float, unit: str, limit: float | None = None) -> None:
    verdict = "" if limit is None else f"   at most {limit:g}: {'met' if value <= limit else 'MISSED'}"
    sys.stdout.write(f"{what:44} {value:8.1f} {unit}{verdict}\n")
    sys.stdout.flush()


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    _say("load of the machine before", os.getloadavg()[0], "")
    with tempfile.TemporaryDirectory(prefix="kybaocao-bench-") as name:
        folder = Path(name)
        office = Office(folder)
        office.command("init")
        with office.serving() as (_, seconds):
            _say("first start to first page", seconds, "s", FIRST_SECONDS)
        with office.serving() as (pid, seconds):
            _say("next start to first page", seconds, "s", NEXT_SECONDS)
            idle = watch(pid, minutes)
        _say("no cycle open: memory (PSS)", idle.mib, "MiB", IDLE_MIB)
        _say("no cycle open: share of one core", idle.share, "%", IDLE_SHARE)
        servers = mailserver.start(folder / "mail", OWN)
        try:
            open_a_cycle(office, folder, servers)
            with office.serving() as (pid, seconds):
                watch(pid, 1.0)  # the requests leave
                busy = watch(pid, minutes)
        finally:
            mailserver.stop(folder / "mail")
        _say("a cycle open: memory (PSS)", busy.mib, "MiB")
        _say("a cycle open: share of one core", busy.share, "%")
        _say("a cycle open: processor time an hour", busy.share * 36, "s")


if __name__ == "__main__":
    main()
