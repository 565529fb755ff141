"""The four formats: the same numbers, the same bytes, and no markup from a table."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import manuscript_case as case
import pytest
from retrace.manuscript import dates, page, svg

TEMPLATE = """# Results {#results}

We count {{ n("included") }} studies [@wang_2016], see {{ fig("bars") }} and {{ tab("wide") }}.
{{ label("kind", "a") }}

{{ figure("bars") }}

{{ table("wide") }}

## Last

Text. {{ sec("results") }}.
"""
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1))",
    "![](file:///etc/passwd)",
    "`x`{=html}",
    "```{=openxml}",
    "::: {.landscape}",
    "[@wang_2016]",
    "{{7*7}} {% include 'x' %}",
    '#read("/etc/passwd")',
    r"\input{/etc/passwd} $x$ @x <label>",
    "= no heading",
    "/ no: list",
    "</script><!--retrace:data-->",
    "&lt;b&gt; &#60;",
    "<!-- c --> ]]> ~~s~~ ^p^ H~2~",
]


def made(folder, monkeypatch, template=TEMPLATE, settings=None, **tables):
    monkeypatch.chdir(folder)
    case.write(folder, template, **tables)
    return case.formats(**(settings or {}))


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield made(tmp_path_factory.mktemp("review"), patch)


class Seen(HTMLParser):
    """The elements, attributes and words of a page."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):  # noqa: D102
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):  # noqa: D102
        self.words.append(data)


def words_of(kind, content):
    """Return the words that a reader of a format sees."""
    if kind == "html":
        return "".join(Seen(content.decode()).words)
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            xml = archive.read("word/document.xml").decode()
        return unescape(re.sub(r"<[^>]+>", "", xml))
    import pymupdf

    with pymupdf.open(stream=content, filetype="pdf") as pages:
        return "\n".join(page.get_text() for page in pages)


def test_each_format_says_the_same_numbers(review):
    for kind in ("html", "docx", "pdf"):
        words = words_of(kind, review[kind]).replace("\N{NO-BREAK SPACE}", " ")
        plain = " ".join(words.split())
        assert "We count 5 studies [1], see Figure 1 and Table 1." in plain, kind
        assert "1.1 Last" in plain and "Section 1." in plain, kind


def test_the_page_asks_the_network_for_nothing_and_allows_no_other_script(review):
    source = review["html"].decode()
    seen = Seen(source)
    policy = next(
        value
        for _, name, value in seen.attributes
        if name == "content" and "default-src" in value
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for tag in ("style", "script"):
        content = re.search(rf'<{tag}(?: type="module")?>(.*?)</{tag}>', source, re.S)[
            1
        ]
        assert page.digest(content) in policy
    loaded = [
        a
        for a in seen.attributes
        if a[1] in ("src", "srcset", "style") or a[1].startswith("on")
    ]
    assert loaded == []
    assert all(
        value.startswith(("#", "https://doi.org/", "../audit/index.html#"))
        for tag, name, value in seen.attributes
        if name == "href"
    )
    assert "iframe" not in seen.tags and "link" not in seen.tags


def test_the_page_holds_definition_and_members_of_each_number(review):
    data = re.search(r'id="numbers">(.*?)</script>', review["html"].decode())[1]
    explained = json.loads(data)
    assert set(explained["numbers"]) == {"included", "by_kind.a", "by_kind.b"}
    assert explained["numbers"]["included"]["members"] == ["wang_2016", "liu_2019"]
    assert explained["members"]["wang_2016"] == {
        "name": "Wang 2016",
        "note": "A title",
        "doi": "10.1000/x",
    }
    assert "doi" not in explained["members"]["liu_2019"]


def test_data_in_the_page_cannot_end_its_script():
    words = "</script><!--\u2028&"
    made = page.as_json({"a": words})
    assert not set("<>&\u2028") & set(made) and json.loads(made) == {"a": words}


def test_a_drawing_loses_script_and_style_and_keeps_its_looks():
    made = svg.embedded(case.SVG, name="bars", alt='"a" <b>')
    assert 'fill="#1f77b4"' in made and 'stroke-width="2"' in made
    assert "script" not in made and "style" not in made
    assert 'id="bars-c"' in made and 'clip-path="url(#bars-c)"' in made
    assert 'aria-label="&quot;a&quot; &lt;b&gt;"' in made


def test_a_drawing_is_as_wide_on_the_screen_as_it_was_drawn():
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 90"><path d="M0 0"/></svg>'

    widths = [
        re.search(r'<svg[^>]* width="(\d+)"', svg.embedded(drawn.format(points), name="a", alt="b"))[1]
        for points in ("240.9", "481.8")
    ]  # fmt: skip

    assert widths == ["402", "803"]


def test_wide_tables_turn_the_page_of_the_document_and_keep_rows_whole(review):
    with zipfile.ZipFile(io.BytesIO(review["docx"])) as archive:
        xml = archive.read("word/document.xml").decode()
        assert {member.date_time for member in archive.infolist()} == {
            (1980, 1, 1, 0, 0, 0)
        }
        assert "docProps/custom.xml" not in archive.namelist()
        assert b"2023-11-30T00:00:00Z" in archive.read("docProps/core.xml")
    assert re.findall(r'<w:pgSz w:w="(\d+)"', xml) == ["11906", "16838", "11906"]
    assert xml.count("<w:tr>") == xml.count("<w:cantSplit/>") == 123
    assert (
        xml.count("<w:tblHeader") == 1
        and 'descr="Bars, &quot;a&quot; &lt;b&gt; {c}"' in xml
    )


def test_a_table_of_the_pdf_breaks_between_rows_and_repeats_its_header(review):
    import pymupdf

    with pymupdf.open(stream=review["pdf"], filetype="pdf") as pages:
        turned = [
            p for p in pages if p.rect.width > p.rect.height and "row" in p.get_text()
        ]
        assert len(turned) > 1 and all("Group" in p.get_text() for p in turned)
        for at in turned:
            rows = sorted(
                word[1:4:2] for word in at.get_text("words") if word[4] == "words"
            )
            assert all(
                low[1] <= high[0] + 1 for low, high in zip(rows, rows[1:], strict=False)
            )
            assert not rows or rows[-1][1] < at.rect.height - 30
    shown = words_of("pdf", review["pdf"])
    assert all(re.search(rf"\brow {at}\b", shown) for at in range(120))
    assert "↑ β" in shown


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_is_text_in_every_format(tmp_path, monkeypatch, payload):
    labels = [("arms", "kind", "a", "", payload, "")]
    numbers = [
        (
            i,
            "5",
            "list" if i == "included" else "count",
            payload,
            payload,
            payload,
            "",
            "",
        )
        for i in ("included", "by_kind.a", "by_kind.b")
    ]
    figure = [(payload, "3", "by_kind.a")]
    review = made(
        tmp_path,
        monkeypatch,
        labels=labels,
        numbers=numbers,
        bars=figure,
        studies=[("wang_2016", payload, payload)],
        settings={"title": payload, "subtitle": payload},
    )
    for kind in ("html", "docx", "pdf"):
        shown = re.sub(r"\s", "", words_of(kind, review[kind]))
        assert shown.count(re.sub(r"\s", "", payload)) >= 3, kind
    seen = Seen(review["html"].decode())
    assert (
        seen.tags.count("script") == 2
        and "img" not in seen.tags
        and "b" not in seen.tags
    )
    assert not [
        a
        for a in seen.attributes
        if a[1].startswith("on") or "javascript" in (a[2] or "")[:11]
    ]
    with zipfile.ZipFile(io.BytesIO(review["docx"])) as archive:
        links = archive.read("word/_rels/document.xml.rels").decode()
        assert (
            set(
                re.findall(
                    r'Target="(?!\w+\.xml|theme/|media/|https://doi\.org/)[^"]*"', links
                )
            )
            == set()
        )
    assert b"root:" not in b"".join(review.values())


def test_raw_markup_in_a_template_is_shown_and_not_obeyed(tmp_path, monkeypatch):
    template = (
        TEMPLATE
        + "\n<b onclick=x>bold</b> `<i>`{=html} `\\n`{=typst}\n\n![x](../../etc/passwd)\n"
    )
    review = made(tmp_path, monkeypatch, template)
    assert "<b onclick=x>bold</b>" in words_of("html", review["html"])
    assert "img" not in Seen(review["html"].decode()).tags


def test_other_folder_locale_zone_and_hash_seed_give_the_same_bytes(tmp_path):
    script = "import manuscript_case; manuscript_case.formats()"
    tests = Path(case.__file__).parent
    digests = []
    for name, variables in {
        "a": {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
        "long é folder": {
            "LC_ALL": "C.UTF-8",
            "TZ": "Pacific/Kiritimati",
            "PYTHONHASHSEED": "2",
        },
    }.items():
        folder = tmp_path / name
        case.write(folder, TEMPLATE)
        path = os.pathsep.join([str(tests), str(tests.parent / "workflow/scripts")])
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **variables},
            check=True,
        )
        digests.append(
            {
                ending: hashlib.sha256(
                    (folder / f"results/manuscript/review.{ending}").read_bytes()
                ).hexdigest()
                for ending in ("md", "html", "docx", "pdf")
            }
        )
    assert digests[0] == digests[1]


def test_documents_bear_the_day_that_is_stated_else_the_latest_of_their_inputs(tmp_path):  # fmt: skip
    table = tmp_path / "searches.csv"
    table.write_text("searched_on,covers_to\n2024-01-02,2025-01-01\n2023-05-06,\n")
    assert str(dates.written_on([table])) == "2024-01-02"
    assert str(dates.written_on([table], "2026-11-30")) == "2026-11-30"


@pytest.mark.parametrize("kind", ["html", "docx", "pdf"])
def test_affiliation_and_orcid_of_an_author_stand_below_the_title(kind, tmp_path, monkeypatch):  # fmt: skip
    authors = [{"name": "A. Berg", "affiliation": "Institute <i> of *X*", "orcid": "0000-0002-1825-0097"}, "C. Dal"]  # fmt: skip
    words = " ".join(words_of(kind, made(tmp_path, monkeypatch, settings={"authors": authors})[kind]).split())  # fmt: skip
    assert re.search(r"A\. Berg,? C\. Dal", words)
    assert "A. Berg: Institute <i> of *X*; ORCID 0000-0002-1825-0097" in words
