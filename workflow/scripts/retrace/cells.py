"""Say what is wrong with a cell, and what a spreadsheet or a keyboard most likely did to it.

An author does not see a no-break space, and does not know that 45291 was a day: the remedy
says what to write, worked out from the cell where that is certain.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from retrace.errors import did_you_mean, shown, some

EXPECTED = {
    "integer": "a whole number",
    "number": "a number",
    "date": "an ISO date such as 2024-05-31",
    "id": "an id without blanks, commas or slashes",
}
"""What may stand in a cell, by kind; text is anything."""

_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_ID = re.compile(r"[^\s;,/\\]+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_MONTHS = ("jan", "feb", "mar mär mrz", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez")  # fmt: skip
"""How the names of months begin in English and German."""
_MONTH = f"({'|'.join(' '.join(_MONTHS).split())})"
_IN_WORDS = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th)?[. ]* {_MONTH}[a-zä]*[.,]* ([0-9]{{4}})"
    rf"|{_MONTH}[a-zä]*[. ]* ([0-9]{{1,2}})(?:st|nd|rd|th)?[, ]* ([0-9]{{4}})",
    re.IGNORECASE,
)
_WITH_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9:.]+Z?")
_DAY_NUMBER = re.compile(r"[0-9]{5}(\.0+)?")
_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of a spreadsheet."""
_ROUNDED = re.compile(r"[0-9]+([.,][0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
_MADE_A_DAY = re.compile(
    rf"[0-9]{{1,2}}[-.] ?{_MONTH}|{_MONTH}[-.][0-9]{{2}}", re.IGNORECASE
)
_ERRORS = frozenset(
    [
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#SPILL!",
        "#NV",
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
    ]
)
"""What spreadsheets write where a formula failed."""
_NO_VALUES = frozenset(["na", "n/a", "n.a.", "nan", "none", "null", *"-\u2013\u2014"])
"""What hands and programs write where there is no value."""
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}([,.\s'’])[0-9]{3}(?:\1[0-9]{3})*")
_QUOTES = "\"'‘’‚‛“”„‟«»‹›`´"
_LARGEST = 2**63


def complaint(
    cell: str,
    kind: str,
    terms: Sequence[str] | None = None,
    *,
    several: bool = False,
    required: bool = False,
    listed_in: str = "",
) -> tuple[str, str, str] | None:
    """Return what is wrong with a cell that is not empty, what was expected and what to do.

    ``terms`` closes the column; ``several`` says that the cell is one value of several;
    ``required`` that it may not be empty; ``listed_in`` names the file of the review that
    lists the terms, where one does.
    """
    if cell.strip() in _ERRORS:
        return (
            shown(cell),
            "a value, not the error of a formula",
            "repair it in the spreadsheet and save again",
        )
    if terms is not None:
        if cell in terms:
            return None
        remedy = _of_term(cell, terms, several, listed_in)
        return shown(cell), f"one of {some(terms, 12)}", remedy
    if kind == "text" or _fits(cell, kind):
        return None
    if kind != "id" and not required and cell.strip().casefold() in _NO_VALUES:
        return shown(cell), EXPECTED[kind], "leave the cell empty"
    return shown(cell), EXPECTED[kind], _REMEDIES[kind](cell) or _of_form(cell, kind)


def _fits(cell: str, kind: str) -> bool:
    if kind == "integer":
        return bool(_INTEGER.fullmatch(cell)) and len(cell) < 20 and abs(int(cell)) < _LARGEST  # fmt: skip
    if kind == "number":
        return bool(_NUMBER.fullmatch(cell)) and abs(float(cell)) < float("inf")
    if kind == "date":
        return bool(_DATE.fullmatch(cell)) and _day(*map(int, cell.split("-"))) is not None  # fmt: skip
    return (
        bool(_ID.fullmatch(cell))
        and cell.isprintable()
        and cell[0] not in _QUOTES + "=@"
        and cell[-1] not in _QUOTES
        and not (
            _ROUNDED.fullmatch(cell)
            or _MADE_A_DAY.fullmatch(cell)
            or _DAY_FIRST.fullmatch(cell)
        )  # fmt: skip
    )


def _of_term(cell: str, terms: Sequence[str], several: bool, listed_in: str) -> str:
    parts = [part.strip() for part in re.split("[;,|]", cell)]
    if several and len(parts) > 1 and set(parts) <= set(terms):
        return f"separate them by '; ': {'; '.join(parts)}"
    if cell.strip() in terms:
        return "take away the blanks around it"
    if remedy := did_you_mean(cell, terms):
        return remedy
    if listed_in:
        return f"correct the cell, or add the term to {listed_in}"
    return "correct the cell"


def _of_form(cell: str, kind: str) -> str:
    """Return the remedy for a cell that fits once what is not seen is put right."""
    if (bare := cell.strip()) != cell and _fits(bare, kind):
        return "take away the blanks around it"
    plain = unicodedata.normalize("NFKC", cell).strip(_QUOTES + " ")
    plain = "".join(letter for letter in plain if letter.isprintable())
    if plain != cell and _fits(plain, kind):
        return f"write {plain}, in plain letters and digits"
    return "correct the cell"


def _of_date(cell: str) -> str:
    bare = cell.strip()
    day = None
    if match := _DAY_FIRST.fullmatch(bare):
        day = _day(int(match[3]), int(match[2]), int(match[1]))
    elif match := _SLASHED.fullmatch(bare):
        ways = {_day(int(match[3]), int(match[a]), int(match[b])) for a, b in ((1, 2), (2, 1))}  # fmt: skip
        days = sorted(way.isoformat() for way in ways if way)
        return f"write {' or '.join(days)}, whichever is meant" if len(days) > 1 else f"write {days[0]}" if days else ""  # fmt: skip
    elif match := _IN_WORDS.fullmatch(bare):
        month = (match[2] or match[4]).casefold()
        of_year = next(
            n for n, names in enumerate(_MONTHS, 1) if month in names.split()
        )
        day = _day(int(match[3] or match[6]), of_year, int(match[1] or match[5]))
    elif match := _WITH_TIME.fullmatch(bare):
        day = _day(*map(int, match[1].split("-")))
    elif _DAY_NUMBER.fullmatch(bare):
        day = _FIRST_DAY + timedelta(days=int(float(bare)))
        return f"a spreadsheet's number of a day; write {day}"
    if _DATE.fullmatch(cell):
        return "there is no such day; correct the cell"
    return f"write {day}" if day else ""


def _of_id(cell: str) -> str:
    if _ROUNDED.fullmatch(cell):
        return (
            "a spreadsheet rounded a long number; look it up in the file it came from"
        )
    if _MADE_A_DAY.fullmatch(cell) or _DAY_FIRST.fullmatch(cell):
        return "a spreadsheet made a date of it; look it up in the file it came from"
    if cell[0] in "=@":
        return "this would be a formula in a spreadsheet; write the id itself"
    return ""


def _of_number(cell: str, kind: str = "number") -> str:
    if _ROUNDED.fullmatch(cell.strip()):
        return "a spreadsheet rounded it; look it up in the file it came from"
    bare = re.sub(r"^[\u2010-\u2014\u2212]", "-", cell.strip())
    minus = "" if bare == cell.strip() else ", with a plain minus"
    if _fits(bare, kind) and minus:
        return f"write {bare}{minus}"
    ways = [re.sub("[^-0-9]", "", bare)] if _THOUSANDS.fullmatch(bare) else []
    if found := re.fullmatch("(-?[0-9]+)([,.])([0-9]+)", bare):
        decimal = f"{found[1]}.{found[3]}"
        if kind == "integer" and not found[3].strip("0"):
            decimal = found[1]
        ways += [decimal] if _fits(decimal, kind) else []
    if found and len(ways) > 1:
        mark = "comma" if found[2] == "," else "point"
        return f"write {ways[0]}, or {ways[1]} if the {mark} is a decimal one{minus}"
    return f"write {ways[0]}{minus}" if ways else ""


_REMEDIES: dict[str, Callable[[str], str]] = {"date": _of_date, "id": _of_id, "integer": partial(_of_number, kind="integer"), "number": _of_number}  # fmt: skip


def _day(year: int, month: int = 1, day: int = 1) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
