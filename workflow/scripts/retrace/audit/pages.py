"""Make the audit's page: one HTML file in which all that made a review can be opened.

The data stands in it once, as JSON, and lists are shown a page at a time, so that five
thousand records cost a reader nothing, and of more the file is linked; as in the review's page,
a policy with the digests of its one style and its one script keeps anything else from running or
being asked for.
"""

from html import escape
from pathlib import Path
from typing import Any

from retrace.audit import pages_data
from retrace.manuscript import page
from retrace.plain_page import digest

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
FILES = [
    *(TEMPLATES / f"audit.{part}" for part in ("html", "css", "js")),
    *(TEMPLATES / f"list.{part}" for part in ("css", "js")),
]
"""The templates of the page: a rule that uses them reruns when one of them changes."""


def render(data: dict[str, Any], *, language: str = "en") -> str:
    """Return the page of what `pages_data.gather` found."""
    style = page.read("list.css") + page.read("audit.css")
    script = page.read("list.js") + page.read("audit.js")
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; "
        f"script-src '{digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "language": escape(language),
        "policy": f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        "title": escape(data["title"]),
        "style": f"<style>{style}</style>",
        "contents": "".join(
            f'<li><a href="#{section["id"]}">{escape(section["title"])}'
            f"{_count(section)}</a></li>"
            for section in data["sections"]
        ),
        "sections": "".join(_section(section, data) for section in data["sections"]),
        "data": f'<script type="application/json" id="data">{page.as_json(data)}</script>',
        "script": f'<script type="module">{script}</script>',
    }
    return page.MARK.sub(lambda found: parts[found[1]], page.read("audit.html"))


def _count(section: dict[str, Any]) -> str:
    n = sum(one.get("n_rows", len(one["rows"])) for one in section["lists"])
    return f' <span class="n">{n:,}</span>' if section["lists"] else ""


def _section(section: dict[str, Any], data: dict[str, Any]) -> str:
    name = section["id"]
    inside = "".join(
        f'<div class="list" data-section="{name}" data-list="{place}"></div>'
        for place in range(len(section["lists"]))
    )
    if name == "workflow":
        picture = pages_data.graph(data["rules"])
        inside += (
            '<div class="scroll" role="region" tabindex="0" aria-label="The workflow as a picture">'
            f"{picture}</div>"
        )
    return (
        f'<section id="{name}" aria-labelledby="{name}-title">'
        f'<h2 id="{name}-title">{escape(section["title"])}</h2>'
        f"<p>{escape(section['says'])}</p>{inside}</section>"
    )
