"""A made-up review, small enough to read, from whose files a manuscript is rendered."""

import csv
from pathlib import Path

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40pt" height="20pt">'
    '<defs><clipPath id="c"><path d="M0 0h40v20z"/></clipPath></defs>'
    '<g clip-path="url(#c)"><rect width="9" height="9" style="fill: #1f77b4; stroke-width: 2"/>'
    "<script>alert(1)</script></g></svg>"
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
TABLE = (
    '<table>\n<colgroup><col style="width: 30%"><col style="width: 70%"></colgroup>\n'
    '<thead><tr><th scope="col">Group</th><th scope="col">Studies</th></tr></thead>\n'
    '<tbody>\n<tr><td rowspan="2">A</td>'
    '<td><a class="number" href="#n-by_kind.b" data-number="by_kind.b">2</a></td></tr>\n'
    "<tr><td>*none* &lt;b&gt; `x`{=html} ↑ β</td></tr>\n"
    + "".join(f"<tr><td>row {at}</td><td>words</td></tr>\n" for at in range(120))
    + '</tbody>\n</table>\n<p class="table-notes">A, a group.</p>\n'
)
NUMBERS = [
    ("included", "5", "count", "studies included"),
    ("by_kind.b", "2", "count", "studies of kind b"),
    ("by_kind.a", "3", "count", "studies of kind a"),
    ("by_kind.c", "0", "count", "studies of kind c"),
    ("share", "74.5", "share", "share of kind a"),
    ("drop", "-3.25", "statistic", "a difference"),
    ("place", "1", "rank", "place of kind a"),
    ("kinds", "Kind a; Kind b", "list", "kinds by size"),
    ("nothing", "", "statistic", "no value"),
]
MEMBERS = [("included", "wang_2016"), ("included", "liu_2019"), ("by_kind.a", "lost")]
LABELS = [
    ("arms", "kind", "a", "A", "Kind a"),
    ("arms", "kind", "b", "B", "p16-kind"),
    ("arms", "kind", "c", "C", ""),
    ("studies", "study_id", "wang_2016", "Wang 2016", ""),
]
STUDIES = [
    ("wang_2016", "A title", "10.1000/x"),
    ("liu_2019", "B title", "javascript:alert(1)"),
]
BIBLIOGRAPHY = """
@article{wang_2016, author={Wang, B.}, title={A title}, journal={J}, year={2016}}
@article{liu_2019, author={Liu, S.}, title={B title}, journal={J}, year={2019}}
"""
SETTINGS = {
    "title": "A review",
    "subtitle": "",
    "authors": [],
    "language": "en",
    "status": "draft",
    "counted_nouns": ["study"],
    "terms_from": ["labels.label_long"],
    "glossary": ["PRISMA 2020"],
    "figures": {"bars": {"caption": 'Bars of {{ n("included") }} studies.'}},
    "tables": {"wide": {"caption": "Kinds.", "landscape": True}},
}
HEADERS = {
    "numbers/numbers": "number_id value kind definition table selection of n_members",
    "numbers/members": "number_id member_id",
    "extraction/labels": "sheet column term label label_long parent",
    "extraction/studies": "study_id title doi",
    "claims/claims": "claim_id location says stated relation number_id recomputed verdict basis why",
    "flow/warnings": "code where says",
    "flow/members": "box reason unit member_id",
    "records/searches": "source round label kind status database platform searched_on covers_to limits "
    "query_published query_run n_reported n_read location note",
    "searches/lines": "source round line string hits",
    "searches/recall": "source round label kind n_records n_known known_from n_found recall",
    "figures/bars": "term n number_id",
}


def write(
    folder: Path, template: str, table: str = TABLE, **tables: list[tuple]
) -> None:
    """Write the review's files; ``tables`` replaces the rows of numbers, members, labels, ..."""
    rows = {
        "numbers/numbers": [(*row, "arms", "", "", "") for row in NUMBERS],
        "numbers/members": MEMBERS,
        "extraction/labels": [(*row, "") for row in LABELS],
        "extraction/studies": STUDIES,
        "claims/claims": [],
        "flow/warnings": [("odd", "somewhere", "Sums *do not* fit.")],
        "flow/members": tables.pop("flow_members", []),
        "records/searches": [
            (
                "pubmed",
                "2023-11-30",
                "",
                "database",
                "reported_only",
                "",
                "",
                "2023-11-30",
            )
            + ("", "", "a ``` b", "", "", "", "", "")
        ],
        "searches/lines": [],
        "searches/recall": [],
        "figures/bars": [("a", "3", "by_kind.a")],
    }
    rows |= {
        name: tables[name.split("/")[1]]
        for name in rows
        if name.split("/")[1] in tables and name != "flow/members"
    }
    for name, lines in rows.items():
        path = folder / "results" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(
                [HEADERS[name].split(), *lines]
            )
    for name, content in {
        "results/tables/wide.html": table,
        "results/figures/bars.svg": SVG,
        "results/figures/bars.alt.txt": 'Bars, "a" <b> {c}\n',
        "manuscript/review.md.j2": template,
        "manuscript/references.bib": BIBLIOGRAPHY,
        "manuscript/numbers.yaml": "families: {by_kind: {count: study_id, table: arms, by: kind, says: x}}\n",
        "manuscript/style.csl": CSL,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / "results/figures/bars.png").write_bytes(PNG)


def render(**settings):
    """Return the Markdown of the review in the current folder."""
    from retrace.manuscript import template

    return template.render(
        "manuscript/review.md.j2",
        settings=SETTINGS | settings,
        definitions="manuscript/numbers.yaml",
        bibliography="manuscript/references.bib",
        labels="results/extraction/labels.csv",
        numbers="results/numbers/numbers.csv",
        members="results/numbers/members.csv",
        claims="results/claims/claims.csv",
        stated=[],
        warnings="results/flow/warnings.csv",
        searches="results/records/searches.csv",
        lines="results/searches/lines.csv",
        recall="results/searches/recall.csv",
        terms=["results/extraction/labels.csv"],
        box_members="results/flow/members.csv",
        tables_html=["results/tables/wide.html"],
        figures_csv=["results/figures/bars.csv"],
        figures_alt=["results/figures/bars.alt.txt"],
    )


def formats(**settings) -> dict[str, bytes]:
    """Return the review in the current folder in all formats, written to results/manuscript."""
    from retrace.manuscript import dates, docx, pdf

    text = Path("results/manuscript/review.md")
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text(render(**settings).text, encoding="utf-8")
    day = dates.written_on(["results/records/searches.csv"])
    made = {
        "md": text.read_bytes(),
        "html": html(text).encode(),
        "docx": docx.render(text, **CITED, figures="results/figures", written_on=day),
        "pdf": pdf.render(text, **CITED, figures="results/figures", written_on=day),
    }
    for ending, content in made.items():
        text.with_suffix(f".{ending}").write_bytes(content)
    return made


def html(text, **further) -> str:
    """Return the page of a text of the review in the current folder."""
    from retrace.manuscript import page

    return page.render(
        text,
        **CITED,
        numbers="results/numbers/numbers.csv",
        number_members="results/numbers/members.csv",
        labels="results/extraction/labels.csv",
        sheets=["results/extraction/studies.csv"],
        figures_svg=["results/figures/bars.svg"],
        figures_csv=["results/figures/bars.csv"],
        figures_alt=["results/figures/bars.alt.txt"],
        **further,
    )


CITED = {"bibliography": "manuscript/references.bib", "csl": "manuscript/style.csl"}
CSL = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>t</title><id>t</id><updated>2020-01-01T00:00:00+00:00</updated></info>
<citation collapse="citation-number"><layout prefix="[" suffix="]" delimiter=","><text variable="citation-number"/></layout></citation>
<bibliography second-field-align="flush"><layout suffix="."><text variable="citation-number"/>
<group delimiter=". "><names variable="author"/><text variable="title"/></group></layout></bibliography>
</style>
"""
