"""One page of plain HTML that asks the network for nothing and runs nothing.

A strict policy stands in the page itself, with the digest of its one style sheet: even a mistake
in escaping could not run, load or send anything.
"""

import base64
import hashlib
import html

STYLE = """
body { font: 1rem/1.6 serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; overflow-wrap: break-word; }
thead th { white-space: nowrap; }
.scroll { overflow-x: auto; }
a { color: inherit; }
"""


def made(
    title: str,
    body: str,
    *,
    style: str = "",
    language: str = "en",
    pictures: bool = False,
) -> str:
    """Return a page; ``body`` is HTML, ``title`` text, ``style`` rules that come after `STYLE`.

    Pictures, where there are any, stand in the page as data.
    """
    rules = STYLE + style
    policy = f"default-src 'none'; style-src '{digest(rules)}'; {'img-src data:; ' if pictures else ''}base-uri 'none'; form-action 'none'"
    shown = html.escape(title)
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{shown}</title><style>{rules}</style></head><body><main><h1>{shown}</h1>{body}</main></body></html>\n"
    )


def digest(text: str) -> str:
    """Return a text's sha256 as a policy names it."""
    sha = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(sha).decode()}"
