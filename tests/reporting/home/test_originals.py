"""An original is what it was when it came in, or nobody works with it."""

from datetime import date

from reporting.replies import collect
from reporting.states import ReplyState
from reporting.store.tables import RawReply
from tests.workplace import HANOI, PDF, Workplace, box

DAY = date(2024, 1, 10)


def test_an_altered_original_waits_and_is_said(place: Workplace) -> None:
    number = place.arrive(place.mail(box(HANOI), {"a.pdf": PDF}, to=place.reply_address(HANOI)), DAY)
    original = place.home.original(place.reply(number).raw_sha256)
    kept = original.read_bytes()
    original.write_bytes(kept.replace(b"Report", b"Altered") + b"\n")
    outcome = collect.take_in_replies(place.context(DAY))
    assert place.reply(number).state is ReplyState.QUARANTINED
    assert "đã bị thay đổi" in "".join(outcome.waiting + outcome.failures)
    # The same bytes once more, from wherever they come, heal it.
    place.arrive(kept, DAY)
    assert place.home.read(place.reply(number).raw_sha256) == kept
    assert place.count(RawReply) == 2
