"""Records as they were exported in; what two records are compared by, in columns, out.

Each field becomes a code or a number wherever it can: equal codes are equal cells, so that
blocking and most of comparing are arithmetic on arrays and only titles, authors and abstracts
are ever compared letter by letter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retrace.dedup import text, vocabulary

FIELDS = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract")  # fmt: skip
IDENTITY = ("record_id", "source")
NONE = -1
"""The code of an empty cell."""
AUTHORS_READ, ABSTRACT_READ, ABSTRACT_COMPARED = 400, 400, 250
"""Letters: a consortium of 3,000 authors or a page as abstract must not cost more than others."""


@dataclass
class Records:
    """Records in columns; every array has one entry per record."""

    title: pa.Array  # words
    title_code: np.ndarray  # of the letters alone: "anti-ageing" is "antiageing"
    title_work: (
        np.ndarray
    )  # code of the title before a colon, where that is long enough
    title_start: np.ndarray  # code of its first letters
    title_end: np.ndarray
    authors: pa.Array  # names without initials
    first_author: np.ndarray
    second_author: np.ndarray
    abstract: pa.Array  # the beginning, words
    abstract_code: np.ndarray
    journal: pa.Array
    journal_code: np.ndarray
    year: np.ndarray
    volume: np.ndarray
    issue: np.ndarray
    page: np.ndarray
    last_page: np.ndarray
    doi: np.ndarray
    pmid: np.ndarray
    record_id: np.ndarray
    source: np.ndarray
    numbers: np.ndarray  # signature of the numbers in the title
    genre: np.ndarray  # bits: what kind of item the title says it is
    is_supplement: np.ndarray
    n_words: np.ndarray  # distinct words of the title that carry meaning
    bits: np.ndarray  # how unlikely the title's words are in this input, in bits
    rare: np.ndarray  # (n, 4) ranks of its rarest words, rarest first
    n_works: (
        np.ndarray
    )  # different places at which this very title stands in this input

    def __len__(self) -> int:
        return len(self.year)


def normalise(table: Mapping[str, pa.Array], n: int) -> Records:
    """Return what ``n`` records are compared by; absent columns count as empty."""
    cell = {name: _texts(table.get(name), n) for name in (*FIELDS, *IDENTITY)}
    title, main_title, marked = titles(cell["title"])
    letters = text.letters(title)
    names = text.in_chunks(cell["authors"], authors)
    tokens = pc.split_pattern(names, " ")
    abstract = text.in_chunks(cell["abstract"], abstracts)
    page, last_page = pages(cell["pages"])
    journal = _by_distinct(cell["journal"], journals)
    year = years(cell["year"])
    title_code = codes(letters)
    weights = vocabulary.weigh(title)
    volume = _integers(text.in_chunks(cell["volume"], number_of))
    start, end = _ends(letters)
    first = _nth(tokens, 0)
    return Records(
        title=title,
        title_code=title_code,
        title_work=codes(main_title),
        title_start=start,
        title_end=end,
        authors=names,
        first_author=first,
        second_author=_nth(tokens, 1),
        abstract=abstract,
        abstract_code=codes(
            _long_enough(pc.utf8_slice_codeunits(abstract, 0, 100), 60)
        ),
        journal=journal,
        journal_code=codes(journal),
        year=year,
        volume=volume,
        issue=_integers(text.in_chunks(cell["issue"], number_of)),
        page=page,
        last_page=last_page,
        doi=codes(text.in_chunks(cell["doi"], dois)),
        pmid=_integers(text.in_chunks(cell["pmid"], number_of)),
        record_id=codes(cell["record_id"]),
        source=codes(cell["source"]),
        is_supplement=_supplements(cell),
        genre=weights.genre | marked,
        numbers=weights.numbers,
        n_words=weights.n_words,
        bits=weights.bits,
        rare=weights.rare,
        n_works=_works_of(title_code, first, page, year, volume),
    )


def titles(column: pa.Array) -> tuple[pa.Array, pa.Array, np.ndarray]:
    """Return titles as words, their main parts as letters, and bits of what kind of item they name.

    What databases add goes first: a language, a later erratum's place, what a correction corrects.
    """

    def change(some: pa.Array) -> pa.Array:
        some = text.folded(some)
        some = text.where_matching(
            some, r"(?i)retracted", lambda few: text.sub(few, RETRACTED)
        )
        return text.where_matching(some, r"[\[(]", lambda few: text.sub(few, ADDED))

    def main(some: pa.Array) -> pa.Array:
        return text.letters(text.words(text.sub(some, SUBTITLE)))

    column = text.in_chunks(column, change)
    marked = np.zeros(len(column), np.int64)
    for letters, pattern, bit in vocabulary.MARKS:
        rows = pc.match_substring_regex(column, letters)
        found = text.mask(pc.match_substring_regex(column.filter(rows), pattern))
        marked[np.flatnonzero(text.mask(rows))[found]] |= bit
    column = text.where(
        column, r"\(.*\d", lambda few: text.sub(few, vocabulary.CITATION), has="("
    )
    corrections = pa.array((marked & vocabulary.IS_CORRECTION) > 0)
    column = text.where_true(column, corrections, _corrected_titles)
    return (
        text.in_chunks(column, text.words),
        _long_enough(text.in_chunks(column, main), 25),
        marked,
    )


def _corrected_titles(column: pa.Array) -> pa.Array:
    short = text.sub(column, vocabulary.CORRECTION_WORDS)
    return pc.if_else(pc.equal(short, ""), column, short)


SUBTITLE = r"\s*(: |\? | - | -- |\. |\[).*$"
LANGUAGES = "arabic|chinese|croatian|czech|danish|dutch|english|finnish|french|german|greek|hebrew|hungarian|italian|japanese|korean|norwegian|persian|polish|portuguese|romanian|russian|serbian|slovak|spanish|swedish|turkish|ukrainian"
ADDED = (
    r"(?i)[.\s]*\[ ?((published )?(erratum|errata|corrections?|retraction)( \w+)? in|comments? in|reprint in)\b.*$"
    rf"|(\s*[\[(]\s*(article in\s+|in\s+)?({LANGUAGES})\b[^\[\]()]{{0,40}}[\])]"
    r"|\s*[\[(](corrected|see comments?|review|article|abstract|(conference|meeting) abstract|letter( to the editor)?|editorial|\d|multiple letters)[\])])+[.\s]*$"
)
"""What a database adds to a title: a later erratum's place, the language, the kind of item."""
# The paper itself, marked by a database; a notice of retraction is another item.
RETRACTED = r"(?i)^[\[(\s]*retracted( article| chapter| paper)?[\])]?\s*[:.]\s*|\s*[\[(]\s*retracted[^\])]{0,60}[\])]\s*$"


def _ends(letters: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    return (
        codes(_long_enough(pc.utf8_slice_codeunits(letters, 0, 25), 25)),
        codes(_long_enough(pc.utf8_slice_codeunits(letters, -25), 25)),
    )


def authors(column: pa.Array) -> pa.Array:
    """Return the names without initials, as words: "Wu, C. Y. and Li Q" becomes "wu li"."""
    column = text.folded(pc.utf8_slice_codeunits(column, 0, AUTHORS_READ))
    column = text.translated(
        pc.replace_substring_regex(column, "[-'`’ʼ]", ""), text.DOTS
    )
    # In a list all in capitals, LI and WU cannot be told from initials: only letters alone go.
    column = text.where_matching(
        column, r"[a-z]", lambda some: text.sub(some, r"\b[A-Z]{1,3}\b")
    )
    column = text.sub(
        text.words(column), r"\b(\p{L}|and|et al|others|jr|sr|anonymous|anon)\b"
    )
    return text.squeezed(column)


def abstracts(column: pa.Array) -> pa.Array:
    """Return the beginning of each abstract as words, without a first heading."""
    column = text.words(text.folded(pc.utf8_slice_codeunits(column, 0, ABSTRACT_READ)))
    column = text.where_matching(
        column, HEADINGS, lambda some: text.sub(some, HEADINGS)
    )
    return pc.utf8_slice_codeunits(column, 0, ABSTRACT_COMPARED)


HEADINGS = r"^((abstract|summary|background|introduction|objectives?|aims?|purpose|purpose of review|context|importance|rationale|the problem|problem|and|of|the study|study|question|hypothesis|methods|design) )+"


def journals(column: pa.Array) -> pa.Array:
    """Return journals as words without articles and what follows a colon or bracket."""
    column = text.folded(pc.replace_substring(column, "&", " and "))
    # Some databases name the journal's issue by its congress, some the congress alone.
    column = text.sub(
        column, r"(?i)\s*([:(\[=/]|\.\s*conference\b).*$|^\d+(st|nd|rd|th) .*$"
    )
    column = text.sub(
        text.words(column),
        r"\b(the|a|of|and|for|in|on|de|la|der|des|und|fur|et|du|e|y|el|le|les|di|suppl|supplements?)\b",
        " ",
    )
    return text.squeezed(column)


def number_of(column: pa.Array) -> pa.Array:
    """Return the first number of a cell, null where it has none: "8 Supplement 1" is 8, "(Jul)" nothing."""
    found = pc.extract_regex(column, r"(?:^|\D)0*(?P<n>\d{1,15})")
    return pc.struct_field(found, "n")


def years(column: pa.Array) -> np.ndarray:
    """Return the first four-digit year of each cell."""
    return _integers(pc.struct_field(pc.extract_regex(column, r"(?P<n>(?:1[5-9]|20|21)\d\d)"), "n"))  # fmt: skip


def pages(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last page as numbers; PubMed's 123-8 ends on 128."""
    column = pc.utf8_slice_codeunits(column, 0, 60)
    found = pc.extract_regex(
        column,
        r"^[^0-9]{0,12}?(?P<first>\d{1,12})(?:\s*(?:-|–|—|−|to)+\s*[A-Za-z]{0,2}(?P<last>\d{1,12}))?",
    )
    first, last = (
        _integers(pc.struct_field(found, "first")),
        _integers(pc.struct_field(found, "last")),
    )
    span = 10 ** np.floor(np.log10(np.maximum(last, 1)) + 1).astype(np.int64)
    whole = np.where((last >= 0) & (last < first), first // span * span + last, last)
    return first, np.where(whole < 0, first, whole)


def dois(column: pa.Array) -> pa.Array:
    """Return DOIs in lower case, out of any wrapping: https://doi.org/, doi:, percent signs."""
    column = pc.utf8_lower(column)
    column = text.where(column, "%[0-9a-f]{2}", _unquoted, has="%")
    column = text.where(column, "&", text.folded, has="&")
    found = pc.struct_field(pc.extract_regex(column, r"(?P<doi>10\.\d{3,9}/[^\s\"|]+)"), "doi")  # fmt: skip
    return text.sub(
        pc.fill_null(found, ""), r"(/(full|pdf|abstract|epdf|meta)|\.pdf|[.,;:)\]>]+)$"
    )


def _unquoted(column: pa.Array) -> pa.Array:
    from urllib.parse import unquote

    return text.strings([unquote(cell) for cell in column.to_pylist()])


def _by_distinct(column: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return a column of few distinct cells changed: each once."""
    encoded = column.dictionary_encode()
    return change(encoded.dictionary).take(encoded.indices)


def codes(column: pa.Array) -> np.ndarray:
    """Return a number per cell, equal for equal cells; NONE where it is empty."""
    encoded = column.dictionary_encode()
    found = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    empty = pc.index(encoded.dictionary, pa.scalar("", column.type)).as_py()
    return np.where(found == empty, NONE, found)


def _works_of(
    title: np.ndarray, first_author: np.ndarray, *places: np.ndarray
) -> np.ndarray:
    """Return in how many different places, or by how many authors, each record's title stands.

    Databases spell one author in several ways, so that only half of the names count.
    """
    works = (_distinct_by(title, first_author) + 1) // 2
    for place in places:
        works = np.maximum(works, _distinct_by(title, place))
    return works


def _distinct_by(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return for each row how many different values its group has, NONE left out."""
    known = (group != NONE) & (values != NONE)
    order = np.flatnonzero(known)[np.lexsort((values[known], group[known]))]
    new = np.ones(len(order), bool)
    new[1:] = (group[order][1:] != group[order][:-1]) | (values[order][1:] != values[order][:-1])  # fmt: skip
    counts = np.bincount(group[order[new]], minlength=int(group.max(initial=0)) + 1)
    return np.where(group == NONE, 0, counts[group])


def _supplements(cell: Mapping[str, pa.Array]) -> np.ndarray:
    """Return which records stand in a supplement, or are a text of one page ("507-507"), as abstracts are."""
    ends = pc.extract_regex(
        cell["pages"], r"^\s*(?P<first>\w+)\s*[-–—]+\s*(?P<last>\w+)\s*$"
    )
    one_page = text.mask(
        pc.fill_null(
            pc.equal(pc.struct_field(ends, "first"), pc.struct_field(ends, "last")),
            False,
        )
    )
    return (
        text.mask(pc.match_substring_regex(cell["issue"], r"(?i)\bs(up)?p?l?|suppl|meeting|conference"))
        | text.mask(pc.match_substring_regex(cell["volume"], r"(?i)sup|conference"))
        | text.mask(pc.match_substring_regex(cell["journal"], r"(?i)conference|suppl|meeting|abstracts"))
        | text.mask(pc.match_substring_regex(cell["pages"], r"^\s*[SA]\d"))
        | one_page
    )  # fmt: skip


def _nth(tokens: pa.Array, place: int) -> np.ndarray:
    long_enough = pc.greater(pc.list_value_length(tokens), place)
    nth = pc.list_element(pc.if_else(long_enough, tokens, pa.scalar([""] * (place + 1), tokens.type)), place)  # fmt: skip
    return codes(nth)


def _long_enough(column: pa.Array, letters: int) -> pa.Array:
    return pc.if_else(
        pc.greater_equal(pc.utf8_length(column), letters),
        column,
        pa.scalar("", column.type),
    )


def _texts(column: pa.Array | None, n: int) -> pa.Array:
    if column is None:
        return pa.repeat(pa.scalar("", pa.large_string()), n)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return pc.fill_null(column.cast(pa.large_string()), "")


def _integers(column: pa.Array) -> np.ndarray:
    column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
    return pc.fill_null(column.cast(pa.int64()), NONE).to_numpy(zero_copy_only=False)
