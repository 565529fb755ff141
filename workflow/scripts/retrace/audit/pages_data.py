"""Gather what the audit's page shows: the ledger and the tables in, plain lists and words out.

Each list is a table that stands on disk with a word on each column, so that the page has one
way of showing, searching and sorting; the page computes nothing, and what it says is in a file.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from retrace import ledger, schemas, tables
from retrace.audit import pages_graph
from retrace.manuscript import members, opened

Line = dict[str, Any]

NUMBERS = "results/numbers/numbers.csv"
NUMBER_MEMBERS = "results/numbers/members.csv"
BOX_MEMBERS = "results/flow/members.csv"
CLAIMS = "results/claims/claims.csv"
RAW_CLAIMS = "data/raw/published/claims.csv"
SAID_IN = {
    "claims": CLAIMS,
    "prisma": "results/flow/prisma.csv",
    "search_warnings": "results/searches/warnings.csv",
}
DUPLICATES = "results/records/duplicates.csv"
RECORDS = "results/records/records.parquet"
DEDUPLICATED = "results/records/deduplicated.parquet"
LABELS = "results/extraction/labels.csv"
VERDICTS = ("contradicted", "rule_dependent", "not_derivable", "reproduced")

# Column -> what its cells are to the page; every other cell is text.
KINDS = {
    "number_id": "number", "verdict": "state", "status": "state",
    "kind": "state", "decision": "state", "raw_file": "file", "path": "file", "rule": "rule",
    "record_id": "member", "other_id": "member", "kept_id": "member", "member_id": "member",
    "similarities": "json", "n_members": "count",
}  # fmt: skip
COUNTS = ("n_", "percent", "kappa")


def gather(
    *,
    title: str,
    outputs: Sequence[str],
    sheets: Sequence[str],
    raw: Sequence[str],
    engine: Mapping[str, Path],
    definitions: str,
    most: int = members.INLINED,
) -> dict[str, Any]:
    """Return all that the page holds: of a set ``most`` members, and of a table of records ``most`` rows.

    What other panels lead to, numbers, claims, boxes, files, is whole. ``outputs`` are the files
    whose lines of the ledger are told, ``sheets`` the extraction sheets, ``raw`` further raw files
    that are shown row by row, ``engine`` the files of the workflow by their names in it,
    ``definitions`` numbers.yaml.
    """
    table = functools.partial(_table, most=most)
    lines = ledger.lines_of(outputs)
    made = {line["path"] for line in lines}
    inputs = _inputs(lines, made)
    rules, sources = _rules(lines, engine)
    numbers = _numbers()
    claims = _claims()
    merges = _merges(table)
    sections = [
        _section("inputs", "Inputs", "Every raw file that a result rests on, with its digest and, for a search, its day.",
                 [_searches(table), inputs, table("results/records/files.csv", "Files read", "What was read of each export."),
                  table("results/records/rejects.csv", "Rejected", "What stood in an export and could not be read as a record.")]),
        _section("searches", "Searches", "The search strings, term by term, and which known relevant records each search found.",
                 [table("results/searches/strings.csv", "Strings of config.yaml", "As they are to be run; nothing here says that they were."),
                  table("results/searches/terms.csv", "Terms", "Each term of each string, with what became of it in the others."),
                  table("results/searches/lines.csv", "Hits by line", "As the platform counted them on the day of the search."),
                  table("results/searches/recall.csv", "Known records found", "By search; what cannot be measured has no value."),
                  table("results/searches/known.csv", "Known records", "By known record and counted search."),
                  table("results/searches/term_recall.csv", "What terms do", "By block and term, as far as title, abstract and keywords show.")]),
        _section("workflow", "Workflow", "What was done, step by step. A box opens its code, its settings, what it read and what it made.", []),
        _section("numbers", "Numbers", "Every number that text, tables, figures and claims rest on; each opens its members.", [numbers]),
        _section("claims", "Claims", "Statements of the published article, held against the tables.", [claims]),
        _section("flow", "Flow", "The boxes of the PRISMA flow and where each count comes from.",
                 [_boxes(), table("results/notices/notices.csv", "Notices on the included", "What services said became of each since, and where it can be read.", "notice")]),
        _section("merges", "Merges", "Records that were taken for one, with the rule that fired and how alike the fields are.",
                 [merges, table("results/records/borderline.csv", "Left apart", "Pairs that a person should look at, the likeliest first.")]),
        _section("decisions", "Decisions", "What was decided of records, duplicates and readings, and why.", _decisions(raw, table)),
        _section("agreement", "Agreement", "How far two readings, or two reviewers, agree before anything was settled.",
                 [table("results/screening/agreement.csv", "Screening", "By stage and pair of reviewers."),
                  table("results/extraction/agreement.csv", "Extraction", "By sheet and column.")]),
        _section("warnings", "Warnings", "What is odd but does not stop a build.",
                 [_gathered([path for path in outputs if path.endswith("/warnings.csv")], "Warnings")]),
        _section("literals", "Literals", "Words of the text that the guard against typed counts was told to let pass.",
                 [table("results/manuscript/literals.csv", "Literals", "Each with its place and reason.")]),
        _section("checklists", "Checklists", "The reporting checklists, filled from tables, settings and the text's own sections.",
                 [table("results/audit/prisma_2020.csv", "PRISMA 2020", "Items of the statement and of its list for abstracts."),
                  table("results/audit/prisma_s.csv", "PRISMA-S", "Items on the searches.")]),
        _section("outputs", "Outputs", "Every file that was made, with its digest.", [_outputs(lines)]),
    ]  # fmt: skip
    sections = [
        section | {"lists": [one for one in section["lists"] if one]}
        for section in sections
    ]
    of_number = _sets(NUMBER_MEMBERS, "number_id", most=most)
    of_box = _sets(BOX_MEMBERS, "box", beside=["reason"], most=most)
    named = {
        *(member for its in of_number.values() for member in its["members"]),
        *(member for its in of_box.values() for member, _ in its["members"]),
        *_ids_in(sections),
    }
    return {
        "title": title,
        "sections": sections,
        "members": members.named(
            named,
            labels=LABELS,
            sheets=sheets,
            records=_if_there(DEDUPLICATED),
            sources={name: path for name, path in SAID_IN.items() if path in outputs},
        ),
        "of_number": of_number,
        "of_box": of_box,
        "members_in": {"number": NUMBER_MEMBERS, "box": BOX_MEMBERS},
        "published": opened.published_at(
            [row["number_id"] for row in _rows(NUMBERS)], definitions
        ),
        "rows": sorted(
            named
            & {
                next(iter(row.values()))
                for path in sheets
                for row in members.rows_of(path)
            }
        ),
        "merged": _merged_rows(merges),
        "rules": rules,
        "sources": sources,
        "files": _files(lines),
        "folders": _folders(inputs),
        "verdicts": list(VERDICTS),
    }


def graph(rules: Mapping[str, Any]) -> str:
    """Return the workflow's picture."""
    maker = {path: rule for rule, of in rules.items() for path in of["outputs"]}
    edges: dict[str, set[str]] = {rule: set() for rule in rules}
    folders: set[str] = set()
    for rule, of in rules.items():
        for path in of["inputs"]:
            used = maker.get(path) or _folder(path)
            if path not in maker:
                folders.add(used)
            if used != rule:
                edges[rule].add(used)
    return pages_graph.drawn(
        edges,
        sources=sorted(folders),
        says="The workflow: folders of inputs above, steps below; an arrow leads from what is made to what uses it.",
    )


def _section(
    name: str, title: str, says: str, lists: Iterable[Line | None]
) -> dict[str, Any]:
    return {"id": name, "title": title, "says": says, "lists": list(lists)}


def _list(
    name: str,
    title: str,
    says: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    facet: str = "",
) -> Line:
    return {
        "id": name,
        "title": title,
        "says": says,
        "columns": [
            {"name": column, "title": _words(column), "kind": _kind(column)}
            for column in columns
        ],
        "rows": [list(row) for row in rows],
        "facet": columns.index(facet) if facet in columns else -1,
    }


def _words(column: str) -> str:
    return {
        "n_members": "Members", "number_id": "Number", "claim_id": "Claim", "sha256": "SHA-256",
        "n": "Count",
    }.get(column, column.replace("_", " ").strip().capitalize())  # fmt: skip


def _kind(column: str) -> str:
    if column in KINDS:
        return KINDS[column]
    return "count" if column == "n" or column.startswith(COUNTS) else "text"


def _rows(path: str) -> list[dict[str, str]]:
    return members.rows_of(path) if Path(path).is_file() else []


def _if_there(path: str) -> str:
    return path if Path(path).is_file() else ""


def _table(
    path: str, title: str, says: str, facet: str = "", *, most: int
) -> Line | None:
    """Return the first ``most`` rows of a CSV file as a list, and how many it has.

    Columns that hold nothing, in any row, are left out.
    """
    if not Path(path).is_file():
        return None
    header, rows = _opened(path)
    first: list[list[str]] = []
    n, empty = 0, set(range(len(header)))
    for n, row in enumerate(rows, start=1):
        empty -= {at for at in empty if row[at]}
        if n <= most:
            first.append(row)
    kept = [at for at in range(len(header)) if at not in empty]
    name = f"{Path(path).parent.name}-{Path(path).stem}"
    return _list(
        name, title, says, [header[at] for at in kept],
        ([row[at] for at in kept] for row in first), facet,
    ) | {"file": path, "n_rows": n}  # fmt: skip


def _opened(path: str) -> tuple[list[str], Iterable[list[str]]]:
    """Return the header and the rows of a CSV file, whoever wrote it."""
    if ledger.is_raw(path):
        is_of_votes = Path(path).parent.name == "reviewers"
        header, rows, _ = tables.read_rows(
            path, schemas.DECISIONS if is_of_votes else None
        )
        return header, rows
    written = tables.each_row(path)
    return next(written), written


def _numbers() -> Line:
    columns = [
        "value",
        "definition",
        "number_id",
        "kind",
        "n_members",
        "table",
        "selection",
        "of",
    ]
    rows = _rows(NUMBERS)
    return _list(
        "numbers-numbers", "All numbers", "", columns,
        ([row[c] for c in columns] for row in rows), "kind",
    ) | {"file": NUMBERS, "shown": 5, "opens": [1, "number", 2]}  # fmt: skip


def _claims() -> Line | None:
    rows = _rows(CLAIMS)
    if not rows:
        return None
    raw = {row["claim_id"]: row for row in _rows(RAW_CLAIMS)}
    of = {row["number_id"]: row["of"] for row in _rows(NUMBERS)}
    labels: dict[tuple[str, str], list[str]] = {}
    for row in _rows(LABELS):
        labels[row["column"], row["term"]] = [row["label"], row["label_long"]]
    for row in rows:
        column = of.get(row["number_id"], "")
        shown = tables.values(row["recomputed"])
        row["stated"] = tables.SEPARATOR.join(
            _as_shown(labels.get((column, term), []), shown) or term
            for term in tables.values(row["stated"])
        )
    columns = ["verdict", "says", "stated", "recomputed", "location", "claim_id", "relation", "number_id", "basis", "why"]  # fmt: skip
    place = {verdict: at for at, verdict in enumerate(VERDICTS)}
    rows.sort(key=lambda row: place.get(row["verdict"], len(place)))
    return _list(
        "claims-claims", "All claims", "", [*columns, "alternatives", "note"],
        ([*(row[c] for c in columns),
          raw.get(row["claim_id"], {}).get("alternatives", ""),
          raw.get(row["claim_id"], {}).get("note", "")] for row in rows),
        "verdict",
    ) | {"file": CLAIMS, "shown": 5, "opens": [1, "claim", 5]}  # fmt: skip


def _as_shown(labels: Sequence[str], shown: Sequence[str]) -> str:
    """Return a term's label in the form that stands beside it, else in its first one."""
    known = [label for label in labels if label]
    return next((label for label in known if label in shown), *known[:1] or [""])


def _boxes() -> Line:
    columns = ["description", "n", "kind", "tooltips", "data"]
    rows = [
        row
        for row in _rows("results/flow/prisma.csv")
        if row["kind"] != "not_applicable"
    ]
    made = _list(
        "flow-prisma", "Boxes", "", columns,
        ([row["boxtext"] if row["data"].endswith("specific_results") else row["description"],
          *(row[c] for c in columns[1:])] for row in rows),
        "kind",
    )  # fmt: skip
    made["columns"][0]["title"] = "Box"
    made["columns"][3]["title"] = "Where the count comes from"
    return made | {
        "file": "results/flow/prisma.csv",
        "shown": 4,
        "opens": [0, "box", 4],
    }


def _merges(table: Callable[..., Line | None]) -> Line | None:
    made = table(DUPLICATES, "Merged", "A record opens the rows on both sides of the merge.", "rule")  # fmt: skip
    if made:
        for column in made["columns"]:
            if column["name"] == "rule":
                column["kind"] = "state"
        made |= {"opens": [0, "merge", 0]}
    return made


def _merged_rows(merges: Line | None) -> dict[str, dict[str, str]]:
    """Return the source rows that merges name, by row id."""
    if not merges or not merges["rows"]:
        return {}
    at = [
        place
        for place, column in enumerate(merges["columns"])
        if column["name"].endswith("row_id")
    ]
    wanted = {row[place] for row in merges["rows"] for place in at}
    columns = ["row_id", "record_id", "title", "authors", "year", "journal", "volume", "issue",
               "pages", "doi", "pmid", "raw_file", "raw_position", "raw_offset"]  # fmt: skip
    return {
        row["row_id"]: {
            name: str(row[name]) for name in columns if row[name] not in (None, "")
        }
        for row in members.rows_with(RECORDS, "row_id", wanted, columns=columns)
    }


def _decisions(
    raw: Sequence[str], table: Callable[..., Line | None]
) -> list[Line | None]:
    found: list[Line | None] = [
        table("results/screening/settled.csv", "Screening", "What holds of each record after votes and resolutions.", "decision")
    ]  # fmt: skip
    names = {
        "resolutions": ("Resolutions", "What was agreed where reviewers differed or were unsure."),
        "overrides": ("Duplicates", "A person's word on pairs of records."),
        "included": ("Included", "Studies that a published review names as included."),
        "reported": ("Reported", "Counts that were published without their records."),
    }  # fmt: skip
    for path in raw:
        name = Path(path).stem
        if Path(path).parent.name == "reviewers":
            found.append(table(path, f"Votes of {name}", "One reviewer's decisions.", "decision"))  # fmt: skip
        else:
            title, says = names.get(name, (name.replace("_", " ").capitalize(), "Between two readings of the same source."))  # fmt: skip
            found.append(table(path, title, says, "sheet"))
    return found


def _gathered(paths: Sequence[str], title: str) -> Line:
    rows = [
        [row["code"], row["says"], row["where"], path]
        for path in sorted(paths)
        for row in _rows(path)
    ]
    return _list("warnings-all", title, "", ["code", "says", "where", "path"], rows)


def _searches(table: Callable[..., Line | None]) -> Line | None:
    made = table("results/records/searches.csv", "Searches", "As search.yaml beside each search's files says.")  # fmt: skip
    return made and made | {"shown": 8}


def _inputs(lines: Sequence[Line], made: set[str]) -> Line:
    used: dict[str, tuple[str, set[str]]] = {}
    for line in lines:
        for entry in line["inputs"]:
            if entry["path"] not in made and not entry["path"].startswith("results/"):
                used.setdefault(entry["path"], (entry["sha256"], set()))[1].add(
                    line["rule"]
                )
    days = {
        (row["source"], row["round"]): row["searched_on"]
        for row in _rows("results/records/searches.csv")
    }
    rows = []
    for path, (digest, rules) in sorted(used.items()):
        parts = Path(path).parts
        day = days.get((parts[3], parts[4]), "") if len(parts) > 5 else ""
        rows.append([path, day, digest, "; ".join(sorted(rules))])
    made_list = _list("inputs-files", "Raw files", "", ["path", "searched_on", "sha256", "used by"], rows)  # fmt: skip
    made_list["columns"][1]["title"] = "Searched on"
    made_list["columns"][2]["kind"] = "digest"
    return made_list


def _outputs(lines: Sequence[Line]) -> Line:
    made = _list(
        "outputs-files", "Files", "", ["path", "rule", "sha256"],
        ([line["path"], line["rule"], line["sha256"]] for line in lines),
    )  # fmt: skip
    made["columns"][2]["kind"] = "digest"
    return made


def _rules(
    lines: Sequence[Line], engine: Mapping[str, Path]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return each rule with its runs, and the text of every file of code that one of them used."""
    at = {str(path.resolve()): name for name, path in engine.items()}
    rules: dict[str, Any] = {}
    used: set[str] = set()
    for line in lines:
        rule = line["rule"]
        modules = dict(
            item for name in (rule, *line["modules"]) for item in ledger.modules_of(name)
        )  # fmt: skip
        script = modules.pop(rule)
        code = [at[str(path)] for path in modules.values() if str(path) in at]
        of = rules.setdefault(
            rule,
            {"script": at.get(str(script), ""), "stated": _stated(rule, engine), "modules": [], "files": [], "inputs": [], "outputs": [], "runs": []},
        )  # fmt: skip
        of["modules"] = sorted({*of["modules"], *code})
        of["files"] = sorted({*of["files"], *(name for name in line["files"] if name in engine)})  # fmt: skip
        of["inputs"] = sorted({*of["inputs"], *(entry["path"] for entry in line["inputs"])})  # fmt: skip
        of["outputs"].append(line["path"])
        run = {
            "wildcards": line["wildcards"],
            "code": line["code_sha256"],
            "params": line["params"],
        }
        if run not in of["runs"]:
            of["runs"].append(run)
        used |= {of["script"], of["stated"], *of["modules"], *of["files"]} - {""}
    sources = {}
    for name in sorted(used):
        data = engine[name].read_bytes()
        sources[name] = {"sha256": ledger.sha256(engine[name]), "text": data.decode("utf-8", "replace")}  # fmt: skip
    return dict(sorted(rules.items())), sources


def _stated(rule: str, engine: Mapping[str, Path]) -> str:
    """Return the file of rules that states a rule."""
    for name, path in engine.items():
        if name.endswith(".smk") and f"rule {rule}:" in path.read_text("utf-8"):
            return name
    return ""


def _files(lines: Sequence[Line]) -> dict[str, Any]:
    """Return digest and maker of every file that the ledger names."""
    found: dict[str, Any] = {}
    for line in lines:
        for entry in line["inputs"]:
            found.setdefault(entry["path"], {"sha256": entry["sha256"]})
    for line in lines:
        found[line["path"]] = {
            "sha256": line["sha256"],
            "rule": line["rule"],
            "inputs": [entry["path"] for entry in line["inputs"]],
        }
    return dict(sorted(found.items()))


def _folders(inputs: Line) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in inputs["rows"]:
        found.setdefault(_folder(row[0]), []).append(row[0])
    return found


def _folder(path: str) -> str:
    parts = Path(path).parts
    return parts[2] if parts[:2] == ("data", "raw") and len(parts) > 3 else parts[0]


def _sets(path: str, key: str, **asked: Any) -> dict[str, dict[str, Any]]:
    return members.sets_of(path, key, **asked) if Path(path).is_file() else {}


def _ids_in(sections: Sequence[Line]) -> set[str]:
    return {
        row[at]
        for section in sections
        for one in section["lists"]
        for at, column in enumerate(one["columns"])
        if column["kind"] == "member"
        for row in one["rows"]
    }
