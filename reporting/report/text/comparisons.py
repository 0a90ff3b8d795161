"""Figures beside figures, in words: this cycle and the one before, the provinces and a named document."""

from reporting.figures.figure import BEFORE, GAP, NAMED, NOW, RATE, STEP, Figure
from reporting.report.text.wording import exact, lowered, parted
from reporting.report.text.words import NO_FIGURE, Words
from reporting.word.filling import plain


class Comparisons:
    """What ``so_sanh`` and ``doi_chieu`` say; a phrase is "CODE" or "CODE {form}"."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def compares(self, *phrases: str) -> bool:
        """Whether any of the figures can be compared with the cycle before."""
        return bool(self._words.there([f"{parted(phrase)[0]}{BEFORE}" for phrase in phrases]))

    def compared(self, *phrases: str) -> str:
        """Each figure from what it was in the cycle before to what it is; a phrase is "CODE {form}".

        Both over the ground that answered in both cycles, which is said once for figures that share it.
        """
        text, ground = "", ""
        for phrase in phrases:
            code, form = parted(phrase)
            now, was, step = (self._words.find(f"{code}{end}") for end in (NOW, BEFORE, STEP))
            if now is None or was is None or step is None:
                continue
            of = self._words.ground(now)
            text += ("; " if text else "") + (f"{of}, " if of != ground else "")
            text += self._change(code, now, was, step, form)
            ground = of
        return text

    def _change(self, code: str, now: Figure, was: Figure, step: Figure, form: str) -> str:
        form = exact(form, (now, was))
        unit = "" if form else f" {plain(now.unit)}"
        name, there = lowered(self._words.name(code)), self._words.number(now, form)
        if not step.value:
            return f"{name} {self._words.number(step, form)} ({there}{unit})"
        rate = self._words.find(f"{code}{RATE}")
        share = f", tương đương {self._words.number(rate, '')}%" if rate is not None else ""
        way = "xuống" if step.value < 0 else "lên"
        before = self._words.number(was, form)
        return f"{name} từ {before} {way} {there}{unit} ({self._words.number(step, form)}{share})"

    def contrasts(self, *phrases: str) -> bool:
        """Whether a named document tells any of the figures, too."""
        return bool(self._words.there([f"{parted(phrase)[0]}{NAMED}" for phrase in phrases]))

    def contrasted(self, *phrases: str) -> str:
        """Each figure that a document tells, too: both numbers and the gap, the document in a footnote."""
        clauses = []
        for phrase in phrases:
            code, form = parted(phrase)
            own, named, gap = (self._words.find(f"{code}{end}") for end in ("", NAMED, GAP))
            if named is None:
                continue
            if gap is not None and own is not None:
                form = exact(form, (own, named))
            unit = "" if form else f" {plain(named.unit)}"
            here = self._words.number(own, form) if own is not None and own.value is not None else NO_FIGURE
            line = f"{lowered(self._words.name(code))}: {self._words.place} báo cáo {here}{unit}, "
            line += f"văn bản nêu {self._words.number(named, form)}{unit}{self._words.sources(named.code)}"
            if gap is not None and gap.value is not None:
                line += f", {self._words.number(gap, form)}"
            clauses.append(line)
        return "; ".join(clauses)
