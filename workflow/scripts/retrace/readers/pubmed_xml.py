"""Read PubMed XML: each `PubmedArticle` or `PubmedBookArticle`, as E-utilities and the website give them."""

import re
from xml.etree.ElementTree import Element

from retrace.readers import fields, markup
from retrace.readers.reading import Reading, as_json
from retrace.readers.source import Source

_TAKEN = {
    "ArticleTitle", "AbstractText", "LastName", "ForeName", "Initials", "Suffix", "CollectiveName",
    "Volume", "Issue", "MedlinePgn", "StartPage", "EndPage", "PublicationType", "Citation",
}  # fmt: skip


def read(source: Source) -> Reading:
    """Return the records of a PubMed XML file."""
    found = re.search(rb"[<:]Pubmed(?:Book)?Article[\s>]", source.data)
    tags = "PubmedArticle|PubmedBookArticle" if found else "MedlineCitation"
    return markup.read(source, "pubmed_xml", tags, _values)


def _values(root: Element) -> tuple[str, ...]:
    article = _find(root, "Article", "BookDocument", "Book")
    journal = _find(root, "Journal")
    issue = _find(root, "JournalIssue")
    date = (
        _find(issue, "PubDate")
        if issue is not None
        else _find(root, "PubDate", "ArticleDate")
    )
    pmid = markup.text(_find(root, "PMID"))
    extra: dict[str, list[str]] = {}
    for name, value in markup.leaves(root, _label):
        if name.rpartition("/")[2] not in _TAKEN:
            extra.setdefault(name, []).append(value)
    if references := root.findall(".//Reference"):
        extra["Reference"] = [markup.text(reference) for reference in references]
    kinds = [markup.text(kind) for kind in root.iter("PublicationType")]
    title = markup.text(_find(article, "ArticleTitle", "VernacularTitle", "BookTitle"))
    return (
        pmid, title, _authors(article), fields.year(markup.text(date)) or _other_year(root),
        markup.text(_find(journal, "Title", "ISOAbbreviation")) or markup.text(_find(root, "MedlineTA", "BookTitle")),
        markup.text(_find(issue, "Volume")), markup.text(_find(issue, "Issue")), _pages(article),
        _doi(root), pmid, _abstract(article), "; ".join(kinds), "", as_json(extra),
    )  # fmt: skip


def _find(root: Element | None, *names: str) -> Element | None:
    """Return the first element of the first of some names."""
    if root is None:
        return None
    return next(
        (found for name in names if (found := next(root.iter(name), None)) is not None),
        None,
    )


def _label(element: Element) -> str:
    kind = element.get("IdType") or element.get("EIdType") or element.get("RefType")
    return f"{element.tag}[{kind}]" if kind else element.tag


def _authors(article: Element | None) -> str:
    names = []
    for author in article.iter("Author") if article is not None else ():
        last, first = (
            markup.text(author.find("LastName")),
            markup.text(author.find("ForeName")),
        )
        first = first or markup.text(author.find("Initials"))
        suffix = markup.text(author.find("Suffix"))
        names.append(
            ", ".join(filter(None, (last, first, suffix)))
            or markup.text(author.find("CollectiveName"))
        )
    return fields.names(names)


def _other_year(root: Element) -> str:
    date = _find(root, "ArticleDate", "DateCreated", "PubMedPubDate")
    return fields.year(markup.text(date))


def _pages(article: Element | None) -> str:
    if medline := markup.text(_find(article, "MedlinePgn")):
        return medline
    return fields.pages(
        markup.text(_find(article, "StartPage")), markup.text(_find(article, "EndPage"))
    )


def _abstract(article: Element | None) -> str:
    held = _find(article, "Abstract")
    pieces = []
    for piece in held.iter("AbstractText") if held is not None else ():
        label, text = piece.get("Label"), markup.text(piece)
        pieces.append(f"{label}: {text}" if label else text)
    return " ".join(pieces)


def _doi(root: Element) -> str:
    """Return the article's own DOI; those of its references stand in lists of the same name."""
    for element in root.iter("ELocationID"):
        if element.get("EIdType") == "doi":
            return fields.doi(markup.text(element))
    for listed in (
        root.find("PubmedData/ArticleIdList"),
        root.find(".//BookDocument/ArticleIdList"),
    ):
        for element in listed if listed is not None else ():
            if element.get("IdType") == "doi":
                return fields.doi(markup.text(element))
    return ""
