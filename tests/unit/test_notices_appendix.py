"""The table of notices shows strangers' words as words, and leads to nothing that runs."""

from retrace import schemas, tables
from retrace.manuscript import notices

ROW = {
    "record_id": "a:1", "study_id": "one", "title": "*T* <script>x</script>", "doi": "10.5555/a_b", "link": "https://doi.org/10.5555/a_b",
    "notice": "expression_of_concern", "says": "expression_of_concern: Crossref 2026-03-14, 10.5555/no_tice <b>", "known_to": "Crossref 2026-03-14; PubMed 2026-03-14; OpenAlex 2026-02-01",
    "open_access": "green", "full_text": "javascript:alert(1)",
}  # fmt: skip


def added(*rows):
    labels = tables.frame([], schemas.LABELS)
    return notices.added("Text.\n", tables.frame(rows, schemas.NOTICES), labels)


def test_words_of_services_stay_words():
    made = added(ROW)

    assert "<script>" not in made
    assert "javascript:" not in made
    assert "<td>green</td>" in made
    assert "expression of concern: Crossref 2026-03-14, 10.5555/no&#95;tice &lt;b&gt;" in made  # fmt: skip
    assert "2026-02-01: OpenAlex<br>2026-03-14: Crossref, PubMed" in made


def test_where_nobody_was_asked_the_text_stays_as_it_is():
    assert added() == "Text.\n"
    assert added(ROW | {"notice": "not_asked", "says": ""}) == "Text.\n"
