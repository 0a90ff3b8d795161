"""What other people's programs are tested with, as mail to us: each file has a fate and none is a report.

Run with ``KYBAOCAO_CORPORA`` (see ``tests/corpora.py``); ``-rP`` shows the counts by corpus.
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath

import pytest

from reporting.errors import BadInput
from reporting.replies.take_in import take_in
from reporting.report.edited.package import origin_of
from reporting.report.edited.points import FigureSets
from reporting.report.edited.review import review
from reporting.spreadsheets.sandbox import LONGEST_WAIT
from reporting.states import ReplyState
from reporting.store.tables import Document, Submission
from tests.corpora import VARIABLE, corpora, files_of
from tests.workplace import HANOI, Workplace, box

DAY = date(2024, 1, 9)
WORD = {".docx", ".docm", ".dotx", ".doc"}
BOOKS = {".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".ods", ".fods", ".csv", ".slk", ".et", ".xml", ".htm"}
MAILS = {".eml", ".msg", ".mbox", ".raw"}
ENDED = ("giới hạn an toàn", "quá nhiều thời gian", "tốn quá nhiều")  # as the sandbox says it
SETTLED = {ReplyState.QUARANTINED, ReplyState.IGNORED}
# Of our own process for one file: seconds of processor time, KiB. A mail is a stranger's; a Word file that
# somebody checks is the office's own, and may be a book.
OF_A_MAIL, OF_A_BOOK = (0.5, 100 * 1024), (10.0, 2**20)
CORPORA = corpora()


@dataclass
class Counts:
    """What became of the files of a corpus, and which of them did what none may do."""

    limits: tuple[float, int]
    files: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    crashed: list[str] = field(default_factory=list)
    over_limits: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    without_fate: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)  # its reader died of it, or was ended, as it should
    most_work: float = 0.0
    most_growth: int = 0

    def add(self, name: str, work: Callable[[], str]) -> None:
        """Do the work of one file, which tells its fate, and weigh it."""
        self.files += 1
        began, size = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        waited = time.monotonic()
        try:
            fate = work()
        except Exception as error:  # that is what is counted here
            self.crashed.append(f"{name}: {type(error).__name__}: {error}")
            return
        used = time.process_time() - began
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size
        self.most_work, self.most_growth = max(self.most_work, used), max(self.most_growth, growth)
        most_work, most_growth = self.limits
        if used > most_work or growth > most_growth or time.monotonic() - waited > 2 * LONGEST_WAIT:
            self.over_limits.append(f"{name}: {used:.2f} s, {growth // 1024} MiB")
        self.fates[fate] += 1


def arrives(place: Workplace, counts: Counts, name: str, raw: bytes) -> None:
    """A mail comes in and is taken in."""
    arrived = []

    def work() -> str:
        arrived.append(place.arrive(raw, DAY))
        return str(take_in(place.context(DAY), arrived[-1]).state)

    counts.add(name, work)
    if not arrived:
        return
    its = place.reply(arrived[-1])
    if any("lỗi của chương trình" in reason for reason in its.reasons):
        counts.crashed.append(f"{name}: {its.reasons}")
    if any(words in reason for reason in its.reasons for words in ENDED):
        counts.ended.append(name)
    if its.state is ReplyState.PROCESSED:
        counts.accepted.append(name)
    elif its.state not in SETTLED or not its.reasons:
        counts.without_fate.append(name)


def with_every_sign(place: Workplace, name: str, content: bytes) -> bytes:
    """The file in a mail that would be taken in if the file were a form or a signed document."""
    return place.mail(
        box(HANOI),
        {PurePath(name).name: content},
        to=place.reply_address(HANOI),
        subject="Báo cáo số 12/BC-SLĐTBXH ngày 09/01/2024",
    )


def checked(content: bytes) -> str:
    """What check-report says of a Word file of others."""
    try:
        origin_of(content)
        review(content, content, FigureSets({}, {}, {}))
    except BadInput:
        return "refused"
    return "checked"


@pytest.mark.deep
@pytest.mark.parametrize("corpus", CORPORA or [None], ids=[one.name for one in CORPORA] or ["none"])
def test_files_of_others_have_a_fate(place: Workplace, corpus: Path | None) -> None:
    if corpus is None:
        pytest.skip(f"{VARIABLE} names no folder of corpora")
    replies, word = Counts(OF_A_MAIL), Counts(OF_A_BOOK)
    for name, content in files_of(corpus, BOOKS | WORD):
        arrives(place, replies, name, with_every_sign(place, name, content))
    for name, content in files_of(corpus, MAILS):
        arrives(place, replies, name, content)
    for name, content in files_of(corpus, WORD):
        word.add(name, lambda content=content: checked(content))  # type: ignore[misc]
    sys.stdout.write(f"{corpus.name}\n{replies}\n{word}\n")
    for counts in (replies, word):
        assert (counts.crashed, counts.over_limits, counts.accepted, counts.without_fate) == ([], [], [], [])
    assert (place.count(Document), place.count(Submission)) == (0, 0)
