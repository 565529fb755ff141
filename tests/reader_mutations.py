"""What is done to exports between a database and a reader: by name, each a function of bytes.

A mutation of this list changes no record: whatever it does, the same ten are to be read.
"""

import csv
import io
import json
import re

import export_files


def _lines(data, change):
    return b"\n".join(
        change(number, line) for number, line in enumerate(data.split(b"\n"))
    )


def _mixed_line_ends(data):
    ends = (b"\r\n", b"\n", b"\r")
    return b"".join(
        line + ends[number % 3] for number, line in enumerate(data.split(b"\n"))
    )


def _lower_tags(data, tag):
    return re.sub(tag, lambda match: match[0].lower(), data, flags=re.MULTILINE)


def _quoted_all(data):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(csv.reader(io.StringIO(data.decode())))
    return out.getvalue().encode()


EVERY = {
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "two byte order marks": lambda data: b"\xef\xbb\xbf\xef\xbb\xbf" + data,
    "Windows line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "old Mac line ends": lambda data: data.replace(b"\n", b"\r"),
    "mixed line ends": _mixed_line_ends,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 big-endian": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
    "no final line break": lambda data: data.rstrip(),
    "blank lines in front": lambda data: b"\n\n  \n" + data,
    "blank lines behind": lambda data: data + b"\n\n\n   \n\n",
    "an end-of-file character": lambda data: data + b"\x1a",
    "NUL bytes behind": lambda data: data + b"\0\0\0",
    "blanks behind each line": lambda data: data.replace(b"\n", b"  \n"),
}
"""Mutations of any text format."""

ENCODED = {
    "cp1252": lambda data: data.decode().encode("cp1252"),
    "latin-1": lambda data: data.decode().encode("latin-1"),
    "mixed bytes": lambda data: (
        data.decode()
        .replace("Löffel", "L\udcf6ffel")
        .encode("utf-8", "surrogateescape")
    ),
}
"""Mutations of files of `export_files.LATIN`."""

RIS = {
    "lower-case tags": lambda data: _lower_tags(data, rb"^[A-Z][A-Z0-9](?=  -)"),
    "one blank in tags": lambda data: data.replace(b"  - ", b" - "),
    "no blank in tags": lambda data: re.sub(rb"(?m)^([A-Z][A-Z0-9])  - ", rb"\1- ", data),
    "three blanks in tags": lambda data: data.replace(b"  - ", b"   - "),
    "a tab in tags": lambda data: data.replace(b"  - ", b"\t- "),
    "a tab behind tags": lambda data: data.replace(b"  - ", b"  -\t"),
    "blanks before tags": lambda data: _lines(data, lambda _, line: b"  " + line),
    "dashes by a word processor": lambda data: data.replace(b"  - ", "  – ".encode()),
    "one lower-case tag": lambda data: data.replace(b"TI  - Does", b"ti  - Does"),
    "one tag with one blank": lambda data: data.replace(b"AU  - Lind", b"AU - Lind"),
    "no ER": lambda data: data.replace(b"ER  - \n", b""),
    "one ER missing": lambda data: data.replace(b"ER  - \n", b"", 1),
    "the last ER missing": lambda data: data[: data.rindex(b"ER  - ")],
    "ER twice": lambda data: data.replace(b"ER  - \n", b"ER  - \nER  - \n"),
    "ER alone": lambda data: data.replace(b"ER  - \n", b"ER\n"),
    "ER without a blank behind": lambda data: data.replace(b"ER  - \n", b"ER  -\n"),
    "er": lambda data: data.replace(b"ER  - \n", b"er  - \n"),
    "a TY missing": lambda data: data.replace(b"TY  - JOUR\nTI  - Does", b"TI  - Does"),
    "the first TY missing": lambda data: data[len(b"TY  - JOUR\n") :],
    "an empty TY": lambda data: data.replace(b"TY  - JOUR", b"TY  - "),
    "a long TY": lambda data: data.replace(b"TY  - JOUR", b"TY  - Journal Article"),
    "no blank line between records": lambda data: data.replace(b"ER  - \n\n", b"ER  - \n"),
    "blank lines between all lines": lambda data: data.replace(b"\n", b"\n\n"),
    "numbered records": lambda data: b"1.\n" + data.replace(b"ER  - \n\n", b"ER  - \n\n2.\n"),
    "records counted by Cochrane": lambda data: b"Record #1 of 10\n" + data.replace(b"ER  - \n\n", b"ER  - \n\nRecord #2 of 10\n"),
    "the head of a mail": lambda data: b'Provider: X\nContent: text/plain; charset="utf-8"\n\n' + data,
    "a byte order mark in each record": lambda data: data.replace(b"TY  - ", b"\xef\xbb\xbfTY  - "),
    "an unknown tag": lambda data: data.replace(b"KW  - tea", b"XX  - tea"),
    "tags without a value": lambda data: data.replace(b"KW  - tea", b"C1  - \nC2  -"),
    "a wrapped abstract": lambda data: data.replace(b"METHODS: We", b"METHODS:\nWe"),
    "a blank line in an abstract": lambda data: data.replace(b"METHODS: We", b"METHODS:\n\nWe"),
    "the other tags of the format": lambda data: re.sub(rb"(?m)^(AU|TI|PY|AB|JF)(?=  -)", lambda match: {b"AU": b"A1", b"TI": b"T1", b"PY": b"Y1", b"AB": b"N2", b"JF": b"T2"}[match[1]], data),
    "DOIs as addresses": lambda data: data.replace(b"DO  - ", b"DO  - https://doi.org/"),
    "years with slashes": lambda data: re.sub(rb"(PY  - \d{4})", rb"\1///", data),
}  # fmt: skip
NBIB = {
    "no blank line between records": lambda data: data.replace(b"\n\nPMID", b"\nPMID"),
    "three blank lines between records": lambda data: data.replace(b"\n\nPMID", b"\n\n\n\nPMID"),
    "lower-case tags": lambda data: _lower_tags(data, rb"^[A-Z]{2,4} *(?=- )"),
    "a blank before each line": lambda data: _lines(data, lambda _, line: b" " + line),
    "a blank in PMID": lambda data: data.replace(b"PMID- ", b"PMID - "),
    "no blank behind PMID": lambda data: data.replace(b"PMID- ", b"PMID-"),
    "a PMID missing": lambda data: data.replace(b"PMID- 30000004\n", b""),
    "the first PMID missing": lambda data: data.replace(b"PMID- 30000001\n", b""),
    "no PMID": lambda data: re.sub(rb"PMID- \d+\n", b"", data),
    "numbered records": lambda data: data.replace(b"\n\nPMID", b"\n\n2: \nPMID"),
    "a byte order mark in each record": lambda data: data.replace(b"PMID", b"\xef\xbb\xbfPMID"),
    "tags without a value": lambda data: data.replace(b"MH  - Tea", b"MH  - "),
    "an unknown tag": lambda data: data.replace(b"MH  - Tea", b"ZZZZ- Tea"),
    "wrapped lines without blanks": lambda data: data.replace(b"\n      ", b"\n"),
    "wrapped lines with four blanks": lambda data: data.replace(b"\n      ", b"\n    "),
    "wrapped lines with a tab": lambda data: data.replace(b"\n      ", b"\n\t"),
    "FAU alone": lambda data: re.sub(rb"(?m)^AU  - .*\n", b"", data),
    "DOI as AID": lambda data: data.replace(b"LID - ", b"AID - "),
    "titles last": lambda data: re.sub(rb"(TI  - .*\n)((?:(?!\n\n)[\s\S])*?MH  - Tea\n)", rb"\2\1", data),
    "PT twice": lambda data: data.replace(b"PT  - Journal Article\n", b"PT  - Journal Article\nPT  - Review\n"),
}  # fmt: skip
WOS = {
    "no head": lambda data: data[data.index(b"PT J") :],
    "no EF": lambda data: data.replace(b"\nEF", b""),
    "an ER missing": lambda data: data.replace(b"ER\n", b"", 1),
    "no ER": lambda data: data.replace(b"ER\n", b""),
    "the last ER missing": lambda data: data[: data.rindex(b"ER")],
    "ER twice": lambda data: data.replace(b"ER\n", b"ER\nER\n"),
    "er": lambda data: data.replace(b"\nER\n", b"\ner\n"),
    "a PT missing": lambda data: data.replace(b"PT J\nAU de la", b"AU de la"),
    "the first PT missing": lambda data: data.replace(b"PT J\n", b"", 1),
    "no blank line between records": lambda data: data.replace(b"ER\n\n", b"ER\n"),
    "blank lines between all lines": lambda data: data.replace(b"\n", b"\n\n"),
    "a wrapped abstract": lambda data: data.replace(b"METHODS: We", b"METHODS:\n   We"),
    "wrapped by a tab": lambda data: data.replace(b"METHODS: We", b"METHODS:\n\tWe"),
    "AF alone": lambda data: data.replace(b"AU ", b"AF "),
    "AF and AU": lambda data: re.sub(rb"AU (.*(?:\n   .*)*)", rb"AU \1\nAF \1", data),
    "an unknown tag": lambda data: data.replace(b"UT ", b"ZZ "),
    "a tag without a value": lambda data: data.replace(b"UT WOS", b"Z9\nUT WOS"),
    "a long PT": lambda data: data.replace(b"PT J", b"PT Journal"),
    "books": lambda data: data.replace(b"PT J", b"PT B"),
    "a head before each record": lambda data: data.replace(b"PT J", b"FN Thomson Reuters\nVR 1.0\nPT J"),
    "journals twice": lambda data: re.sub(rb"(?m)^SO (.*)$", rb"SO \1\nJ9 X", data),
}  # fmt: skip
ENW = {
    "no blank line between records": lambda data: data.replace(b"\n\n\n", b"\n"),
    "one blank line between records": lambda data: data.replace(b"\n\n\n", b"\n\n"),
    "%0 behind the title": lambda data: re.sub(rb"%0 Journal Article\n(%T .*\n)", rb"\1%0 Journal Article\n", data),
    "no %0": lambda data: data.replace(b"%0 Journal Article\n", b""),
    "one %0 missing": lambda data: data.replace(b"%0 Journal Article\n%T Does", b"%T Does"),
    "a blank line in an abstract": lambda data: data.replace(b"METHODS: We", b"METHODS:\n\nWe"),
    "blanks before lines": lambda data: data.replace(b"%", b" %", 1).replace(b"\n%", b"\n %"),
    "tabs behind tags": lambda data: re.sub(rb"(?m)^(%\S) ", rb"\1\t", data),
    "journals as %B": lambda data: data.replace(b"%J ", b"%B "),
}  # fmt: skip
COCHRANE = {
    "one blank line between records": lambda data: data.replace(b"\n\n\n", b"\n\n"),
    "a wrapped abstract": lambda data: data.replace(b"METHODS: We", b"METHODS:\nWe"),
    "a tag without a value": lambda data: data.replace(b"ID: ", b"KY:\nID: "),
}
BIBTEX = {
    "values in quotes": lambda data: re.sub(rb'= \{([^{}"\n]*)\},', rb'= "\1",', data),
    "values in two braces": lambda data: re.sub(rb"= \{([^{}\n]*)\},", rb"= {{\1}},", data),
    "entries in parentheses": lambda data: data.replace(b"@article{", b"@article(").replace(b"\n}\n", b"\n)\n"),
    "upper case": lambda data: data.replace(b"@article", b"@ARTICLE").replace(b"title =", b"TITLE ="),
    "entries on one line": lambda data: data.replace(b",\n  ", b", ").replace(b",\n}", b"}"),
    "no blank line between entries": lambda data: data.replace(b"}\n\n", b"}\n"),
    "entries end to end": lambda data: data.replace(b"}\n\n@", b"} @"),
    "no keys": lambda data: re.sub(rb"\{key\d+,", b"{,", data),
    "blanks around keys": lambda data: re.sub(rb"\{(key\d+),", rb"{ \1 ,", data),
    "no comma at the end": lambda data: data.replace(b"},\n}", b"}\n}"),
    "a lost comma": lambda data: data.replace(b"},\n  year", b"}\n  year"),
    "a string": lambda data: b'@string{jsw = "Journal of Small Waters"}\n' + data.replace(b"{Journal of Small Waters}", b"jsw"),
    "strings joined": lambda data: b"@string(jsw = {Journal of })\n" + data.replace(b"{Journal of Small Waters}", b'jsw # "Small Waters"'),
    "comments": lambda data: b"@comment{jabref-meta: databaseType:bibtex;}\n% a comment\n" + data,
    "a preamble": lambda data: b'@preamble{"\\newcommand{\\x}{y}"}\n' + data,
    "bare numbers": lambda data: re.sub(rb"year = \{(\d+)\}", rb"year = \1", data),
    "accents as LaTeX": lambda data: data.decode().replace("ü", '{\\"u}').replace("ö", '\\"o').replace("ô", "{\\^o}").replace("ï", '{\\"\\i}').replace("ß", "{\\ss}").replace("José", "Jos\\'{e}").encode(),
    "a lost closing brace": lambda data: data.replace(b"{Does it matter?},", b"{Does it matter?,"),
    "a closing brace too many": lambda data: data.replace(b"{Does it matter?},", b"{Does it matter?}},"),
    "an entry not closed": lambda data: data.replace(b"},\n}\n\n@article{key5", b"},\n\n@article{key5"),
    "blanks before entries": lambda data: data.replace(b"@", b"   @"),
    "no blanks around signs": lambda data: re.sub(rb"(?m)^(  \w+) = ", rb"\1=", data),
    "records counted by Cochrane": lambda data: b"Record #1 of 10\n" + data,
    "a wrapped abstract": lambda data: data.replace(b"METHODS: We", b"METHODS:\n      We"),
    "DOIs as addresses": lambda data: data.replace(b"doi = {", b"doi = {https://doi.org/"),
}  # fmt: skip
XML = {
    "indented": lambda data: data.replace(b"><", b">\n  <"),
    "on one line": lambda data: data.replace(b"\n", b""),
    "no declaration": lambda data: data[data.index(b"?>") + 2 :],
    "a comment": lambda data: data.replace(b"?>", b"?><!-- a comment -->", 1),
    "a doctype": lambda data: data.replace(
        b"?>", b'?><!DOCTYPE x PUBLIC "x" "http://localhost/x.dtd">', 1
    ),
    "bare ampersands": lambda data: data.replace(b"&amp;", b"&"),
    "bare less-than signs": lambda data: data.replace(b"p &lt; 0", b"p < 0"),
    "entities of HTML": lambda data: data.decode().replace("ö", "&ouml;").encode(),
    "entities by number": lambda data: (
        data.decode().replace("ö", "&#246;").replace("ü", "&#xFC;").encode()
    ),
    "a vertical tab": lambda data: data.replace(b"Does it", b"Does\x0bit"),
    "a NUL": lambda data: data.replace(b"Does it", b"Does\0 it"),
    "italics": lambda data: data.replace(b"Does it matter?", b"Does <i>it</i> matter?"),
    "CDATA": lambda data: data.replace(
        b"Does it matter?", b"<![CDATA[Does it matter?]]>"
    ),
}
PUBMED_XML = {
    **XML,
    "a namespace": lambda data: data.replace(b"<PubmedArticleSet>", b'<PubmedArticleSet xmlns="http://x.y/z">'),
    "a prefix": lambda data: re.sub(rb"<(/?)(?=[A-Z])", rb"<\1n:", data).replace(b"<n:PubmedArticleSet>", b'<n:PubmedArticleSet xmlns:n="u">'),
    "a namespace in each record": lambda data: data.replace(b"<PubmedArticle>", b'<PubmedArticle xmlns="http://x">'),
    "no root": lambda data: re.sub(rb"</?PubmedArticleSet>\n?", b"", data),
    "the root not closed": lambda data: data.replace(b"</PubmedArticleSet>\n", b""),
    "attributes": lambda data: data.replace(b"<PubmedArticle>", b'<PubmedArticle Status="x">'),
    "an error list behind": lambda data: data.replace(b"</PubmedArticleSet>", b"<Note/></PubmedArticleSet>"),
}  # fmt: skip
ENDNOTE_XML = {
    **XML,
    "a namespace": lambda data: data.replace(b"<xml>", b'<xml xmlns="u">'),
    "no styles": lambda data: re.sub(rb"</?style[^>]*>", b"", data),
    "no root": lambda data: re.sub(rb"</?(xml|records)>", b"", data),
    "styles within a title": lambda data: data.replace(b">Does it matter?<", b'>Does </style><style face="superscript">it</style><style> matter?<'),
    "carriage returns as entities": lambda data: data.replace(b"METHODS: We", b"METHODS:&#xD;We"),
    "the root not closed": lambda data: data.replace(b"</records></xml>\n", b""),
    "a prefix": lambda data: re.sub(rb"<(/?)(?=[a-z])", rb"<\1n:", data),
}  # fmt: skip
EUROPE_PMC_XML = {
    **XML,
    "no root": lambda data: re.sub(rb"</?(responseWrapper|resultList)>", b"", data),
    "the root not closed": lambda data: data.replace(b"</resultList></responseWrapper>", b""),
    "a namespace": lambda data: data.replace(b"<responseWrapper>", b'<responseWrapper xmlns="u">'),
    "titles with tags": lambda data: data.replace(b"Does it matter?", b"Does &lt;i&gt;it&lt;/i&gt; matter?"),
}  # fmt: skip


def _with_records(data, change):
    """Return a response whose every record is changed."""
    body = json.loads(data)
    return json.dumps(_changed(body, change), ensure_ascii=False).encode() + b"\n"


def _changed(held, change):
    if isinstance(held, list):
        return [_changed(one, change) for one in held]
    if isinstance(held, dict):
        return change({name: _changed(one, change) for name, one in held.items()})
    return held


JSON = {
    "indented": lambda data: json.dumps(json.loads(data), indent=2, ensure_ascii=False).encode(),
    "indented by tabs": lambda data: json.dumps(json.loads(data), indent="\t", ensure_ascii=False).encode(),
    "on one line": lambda data: data.replace(b"\n", b""),
    "no blanks": lambda data: json.dumps(json.loads(data), separators=(",", ":"), ensure_ascii=False).encode(),
    "keys in order": lambda data: json.dumps(json.loads(data), sort_keys=True, ensure_ascii=False).encode(),
    "keys in no order": lambda data: _with_records(data, lambda held: dict(reversed(held.items()))),
    "escapes for letters": lambda data: json.dumps(json.loads(data)).encode(),
    "escaped slashes": lambda data: data.replace(b"/", b"\\/"),
    "a key doubled": lambda data: re.sub(rb'("(?:language|type|subtype)": )', rb'\1"x", \1', data),
    "a vertical tab": lambda data: data.replace(b"Does it", b"Does\x0bit"),
    "a NUL": lambda data: data.replace(b"Does it", b"Does\0 it"),
    "an escaped NUL": lambda data: data.replace(b"Does it", b"Does\\u0000 it"),
    "a line break in a text": lambda data: data.replace(b"METHODS: We", b"METHODS:\nWe") if b"METHODS: We" in data else data,
    "tags in titles": lambda data: data.replace(b"Does it matter?", b"Does <i>it</i> matter?"),
    "brackets in texts": lambda data: data.replace(b'"tea', b'"}]}{[tea'),
    "numbers as texts": lambda data: re.sub(rb": (\d+)(?=[,}])", rb': "\1"', data),
    "texts as numbers": lambda data: re.sub(rb'"(volume|issue|pubYear|publication_year|prism:volume)": "(\d+)"', rb'"\1": \2', data),
    "NaN for a number": lambda data: re.sub(rb'"(citedByCount|cited_by_count|score|reference-count)": [\d.]+', rb'"\1": NaN', data),
    "a number of no end": lambda data: re.sub(rb'"(citedByCount|cited_by_count|score|reference-count)": [\d.]+', b'"\\1": ' + b"9" * 5000, data),
    "fields more": lambda data: _with_records(data, lambda held: {**held, "novel": {"a": [1, None, True, "x"]}}),
    "nulls more": lambda data: _with_records(data, lambda held: {**held, "novel": None}),
    "a comma too many": lambda data: data.replace(b",\n", b",,\n"),
    "no commas": lambda data: data.replace(b",\n", b"\n"),
}  # fmt: skip
HEADER = b"Title,Authors,Year,Journal,Volume,Issue,Pages,DOI,Abstract"
CSV = {
    "semicolons": lambda data: export_files.delimited(delimiter=";"),
    "bars": lambda data: export_files.delimited(delimiter="|"),
    "sep=": lambda data: b"sep=,\n" + data,
    "everything in quotes": _quoted_all,
    "a lower-case header": lambda data: data.replace(HEADER, HEADER.lower()),
    "a quoted header": lambda data: data.replace(HEADER, b'"' + HEADER.replace(b",", b'","') + b'"'),
    "the names of others": lambda data: data.replace(HEADER, b"Article Title,Author(s),Publication Year,Source Title,Vol.,No.,Pages,DOI,Abstract Note"),
    "blanks in the header": lambda data: data.replace(HEADER, HEADER.replace(b",", b" , ")),
    "rows of empty cells": lambda data: data.replace(b"\n", b"\n,,,,,,,,\n"),
    "blank lines between rows": lambda data: data.replace(b"\n", b"\n\n"),
    "a delimiter behind each row": lambda data: _lines(data, lambda _, line: line + b",," if line else line),
    "a line break in a cell": lambda data: data.replace(b"BACKGROUND: Tea moves. METHODS: We looked at 40 cups.", b'"BACKGROUND: Tea moves. METHODS:\nWe looked at 40 cups."'),
    "a comma before each row": lambda data: _lines(data, lambda _, line: b"," + line if line else line),
    "a column more": lambda data: _lines(data, lambda number, line: line + (b",x" if number else b",Notes") if line else line),
    "a column without a name": lambda data: _lines(data, lambda number, line: line + (b",x" if number else b",") if line else line),
    "the header twice": lambda data: data.replace(HEADER + b"\n", HEADER + b"\n" + HEADER + b"\n"),
    "blanks behind cells": lambda data: data.replace(b",2001,", b",2001  ,"),
    "curly header marks": lambda data: data.replace(b"DOI", b"DOI:"),
    "years with a fraction": lambda data: re.sub(rb",(\d{4}),", rb",\1.0,", data),
    "DOIs as addresses": lambda data: data.replace(b",10.5555/", b",https://doi.org/10.5555/"),
}  # fmt: skip

BY_FORMAT = {
    "ris": RIS, "nbib": NBIB, "wos": WOS, "enw": ENW, "cochrane": COCHRANE, "bibtex": BIBTEX,
    "pubmed_xml": PUBMED_XML, "endnote_xml": ENDNOTE_XML, "europe_pmc": JSON, "europe_pmc_xml": EUROPE_PMC_XML,
    "openalex": JSON, "crossref": JSON, "scopus_api": JSON, "csv": CSV, "tsv": {},
}  # fmt: skip
