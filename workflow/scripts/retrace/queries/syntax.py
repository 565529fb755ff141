"""What the search languages of platforms allow, as data: one `Syntax` for each of them.

A platform that is not known here gets the rules that all share, and is never told that a field
or a wildcard of its own is wrong. Each language names the documentation it was held against.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Syntax:
    """One search language.

    ``tags`` stand in square brackets after a term, ``functions`` before a bracket; empty means
    not known. ``stem`` is the least number of characters before a wildcard.
    """

    name: str
    capitals: bool = False
    tags: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    limits: frozenset[str] = frozenset()
    """Fields that limit a search and name no concept."""
    headings: frozenset[str] = frozenset()
    """Fields that take headings of a controlled vocabulary and nothing else."""
    vocabulary: str = ""
    """The vocabulary that these are of; empty where that is a matter of the database."""
    wildcards: str = "*?"
    stem: int = 1
    wild_phrases: bool = True
    adjacency: re.Pattern[str] = re.compile(r"(?!)")
    """Words that are operators of nearness here and words elsewhere."""
    prefixed: bool = False
    """Whether a field and a colon stand before a term: TITLE:fox."""
    boolean: bool = True
    """Whether AND, OR and NOT are operators at all."""
    source: str = ""
    """Where the platform says so."""


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split("|"))


PUBMED = Syntax(
    "PubMed",
    capitals=True,
    tags=_names(
        "all|all fields|ad|affl|affiliation|aid|article identifier|au|author|auth|1au|author - first|"
        "first author|lastau|author - last|last author|auid|author - identifier|author identifier|"
        "au - full|fau|full author name|full author|author - full|author - corporate|cn|"
        "corporate author|book|cois|conflict of interest statements|dcom|date - completion|"
        "completion date|crdt|date - create|create date|dp|date - publication|pdat|publication date|"
        "edat|date - entrez|entrez date|epdat|ppdat|date - electronic publication|mhda|date - mesh|"
        "mesh date|lr|date - modification|modification date|ec/rn number|rn|registry number|nm|"
        "supplementary concept|substance name|ed|editor|filter|sb|subset|fir|full investigator name|"
        "gr|grants|grants and funding|grant number|ip|issue|ir|investigator|isbn|jid|nlm unique id|"
        "ta|jour|journal|la|lang|language|lid|location id|doi|pmid|uid|pmcid|majr|mesh major topic|mh|"
        "mesh|mesh terms|mesh term|sh|subheadings|mesh subheading|ot|other term|pa|"
        "pharmacological action|pg|page|pagination|pl|place of publication|ps|personal name as subject|"
        "subject - personal name|pt|ptyp|publication type|pubn|publisher|si|secondary source id|stat|"
        "status|ti|title|tiab|title/abstract|tt|transliterated title|tw|text word|text words|vi|volume|"
        "ab|abstract|date - entry|entry date|first author name|last author name|subheading|mj|"
        # The names of EInfo, which ESearch takes as tags, too.
        "filt|titl|ecno|subs|vol|iss|subh|otrm|coln|cnty|papx|grnt|mdat|cdat|pid|publisher id|faut|full|"
        "finv|laut|ppdt|print publication date|epdt|electronic publication date|word|eid|extended pmid|"
        "dso|aucl|author cluster id"
    ),
    limits=_names(
        "dp|date - publication|pdat|publication date|edat|date - entrez|entrez date|epdat|ppdat|crdt|"
        "date - create|create date|dcom|completion date|mhda|lr|la|lang|language|pt|ptyp|"
        "publication type|filter|sb|subset|stat|status"
    ),
    headings=_names("mh|mesh|mesh terms|mesh term|majr|mesh major topic"),
    vocabulary="mesh",
    wildcards="*",
    stem=4,
    source="https://pubmed.ncbi.nlm.nih.gov/help/#search-tags; einfo.fcgi?db=pubmed",
)
SCOPUS = Syntax(
    "Scopus",
    functions=_names(
        "title-abs-key|title-abs-key-auth|title-abs|title|abs|key|authkey|indexterms|all|auth|author|"
        "author-name|authlast|authlastname|authfirst|authfirstname|firstauth|authcollab|auth-id|au-id|"
        "orcid|af-id|affil|affilcity|affilcountry|affilorg|srctitle|exactsrctitle|srctype|srcid|source-id|"
        "doctype|subjarea|pubyear|pubdatetxt|load-date|orig-load-date|language|doi|pmid|eid|issn|eissn|"
        "issnp|isbn|coden|pub-art-num|artnum|artpage|pages|pagefirst|pagelast|issue|volume|ref|refauth|"
        "refeid|reftitle|refpubyear|refsrctitle|refarticle|refartnum|refpage|refpagefirst|website|conf|confall|conflocn|confname|"
        "confspons|editor|edfirst|edlastname|edition|chem|chemname|casregnumber|tradename|tradenames|"
        "manufacturer|manuf|seqbank|seqnumber|fund-all|fund-sponsor|fund-acr|fund-no|bookpub|openaccess|"
        "exactkeyword|limit-to|exclude|cat|prefnameauid|pubstage|freetoread|fundingsponsor|sdg|dbcoll|"
        "publisher|patents|citedby"
    ),
    limits=_names(
        "limit-to|exclude|doctype|subjarea|pubyear|pubdatetxt|load-date|orig-load-date|language|srctype|"
        "openaccess|pubstage|freetoread"
    ),
    adjacency=re.compile(r"(?:w|pre)/\d{1,3}", re.I),
    source="https://dev.elsevier.com/sc_search_tips.html",
)
WEB_OF_SCIENCE = Syntax(
    "Web of Science",
    functions=_names(
        "ts|ti|ab|au|ai|gp|ed|ak|kp|so|do|py|cf|ad|og|oo|sg|sa|ci|ps|cu|zp|fo|fg|fd|ft|su|wc|is|ut|pmid|"
        "dop|ludt|puk|fpy|eay|dt|la|all|ss|edn|sdg|ttl"
    ),
    limits=_names("py|dt|la|dop|fpy|eay|ludt|wc|su|edn"),
    wildcards="*?$",
    stem=3,
    adjacency=re.compile(r"near(?:/\d{1,3})?|same", re.I),
    source="https://webofscience.help.clarivate.com/en-us/Content/wos-core-collection/woscc-field-tags.htm;"
    " https://webofscience.help.clarivate.com/Content/search-rules.htm",
)
OVID = Syntax(
    "Ovid",
    limits=_names("lg|la|pt|yr|dt|ed|up"),
    headings=_names("sh"),
    wildcards="*?$#",
    adjacency=re.compile(r"adj\d{0,3}", re.I),
    source="https://ospguides.ovid.com/OSPguides/medline.htm",
)
EBSCO = Syntax("EBSCOhost", wildcards="*?#", adjacency=re.compile(r"[nw]\d{1,3}", re.I))
EMBASE = Syntax(
    "Embase.com",
    headings=_names("exp|de|mj|exp/mj|de/mj"),
    vocabulary="emtree",
    wildcards="*?$",
    adjacency=re.compile(r"(?:near|next)/\d{1,3}", re.I),
)
COCHRANE = Syntax(
    "Cochrane Library",
    headings=_names("mh"),
    vocabulary="mesh",
    wild_phrases=False,
    adjacency=re.compile(r"(?:near|next)(?:/\d{1,3})?", re.I),
    source="https://www.cochranelibrary.com/search-manager-help",
)
EUROPE_PMC = Syntax(
    "Europe PMC",
    capitals=True,
    limits=_names(
        "first_pdate|pub_year|p_pdate_d|e_pdate|creation_date|update_date|lang|pub_type|src|open_access|has_abstract"
    ),
    wildcards="*",
    wild_phrases=False,
    prefixed=True,
    source="https://europepmc.org/searchsyntax",
)
OPENALEX = Syntax(
    "OpenAlex",
    capitals=True,
    wildcards="*?",
    source="https://developers.openalex.org/guides/searching",
)
CROSSREF = Syntax(
    "Crossref",
    boolean=False,
    source="https://api.crossref.org/swagger-ui/index.html#/Works/get_works",
)
ANY = Syntax("", adjacency=re.compile(r"(?:near|next|onear|w|pre)/\d{1,3}", re.I))

_KNOWN = {
    "europepmc": EUROPE_PMC,
    "pubmed": PUBMED,
    "openalex": OPENALEX,
    "crossref": CROSSREF,
    "scopus": SCOPUS,
    "webofscience": WEB_OF_SCIENCE,
    "ovid": OVID,
    "ebsco": EBSCO,
    "embase": EMBASE,
    "cochrane": COCHRANE,
}


def syntax_of(*names: str) -> Syntax:
    """Return the search language that the first known name belongs to: platform, database, source."""
    for name in names:
        plain = re.sub(r"[^a-z]", "", name.casefold())
        for known, syntax in _KNOWN.items():
            if known in plain:
                return syntax
    return ANY


def vocabulary_of(platform: str, database: str = "", source: str = "") -> str:
    """Return whose headings a search takes, `mesh` or `emtree`; empty where that is not known."""
    if vocabulary := syntax_of(platform, database, source).vocabulary:
        return vocabulary
    named = f"{platform} {database or source}".casefold()
    found = [of for name, of in _OF_DATABASE.items() if name in named]
    return found[0] if len(found) == 1 else ""


_OF_DATABASE = {"medline": "mesh", "embase": "emtree"}
