"""PDF of a Word file by LibreOffice, when it is there: the same layout as in Word, tagged PDF/A-2."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from reporting.errors import BadInput, ReportingError
from reporting.word.external import links_out

LONGEST = 120.0  # seconds for one conversion; a cold start takes two to four
_FILTER = (
    'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},'
    '"UseTaggedPDF":{"type":"boolean","value":"true"}}'
)
_PRODUCER = re.compile(rb"<pdf:Producer>([^<]{1,80})</pdf:Producer>")
_TAIL = 1024  # bytes: where the end mark is looked for


class OfficeFailed(ReportingError):
    """LibreOffice is there and made no PDF."""


def find_office() -> str | None:
    """The program's full path, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def office_pdf(program: str, document: bytes, *, longest: float = LONGEST) -> bytes:
    """The PDF of a .docx. Its bytes are not those of another run: dates are put in, also in the colours.

    Each call has a profile of its own: two that share one disturb each other. Raises OfficeFailed, also
    for a document that would have the program fetch something from elsewhere.
    """
    try:
        links = links_out(document)
    except BadInput as error:
        raise OfficeFailed(str(error)) from error
    if links:
        raise OfficeFailed(f"văn bản có liên kết ra ngoài ({', '.join(links)}), không mở bằng LibreOffice")
    with tempfile.TemporaryDirectory(prefix="kybaocao-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, made = folder / "bao-cao.docx", folder / "bao-cao.pdf"
        source.write_bytes(document)
        command = [
            program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
            "--convert-to", _FILTER, "--outdir", str(folder), str(source),
        ]  # fmt: skip
        printed = _run(command, folder, longest)
        # Its exit code says nothing: it is 0 without a file, too.
        content = made.read_bytes() if made.is_file() else b""
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-_TAIL:]:
        raise OfficeFailed(
            f"LibreOffice không tạo được tệp PDF ({printed.strip()[-200:] or 'không nêu lý do'})"
        )
    return content


def _run(command: list[str], folder: Path, longest: float) -> str:
    """What it said. The program is a script with children: all of them end with it."""
    log = folder / "log"
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own words and a file of our own
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
            try:
                process.wait(longest)
            except subprocess.TimeoutExpired as error:
                raise OfficeFailed(f"LibreOffice không xong trong {longest:.0f} giây") from error
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
    except OSError as error:
        raise OfficeFailed(f"không chạy được LibreOffice ({error.strerror})") from error
    return log.read_text(encoding="utf-8", errors="replace")


def producer(content: bytes) -> str:
    """What made a PDF, as it says itself: ``LibreOffice 7.4``."""
    match = _PRODUCER.search(content)
    return match[1].decode("utf-8", errors="replace") if match else "LibreOffice"
