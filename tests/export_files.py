"""Ten records that nobody wrote, as files of every format that a reader knows."""

import csv
import html
import io
import json
import zipfile

FIELDS = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "abstract",
)

RECORDS = [
    dict(zip(FIELDS, values, strict=True))
    for values in [
        ("Tides in a teacup: a pilot study", "Okafor, Ada; Lind, Per", "2011", "Journal of Small Waters", "3", "1",
         "1-9", "10.5555/jsw.2011.1", "BACKGROUND: Tea moves. METHODS: We looked at 40 cups."),
        ("The rôle of naïve spoons in stirring", "Müller, Jürgen", "2012", "Löffelkunde", "12", "4",
         "101-108", "10.5555/lk.12.4.101", "Spoons (n = 17) were naïve; forks were not."),
        ("β-waves & α-foam <in vitro>", "Αργυρίου, Ελένη; Smith, J", "2013", "Foam Letters", "7", "2",
         "e17", "10.5555/foam.7.2", "Foam grew 5% per day & stayed; p < 0.05."),
        ("Does it matter?", "de la Cruz, María José", "1999", "Annals of Doubt", "", "",
         "", "", ""),
        ("Kettles, pots, and \"vessels\"", "O'Neil, Sean; van der Berg, K", "2020", "Vessel Science", "44", "11-12",
         "S12-S19", "10.5555/vs.44(11)s12", "Kettles, pots, and \"vessels\" were boiled; 3 of 4 sang."),
        ("茶の温度について", "田中, 太郎", "2015", "茶道研究", "2", "3",
         "30-33", "10.5555/chado.2.3.30", "温度は八十度でした。"),
        ("On the absence of abstracts", "Nemo, N", "2001", "Empty Quarterly", "1", "1",
         "1", "10.5555/eq.1", ""),
        ("A trial of saucers. Part II", "Brown, A; Brown, B; Brown, C; Brown, D", "2018", "Saucer Trials", "9", "6",
         "600-12", "10.5555/st.9.600", "Saucers were randomised. None broke."),
        ("Milk first [Milch zuerst]", "Weiß, Rosa", "1987", "Zeitschrift für Milch", "55", "5",
         "55-56", "", "Milk went first in 12 of 20 cups."),
        ("Ten lessons of a small laboratory", "Li, Wei; Zhang, Min", "2023", "Laboratory Life", "31", "10",
         "1010-1020", "10.5555/ll.31.10", "We learned ten things, of which this is the last."),
    ]
]  # fmt: skip


def _in_latin_1(record):
    return all(ord(char) < 256 for value in record.values() for char in value)


LATIN = [record for record in RECORDS if _in_latin_1(record)]
"""Those that old encodings can hold."""


def ris(records=RECORDS, newline="\n"):
    lines = []
    for record in records:
        first, _, last = record["pages"].partition("-")
        lines += ["TY  - JOUR", f"TI  - {record['title']}"]
        lines += [f"AU  - {name}" for name in record["authors"].split("; ")]
        lines += [
            f"{tag}  - {value}"
            for tag, value in (
                ("PY", record["year"]), ("JF", record["journal"]), ("VL", record["volume"]),
                ("IS", record["issue"]), ("SP", first), ("EP", last), ("DO", record["doi"]),
                ("AB", record["abstract"]), ("KW", "tea"), ("KW", "cups"),
            )
            if value
        ]  # fmt: skip
        lines += ["ER  - ", ""]
    return newline.join([*lines, ""]).encode()


def nbib(records=RECORDS, newline="\n"):
    lines = []
    for number, record in enumerate(records, 1):
        lines += [f"PMID- {30000000 + number}", "OWN - NLM"]
        lines += [
            f"{tag:4}- {value}"
            for tag, value in (
                ("DP", record["year"] + " Jan"), ("TI", record["title"]), ("PG", record["pages"]),
                ("VI", record["volume"]), ("IP", record["issue"]),
                ("LID", record["doi"] and record["doi"] + " [doi]"),
            )
            if value
        ]  # fmt: skip
        if record["abstract"]:
            words = record["abstract"].split(" ")
            half = len(words) // 2 or 1
            lines.append(
                f"AB  - {' '.join(words[:half])}" + (" " if words[half:] else "")
            )
            if words[half:]:
                lines.append(f"      {' '.join(words[half:])}")
        for name in record["authors"].split("; "):
            lines += [f"FAU - {name}", f"AU  - {name.replace(',', '')}"]
        lines += [
            "PT  - Journal Article",
            f"JT  - {record['journal']}",
            "MH  - Tea",
            "",
        ]
    return newline.join(lines).encode()


def wos(records=RECORDS, newline="\n"):
    lines = ["FN Clarivate Analytics Web of Science", "VR 1.0"]
    for number, record in enumerate(records, 1):
        first, _, last = record["pages"].partition("-")
        names = record["authors"].split("; ")
        lines += ["PT J", f"AU {names[0]}", *(f"   {name}" for name in names[1:])]
        lines += [
            f"{tag} {value}"
            for tag, value in (
                ("TI", record["title"]), ("SO", record["journal"]), ("AB", record["abstract"]),
                ("PY", record["year"]), ("VL", record["volume"]), ("IS", record["issue"]),
                ("BP", first), ("EP", last), ("DI", record["doi"]), ("UT", f"WOS:{number:015}"),
            )
            if value
        ]  # fmt: skip
        lines += ["ER", ""]
    return newline.join([*lines, "EF"]).encode()


def enw(records=RECORDS, newline="\n"):
    lines = []
    for record in records:
        lines += ["%0 Journal Article", f"%T {record['title']}"]
        lines += [f"%A {name}" for name in record["authors"].split("; ")]
        lines += [
            f"%{tag} {value}"
            for tag, value in (
                ("D", record["year"]), ("J", record["journal"]), ("V", record["volume"]),
                ("N", record["issue"]), ("P", record["pages"]), ("R", record["doi"]),
                ("X", record["abstract"]),
            )
            if value
        ]  # fmt: skip
        lines += ["", ""]
    return newline.join(lines).encode()


def cochrane(records=RECORDS, newline="\n"):
    lines = []
    for number, record in enumerate(records, 1):
        lines += [f"Record #{number} of {len(records)}", f"ID: CN-{number:08}"]
        lines += [f"AU: {name}" for name in record["authors"].split("; ")]
        lines += [
            f"{tag}: {value}"
            for tag, value in (
                ("TI", record["title"]), ("SO", record["journal"]), ("YR", record["year"]),
                ("VL", record["volume"]), ("NO", record["issue"]), ("PG", record["pages"]),
                ("DOI", record["doi"]), ("AB", record["abstract"]),
            )
            if value and tag != "DOI"
        ]  # fmt: skip
        if record["doi"]:
            lines.append(f"US: https://doi.org/{record['doi']}")
        lines += ["", ""]
    return newline.join(lines).encode()


def bibtex(records=RECORDS, newline="\n"):
    lines = []
    for number, record in enumerate(records, 1):
        lines.append(f"@article{{key{number},")
        lines += [
            f"  {name} = {{{_latex(value)}}},"
            for name, value in (
                ("title", record["title"]), ("author", record["authors"].replace("; ", " and ")),
                ("year", record["year"]), ("journal", record["journal"]),
                ("volume", record["volume"]), ("number", record["issue"]),
                ("pages", record["pages"].replace("-", "--")), ("doi", record["doi"]),
                ("abstract", record["abstract"]),
            )
            if value
        ]  # fmt: skip
        lines += ["}", ""]
    return newline.join(lines).encode()


def pubmed_xml(records=RECORDS, newline="\n"):
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<PubmedArticleSet>"]
    for number, record in enumerate(records, 1):
        names = "".join(
            f"<Author><LastName>{_xml(last)}</LastName><ForeName>{_xml(first)}</ForeName></Author>"
            for last, _, first in (
                name.partition(", ") for name in record["authors"].split("; ")
            )
        )
        abstract = (
            record["abstract"]
            and f"<Abstract><AbstractText>{_xml(record['abstract'])}</AbstractText></Abstract>"
        )
        doi = (
            record["doi"]
            and f'<ELocationID EIdType="doi">{_xml(record["doi"])}</ELocationID>'
        )
        parts.append(
            f'<PubmedArticle><MedlineCitation><PMID Version="1">{30000000 + number}</PMID><Article>'
            f"<Journal><JournalIssue><Volume>{record['volume']}</Volume><Issue>{record['issue']}</Issue>"
            f"<PubDate><Year>{record['year']}</Year></PubDate></JournalIssue><Title>{_xml(record['journal'])}</Title></Journal>"
            f"<ArticleTitle>{_xml(record['title'])}</ArticleTitle>"
            f"<Pagination><MedlinePgn>{record['pages']}</MedlinePgn></Pagination>{doi}{abstract}"
            f"<AuthorList>{names}</AuthorList></Article></MedlineCitation></PubmedArticle>"
        )
    return newline.join([*parts, "</PubmedArticleSet>", ""]).encode()


def endnote_xml(records=RECORDS, newline="\n"):
    parts = ['<?xml version="1.0" encoding="UTF-8"?><xml><records>']
    for number, record in enumerate(records, 1):
        names = "".join(
            f"<author>{_style(name)}</author>" for name in record["authors"].split("; ")
        )
        parts.append(
            f'<record><rec-number>{number}</rec-number><ref-type name="Journal Article">17</ref-type>'
            f"<contributors><authors>{names}</authors></contributors>"
            f"<titles><title>{_style(record['title'])}</title><secondary-title>{_style(record['journal'])}</secondary-title></titles>"
            f"<pages>{_style(record['pages'])}</pages><volume>{_style(record['volume'])}</volume>"
            f"<number>{_style(record['issue'])}</number><dates><year>{_style(record['year'])}</year></dates>"
            f"<electronic-resource-num>{_style(record['doi'])}</electronic-resource-num>"
            f"<abstract>{_style(record['abstract'])}</abstract></record>"
        )
    return newline.join([*parts, "</records></xml>", ""]).encode()


def europe_pmc(records=RECORDS, newline="\n"):
    """Return a response of `search` with resultType core, as its documentation shows it."""
    results = [
        {
            "id": f"{30000000 + number}", "source": "MED", "pmid": f"{30000000 + number}",
            **_given(doi=record["doi"]), "title": html.escape(record["title"], quote=False),
            "authorString": ", ".join(record["authors"].split("; ")) + ".",
            "authorList": {"author": [
                {"fullName": f"{last} {first[:1]}", "firstName": first, "lastName": last, "initials": first[:1]}
                for last, _, first in _parted(record)
            ]},
            "journalInfo": {
                **_given(issue=record["issue"], volume=record["volume"]), "journalIssueId": 1000 + number,
                "yearOfPublication": int(record["year"]),
                "journal": {"title": record["journal"], "issn": "0000-0000"},
            },
            "pubYear": record["year"], **_given(pageInfo=record["pages"]),
            **_given(abstractText=html.escape(record["abstract"], quote=False)),
            "language": "eng", "pubTypeList": {"pubType": ["Journal Article"]},
            "keywordList": {"keyword": ["tea", "cups"]}, "isOpenAccess": "N", "citedByCount": 0,
        }
        for number, record in enumerate(records, 1)
    ]  # fmt: skip
    body = {
        "version": "6.9", "hitCount": len(results), "nextCursorMark": "AoIIQ",
        "request": {"queryString": "tea", "resultType": "core", "cursorMark": "*", "pageSize": 25, "synonym": False},
        "resultList": {"result": results},
    }  # fmt: skip
    return _json(body, "result", newline)


def europe_pmc_xml(records=RECORDS, newline="\n"):
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        f"<responseWrapper><version>6.9</version><hitCount>{len(records)}</hitCount><nextCursorMark>AoIIQ</nextCursorMark>",
        "<request><queryString>tea</queryString><resultType>core</resultType></request><resultList>",
    ]
    for number, record in enumerate(records, 1):
        authors = "".join(
            f"<author><firstName>{_xml(first)}</firstName><lastName>{_xml(last)}</lastName></author>"
            for last, _, first in _parted(record)
        )
        inner = "".join(
            f"<{name}>{_xml(value)}</{name}>"
            for name, value in (("doi", record["doi"]), ("title", record["title"]), ("pubYear", record["year"]),
                                ("pageInfo", record["pages"]), ("abstractText", record["abstract"]))
            if value
        )  # fmt: skip
        journal = f"<volume>{record['volume']}</volume><issue>{record['issue']}</issue><journal><title>{_xml(record['journal'])}</title></journal>"
        parts.append(
            f"<result><id>{30000000 + number}</id><source>MED</source>{inner}<authorList>{authors}</authorList>"
            f"<journalInfo>{journal}</journalInfo></result>"
        )
    return newline.join([*parts, "</resultList></responseWrapper>", ""]).encode()


def openalex(records=RECORDS, newline="\n"):
    """Return a page of works, as the documentation of the work object shows them."""
    results = []
    for number, record in enumerate(records, 1):
        first, _, last = record["pages"].partition("-")
        index = {}
        for place, word in enumerate(record["abstract"].split()):
            index.setdefault(word, []).append(place)
        results.append(
            {
                "id": f"https://openalex.org/W{2000000000 + number}",
                "doi": record["doi"] and f"https://doi.org/{record['doi']}" or None,
                "title": record["title"], "display_name": record["title"],
                "publication_year": int(record["year"]), "publication_date": f"{record['year']}-01-01",
                "ids": {"openalex": f"https://openalex.org/W{2000000000 + number}",
                        "pmid": f"https://pubmed.ncbi.nlm.nih.gov/{30000000 + number}"},
                "language": "en",
                "primary_location": {"is_oa": False, "landing_page_url": "https://example.org/1",
                                     "source": {"id": "https://openalex.org/S1", "display_name": record["journal"]}},
                "type": "article",
                "authorships": [
                    {"author_position": "first", "author": {"id": f"https://openalex.org/A{place}", "display_name": name}}
                    for place, name in enumerate(record["authors"].split("; "))
                ],
                "cited_by_count": 3,
                "biblio": {"volume": record["volume"] or None, "issue": record["issue"] or None,
                           "first_page": first or None, "last_page": last or first or None},
                "keywords": [{"id": "https://openalex.org/keywords/tea", "display_name": "Tea", "score": 0.5}],
                "abstract_inverted_index": index or None,
            }
        )  # fmt: skip
    body = {"meta": {"count": len(results), "db_response_time_ms": 7, "page": None, "per_page": 100, "next_cursor": None},
            "results": results, "group_by": []}  # fmt: skip
    return _json(body, "results", newline)


def crossref(records=RECORDS, newline="\n"):
    """Return a list of works, as the format of Crossref's API is documented."""
    items = [
        {
            "indexed": {"date-parts": [[2024, 1, 2]], "timestamp": 1704153600000},
            "reference-count": 1, "publisher": "Nobody", **_given(issue=record["issue"]),
            **_given(abstract=record["abstract"] and f"<jats:title>Abstract</jats:title><jats:p>{_xml(record['abstract'])}</jats:p>"),
            **_given(DOI=record["doi"]), "type": "journal-article",
            "created": {"date-parts": [[2024, 1, 1]]}, **_given(page=record["pages"]), "title": [_xml(record["title"])],
            **_given(volume=record["volume"]),
            "author": [{"given": first, "family": last, "sequence": "first", "affiliation": []} for last, _, first in _parted(record)],
            "reference": [{"key": "1", "DOI": "10.5555/other", "volume": "99", "year": "1901"}],
            "container-title": [record["journal"]], "issued": {"date-parts": [[int(record["year"]), 1]]}, "score": 1.0,
        }
        for record in records
    ]  # fmt: skip
    body = {
        "status": "ok", "message-type": "work-list", "message-version": "1.0.0",
        "message": {"facets": {}, "total-results": len(items), "items": items, "items-per-page": 100, "query": {"start-index": 0}},
    }  # fmt: skip
    return _json(body, "items", newline)


def scopus_api(records=RECORDS, newline="\n"):
    """Return entries of the COMPLETE view, as the table of the Search API's views names them."""
    entries = [
        {
            "@_fa": "true",
            "link": [{"@_fa": "true", "@ref": "self", "@href": "https://api.example.org/1"},
                     {"@_fa": "true", "@ref": "scopus", "@href": "https://www.example.org/record"}],
            "dc:identifier": f"SCOPUS_ID:{85000000000 + number}", "eid": f"2-s2.0-{85000000000 + number}",
            "dc:title": record["title"], "dc:creator": record["authors"].partition(";")[0].replace(",", ""),
            "prism:publicationName": record["journal"], **_given(**{"prism:volume": record["volume"]}),
            **_given(**{"prism:issueIdentifier": record["issue"]}), "prism:pageRange": record["pages"] or None,
            "prism:coverDate": f"{record['year']}-01-01", **_given(**{"prism:doi": record["doi"]}),
            **_given(**{"dc:description": record["abstract"]}), "citedby-count": "0", "subtype": "ar",
            "subtypeDescription": "Article", "authkeywords": "tea | cups",
            "author": [{"@_fa": "true", "@seq": "1", "authname": f"{last} {first[:1]}.", "surname": last, "given-name": first}
                       for last, _, first in _parted(record)],
        }
        for number, record in enumerate(records, 1)
    ]  # fmt: skip
    body = {
        "search-results": {
            "opensearch:totalResults": str(len(entries)), "opensearch:startIndex": "0",
            "opensearch:Query": {"@role": "request", "@searchTerms": "tea", "@startPage": "0"},
            "link": [{"@_fa": "true", "@ref": "self", "@href": "https://api.example.org/"}], "entry": entries,
        }
    }  # fmt: skip
    return _json(body, "entry", newline)


def _given(**held):
    """Return what is not empty: platforms leave such fields out."""
    return {name: value for name, value in held.items() if value}


def _parted(record):
    return [name.partition(", ") for name in record["authors"].split("; ")]


def _json(body, name, newline):
    """Return a response with a line for each record of its list, and the rest on lines around them."""
    text = json.dumps(body, ensure_ascii=False)
    records = _list(body, name)
    lines = f",{newline}".join(json.dumps(one, ensure_ascii=False) for one in records)
    whole = json.dumps(records, ensure_ascii=False)
    return (text.replace(whole, f"[{newline}{lines}{newline}]") + newline).encode()


def _list(body, name):
    if name in body:
        return body[name]
    inner = [_list(held, name) for held in body.values() if isinstance(held, dict)]
    return next((found for found in inner if found is not None), None)


def delimited(records=RECORDS, newline="\n", delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(
        [
            "Title",
            "Authors",
            "Year",
            "Journal",
            "Volume",
            "Issue",
            "Pages",
            "DOI",
            "Abstract",
        ]
    )
    writer.writerows(record.values() for record in records)
    return out.getvalue().encode()


def tsv(records=RECORDS, newline="\n"):
    return delimited(records, newline, "\t")


def workbook(records=RECORDS):
    """Return the records as XLSX, by hand: the library that reads it cannot write."""
    rows = [
        [name.title() for name in FIELDS],
        *(list(record.values()) for record in records),
    ]
    body = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{chr(64 + column)}{row}" t="inlineStr"><is><t xml:space="preserve">{_xml(cell)}</t></is></c>'
            for column, cell in enumerate(cells, 1)
        )
        + "</row>"
        for row, cells in enumerate(rows, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Records" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


FILES = {
    "ris": ris, "nbib": nbib, "wos": wos, "enw": enw, "cochrane": cochrane, "bibtex": bibtex,
    "pubmed_xml": pubmed_xml, "endnote_xml": endnote_xml, "europe_pmc": europe_pmc,
    "europe_pmc_xml": europe_pmc_xml, "openalex": openalex, "crossref": crossref, "scopus_api": scopus_api, "csv": delimited, "tsv": tsv,
}  # fmt: skip
"""What writes each text format."""
ESEARCH = {
    "xml": b'<?xml version="1.0"?>\n<eSearchResult><Count>2</Count><IdList>\n<Id>1</Id><Id>2</Id></IdList></eSearchResult>\n',
    "json": b'{"header":{"type":"esearch"},"esearchresult":{"count":"2","idlist":["1","2"]}}\n',
}  # fmt: skip
"""Lists of ids, which hold no records."""


def _latex(value):
    return "".join(
        {"&": "\\&", "%": "\\%", "#": "\\#", "_": "\\_"}.get(char, char)
        for char in value
    )


def _xml(value):
    return html.escape(value, quote=False)


def _style(value):
    return value and f'<style face="normal" size="100%">{_xml(value)}</style>'
