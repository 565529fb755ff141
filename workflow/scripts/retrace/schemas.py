"""The schema of every table: the raw ones an author writes, and the ones a build makes."""

from collections.abc import Mapping
from typing import Any

from retrace.tables import Column, Table, table

STAGES = ("title_abstract", "full_text")
AT_HAND = ("exported", "frozen")
"""The statuses of searches whose records were found by it and can be read."""
SCREENED_KINDS = ("database", "register")
"""The kinds of searches whose records are screened by title and abstract."""
OTHER_KINDS = ("website", "organisation", "citations")
"""The kinds of searches whose records are sought at once."""
KINDS_OF_COUNT = ("counted", "reported", "not_published", "not_applicable")

BOXES = (
    "previous_studies",
    "previous_reports",
    "database_results",
    "database_specific_results",
    "register_results",
    "register_specific_results",
    "website_results",
    "organisation_results",
    "citations_results",
    "duplicates",
    "excluded_automatic",
    "excluded_other",
    "records_screened",
    "records_excluded",
    "dbr_sought_reports",
    "dbr_notretrieved_reports",
    "other_sought_reports",
    "other_notretrieved_reports",
    "dbr_assessed",
    "dbr_excluded",
    "other_assessed",
    "other_excluded",
    "new_studies",
    "new_reports",
    "total_studies",
    "total_reports",
    "total_studies_ma",
    "total_reports_ma",
    "retracted_studies",
)
"""The boxes of the flow, by their keys in the CSV of the R package PRISMA2020, which has none for retracted studies."""


# --- raw inputs ---------------------------------------------------------------

DECISIONS = table(
    "decisions",
    "data/raw/screening/reviewers/<reviewer>.csv",
    "One reviewer's decisions: one row per record and stage. Where nothing but these two is filled in, it is not yet"
    " decided, and what `retrace undecided` puts beside to be read may stay.",
    Column(
        "record_id",
        "The record decided on.",
        "id",
        required=True,
        refers_to="deduplicated",
    ),
    Column("stage", "The screening stage.", required=True, terms=STAGES),
    Column(
        "decision",
        "What the reviewer decided.",
        required=True,
        terms=("include", "exclude", "unsure", "not_retrieved"),
    ),
    Column("reason", "Why it was excluded, in the protocol's words."),
    Column("decided_on", "The day of the decision.", "date"),
    Column("note", "Free text."),
    key="record_id stage",
    beside="basis title authors year journal doi abstract",
)
RESOLUTIONS = table(
    "resolutions",
    "data/raw/screening/resolutions.csv",
    "What was agreed where reviewers differed or were unsure: one row per record and stage.",
    Column(
        "record_id",
        "The record decided on.",
        "id",
        required=True,
        refers_to="deduplicated",
    ),
    Column("stage", "The screening stage.", required=True, terms=STAGES),
    Column(
        "decision",
        "What was agreed.",
        required=True,
        terms=("include", "exclude", "not_retrieved"),
    ),
    Column("reason", "Why it was excluded, in the protocol's words."),
    Column("decided_by", "Who settled it."),
    Column("decided_on", "The day it was settled.", "date"),
    Column("note", "Free text."),
    key="record_id stage",
)
OVERRIDES = table(
    "overrides",
    "data/raw/screening/overrides.csv",
    "A person's word on duplicates: one row per pair of records.",
    Column(
        "record_id", "The record that is, or is not, a duplicate.", "id", required=True
    ),
    Column(
        "kept_id",
        "The record it is a duplicate of, or is to be split from.",
        "id",
        required=True,
    ),
    Column(
        "action",
        "Whether to merge or to split the two.",
        required=True,
        terms=("merge", "split"),
    ),
    Column("reason", "Why.", required=True),
    key="record_id kept_id",
)
REPORTS = table(
    "reports",
    "data/raw/screening/reports.csv",
    "Which records are one report and which reports are of one study; default: one each.",
    Column("record_id", "The record.", "id", required=True, refers_to="deduplicated"),
    Column("report_id", "The report it is a record of.", "id", required=True),
    Column("study_id", "The study it reports.", "id", required=True),
    key="record_id",
)
RESPONSES = table(
    "responses",
    "data/raw/searches/<source>/<day>/responses.csv",
    "The answers of a frozen search in the order they came, written by `retrace freeze`: one row per file beside it.",
    Column("file", "The file, the answer byte for byte.", "id", required=True),
    Column(
        "kind",
        "Whether records stand in it, a list that led to them, or the count of a concept block alone.",
        required=True,
        terms=("records", "list", "count"),
    ),
    Column("request", "What was sent, without keys.", required=True),
    Column("sha256", "The digest of its bytes.", required=True),
    Column("n_bytes", "Its size.", "integer", required=True),
    Column(
        "n_ids",
        "How many records stand in it or on its list.",
        "integer",
        required=True,
    ),
    Column("fetched_at", "When it was whole, in universal time.", required=True),
    key="file",
)

INCLUDED = table(
    "included",
    "data/raw/published/included.csv",
    "Where a published review names its included studies but not its decisions: one row per study.",
    Column("study_id", "The study.", "id", required=True),
    Column(
        "record_id",
        "The record that reports it.",
        "id",
        required=True,
        refers_to="records",
    ),
    Column("location", "Where it is named."),
    key="study_id",
)
REPORTED = table(
    "reported",
    "data/raw/published/reported.csv",
    "Counts that were published without their records: one row per box of the flow.",
    Column(
        "box",
        "The box, by its key in the CSV of the R package PRISMA2020.",
        "id",
        required=True,
        terms=BOXES,
    ),
    Column("n", "The published count.", "integer", required=True),
    Column("location", "Where it was published.", required=True),
    Column("why", "Why the records behind it cannot be counted."),
    key="box",
)
RAW_CLAIMS = table(
    "claims_raw",
    "data/raw/published/claims.csv",
    "Statements of a published article about its own corpus: one quantity, one subject, one place a row.",
    Column("claim_id", "The claim.", "id", required=True),
    Column("location", "Where it stands.", required=True),
    Column("says", "What it says, in words of our own.", required=True),
    Column("stated", "The stated value, in digits, or a list joined by '; '."),
    Column(
        "relation",
        "How the stated value is held against the number.",
        required=True,
        terms=("equals", "at_least", "at_most", "includes", "same_set", "same_order"),
    ),
    Column("number_id", "The number it states; empty where nothing can derive it."),
    Column("alternatives", "Numbers under another stated counting rule.", several=True),
    Column(
        "basis",
        "What the statement rests on.",
        required=True,
        terms=("table", "text", "source_damaged"),
    ),
    Column("note", "Free text; where nothing can derive the statement, the reason."),
    key="claim_id",
)
ADJUDICATION = table(
    "adjudication",
    "data/raw/extraction/adjudication.csv",
    "The decision on each cell in which two readings differ.",
    Column("sheet", "The sheet.", required=True),
    Column("key", "The key of the row.", required=True),
    Column(
        "column",
        "The column, or (row) for a row that only one reading has.",
        required=True,
    ),
    Column("value_a", "The cell in the first reading."),
    Column("value_b", "The cell in the second reading."),
    Column("chosen", "The cell in the consensus, or drop or keep for a row."),
    Column("reason", "Why.", required=True),
    key="sheet key column",
)
NOTES = table(
    "consensus_notes",
    "data/raw/extraction/consensus_notes.csv",
    "Notes made at adjudication.",
    Column("sheet", "The sheet.", required=True),
    Column("key", "The key of the row.", required=True),
    Column("note", "The note.", required=True),
    key="sheet key",
)
VOCABULARY = table(
    "vocabulary",
    "data/raw/extraction/vocab.csv",
    "Every closed vocabulary: one row per term of a column.",
    Column("sheet", "The sheet.", required=True),
    Column("column", "The closed column.", required=True),
    Column("term", "The term.", required=True),
    Column("label", "What a reader sees in a narrow column."),
    Column(
        "label_long",
        "What a reader sees in a sentence or a note; empty where label serves.",
    ),
    Column("parent", "The term of a coarser column that it belongs to."),
    key="sheet column term",
)

# --- records ------------------------------------------------------------------

_RECORD = (
    Column(
        "record_id",
        "The record: <source>:<accession>, or <source>:<digest of its content>.",
        "id",
        required=True,
    ),
    Column("source", "The search it comes from.", required=True),
    Column("accession", "Its number in the source."),
    Column("title", "Title."),
    Column("authors", "Authors, joined by '; '."),
    Column("year", "Year of publication."),
    Column("journal", "Journal, as given."),
    Column("volume", "Volume."),
    Column("issue", "Issue."),
    Column("pages", "Pages or article number."),
    Column("doi", "DOI without https://doi.org/."),
    Column("pmid", "PubMed's number."),
    Column("abstract", "Abstract."),
    Column("type", "Type of publication, as given."),
    Column("url", "Address, as given."),
)
_PLACE = (
    Column("raw_file", "The file it was read from."),
    Column("raw_position", "Its place in that file, counted from 1."),
    Column("raw_offset", "The byte at which it begins."),
)
RECORDS = table(
    "records",
    "results/records/records.parquet",
    "Every row read from the searches' files: a row is a place, a file and a position.",
    Column("row_id", "The row: <raw_file>#<raw_position>.", required=True),
    *_RECORD,
    *_PLACE,
    Column("extra", "Fields of the export without a column here, as JSON."),
    key="row_id",
)
DEDUPLICATED = table(
    "deduplicated",
    "results/records/deduplicated.parquet",
    "One row per distinct record, with the best value of each field.",
    *_RECORD,
    Column("sources", "All sources that have it.", several=True),
    Column(
        "origins",
        "Which row each field was taken from, as JSON; `*` is the row of all others.",
    ),
    key="record_id",
)
DUPLICATES = table(
    "duplicates",
    "results/records/duplicates.csv",
    "One row per row of the records that was merged into another.",
    Column("row_id", "The row that was merged.", required=True),
    Column("record_id", "Its record id.", "id", required=True),
    Column("kept_row_id", "The row it was merged into.", required=True),
    Column("kept_id", "The record id that stands for both.", "id", required=True),
    Column(
        "matched_row_id",
        "The row it was found to equal: the kept one, or another that was merged into it.",
        required=True,
    ),
    Column("rule", "The rule that fired.", required=True),
    Column("similarities", "How alike each field is, from 0 to 1, as JSON."),
    key="row_id",
)
BORDERLINE = table(
    "borderline",
    "results/records/borderline.csv",
    "Pairs of records that were left apart and that a person should look at, the likeliest first;"
    " a line of overrides.csv settles one.",
    Column("rank", "The place in the order in which to look.", "integer"),
    Column("record_id", "One record.", "id", required=True),
    Column("other_id", "The other record.", "id", required=True),
    Column("title", "Its title."),
    Column("other_title", "The other's title."),
    Column("objections", "What speaks against one record.", several=True),
    Column("similarities", "How alike each field is, from 0 to 1, as JSON."),
    key="record_id other_id",
)
REJECTS = table(
    "rejects",
    "results/records/rejects.csv",
    "What stood in a search's file and could not be read as a record.",
    Column("raw_file", "The file.", required=True),
    Column(
        "ordinal", "Its place among the records of the file, counted from 1.", "integer"
    ),
    Column("byte_offset", "The byte at which it begins.", "integer"),
    Column("reason", "Why it could not be read.", required=True),
)
FILES = table(
    "files",
    "results/records/files.csv",
    "One row per file of a search: what it is and what was read of it.",
    Column("raw_file", "The file.", required=True),
    Column("source", "The search it belongs to.", required=True),
    Column("format", "The format that its content is in.", required=True),
    Column("encoding", "The encoding that its bytes are in."),
    Column("n_bytes", "Its size in bytes.", "integer"),
    Column("n_records", "How many records were read.", "integer"),
    Column("n_rejects", "How many records could not be read.", "integer"),
    Column(
        "n_counted",
        "How many records a plain count of the marks at which records begin finds.",
        "integer",
    ),
    key="raw_file",
)
SEARCHES = table(
    "searches",
    "results/records/searches.csv",
    "One row per round of a search.",
    Column("source", "The search's id, its folder.", "id", required=True),
    Column(
        "round", "The day of the search, or undated: the folder's name.", required=True
    ),
    Column("label", "What a reader sees."),
    Column(
        "kind",
        "Which box of the flow it feeds.",
        required=True,
        terms=(*SCREENED_KINDS, *OTHER_KINDS, "listed_records"),
    ),
    Column(
        "status",
        "What there is of it.",
        required=True,
        terms=(*AT_HAND, "listed", "reported_only"),
    ),
    Column("database", "The database."),
    Column("platform", "The platform it was searched on."),
    Column("searched_on", "The day of the search.", "date"),
    Column(
        "covers_to", "The last day that the search covers, where it was told.", "date"
    ),
    Column("limits", "Limits applied."),
    Column("query_published", "The query as published."),
    Column("query_run", "The query as run."),
    Column("n_reported", "How many records the platform reported.", "integer"),
    Column("n_read", "How many records were read.", "integer"),
    Column("location", "Where it was published."),
    Column("note", "What is to be known of it."),
    key="source round",
)
SEARCH_LINES = table(
    "search_lines",
    "results/searches/lines.csv",
    "One row per line of a search whose hits are known: what the platform counted on the day of the search.",
    Column("source", "The search.", "id", required=True),
    Column("round", "The round of the search.", required=True),
    Column("line", "The number of the line.", "integer", required=True),
    Column("string", "What was asked.", required=True),
    Column("hits", "How many records the platform found.", "integer", required=True),
    key="source round line",
)

# --- screening and flow ---------------------------------------------------------
RESOLVED = "resolution"
DISAGREE = "reviewers disagree"
UNSURE = "a reviewer is unsure"


def votes_agree(n: int) -> str:
    """Return what a decision rests on that reviewers took alike."""
    return f"{n} votes agree" if n > 1 else "1 vote"


SETTLED = table(
    "settled",
    "results/screening/settled.csv",
    "One row per record and stage: what holds after votes and resolutions.",
    Column("record_id", "The record.", "id", required=True),
    Column("stage", "The stage.", required=True, terms=STAGES),
    Column(
        "decision",
        "What holds.",
        required=True,
        terms=("include", "exclude", "not_retrieved", "undecided"),
    ),
    Column("reason", "Why it was excluded."),
    Column(
        "basis",
        "What it rests on.",
        required=True,
        known=(
            RESOLVED,
            votes_agree(1),
            votes_agree(2),
            DISAGREE,
            UNSURE,
        ),
    ),
    key="record_id stage",
)
NOTICES = table(
    "notices",
    "results/notices/notices.csv",
    "One row per included study and record of it: what services say became of it, and where it can be read, in the"
    " answers of `retrace freeze --included` and of frozen searches. Of each service its latest day counts. A review"
    " that has no such answer has no such table.",
    Column("record_id", "The record that was included.", "id", required=True),
    Column("study_id", "Its study.", "id", required=True),
    Column("title", "Its title."),
    Column("doi", "Its DOI without https://doi.org/."),
    Column("pmid", "PubMed's number of it."),
    Column("link", "The address that the DOI resolves at."),
    Column(
        "notice",
        "The notices on it; none: a service that knows it names none; not_known: no service that was asked knows it;"
        " not_asked: none was asked.",
        required=True,
        several=True,
        terms=(
            "retracted",
            "expression_of_concern",
            "corrected",
            "none",
            "not_known",
            "not_asked",
        ),
    ),
    Column(
        "says", "What each service says of it, with its day and words; joined by |."
    ),
    Column("known_to", "The services that know it, each with its day.", several=True),
    Column(
        "not_known_to",
        "The services that were asked and do not, each with the day.",
        several=True,
    ),
    Column(
        "open_access",
        "Its open-access status in the service's word, such as gold, hybrid or closed; not_known: it was asked and"
        " says none; not_asked: no service that says it was asked.",
        required=True,
    ),
    Column("full_text", "The address of the open text that the service names."),
    Column(
        "answers",
        "The records of the answers that say this: <raw_file>#<raw_position>.",
        several=True,
    ),
    Column("offsets", "The byte at which each of them begins.", several=True),
    key="record_id study_id",
)
SCREENING_AGREEMENT = table(
    "screening_agreement",
    "results/screening/agreement.csv",
    "Agreement between reviewers at each stage, over records that both decided.",
    Column("stage", "The stage.", required=True),
    Column("reviewer_a", "First reviewer.", required=True),
    Column("reviewer_b", "Second reviewer.", required=True),
    Column("n_both", "Records that both decided.", "integer"),
    Column(
        "n_unsure",
        "Of these, records on which one of them was unsure or found no report.",
        "integer",
    ),
    Column("n_include_include", "Both include.", "integer"),
    Column("n_include_exclude", "First includes, second excludes.", "integer"),
    Column("n_exclude_include", "First excludes, second includes.", "integer"),
    Column("n_exclude_exclude", "Both exclude.", "integer"),
    Column("percent", "Percent agreement.", "number"),
    Column("kappa", "Cohen's kappa; empty where it is not defined.", "number"),
    key="stage reviewer_a reviewer_b",
)
PRISMA = table(
    "prisma",
    "results/flow/prisma.csv",
    "The boxes of the PRISMA 2020 flow, in the columns of the R package PRISMA2020.",
    Column("data", "The box's key.", required=True, terms=BOXES),
    Column("node", "The node of the drawing."),
    Column("box", "The box's name in the drawing."),
    Column("description", "What the box holds."),
    Column("boxtext", "The text printed in the box."),
    Column("tooltips", "A sentence on where the count comes from."),
    Column("url", "A link."),
    Column("n", "The count; empty where there is none.", "integer"),
    Column("kind", "Where the count comes from.", required=True, terms=KINDS_OF_COUNT),
)
FLOW_MEMBERS = table(
    "flow_members",
    "results/flow/members.csv",
    "One row per counted box and member of it.",
    Column(
        "box",
        "The box, the value of data in prisma.csv.",
        required=True,
        terms=BOXES,
    ),
    Column("reason", "The reason or source that divides the box."),
    Column(
        "unit", "What is counted.", required=True, terms=("record", "report", "study")
    ),
    Column("member_id", "The member.", required=True),
    key="box reason member_id",
)
WARNINGS = table(
    "warnings",
    "results/<stage>/warnings.csv",
    "What is odd but does not stop a build.",
    Column("code", "The kind of oddity.", required=True),
    Column("where", "Where it stands."),
    Column("says", "What is odd, in a sentence.", required=True),
)

SEARCH_TERMS = table(
    "search_terms",
    "results/searches/terms.csv",
    "One row per term of a search string, with what became of it in the strings for other platforms.",
    Column("source", "The search.", "id", required=True),
    Column("round", "The round of the search; planned: config.yaml.", required=True),
    Column(
        "query",
        "Which of its strings: as published, as run, or as config.yaml has it.",
        required=True,
        terms=("published", "run", "planned"),
    ),
    Column(
        "block",
        "The concept, by number: blocks of several strings that share most terms.",
        "integer",
    ),
    Column("place", "The term's place in the string, counted from 1.", "integer"),
    Column("term", "The term as written, without quotation marks.", required=True),
    Column("field", "The field it is looked for in, as written."),
    Column("excluded", "Whether its block stands behind NOT.", terms=("yes",)),
    Column("words", "The term in small letters.", required=True),
    Column("canonical", "The wording that stands for all forms of it.", required=True),
    Column(
        "found",
        "Where else it stands, in its concept: in all strings in the same words, in all but in another form,"
        " in some, or in this one only.",
        required=True,
        terms=("same", "other_form", "some", "one_only", "not_compared"),
    ),
    Column(
        "form",
        "In what the other form differs.",
        several=True,
        terms=("inverted", "plural", "spelling", "hyphen", "wildcard", "other"),
    ),
    Column("others", "The other strings' words for it."),
    Column(
        "cut_off",
        "Whether its block is cut off in another string, where terms may be lost, or in its own.",
        terms=("another", "own"),
    ),
    Column("offset", "The character at which it begins, counted from 0.", "integer"),
    Column("position", "Line and column at which it begins, counted from 1."),
    key="source round query offset",
)
SEARCH_STRINGS = table(
    "search_strings",
    "results/searches/strings.csv",
    "One row per search of config.yaml: its string, which says nothing of whether it was run.",
    Column("source", "The search.", "id", required=True),
    Column("label", "What a reader sees."),
    Column("platform", "The platform whose language the string is in.", required=True),
    Column("database", "The database on it."),
    Column(
        "given",
        "Whether the string stands in config.yaml or is rendered from its concepts.",
        required=True,
        terms=("exact", "concepts"),
    ),
    Column("query", "The string.", required=True),
    Column("notes", "What it does not say of what was asked; joined by |."),
    Column(
        "changes", "What was changed of the published string, and why; joined by |."
    ),
    key="source",
)
SEARCH_RECALL = table(
    "search_recall",
    "results/searches/recall.csv",
    "One row per round of a search, and one for all together: how many of the known relevant records it found.",
    Column("source", "The search; all: the searches together.", required=True),
    Column("round", "The round of the search."),
    Column("label", "What a reader sees."),
    Column(
        "kind",
        "Whether it could be measured: not_published: its records are not at hand; no_known_records: none is named.",
        required=True,
        terms=("counted", "not_published", "no_known_records"),
    ),
    Column("n_records", "How many records it found.", "integer"),
    Column("n_known", "How many known relevant records there are.", "integer"),
    Column(
        "known_from",
        "Where these are named: a published review's included studies, a list of known records, or, for want of both,"
        " this review's own inclusions at full text, which says nothing of what no search found.",
        terms=("published", "listed", "screened"),
    ),
    Column("n_found", "How many of them it found.", "integer"),
    Column("recall", "The share of them that it found.", "number"),
    key="source round",
)
SEARCH_KNOWN = table(
    "search_known",
    "results/searches/known.csv",
    "One row per known relevant record and counted search: whether deduplication made one record of it and of one of"
    " the search.",
    Column("record_id", "The known record.", "id", required=True),
    Column("study_id", "Its study, where that is told."),
    Column("source", "The search.", "id", required=True),
    Column("round", "The round of the search."),
    Column("found", "Whether the search found it.", required=True, terms=("yes", "no")),
    Column("found_as", "Its records in the search.", several=True),
    Column("rule", "The rules that made one of them.", several=True),
    key="record_id source round",
)
SEARCH_TERM_RECALL = table(
    "search_term_recall",
    "results/searches/term_recall.csv",
    "One row per block and term of the string that a counted search was run with: what it does for the known records,"
    " as far as title, abstract and keywords show.",
    Column("source", "The search.", "id", required=True),
    Column("round", "The round of the search."),
    Column("block", "The concept, by number, in the order of the string.", "integer"),
    Column(
        "place",
        "The term's place in its block, counted from 1; 0: the whole block.",
        "integer",
    ),
    Column("term", "The term; empty for the whole block."),
    Column("field", "The field it is looked for in, as written."),
    Column("excluded", "Whether its block stands behind NOT.", terms=("yes",)),
    Column(
        "n_matched",
        "How many known records that were found have it in their text.",
        "integer",
    ),
    Column(
        "n_unseen",
        "Of a block: how many known records were found though none of its terms stands in their text.",
        "integer",
    ),
    Column(
        "n_lost",
        "Of a term: how many of those found have no other term of its block, and are lost without it. Of a block: how"
        " many known records were not found and have none of its terms. Behind NOT: how many not found have it.",
        "integer",
    ),
    Column("lost", "Those records.", several=True),
    key="source round block place",
)
SEARCH_WARNINGS = Table(
    "search_warnings",
    "results/searches/warnings.csv",
    "What is odd in a search string: one row per kind and place.",
    WARNINGS.columns,
)

# --- extraction -----------------------------------------------------------------

LABELS = table(
    "labels",
    "results/extraction/labels.csv",
    "What a reader sees for each term of a closed column and each key of a sheet.",
    Column("sheet", "The sheet.", required=True),
    Column("column", "The column.", required=True),
    Column("term", "The term.", required=True),
    Column("label", "The label for a narrow column."),
    Column("label_long", "The label for a sentence or a note."),
    Column("parent", "The term of a coarser column that it belongs to."),
    key="sheet column term",
)
EXTRACTION_AGREEMENT = table(
    "extraction_agreement",
    "results/extraction/agreement.csv",
    "Agreement of the readings, after recoding, by sheet and column.",
    Column("sheet", "The sheet.", required=True),
    Column("column", "The column.", required=True),
    Column("n", "Rows that both readings have.", "integer"),
    Column("n_agree", "Rows in which they agree.", "integer"),
    Column("percent", "Percent agreement.", "number"),
    Column("kappa", "Cohen's kappa, for closed single-valued columns.", "number"),
    key="sheet column",
)
EFFECT_DIRECTIONS = table(
    "effect_directions",
    "results/synthesis/effect_directions.csv",
    "The direction of each study's effects in each group of outcomes.",
    Column("study", "The study.", required=True),
    Column("group", "The group of outcomes.", required=True),
    Column("n_lines", "Distinct outcomes.", "integer"),
    Column(
        "n_recovery", "Outcomes that moved in the direction of recovery.", "integer"
    ),
    Column("n_against", "Outcomes that moved against it.", "integer"),
    Column("n_no_change", "Outcomes without a change.", "integer"),
    Column(
        "n_unsettled",
        "Outcomes without a settled direction of recovery, or unreadable.",
        "integer",
    ),
    Column(
        "direction",
        "The study's direction in the group.",
        required=True,
        terms=("recovery", "against", "conflicting", "no_change", "unsettled"),
    ),
    key="study group",
)
DIRECTION_TESTS = table(
    "direction_tests",
    "results/synthesis/direction_tests.csv",
    "Studies by direction in each group, with an exact sign test.",
    Column("group", "The group of outcomes.", required=True),
    Column("n_studies", "Studies with an outcome in the group.", "integer"),
    Column("n_recovery", "Studies in the direction of recovery.", "integer"),
    Column("n_against", "Studies against it.", "integer"),
    Column("n_conflicting", "Studies with conflicting directions.", "integer"),
    Column("n_no_change", "Studies without a change.", "integer"),
    Column("n_unsettled", "Studies without a settled direction.", "integer"),
    Column(
        "sign_p",
        "Two-sided exact sign test of recovery against the contrary.",
        "number",
    ),
    key="group",
)

# --- numbers and claims -----------------------------------------------------------

KINDS_OF_NUMBER = ("share", "statistic", "rank", "list", "set", "direction", "lookup", "reported", "count")  # fmt: skip
"""The kinds, each the key that makes a definition one; a direction has a count of its own, so count is last."""
NUMBERS = table(
    "numbers",
    "results/numbers/numbers.csv",
    "One row per named number.",
    Column("number_id", "The number.", "id", required=True),
    Column(
        "value", "Its value; in a draft, `not yet` where the rows do not give it yet."
    ),
    Column(
        "kind",
        "What kind of number it is.",
        required=True,
        terms=KINDS_OF_NUMBER,
    ),
    Column("definition", "What it is, in a sentence.", required=True),
    Column("table", "The table it is read from."),
    Column(
        "selection",
        "The rows it is read from, in a sentence; of a statistic also which it is, and how many of the rows have no value.",
    ),
    Column("of", "What is counted, or the numbers it is made of."),
    Column("n_members", "How many members it has.", "integer"),
    key="number_id",
)
NUMBER_MEMBERS = table(
    "number_members",
    "results/numbers/members.csv",
    "One row per number and member of it, in order.",
    Column("number_id", "The number.", "id", required=True),
    Column("member_id", "The member.", required=True),
    key="number_id member_id",
)
CLAIMS = table(
    "claims",
    "results/claims/claims.csv",
    "One row per statement of the published article, with its verdict.",
    Column("claim_id", "The claim.", "id", required=True),
    Column("location", "Where it stands."),
    Column("says", "What it says, in words of our own."),
    Column("stated", "The stated value."),
    Column("relation", "How it is held against the number."),
    Column("number_id", "The number it states."),
    Column("recomputed", "That number's value."),
    Column(
        "verdict",
        "What came of it.",
        required=True,
        terms=("reproduced", "rule_dependent", "contradicted", "not_derivable"),
    ),
    Column("basis", "What the statement rests on."),
    Column("why", "Why the verdict is what it is."),
    key="claim_id",
)


# --- manuscript -------------------------------------------------------------------

USES = table(
    "uses",
    "results/manuscript/uses.csv",
    "One row per number and place that uses it.",
    Column("number_id", "The number.", "id", required=True),
    Column(
        "where",
        "The line of the template, the claim, the table, the figure or the number.",
        required=True,
    ),
    key="number_id where",
)
LITERALS = table(
    "literals",
    "results/manuscript/literals.csv",
    "One row per word of the text that the guard against typed counts was told to let pass.",
    Column("where", "The line of the template.", required=True),
    Column("words", "The words.", required=True),
    Column("why", "Why they are no count of this review.", required=True),
)

CHECKLIST = table(
    "checklist",
    "results/audit/prisma_2020.csv, results/audit/prisma_s.csv",
    "A reporting checklist, filled: one row per item.",
    Column("item", "The item's number in the list.", required=True),
    Column("topic", "What it is about."),
    Column("asks", "What it asks for, in words of our own."),
    Column(
        "where",
        "Where it stands: section, figure, table, file or config key.",
        several=True,
    ),
    Column(
        "status",
        "Whether it is there.",
        required=True,
        terms=("reported", "incomplete", "missing", "not_done", "not_applicable"),
    ),
    Column("missing", "What is missing, or why it was not done."),
    key="item",
)


def of_sheets(extraction: Mapping[str, Any]) -> dict[str, Table]:
    """Return the schema of each extraction sheet that config.yaml describes.

    Closed columns get their terms from the vocabulary when the sheets are read, not here.
    """
    made = {}
    for name, sheet in extraction["sheets"].items():
        columns = [
            Column(
                column,
                spec.get("says", column),
                spec.get("kind", "text"),
                required=spec.get("required", False),
                several=spec.get("several", False),
                refers_to=spec.get("refers_to"),
                compared=spec.get("compared", True),
            )
            for column, spec in sheet["columns"].items()
        ]
        made[name] = Table(
            name,
            f"results/extraction/{name}.csv",
            sheet["says"],
            tuple(columns),
            (sheet["key"],),
        )
    return made


def by_name(extraction: Mapping[str, Any]) -> dict[str, Table]:
    """Return the schema of every table that a number can be read from, by its name there."""
    return {
        **of_sheets(extraction),
        "labels": LABELS,
        "extraction_agreement": EXTRACTION_AGREEMENT,
        "records": RECORDS,
        "deduplicated": DEDUPLICATED,
        "duplicates": DUPLICATES,
        "rejects": REJECTS,
        "searches": SEARCHES,
        "search_strings": SEARCH_STRINGS,
        "search_terms": SEARCH_TERMS,
        "search_lines": SEARCH_LINES,
        "search_recall": SEARCH_RECALL,
        "search_known": SEARCH_KNOWN,
        "search_term_recall": SEARCH_TERM_RECALL,
        "search_warnings": SEARCH_WARNINGS,
        "settled": SETTLED,
        "notices": NOTICES,
        "screening_agreement": SCREENING_AGREEMENT,
        "prisma": PRISMA,
        "flow_members": FLOW_MEMBERS,
        "flow_warnings": WARNINGS,
        "effect_directions": EFFECT_DIRECTIONS,
        "direction_tests": DIRECTION_TESTS,
        "included": INCLUDED,
        "reported": REPORTED,
        "claims": CLAIMS,
    }


def printable(extraction: Mapping[str, Any]) -> dict[str, Table]:
    """Return the schema of every table that a printed table may show, by its name there."""
    return {
        **of_sheets(extraction),
        "effect_directions": EFFECT_DIRECTIONS,
        "direction_tests": DIRECTION_TESTS,
    }
