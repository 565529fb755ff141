"""Hostile strings by name: what a title, a label, a note or a file name of a stranger may hold.

Each would do something in one format or program if it were taken for more than text. Those
for scripts set `pwned` in the page, those for shells and interpreters make a file of that
name, those for the network ask 127.0.0.1, port 9.
"""

HERE = "http://127.0.0.1:9"

SHOWN = {
    # HTML
    "script": "<script>window.pwned='script'</script>",
    "handler": '"><img src=x onerror="window.pwned=\'img\'">',
    "handler_quote": "' autofocus onfocus=window.pwned=1 x='",
    "svg_load": "<svg/onload=window.pwned=1><animate onbegin=window.pwned=1>",
    "details": "<details open ontoggle=window.pwned=1>seen</details>",
    "object": f'<iframe src="{HERE}/f"></iframe><object data="{HERE}/o"></object>',
    "remote": f'<img src="{HERE}/i.png"><link rel=stylesheet href="{HERE}/l.css">',
    "meta": f'<meta http-equiv="refresh" content="0;url={HERE}/m"><base href="{HERE}">',
    "form": f"<form action={HERE}/p><input name=a><button>go</button></form>",
    "js_entity": '<a href="jAvAsCrIpT&colon;window.pwned=1">one</a>',
    "js_tab": '<a href="java&#x09;script:window.pwned=1">two</a>',
    "data_link": '<a href="data:text/html;base64,PHNjcmlwdD4=">three</a>',
    "mxss_style": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwned=1&gt;">',
    "mxss_noscript": '<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">',
    "mxss_comment": "<!--><img src=x onerror=window.pwned=1>--> <!-- a -- b -->",
    "css": f"<style>@import url({HERE}/c.css);*{{background:url({HERE}/b)}}</style>",
    "css_attribute": f"<p style=\"background:url('{HERE}/s');position:fixed\">cover</p>",
    "entities": "&lt;script&gt; &#60;b&#62; &amp;amp; &copy &nbsp;.",
    "our_marks": "</script><!--retrace:data--><!--retrace:script-->",
    "cdata": ']]> <![CDATA[x]]> <?xml version="1.0"?>',
    "doctype": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    # Markdown, as pandoc reads it
    "md_link": "[press](javascript:window.pwned=1) <javascript:window.pwned=1>",
    "md_data": "[press](data:text/html,<b>x</b>) [a]: javascript:x",
    "md_image": f"![](file:///etc/passwd) ![i]({HERE}/m.png)",
    "md_auto": f"<{HERE}/auto> {HERE}/bare me@example.org",
    "md_raw": '`<b>x</b>`{=html} `<w:p/>`{=openxml} `#read("/etc/passwd")`{=typst}',
    "md_block": "```{=html} <b>x</b> ``` ~~~{.haskell}",
    "md_cite": "[@cite] @work_1 [-@work_1, p. 3] [^note] ^[note]",
    "md_div": "::: {.landscape #refs onclick=x} text :::",
    "md_span": "[x]{.number data-number=works_in onclick=x} [y](#n-works_in)",
    "md_heading": "# Head {#text .unnumbered} | a | b | *c* _d_ **e** ~~f~~ ~g~ ^h^",
    "md_math": r"$x$ $$y$$ \(z\) \[w\] \textbf{v} \cite{u}",
    "md_smart": "--a-- ---b--- ...c... \"d\" 'e' don't 1) (2) 3. - + *",
    "md_meta": "--- title: other ... % author",
    # templates
    "jinja": "{{7*7}} {{ n('works_in') }} {{ ''.__class__.__mro__ }}",
    "jinja_block": "{% include '/etc/passwd' %} {% raw %} {## gone ##} {# gone #}",
    "jinja_twice": "{{ '{{' }}7*7{{ '}}' }} {{ '{%' }} set x = 1 {{ '%}' }}",
    "format": "{attack} {work} {direction} {way} {0.__class__} %s %(x)s $title$ ${HOME} {wildcards.x}",
    # typesetters and office programs
    "typst": '#read("/etc/passwd") #import "@preview/x:1" #eval("1+1") <label> @ref',
    "typst_content": '#[*a*] #link("javascript:x")[y] $ x $ // c /* d */ \\ e',
    "latex": r"\input{/etc/passwd} \write18{touch pwned} \href{javascript:x}{y} %c",
    "word": '<w:fldSimple w:instr="DDEAUTO c:\\x"/> { HYPERLINK "x" } </w:t></w:r>',
    "formula": f'=HYPERLINK("{HERE}/h","x")',
    "formula_plus": "+1+1",
    "formula_minus": "-1+1",
    "formula_at": "@SUM(1+1)",
    "dde": "=cmd|' /C calc'!A0",
    # shells, paths, programs
    "shell": "; $(touch pwned) && `touch pwned` | touch pwned > pwned & #",
    "up": "../../../../../../etc/passwd ..\\..\\x",
    "absolute": "/etc/passwd",
    "url": "file:///etc/passwd javascript:window.pwned=1",
    "reserved": "CON",
    "reserved_nul": "NUL.txt:stream",
    "yaml": '!!python/object/apply:os.system ["touch pwned"] &a *a ? : - > |',
    "null": "null",
    "nan": "NaN",
    "infinity": "-Infinity",
    "sql": "'; DROP TABLE records; --",
    "method": "constructor",
    "proto": "__proto__",
    "arabic": "عنوان عربي",
    "hebrew_mixed": "abc שלום def",
}
"""Shown letter by letter, in every format."""

HIDING = {
    "bidi": "pay \u202e0001 tsurt\u202c \u2066in\u2069",
    "zero_width": "ze\u200bro wi\u2060dth \ufeffmark",
    "marks": "\ue000block:fig:flow\ue001 \ue000ref:sec:methods:\ue001",
    "lines": "first\n\n# Head\n\n:::\n\nERROR: forged\r\nINFO: forged\u2028last",
    "formula_tab": "\t=1+1",
    "formula_return": "\r=1+1",
}
"""Shown, too, but what hides or breaks lines in them may be gone."""

ALL = {**SHOWN, **HIDING}

LONG = {
    "blanks": "a" + " " * 20000 + "b",
    "brackets": "(" * 5000 + "[" * 5000 + "{" * 5000,
    "letters": "a" * 30000 + "!",
    "ands": "Aa, A and " * 3000 + "\\",
    "slashes": "10.1000/" + "/" * 10000 + "." * 10000,
}
"""Slow for a careless pattern; in exports only."""

FILES = (
    "=cmd' C calc'!A0.ris",
    "; $(touch pwned) && `touch pwned`.ris",
    '"><img src=x onerror=window.pwned=1>.ris',
    "-rf ![](javascript:x) %s #1.ris",
    "CON.ris",
    "ab\u202esir.ris",
    "aux..ris",
)
"""Names of export files."""


def eye(text: str) -> str:
    """Return what an eye sees of a text: no blanks, and nothing that hides or turns letters."""
    hidden = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)}
    hidden |= {0xFEFF, 0xE000, 0xE001, 0xAD}
    return "".join("".join(c for c in text if ord(c) not in hidden).split())
