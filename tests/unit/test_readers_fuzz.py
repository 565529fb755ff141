"""Files broken at random, and files written by a grammar of all that dialects do."""

import random

import fuzz_readers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_laws import held

SEEDS = 400


@pytest.mark.parametrize("start", range(0, SEEDS, 50))
def test_no_broken_file_breaks_a_law(start):
    pool = fuzz_readers.seeds()
    for seed in range(start, start + 50):
        choose = random.Random(seed)
        data = fuzz_readers.recoded(choose, fuzz_readers.broken(choose, pool))

        held(data)


WORDS = st.lists(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "Mn", "Zs"), include_characters="\u2028\u202e&<>%$#;:"), min_size=1, max_size=12)
    .map(lambda word: "".join(word.split()) or "x"),
    min_size=1, max_size=6,
).map(" ".join).map(lambda text: "w " + text)  # fmt: skip
TITLES = st.lists(WORDS, min_size=1, max_size=4)


@st.composite
def ris(draw):
    """Return titles and a RIS file of them: tag case and spacing, ends, blank lines, encodings."""
    titles = draw(TITLES)
    end = draw(st.sampled_from(["ER  - ", "ER  -", "ER", "er  - ", ""]))
    between = draw(
        st.sampled_from(["\n", "\n\n", "\n \n\n", "\n\n7.\n", "\nRecord #1 of 2\n"])
    )
    space = draw(st.sampled_from(["  - ", " - ", "  -\t", "   - "]))
    case = (
        draw(st.sampled_from([str.upper, str.lower])) if space == "  - " else str.upper
    )
    records = [
        "\n".join(
            [case("TY") + space + "JOUR", case("AU") + space + "Tassen, Ida", case("TI") + space + title,
             case("AB") + space + draw(WORDS), *([end] * draw(st.sampled_from([1, 1, 2]))) ]
        )
        for title in titles
    ]  # fmt: skip
    if not end and "." in between or not end and "#" in between:
        between = "\n"
    return titles, between.join(records) + draw(st.sampled_from(["", "\n", "\n\n\x1a"]))


@st.composite
def nbib(draw):
    """Return titles and an NBIB file of them."""
    titles = draw(TITLES)
    between = draw(st.sampled_from(["\n", "\n\n", "\n\n\n", "\n  \n"]))
    wrap = draw(st.sampled_from([" ", "\n      ", " \n      "]))
    records = [
        f"PMID- {number}\nOWN - NLM\nTI  - {title.replace(' ', wrap, 1)}\nFAU - Tassen, Ida\nDP  - 2001 Jan"
        for number, title in enumerate(titles, 1)
    ]
    return titles, between.join(records) + "\n"


@st.composite
def bibtex(draw):
    """Return titles and a BibTeX file of them."""
    titles = [
        title.translate({ord(sign): None for sign in "%$#&"}) for title in draw(TITLES)
    ]
    opening, closing = draw(st.sampled_from([("{", "}"), ("{{", "}}"), ('"', '"')]))
    between = draw(st.sampled_from(["\n", "\n\n", "\n% a comment\n", " "]))
    comma = draw(st.sampled_from([",", ""]))
    records = [
        f"@{draw(st.sampled_from(['article', 'Misc', 'INPROCEEDINGS']))}{{k{number},\n title = {opening}{title}{closing},\n year = 2001{comma}\n}}"
        for number, title in enumerate(titles)
    ]
    return titles, between.join(records)


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be-mark"])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@pytest.mark.parametrize(
    "grammar", [ris, nbib, bibtex], ids=lambda grammar: grammar.__name__
)
def test_every_record_of_a_dialect_is_read(grammar):
    @settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(grammar(), ENCODINGS, LINE_ENDS)
    def law(case, encoding, line_end):
        titles, text = case
        text = text.replace("\n", line_end)
        data = (
            "\ufeff".encode("utf-16-be") + text.encode("utf-16-be")
            if encoding == "utf-16-be-mark"
            else text.encode(encoding)
        )

        reading = held(data)

        read = [" ".join(row["title"].split()) for row in reading.table().to_pylist()]
        expected = [" ".join(title.split()) for title in titles]
        if grammar is bibtex:
            import unicodedata

            read, expected = (
                [unicodedata.normalize("NFC", title) for title in held]
                for held in (read, expected)
            )
        assert read == expected

    law()
