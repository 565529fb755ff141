"""A whole review of hostile texts, built once, does nothing and shows every letter in every format.

`hostile/payloads.py` holds the texts, `hostile/review.py` puts them wherever a text may stand.
"""

import csv
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hostile import payloads, review
from hostile.payloads import ALL, SHOWN, eye

ROOT = Path(__file__).parents[2]
LINKS = re.compile(r"(?i)#|https?://(?!127\.0\.0\.1)|mailto:")
"""Where a link may lead."""

FIGURES = list(review.config()["figures"])


@pytest.fixture(scope="session")
def outside(tmp_path_factory):
    """Return the folder around the review's, with a neighbour that must stay as it is."""
    return tmp_path_factory.mktemp("outside")


@pytest.fixture(scope="session")
def built(outside, snakemake):
    """Return the folder of the hostile review, built, and what was said on the way."""
    folder = outside / "review"
    folder.mkdir()
    review.write(folder)
    done = snakemake(folder, "--keep-going")
    if done.returncode:
        pytest.fail(f"it does not build:\n{done.stdout[-6000:]}", pytrace=False)
    (outside / "said.txt").write_text(done.stdout, "utf-8")
    return folder


@pytest.fixture(scope="session")
def manuscript(built):
    return built / "results/manuscript"


# --- what was written, and where ----------------------------------------------------------


def test_nothing_is_written_but_results_under_names_of_the_workflow(outside, built):
    assert {path.name for path in outside.iterdir()} == {"review", "said.txt"}
    assert {path.name for path in built.iterdir()} == {
        "config.yaml", "data", "manuscript", "results", ".snakemake",
    }  # fmt: skip
    raw = [path for path in built.rglob("*") if path.name.startswith("pwned")]
    assert raw == []
    made = [
        path.relative_to(built).as_posix() for path in (built / "results").rglob("*")
    ]
    assert [path for path in made if not re.fullmatch(r"[A-Za-z0-9_./-]+", path)] == []
    sealed = [
        line.split("  ")[1]
        for line in (built / "results/SHA256SUMS").read_text("utf-8").splitlines()
    ]
    sealed.append("results/SHA256SUMS")
    expected = {*sealed, *(f"{path.replace('results', 'results/ledger', 1)}.json" for path in sealed)}  # fmt: skip
    assert {
        path
        for path in made
        if path not in expected
        and not re.match("results/(ledger/)?(logs|audit)/", path)
        and not (built / path).is_dir()
    } == set()


def test_logs_hold_no_control_characters_and_no_forged_line(built, outside):
    logs = sorted((built / "results/logs").rglob("*.log"))
    assert logs
    for path in [*logs, outside / "said.txt"]:
        text = path.read_text("utf-8")
        assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", text) == [], (
            path
        )
        assert not re.search(r"(?m)^(ERROR|WARNING|INFO): forged", text), path


# --- tables as data -----------------------------------------------------------------------


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_text_as_it_was_given(built):
    """Formulas included: a CSV file is data, and a changed cell would be another datum."""
    given = {name: text.replace("\r\n", "\n") for name, text in ALL.items()}
    works = {row["work"]: row for row in rows(built / "results/extraction/works.csv")}
    labels = {row["term"]: row["label"] for row in rows(built / "results/extraction/labels.csv")
              if row["column"] == "attack"}  # fmt: skip
    claims = rows(built / "results/claims/claims.csv")

    assert {name: works[work]["title"] for name, work in review.WORKS.items()} == given
    assert labels == given
    assert [claim["says"] for claim in claims] == [*given.values()]


@pytest.mark.parametrize("name", ["rows", "grid"])
def test_printed_tables_can_be_read_back(built, name):
    found = rows(built / f"results/tables/{name}.csv")
    assert len(found) == len(ALL)
    assert all(None not in row for row in found)


def test_records_keep_their_texts(built):
    import pandas as pd

    records = pd.read_parquet(built / "results/records/records.parquet")
    titles = dict(zip(records["record_id"], records["title"], strict=True))
    assert len(records) == len(ALL) + len(payloads.LONG) + 1
    for name, text in SHOWN.items():
        assert eye(titles[f"prints:{name}"]) == eye(f"{text} {name}"), name
    assert not records["title"].str.contains(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]").any()


# --- HTML ---------------------------------------------------------------------------------


WATCH = """
window.__seen = [];
addEventListener('securitypolicyviolation', e => __seen.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""
PANELS = """() => Object.fromEntries([...new Map([...document.querySelectorAll('main a.number')]
    .map(a => [a.dataset.number, a]))].map(([id, a]) => {
        a.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
        const panel = document.getElementById('panel');
        const first = panel.querySelector('tbody'), pager = panel.querySelector('.pager');
        const links = [], members = [];
        let said = '';
        const look = () => {
            said += panel.innerText + '\\n';
            links.push(...[...panel.querySelectorAll('a')].map(a => a.href));
        };
        const grab = () => members.push(...[...(first?.rows ?? [])].map(row => row.cells[0].innerText));
        look(), grab();
        for (const on of [...panel.querySelectorAll('.pager button')].filter(b => b.textContent === 'Next'))
            while (!on.disabled) { on.click(); look(); if (on.parentElement === pager) grab(); }
        panel.close();
        return [id, {said, links, members}];
    }))"""


# Whatever a page draws only when it is asked for: folded parts, and what its own links open.
STIR = """async () => {
    document.querySelectorAll('details').forEach(part => { part.open = true; });
    const hashes = new Set([...document.links].map(a => a.getAttribute('href')).filter(to => to.startsWith('#')));
    for (const hash of [...hashes].slice(0, 150)) {
        location.hash = hash;
        await new Promise(done => setTimeout(done, 1));
    }
    document.querySelectorAll('dialog[open]').forEach(part => part.close());
}"""
SIGHT = """() => ({
    text: document.body.innerText,
    content: document.querySelector('main')?.textContent ?? '',
    links: [...document.links].map(a => a.getAttribute('href')),
    pwned: window.pwned ?? null,
    violations: __seen,
    foreign: document.querySelectorAll('main b, main form[action], iframe, object, embed, base, img').length,
})"""


def opened(browser, path):
    """Return what Chromium, opened on a page and stirred, showed, ran and asked for."""
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    tab.on("popup", lambda popup: said.append(popup.url))
    file = path.as_uri()

    def route(way):
        asked.append(way.request.url)
        way.continue_() if way.request.url == file else way.abort()

    tab.route("**/*", route)
    tab.add_init_script(WATCH)
    tab.goto(file)
    tab.wait_for_load_state("networkidle")
    panels = tab.evaluate(PANELS) if path.name == "review.html" else {}
    shown = tab.evaluate(SIGHT)
    tab.evaluate(STIR)
    found = {
        **tab.evaluate(SIGHT), "text": shown["text"], "panels": panels, "title": tab.title(),
        "frames": len(tab.frames), "url": tab.url, "file": file, "said": said, "asked": asked,
    }  # fmt: skip
    tab.close()
    return found


@pytest.fixture(scope="session")
def pages(built, browser):
    """Return every page of the results, as Chromium saw it, by its place in them."""
    whole = [
        path
        for path in sorted((built / "results").rglob("*.html"))
        if path.parent.name != "tables"
    ]
    return {
        path.relative_to(built / "results").as_posix(): opened(browser, path)
        for path in whole
    }


@pytest.fixture(scope="session")
def page(pages):
    return pages["manuscript/review.html"]


def test_no_page_runs_anything_or_asks_for_anything(pages):
    for name, page in pages.items():
        assert page["pwned"] is None, name
        assert page["violations"] == [], name
        assert page["said"] == [], name
        assert page["asked"] == [page["file"]], name
        assert page["url"].startswith(page["file"]) and page["frames"] == 1, name
        assert page["foreign"] == 0, name


def of_the_review(link, page):
    """Return whether a link leads to a file that stands in the same results."""
    results = page.rsplit("/", 2)[0] + "/"
    file = unquote(link.split("#")[0].removeprefix("file://"))
    return link.startswith(results) and Path(file).is_file()


def test_links_of_pages_lead_to_addresses_and_files_of_the_review(pages):
    for name, page in pages.items():
        links = [
            *page["links"],
            *(link for of in page["panels"].values() for link in of["links"]),
        ]
        own = [
            link for link in links if not re.match("[A-Za-z][A-Za-z0-9+.-]*:|//", link)
        ]
        rest = [
            link.removeprefix(page["file"])
            for link in links
            if link not in own and not of_the_review(link, page["file"])
        ]
        assert [link for link in rest if not LINKS.match(link)] == [], name
        inside = ("#", "../audit/index.html#")
        assert "audit" in name or not [
            link for link in own if not link.startswith(inside)
        ]
    assert "https://example.org/e" in pages["manuscript/review.html"]["links"]


@pytest.mark.parametrize("name", ALL)
def test_the_page_shows_the_text(page, name):
    seen = eye(page["text"])
    assert seen.count(eye(ALL[name])) >= 5, "in prose, claims and tables"
    assert eye(ALL[name]) in eye(page["content"])


@pytest.mark.parametrize("name", ALL)
def test_the_panel_shows_the_text_in_definition_and_members(page, name):
    of_all = eye(page["panels"]["works_in"]["said"])
    own = eye(page["panels"][f"works_by_attack.{name}"]["said"])
    text = eye(ALL[name])

    assert f"{text}{text}" in of_all, "the name of a member and its title"
    assert f"worksof{text}" in own
    assert f"{text}{text}" in own


def test_the_panel_shows_members_that_are_texts_themselves(page):
    carriers = [text for place, text in enumerate(ALL.values()) if place % 2 == 0]
    assert SHOWN["method"] in carriers, "a name that JavaScript's objects have"
    seen = [eye(member) for member in page["panels"]["carriers"]["members"]]
    assert seen == [eye(text) for text in carriers]


def test_a_label_is_not_filled_in_a_second_time(page):
    said = page["panels"]["lines_by_theme_way.t1.up"]["said"]
    assert eye(f"{ALL['format']}: ") in eye(said)


def test_title_subtitle_and_authors_are_shown(page):
    config = review.config()
    seen = eye(page["text"])
    for text in (config["title"], config["subtitle"], *config["authors"]):
        assert eye(text["name"] if isinstance(text, dict) else text) in seen
    assert eye(page["title"]) == eye(config["title"])


def test_the_query_stands_line_by_line(page):
    assert eye("\n".join([*SHOWN.values(), "```", "~~~", ":::"])) in eye(page["text"])


# --- Markdown -----------------------------------------------------------------------------


class Seen(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(source)

    def handle_starttag(self, tag, attrs):  # noqa: D102
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize("reader", ["markdown", "gfm"])
def test_markdown_gives_no_markup_of_a_payload_to_another_reader(manuscript, reader):
    from retrace.manuscript import pandoc

    # A caption is the author's own Markdown; a payload comes from a table or a setting.
    source = (manuscript / "review.md").read_text("utf-8")
    assert review.CAPTION in source
    made = subprocess.run(
        [pandoc.program(), f"--from={reader}", "--to=html"],
        input=source.replace(review.CAPTION, ""), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    seen = Seen(made)
    unwanted = "script style iframe object form base meta svg math b details"
    assert seen.tags & {*unwanted.split()} == set()
    assert [a for a in seen.attributes if a[0].startswith("on")] == []
    assert [
        a
        for a in seen.attributes
        if a[0] in ("href", "src")
        and not re.match(r"#|https?://|mailto:|\.\./figures/", a[1])
    ] == []


# --- DOCX ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def word(manuscript):
    with zipfile.ZipFile(manuscript / "review.docx") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_document_holds_no_field_no_object_and_no_link_but_addresses(word):
    text = {
        name: data.decode()
        for name, data in word.items()
        if name.endswith((".xml", ".rels"))
    }
    for name, xml in text.items():
        ET.fromstring(xml)
        # Page numbers are our own field.
        if name != "word/footer1.xml":
            assert not re.search(
                r"<w:(fldSimple|fldChar|instrText|altChunk|object|control)\b", xml
            ), name
        for relation in re.findall(r"<Relationship\b[^>]*>", xml):
            if "External" in relation:
                target = re.search(r'Target="([^"]*)"', relation)[1]
                assert re.match(r"(?i)https?://(?!127)|mailto:", target), relation
            assert not re.search(
                r"aFChunk|oleObject|attachedTemplate|subDocument|vbaProject", relation
            )
    assert re.findall(r'w:instr="\s*(\w+)', text["word/footer1.xml"]) in (["PAGE"], [])
    assert not [name for name in word if name.endswith((".bin", ".html", ".mht"))]
    assert b"root:" not in b"".join(word.values())


@pytest.mark.parametrize("name", ALL)
def test_the_document_shows_the_text(word, name):
    seen = eye("".join(ET.fromstring(word["word/document.xml"]).itertext()))
    assert seen.count(eye(ALL[name])) >= 5


# --- PDF ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def paper(manuscript):
    import pymupdf

    with pymupdf.open(manuscript / "review.pdf") as document:
        yield document


def test_the_pdf_holds_no_action_but_links_to_addresses(paper):
    objects = [
        paper.xref_object(at, compressed=True) for at in range(1, paper.xref_length())
    ]
    for words in objects:
        assert not re.search(
            r"/(JavaScript|JS|Launch|EmbeddedFile|GoToR|SubmitForm|AA)\b", words
        )
    links = [
        link["uri"] for page in paper for link in page.get_links() if "uri" in link
    ]
    assert [
        uri for uri in links if not re.match(r"(?i)https?://(?!127)|mailto:", uri)
    ] == []


@pytest.mark.parametrize(
    "name", [name for name in ALL if name not in ("arabic", "hebrew_mixed")]
)
def test_the_pdf_shows_the_text(paper, name):
    seen = eye("".join(page.get_text() for page in paper))
    assert eye(ALL[name]) in seen


@pytest.mark.parametrize("name", ["arabic", "hebrew_mixed"])
def test_the_pdf_shows_text_from_right_to_left(paper, name):
    seen = "".join(page.get_text() for page in paper)
    words = ALL[name].split()
    assert all(word in seen or word[::-1] in seen for word in words)


# --- SVG ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_a_drawing_and_nothing_else(built, name):
    source = (built / f"results/figures/{name}.svg").read_text("utf-8")
    assert "<!ENTITY" not in source
    for element in ET.fromstring(source).iter():
        tag = str(element.tag).rpartition("}")[2]
        assert tag not in ("script", "foreignObject", "iframe", "a", "set", "animate")
        for key, value in element.attrib.items():
            key = key.rpartition("}")[2]
            assert not key.startswith("on")
            if key == "href":
                assert re.match(r"#|data:image/png;base64,", value)
            assert not re.search(r"url\((?!#)", value)
    for style in re.findall(r"(?s)<style[^>]*>(.*?)</style>", source):
        assert "url(" not in style and "@import" not in style


@pytest.mark.parametrize("name", FIGURES)
def test_what_a_figure_draws_stands_beside_it_unchanged(built, page, name):
    marks = rows(built / f"results/figures/{name}.csv")
    shown = eye(page["content"])
    assert all(eye(cell) in shown for mark in marks for cell in mark.values())


# --- refused, with a line that says where --------------------------------------------------


def said_of(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "retrace", *arguments, "-d", str(folder)],
        capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")},
    )  # fmt: skip
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028]", said)
    return said


def test_the_review_has_no_problem_as_it_stands(built):
    *oddities, last = said_of(built, "check").splitlines()
    assert last == "No problems found."
    # A payload is no search string, and that one was published is worth a warning.
    assert oddities
    assert [line for line in oddities if "search.yaml::query_" not in line] == []


@pytest.fixture(scope="session")
def refused(tmp_path_factory):
    """Return the folder of a hostile review in which much cannot be text, and what check says."""
    folder = tmp_path_factory.mktemp("refused")
    review.write(folder)

    def change(path, old, new):
        text = (folder / path).read_bytes()
        assert old in text
        (folder / path).write_bytes(text.replace(old, new, 1))

    change("data/raw/extraction/one/works.csv", b'"+1+1"', b'"+1\0+1"')
    change("data/raw/extraction/one/lines.csv", b'"+1+1"', b'"\x1b[31m+1"')
    change("data/raw/extraction/one/carriers.csv", b'"work_3"', b'"../work_3"')
    change("data/raw/published/claims.csv", b"location", b"location\x0b\nERROR: forged")
    change("data/raw/published/reported.csv", b'"5"', b'"NaN"')
    search = folder / "data/raw/searches/prints/2024-01-02"
    change(
        search / "search.yaml",
        b"kind: database",
        b'kind: !!python/object/apply:os.system ["touch pwned"]',
    )
    (search / "{x}.ris").write_bytes(b"")
    (search / "a\nERROR: forged \x1b[2J.ris").write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def checked(refused):
    return said_of(refused, "check")


@pytest.mark.parametrize(
    "line",
    [
        r"data/raw/extraction/one/works\.csv:\d+: a NUL byte",
        r"data/raw/extraction/one/lines\.csv:\d+: a control character \('\\x1b'\)",
        r"data/raw/extraction/one/carriers\.csv:\d+:work: '\.\./work_3'",
        r"data/raw/published/claims\.csv:1",
        r"data/raw/published/reported\.csv:\d+:n: 'NaN'",
        r"data/raw/searches/prints/2024-01-02/search\.yaml:\d+: not YAML",
        r"data/raw/searches/prints/2024-01-02/\{x\}\.ris: '\{' stands in the name",
        r"data/raw/searches/prints/2024-01-02/a\\nERROR: forged \\x1b\[2J\.ris: '\\n' stands",
    ],
)
def test_what_cannot_be_text_is_refused_with_its_place(checked, line):
    assert re.search(rf"(?m)^{line}", checked)


def test_config_holds_no_control_character_by_way_of_an_escape(tmp_path):
    review.write(tmp_path)
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as file:
        file.write('audited: {citation_key: "\\e[31m\\nERROR: forged"}\n')

    assert "config.yaml:" in (said := said_of(tmp_path, "check"))
    assert "a control character ('\\x1b') stands in this text" in said


def test_a_build_refuses_a_file_name_that_would_not_stay_one(refused, snakemake):
    said = snakemake(refused, "--dry-run").stdout

    assert re.search(
        r"(?m)^ERROR: data/raw/searches/prints/2024-01-02/a\\nERROR: forged \\x1b", said
    )
    assert "{x}.ris: '{' stands in the name of this file" in said
    assert "\x1b" not in said and not re.search("(?m)^ERROR: forged", said)


def test_a_trace_keeps_to_its_lines(built):
    for asked in (
        "number:works_in",
        "study:work_1",
        "record:prints:lines",
        "figure:flow",
    ):
        assert not re.search(
            r"(?m)^(ERROR|INFO): forged", said_of(built, "trace", asked)
        )
