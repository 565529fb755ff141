"""The remedy for a cell is what to write, where that is certain, and both ways where it is not."""

import pytest
from retrace import cells

EMPTY = "leave the cell empty"


@pytest.mark.parametrize(
    ("kind", "cell", "remedy"),
    [
        ("number", "1,204", "write 1204, or 1.204 if the comma is a decimal one"),
        ("integer", "1,204", "write 1204"),
        ("integer", "1.204", "write 1204"),
        ("integer", "1.000", "write 1000, or 1 if the point is a decimal one"),
        ("number", "1,204,567", "write 1204567"),
        ("integer", "12'345", "write 12345"),
        ("integer", "12\u202f345", "write 12345"),
        ("number", "0,204", "write 0.204"),
        ("number", "12,5", "write 12.5"),
        ("integer", "12,5", "correct the cell"),
        ("integer", "12.0", "write 12"),
        ("number", "−0.1", "write -0.1, with a plain minus"),
        ("integer", "–1,204", "write -1204, with a plain minus"),
        ("number", "1,2E+07", "a spreadsheet rounded it; look it up in the file it came from"),
        ("number", "NA", EMPTY),
        ("integer", "n/a", EMPTY),
        ("date", "-", EMPTY),
        ("number", "about 3", "correct the cell"),
    ],
)  # fmt: skip
def test_a_number_or_a_day_that_is_none_says_what_to_write(kind, cell, remedy):
    assert cells.complaint(cell, kind)[2] == remedy


def test_a_cell_that_may_not_be_empty_is_not_to_be_left_so():
    assert cells.complaint("NA", "integer", required=True)[2] == "correct the cell"


def test_a_text_or_an_id_may_be_what_stands_elsewhere_for_no_value():
    assert cells.complaint("NA", "text") is None
    assert cells.complaint("na", "id") is None
