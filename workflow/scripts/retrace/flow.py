"""Sort a review's records, reports and studies into the boxes of a PRISMA 2020 flow.

A box is first a set of ids and only then a number: keeping the set lets a reader ask "which
37?" of every count. Sums are checked, never obtained by subtraction: subtraction would make
every sum come out right and hide the record that nobody decided on.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from retrace import schemas, tables
from retrace.errors import FlowError, Problem, so_many, some

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Box:
    """One box: its key in the CSV of PRISMA2020, node and box of the drawing, and its text."""

    data: str
    arm: str
    node: str
    box: str
    unit: str
    text: str


BOXES = (
    Box("previous_studies", "previous", "node5", "box1", "study", "Studies included in previous version of review"),
    Box("previous_reports", "previous", "", "box1", "report", "Reports of studies included in previous version of review"),
    Box("database_results", "databases", "node7", "box2", "record", "Records identified from databases"),
    Box("database_specific_results", "databases", "", "box2", "record", "Records identified from specific databases"),
    Box("register_results", "registers", "", "box2", "record", "Records identified from registers"),
    Box("register_specific_results", "registers", "", "box2", "record", "Records identified from specific registers"),
    Box("website_results", "other_methods", "node17", "box11", "record", "Records identified from websites"),
    Box("organisation_results", "other_methods", "", "box11", "record", "Records identified from organisations"),
    Box("citations_results", "other_methods", "", "box11", "record", "Records identified from citation searching"),
    Box("duplicates", "databases", "node8", "box3", "record", "Duplicate records removed before screening"),
    Box("excluded_automatic", "databases", "", "box3", "record", "Records marked as ineligible by automation tools"),
    Box("excluded_other", "databases", "", "box3", "record", "Records removed for other reasons"),
    Box("records_screened", "databases", "node9", "box4", "record", "Records screened"),
    Box("records_excluded", "databases", "node10", "box5", "record", "Records excluded"),
    Box("dbr_sought_reports", "databases", "node11", "box6", "report", "Reports sought for retrieval"),
    Box("dbr_notretrieved_reports", "databases", "node12", "box7", "report", "Reports not retrieved"),
    Box("other_sought_reports", "other_methods", "node18", "box12", "report", "Reports sought for retrieval"),
    Box("other_notretrieved_reports", "other_methods", "node19", "box13", "report", "Reports not retrieved"),
    Box("dbr_assessed", "databases", "node13", "box8", "report", "Reports assessed for eligibility"),
    Box("dbr_excluded", "databases", "node14", "box9", "report", "Reports excluded"),
    Box("other_assessed", "other_methods", "node20", "box14", "report", "Reports assessed for eligibility"),
    Box("other_excluded", "other_methods", "node21", "box15", "report", "Reports excluded"),
    Box("new_studies", "databases", "node15", "box10", "study", "New studies included in review"),
    Box("new_reports", "databases", "", "box10", "report", "Reports of new included studies"),
    Box("total_studies", "previous", "node22", "box16", "study", "Total studies included in review"),
    Box("total_reports", "previous", "", "box16", "report", "Reports of total included studies"),
    Box("total_studies_ma", "meta_analysis", "", "box17", "study", "Total studies included in meta-analysis"),
    Box("total_reports_ma", "meta_analysis", "", "box17", "report", "Reports of total included studies in meta-analysis"),
    Box("retracted_studies", "notices", "", "box10", "study", "Included studies that are retracted"),
)  # fmt: skip
SPLIT = (
    "database_specific_results",
    "register_specific_results",
    "dbr_excluded",
    "other_excluded",
)
"""Boxes that print one line for each reason or source."""

IDENTIFIED = {
    "database": ("database_results", "database_specific_results"),
    "register": ("register_results", "register_specific_results"),
    "website": ("website_results",),
    "organisation": ("organisation_results",),
    "citations": ("citations_results",),
}
SHEETS = "data/raw/extraction"
REPORTED_SUMS = (
    (("database_results", "register_results"), ("duplicates", "excluded_automatic", "excluded_other", "records_screened")),
    (("records_screened",), ("records_excluded", "dbr_sought_reports")),
    (("dbr_sought_reports",), ("dbr_notretrieved_reports", "dbr_assessed")),
    (("other_sought_reports",), ("other_notretrieved_reports", "other_assessed")),
)  # fmt: skip
"""Boxes that share out those before them: each part is at most the whole, all parts are the whole."""


def sort_into_boxes(
    *,
    searches: "pd.DataFrame",
    records: "pd.DataFrame",
    duplicates: "pd.DataFrame",
    settled: "pd.DataFrame",
    reports: "pd.DataFrame",
    included: "pd.DataFrame",
    notices: "pd.DataFrame | None" = None,
    final: bool = True,
) -> "pd.DataFrame":
    """Return one row per counted box and member of it; see `schemas.FLOW_MEMBERS`.

    ``records`` are the rows as read; ``settled`` has what holds for each distinct record and
    stage (empty where no decisions exist); ``reports`` maps records to reports and studies;
    ``included`` names the studies of a published review whose decisions are not known;
    ``notices`` has what services say of included studies, where any was asked.
    A build that is not ``final`` may hold undecided records: they are in no box after the
    one where they wait, and `warn` names them.

    Raises:
        FlowError: a record is lost, or stands in two boxes that share one out.
    """
    kind_of = {
        row.source: row.kind
        for row in searches.itertuples()
        if row.status in schemas.AT_HAND
    }
    label_of = {row.source: row.label or row.source for row in searches.itertuples()}
    boxes = _Boxes()
    for row_id, source in tables.rows(records, "row_id", "source"):
        names = IDENTIFIED.get(kind_of.get(source, ""), ())
        if names:
            boxes.add(names[0], row_id)
        if len(names) > 1:
            boxes.add(names[1], row_id, label_of[source])
    counted = bool(kind_of)
    by_arm = {
        "db": schemas.SCREENED_KINDS,
        "other": schemas.OTHER_KINDS,
    }
    kept_of = dict(tables.rows(duplicates, "record_id", "kept_id"))
    report_of, study_of = _reports(records["record_id"].tolist(), reports, kept_of)
    for arm, kinds in by_arm.items():
        members = [
            kind_of.get(source) in kinds for source in records["source"].tolist()
        ]
        if not counted or not (any(members) or arm == "db"):
            continue
        rows = records.loc[members, ["row_id", "record_id"]]
        of_arm = set(rows["row_id"].tolist())
        merged = duplicates.loc[
            [row in of_arm for row in duplicates["row_id"].tolist()]
        ]
        boxes.declare(*(box.data for box in BOXES if _belongs(box, arm)))
        held = set(rows["record_id"].tolist())
        kept = held - set(merged["record_id"].tolist())
        kept |= set(merged["kept_id"].tolist()) & held
        _fill_arm(
            boxes,
            arm,
            kept,
            merged,
            settled.loc[[record in kept for record in settled["record_id"].tolist()]],
            report_of,
            study_of,
        )
        _hold(boxes, arm, of_arm, kept, report_of, final=final)
    for row in included.itertuples(index=False):
        boxes.add("new_studies", row.study_id)
        boxes.add("new_reports", report_of.get(row.record_id, row.record_id))
    if notices is not None and (notices["known_to"] != "").any():
        boxes.declare("retracted_studies")
        for study, notice in tables.rows(notices, "study_id", "notice"):
            if "retracted" in tables.values(notice):
                boxes.add("retracted_studies", study)
    return boxes.frame()


def count(
    members: "pd.DataFrame",
    *,
    searches: "pd.DataFrame",
    reported: "pd.DataFrame",
    arms: Collection[str],
    reasons: Sequence[str] = (),
    notices: "pd.DataFrame | None" = None,
    studies: Iterable[tuple[str, Problem]] = (),
    final: bool = True,
) -> "pd.DataFrame":
    """Return the boxes with their counts, `schemas.PRISMA`: counted, reported or not published.

    A box with members, or one whose set was read and is empty, is counted. One whose count
    was published without its members is reported; where both are so, as when a published search
    is run anew, it has both, one below the other, and neither is added to the other. A database
    whose records are not at hand has a line that says so. A box of an arm that is not in ``arms`` is
    not applicable, and so is, beside sources whose records were read, a box that none of
    this review's searches feeds. A box that prints its reasons has them in the order of
    ``reasons``, the protocol's. A box that is none of these says in a draft that is not
    ``final`` and reports nothing that it is not yet counted. The box of retracted studies says of
    which day and by whose word they are such; where nobody was asked there is none.

    Raises:
        FlowError: in a ``final`` build, ``studies``, what `unmatched` found.
    """
    if final and (wrong := [one for _, one in studies]):
        raise FlowError(wrong)
    is_own = not final and reported.empty
    said = {row.box: row for row in reported.itertuples(index=False)}
    declared = _counted(members)
    databases = searches[searches["kind"] == "database"]
    labels = list(
        dict.fromkeys(row.label or row.source for row in databases.itertuples())
    )
    at_hand = {
        row.label or row.source
        for row in databases.itertuples()
        if row.status in schemas.AT_HAND
    }
    unread = [label for label in labels if label not in at_hand]
    unfed = _unfed(searches)
    rows: list[dict[str, Any]] = []
    for box in BOXES:
        is_counted, is_reported = box.data in declared, box.data in said
        if box.arm == "notices" and not (is_counted or is_reported):
            continue
        text = _as_of(notices) if box.arm == "notices" else box.text
        of_sources = box.data == "database_specific_results" and bool(labels)
        waiting = labels if of_sources else [box.text]
        if is_counted:
            rows += _counted_lines(box, text, members[members["box"] == box.data], reasons)  # fmt: skip
            waiting = unread if of_sources else []
        if is_reported:
            published = said[box.data]
            why = f"As published ({published.location}). {published.why}".strip()
            rows.append(_line(box, box.text, "reported", why, n=published.n))
            waiting = waiting if is_counted else []
        elif not is_counted and (box.arm not in arms or box.data in unfed):
            why = "This review has no such arm or source."
            rows.append(_line(box, box.text, "not_applicable", why))
            waiting = []
        why = "Not yet counted: no list here decides it." if is_own else "Neither published nor countable."  # fmt: skip
        rows += [_line(box, label, "not_published", why) for label in waiting]
    return tables.frame(rows, schemas.PRISMA)


def _counted_lines(
    box: Box, text: str, members: "pd.DataFrame", reasons: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield the line of a counted box, or one for each reason or source of one that is split by them."""
    place = {reason: at for at, reason in enumerate(reasons)}
    given = dict.fromkeys(members["reason"]) if box.data in SPLIT else [None]
    for reason in sorted(given, key=lambda reason: place.get(reason, len(place))) or [None]:  # fmt: skip
        part = members if reason is None else members[members["reason"] == reason]
        n = part["member_id"].nunique()
        why = f"Counted: {so_many(n, box.unit)}, listed in members.csv."
        yield _line(box, reason or text, "counted", why, n=n)


def _line(box: Box, text: str, kind: str, why: str, **n: int) -> dict[str, Any]:
    """Return a row of `schemas.PRISMA`."""
    return {
        "data": box.data, "node": box.node, "box": box.box, "description": box.text, "boxtext": text,
        "tooltips": why, "url": "", "kind": kind, **n,
    }  # fmt: skip


def unmatched(
    members: "pd.DataFrame",
    studies: Mapping[str, Collection[str]],
    arms: Collection[str],
    duplicates: "pd.DataFrame",
) -> Iterator[tuple[str, Problem]]:
    """Yield what the included studies and the sheets that have a row for each do not share, by codes.

    ``studies`` has the keys of each such sheet by its name. Beside an arm of previous studies,
    whose records nobody counts here, a sheet may have those as well. A key under which ``duplicates``
    has a record that was merged into an included study's is told with the id that it has now.
    """
    if "new_studies" not in _counted(members):
        return
    included = set(members["member_id"][members["box"] == "new_studies"])
    kept_of = dict(tables.rows(duplicates, "record_id", "kept_id"))
    for sheet, keys in studies.items():
        others = sorted(set(keys) - included)
        now = {key: kept_of[key] for key in others if kept_of.get(key) in included}
        without = sorted(included - set(keys) - set(now.values()))
        beyond = [
            f"{key} (now {now[key]})" if key in now else key
            for key in others
            if key in now or "previous" not in arms
        ]
        for code, of, what, remedy in (
            ("study_without_row", without, "included studies without a row", "extract them, or decide at full text that they are not included"),
            ("row_without_study", beyond, "rows of studies that are not included", "correct the ids, decide on their records, or delete the rows"),
        ):  # fmt: skip
            if of:
                yield code, Problem(SHEETS, 0, sheet, f"{what}: {some(of, 12)}", "one row per included study", remedy)  # fmt: skip


def warn(
    prisma: "pd.DataFrame",
    *,
    searches: "pd.DataFrame",
    settled: "pd.DataFrame",
    studies: Iterable[tuple[str, Problem]] = (),
) -> "pd.DataFrame":
    """Return what is odd in a flow but does not stop a build, `schemas.WARNINGS`.

    Reported counts are held against each other and against the counted ones: no part is
    larger than its whole, and removing duplicates between k sources, each without duplicates
    of its own, leaves at least a k-th of the records. ``studies`` is what `unmatched` found.
    """
    given = [row for row in prisma.itertuples() if row.data not in SPLIT]
    reported = {row.data for row in given if row.kind == "reported"}
    # Where a box has both, what is counted is of another search than what is reported.
    is_anew = any(row.kind == "counted" and row.data in reported for row in given)
    kinds = ("reported",) if is_anew else ("reported", "counted")
    n = {row.data: int(row.n) for row in given if row.kind in kinds}
    kind = {row.data: row.kind for row in prisma.itertuples()}
    absent = {row.data for row in prisma.itertuples() if row.kind == "not_applicable"}
    warnings = []
    for wholes, parts in REPORTED_SUMS:
        whole = sum(n.get(box, 0) for box in wholes)
        shown = [box for box in parts if box in n]
        known = [box for box in wholes if box in n]
        if not known or "reported" not in {kind[box] for box in known + shown}:
            continue
        if any(box not in n and box not in absent for box in wholes):
            continue
        for part in shown:
            if n[part] > whole:
                warnings.append((
                    "reported_part_exceeds_whole", part,
                    f"{n[part]} are reported as {_text(part)}, more than the {whole} before them.",
                ))  # fmt: skip
        total = sum(n[box] for box in shown)
        if (
            len(shown) == len([box for box in parts if box not in absent])
            and total != whole
        ):
            warnings.append((
                "reported_sum_differs", ", ".join(parts),
                f"The reported parts add up to {total}, not to {whole}.",
            ))  # fmt: skip
    published = searches[
        searches["kind"].isin(schemas.SCREENED_KINDS) & (searches["status"] != "frozen")
    ]
    sources = published["source"].nunique()
    identified = sum(n.get(box, 0) for box in ("database_results", "register_results"))
    screened = n.get("records_screened")
    removals = {"excluded_automatic", "excluded_other"} & set(n)
    if (
        identified
        and screened is not None
        and sources
        and "reported" in {kind["database_results"], kind["records_screened"]}
        and not removals
    ):
        least = ceil(identified / sources)
        if screened < least:
            warnings.append((
                "reported_deduplication_impossible", "records_screened",
                f"Of {identified} records from {sources} sources, removing duplicates between the sources leaves"
                f" at least {least}; {screened} are reported as screened, so at least {least - screened} records"
                " went in another way that was not published.",
            ))  # fmt: skip
    if is_anew:
        again = searches[
            searches["kind"].isin(IDENTIFIED) & searches["status"].isin(schemas.AT_HAND)
        ]
        named = [
            f"{row.label or row.source} on {row.searched_on or 'a day that is not known'}"
            for row in again.itertuples()
        ]
        warnings.append((
            "searched_again", "database_results",
            f"Searches were run again: {some(named, 6)}. What they found is counted beside the published counts,"
            " and neither is part of the other.",
        ))  # fmt: skip
    waiting = settled[settled["decision"] == "undecided"]
    for stage, rows in waiting.groupby("stage", sort=False):
        warnings.append(
            (
                "undecided",
                stage,
                f"{so_many(len(rows), 'record')} without a decision: {some(sorted(rows['record_id'].tolist()))}.",
            )
        )
    warnings += [(code, one.column, f"{one.what}.") for code, one in studies]
    return tables.frame(warnings, schemas.WARNINGS)


def _counted(members: "pd.DataFrame") -> set[str]:
    """Return the boxes whose sets were read, those that are empty among them."""
    return set(members.attrs.get("declared", ())) | set(members["box"])


class _Boxes:
    """Members by box and reason, in the order they were added."""

    def __init__(self) -> None:
        self.of: dict[str, dict[tuple[str, str], None]] = {}

    def declare(self, *names: str) -> None:
        for name in names:
            self.of.setdefault(name, {})

    def add(self, box: str, member: str, reason: str = "") -> None:
        self.of.setdefault(box, {})[(reason, member)] = None

    def ids(self, box: str) -> set[str]:
        return {member for _, member in self.of.get(box, {})}

    def frame(self) -> "pd.DataFrame":
        unit = {box.data: box.unit for box in BOXES}
        rows = [
            (box.data, reason, unit[box.data], member)
            for box in BOXES
            for reason, member in self.of.get(box.data, {})
        ]
        frame = tables.frame(rows, schemas.FLOW_MEMBERS)
        # A box that was read and is empty is counted as zero; the rows alone could not say so.
        frame.attrs["declared"] = sorted(self.of)
        return frame


def _belongs(box: Box, arm: str) -> bool:
    if box.data.startswith(("previous", "total")) or box.data in IDENTIFIED["register"]:
        return False
    if arm == "db":
        return box.arm == "databases"
    return box.data.startswith("other_")


def _fill_arm(
    boxes: _Boxes,
    arm: str,
    kept: set[str],
    merged: "pd.DataFrame",
    settled: "pd.DataFrame",
    report_of: dict[str, str],
    study_of: dict[str, str],
) -> None:
    names = {"db": "dbr", "other": "other"}[arm]
    abstract = settled[settled["stage"] == "title_abstract"]
    full = settled[settled["stage"] == "full_text"]
    if arm == "db":
        for row_id in merged["row_id"].tolist():
            boxes.add("duplicates", row_id)
        for record in sorted(kept):
            boxes.add("records_screened", record)
        for row in abstract[abstract["decision"] == "exclude"].itertuples():
            boxes.add("records_excluded", row.record_id, row.reason)
        sought = abstract[abstract["decision"] == "include"]["record_id"]
    else:
        sought = sorted(kept)
    for record in sought:
        boxes.add(f"{names}_sought_reports", report_of[record])
    excluded: dict[str, str] = {}
    for row in full.itertuples():
        report = report_of[row.record_id]
        if row.decision == "not_retrieved":
            boxes.add(f"{names}_notretrieved_reports", report)
        elif row.decision in ("include", "exclude"):
            boxes.add(f"{names}_assessed", report)
        if row.decision == "exclude" and report not in excluded:
            excluded[report] = row.reason
            boxes.add(f"{names}_excluded", report, row.reason)
        if row.decision == "include":
            boxes.add("new_studies", study_of[report])
            boxes.add("new_reports", report)


def _hold(
    boxes: _Boxes,
    arm: str,
    rows: set[str],
    kept: set[str],
    report_of: dict[str, str],
    *,
    final: bool,
) -> None:
    """Hold the counted sets of one arm to the splits of the flow; name every record that breaks one."""
    names = {"db": "dbr", "other": "other"}[arm]
    included = boxes.ids("new_reports") & boxes.ids(f"{names}_assessed")
    splits = [
        (
            f"{names}_sought_reports",
            [f"{names}_notretrieved_reports", f"{names}_assessed"],
            {},
        ),
        (
            f"{names}_assessed",
            [f"{names}_excluded", "new_reports"],
            {"new_reports": included},
        ),
    ]
    if arm == "db":
        reports = boxes.ids("dbr_sought_reports")
        asked = {record for record in kept if report_of[record] in reports}
        asked -= boxes.ids("records_excluded")
        splits.insert(
            0,
            (
                "records_screened",
                ["records_excluded", "dbr_sought_reports"],
                {"dbr_sought_reports": asked},
            ),
        )
    problems = []
    for whole, parts, instead in splits:
        sets = [instead.get(part, boxes.ids(part)) for part in parts]
        either, both = set.union(*sets), set.intersection(*sets)
        lost = boxes.ids(whole) - either if final else set()
        for ids, where in [
            (lost, f"in {whole} but in none of {', '.join(parts)}"),
            (both, f"in both {' and '.join(parts)}"),
            (either - boxes.ids(whole), f"in {' or '.join(parts)} but not in {whole}"),
        ]:
            if ids:
                problems.append(
                    Problem("results/flow", 0, whole, f"{len(ids)} are {where}: {some(sorted(ids))}",
                            "each member in exactly one box of the next step", "see `retrace check`")
                )  # fmt: skip
    if arm == "db":
        duplicates = boxes.ids("duplicates")
        if len(rows - duplicates) != len(kept):
            problems.append(
                Problem("results/flow", 0, "database_results",
                        f"{len(rows)} rows less {len(duplicates)} duplicates are not the {len(kept)} distinct records",
                        "in = kept + merged")
            )  # fmt: skip
    if problems:
        raise FlowError(problems)


def _reports(
    record_ids: Iterable[str], reports: "pd.DataFrame", kept_of: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return each record's report and each report's study; by default one each, under one id.

    What is said of a record that was merged into another is said of that other.

    Raises:
        FlowError: two copies of a record are said to be two reports.
    """
    report_of = {record: record for record in record_ids}
    study_of = {record: record for record in report_of}
    said: dict[str, str] = {}
    problems = []
    for place, row in zip(
        tables.lines(reports), reports.itertuples(index=False), strict=True
    ):
        kept = kept_of.get(row.record_id, row.record_id)
        if said.setdefault(kept, row.report_id) != row.report_id:
            problems.append(
                Problem(schemas.REPORTS.path, place, "report_id",
                        f"{row.record_id} is a duplicate of {kept}, which is report {said[kept]}",
                        "one report for one record", "correct one of the two rows, or split the records in overrides.csv")
            )  # fmt: skip
        report_of[kept] = row.report_id
        study_of[row.report_id] = row.study_id
    if problems:
        raise FlowError(problems)
    return report_of, study_of


def _unfed(searches: "pd.DataFrame") -> set[str]:
    """Return the boxes of identification that no search feeds, in arms whose records were read."""
    arm_of = {box.data: box.arm for box in BOXES}
    read = searches[searches["status"].isin(schemas.AT_HAND)]
    arms = {arm_of[IDENTIFIED[kind][0]] for kind in read["kind"] if kind in IDENTIFIED}
    return {
        box
        for kind, boxes in IDENTIFIED.items()
        if kind not in set(searches["kind"])
        for box in boxes
        if arm_of[box] in arms
    }


def _as_of(notices: "pd.DataFrame | None") -> str:
    """Return of which day retracted studies are such, of how many that were looked up, and where."""
    known: dict[str, list[str]] = {}
    if notices is not None:
        for study, cell in tables.rows(notices, "study_id", "known_to"):
            known.setdefault(study, []).extend(tables.values(cell))
    known = {study: held for study, held in known.items() if held}
    if not known:
        return "Retracted"
    services = sorted({one.rpartition(" ")[0] for held in known.values() for one in held})  # fmt: skip
    days = sorted(max(one.rpartition(" ")[2] for one in held) for held in known.values())  # fmt: skip
    when = " to ".join(dict.fromkeys((days[0], days[-1])))
    where = " or ".join(filter(None, (", ".join(services[:-1]), services[-1])))
    return f"Retracted as of {when}, of {len(known):,} known to {where}"


def _text(box: str) -> str:
    return next(of.text for of in BOXES if of.data == box).lower()
