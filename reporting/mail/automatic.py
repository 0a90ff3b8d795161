"""Subjects by which programs answer: "Trả lời tự động", "Automatic reply", "Out of office"."""

import re

from reporting.vietnamese.text import fold

_LONGEST = 400  # characters of a folded subject that are looked at
# On folded text: what mail programs and gateways put before a subject.
_BEFORE = tuple(map(re.compile, (r"(?:re|fwd?|tl|tra loi)\s*:", r"\[[^\[\]]{1,40}\]", r"\W")))
_AUTOMATIC = re.compile(
    r"(?:(?:thu |tin )?(?:tra loi|phan hoi|hoi am) tu dong|tu dong (?:tra loi|phan hoi)|tu dong\s*:"
    r"|thu tu dong|(?:thong bao )?vang mat\b|(?:thong bao )?(?:lich )?nghi (?:tet|le|phep)\b"
    r"|toi dang (?:nghi|vang|di cong tac)\b|xac nhan (?:da )?nhan (?:duoc )?thu \(tu dong\)"
    r"|automatic (?:reply|response)|auto[- ]?(?:reply|response|responder)|auto\s*:"
    r"|(?:i am |i'm )?out of (?:the )?office|ooo\b|(?:on )?vacation\b|on leave\b)"
)


def is_automatic_subject(subject: str) -> bool:
    """Whether a subject, without what stands before it, is one that programs give their answers.

    A bracket may be something before the subject, or hold it: each place is gone on from once.
    """
    text = fold(subject)[:_LONGEST]
    places, seen = [0], set[int]()
    while places:
        at = places.pop()
        if at in seen:
            continue
        seen.add(at)
        if _AUTOMATIC.match(text, at):
            return True
        places += [before.end() for prefix in _BEFORE if (before := prefix.match(text, at))]
    return False
