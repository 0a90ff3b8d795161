"""What an office is asked before it starts, as files in its home: nothing in the code's own tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from dotenv import dotenv_values
from pydantic import ValidationError

from config.settings import Settings, office_env
from reporting.addresses.syntax import checked_address
from reporting.durable import make_folder, workroom, write_durably
from reporting.errors import BadInput
from reporting.mail.servers import imap_server, smtp_server
from reporting.programme.files import check_programme, load_programme
from reporting.programme.model import Programme
from reporting.programme.sources import Mistakes, read_yaml

PREFIX = "KYBAOCAO_"


@dataclass(frozen=True)
class Plan:
    """Files that are right and not yet written: name below ``<home>/office`` -> content."""

    settings: Settings
    files: dict[str, bytes]

    def write(self) -> None:
        """Write each file whole, its owner's alone; the one before stays until then."""
        for name, content in self.files.items():
            target = office_env(self.settings.home).parent / name
            make_folder(target.parent)
            write_durably(target, content)


def server_url(
    scheme: str, server: str, tls: str, user: str | None, password: str | None, folder: str | None
) -> str:
    """A server's URL as the settings have it; ``server`` is ``host:port``."""
    login = ":".join(quote(part, safe="") for part in (user, password) if part)
    below = f"/{quote(folder or 'INBOX')}" if scheme == "imap" else ""
    return f"{scheme}://{login}{'@' if login else ''}{server}{below}?tls={tls}"


def present(settings: Settings) -> Programme:
    """The programme in use as it stands, with what the office set before."""
    return load_programme(settings.programmes_dir / settings.programme, settings.office / settings.programme)


def plan(
    settings: Settings,
    values: Mapping[str, str | None],
    *,
    today: date,
    contact: Mapping[str, str],
    succession: Mapping[str, Any] | None = None,
) -> Plan:
    """Lay the answers over what was set before, and check all of it. Raises BadInput; nothing is written.

    ``values``: settings by name, None where nothing is changed. ``contact``: fields of the issuing agency
    of ``today``. ``succession``: the document by which cycles go on.
    """
    env = _env(office_env(settings.home), values)
    changed = _settings(settings, env)
    for name in ("ops_to", "managers_to"):
        for address in (getattr(changed, name) or "").split(","):
            if address.strip():
                checked_address(address.strip())
    if changed.smtp_url is not None:
        smtp_server(changed)
    imap_server(changed)
    files = {"settings.env": env.encode()}
    own = settings.office / settings.programme
    layers = {
        "agencies.yaml": _agencies(own / "agencies.yaml", present(settings), today, contact),
        "programme.yaml": _content(own / "programme.yaml")
        | ({"succession": [succession]} if succession else {}),
    }
    texts = {name: _text(content) for name, content in layers.items() if content}
    _check(settings, own, texts)
    files |= {f"programmes/{settings.programme}/{name}": text for name, text in texts.items()}
    return Plan(changed, files)


def _env(file: Path, values: Mapping[str, str | None]) -> str:
    before = dotenv_values(file, interpolate=False) if file.is_file() else {}
    after = before | {PREFIX + name.upper(): value for name, value in values.items() if value is not None}
    lines = []
    for name, value in after.items():
        text = value or ""
        if any(letter in text for letter in "\r\n\0") or "${" in text:
            raise BadInput(f"{name}: giá trị có ký tự không dùng được.")
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"{name}='{escaped}'\n")
    return "".join(lines)


def _settings(settings: Settings, env: str) -> Settings:
    content = dotenv_values(stream=StringIO(env), interpolate=False)
    changes = {name.removeprefix(PREFIX).lower(): value for name, value in content.items() if value}
    try:
        return Settings(**{**changes, "home": settings.home, "programme": settings.programme})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = ", ".join(str(fault["loc"][0]) for fault in error.errors())
        raise BadInput(f"Thiết lập không hợp lệ: {wrong}.") from None  # its input may be a password


def _content(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    mistakes: Mistakes = []
    content = read_yaml(file, mistakes).content
    if mistakes:
        raise BadInput(f"Chưa ghi gì, hãy sửa trước: {mistakes[0]}.")
    return content


def _agencies(file: Path, programme: Programme, today: date, contact: Mapping[str, str]) -> dict[str, Any]:
    content = _content(file)
    if not contact:
        return content
    issuer = programme.agency("issuer", today)
    keys = {"role": "issuer", "valid_from": issuer.valid_from}
    entries = [dict(entry) for entry in content.get("agencies", [])]
    same = [entry for entry in entries if all(entry.get(key) == value for key, value in keys.items())]
    if not same:
        entries.append(keys)
        same = entries[-1:]
    same[0].update(contact)
    return content | {"agencies": entries}


def _text(content: Mapping[str, Any]) -> bytes:
    text = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False)
    return text.encode()


def _check(settings: Settings, own: Path, texts: Mapping[str, bytes]) -> None:
    """What the programme would be with these files, the others of the office as they are."""
    shipped = settings.programmes_dir / settings.programme
    others = {path.name: path.read_bytes() for path in own.glob("*.yaml")} if own.is_dir() else {}
    with workroom(settings.home / ".setup", "Một lệnh setup khác đang chạy.") as room:
        for name, content in {**others, **texts}.items():
            (room / name).write_bytes(content)
        if mistakes := check_programme(shipped, room):
            raise BadInput(f"Chưa ghi gì: {mistakes[0].text}.")
