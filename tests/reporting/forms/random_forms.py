"""A form as somebody might fill it, by a number: every kind of answer, and every way to type it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from reporting.forms import layout
from reporting.programme.asked import largest
from reporting.programme.edits import RangeEdit
from reporting.programme.model import Indicator, IndicatorType
from tests.reporting.forms.filling import CYCLE, PROGRAMME, TODAY, filled_in

# The unit that is asked for sums, too.
UNIT = next(unit for unit in PROGRAMME.expected_units(CYCLE) if unit.name == "Điện Biên")
ASKED = PROGRAMME.asked(CYCLE, UNIT, TODAY)
COMPARED = {code for edit in PROGRAMME.edits for code in edit.codes}
MOST = {each.code: int(largest(each)) for each in ASKED if each.type.is_number}
LIMITS = {
    edit.indicators[0]: int(edit.maximum)
    for edit in PROGRAMME.edits
    if isinstance(edit, RangeEdit) and edit.maximum and edit.indicators[0] in MOST
}
BOUND = MOST | LIMITS
AS_TYPED = ["25.349", "25,349", "25 349", "25349,0", "hơn 25.349", "25.349 hộ", "7,7 tỷ", "-3", "1e3", "=1+1"]
LETTERS = "aăâđêôơưĂÂĐÊÔƠƯạảãàáyÝ tbc012;,.=+-@'\"<>&%/()\n"


@dataclass(frozen=True)
class Typed:
    """What one person typed into a form: code -> value, answer beside it, explanation."""

    values: Mapping[str, object]
    answers: Mapping[str, str]
    explanations: Mapping[str, str]

    def fill(self, content: bytes) -> bytes:
        return filled_in(content, {"E": self.values, "F": self.answers, "H": self.explanations})


def someone(seed: int) -> Typed:
    """A form as somebody might fill it: most of it answered, in every way there is."""
    chance = Random(seed)
    values: dict[str, object] = {"SY00.02": f"{chance.randint(1, 999)}/BC-SLĐTBXH", "SY00.03": "09/01/2024"}
    beside: dict[str, str] = {}
    explained: dict[str, str] = {}
    for indicator in ASKED:
        way = chance.random()
        if way < 0.1:
            continue
        if not indicator.type.is_wide and way < 0.3:
            beside[indicator.code] = chance.choice([layout.ZERO, layout.NIL, layout.PENDING, layout.GIVEN])
        if indicator.type.is_wide or way > 0.25:  # between the two both, which may contradict
            values[indicator.code] = typed_in(chance, indicator)
        if not indicator.type.is_wide and way > 0.8:
            explained[indicator.code] = words(chance)
    return Typed(values, beside, explained)


def typed_in(chance: Random, indicator: Indicator) -> object:
    """Numbers that checks compare are small, so that some of the checks fail; some are about their bound."""
    if indicator.type.is_number and chance.random() < 0.15:
        return about(chance, indicator.code)
    match indicator.type:
        case IndicatorType.INTEGER | IndicatorType.DECIMAL if indicator.code in COMPARED:
            return chance.choice([chance.randint(0, 4), layout.NIL])
        case IndicatorType.INTEGER:
            return chance.choice([chance.randint(0, 10**12), chance.choice(AS_TYPED), 25.349])
        case IndicatorType.DECIMAL:
            return chance.choice([round(chance.uniform(0, 10**6), 3), chance.choice(AS_TYPED)])
        case IndicatorType.BOOLEAN:
            return chance.choice(["Có", "Không"])
        case IndicatorType.CHOICE:
            return chance.choice(indicator.choices).label
        case IndicatorType.DATE | IndicatorType.DATES:
            return chance.choice([date(2023, chance.randint(1, 12), 9), "09/01/2024; 12/1/2024", "hôm qua"])
        case _:
            return words(chance)


def about(chance: Random, code: str) -> float:
    bound, most = BOUND[code], MOST[code]
    return chance.choice([bound - 1, bound, bound + 1, bound + 0.5, most - 1, most, 10**15, -1, -0.5])


def words(chance: Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randint(1, 300)))
