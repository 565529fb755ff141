"""Settle what holds for each record at each stage, from the reviewers' votes and resolutions.

Nothing is guessed for a record that was not decided: it stays `undecided` with the reason why,
so that a build in progress shows it and a release stops on it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from retrace import agreement, schemas, tables
from retrace.errors import Problem, ScreeningError, did_you_mean, shown, some

if TYPE_CHECKING:
    import pandas as pd

DIRECTORY = "data/raw/screening/reviewers"
RESOLUTIONS = "data/raw/screening/resolutions.csv"
OF_AN_UNKNOWN_ID = "correct it, or look whether its search is still there"
_MARK_OF_A_COPY = re.compile(
    r"\(\d+\)|(?<![^\W_])(copy|kopie|copie|copia)( (of|von|de))?(?![^\W_])"
)
"""What browsers and file managers put into the name of a copy."""


def settle(
    votes: Mapping[str, "pd.DataFrame"],
    resolutions: "pd.DataFrame",
    *,
    deduplicated: "pd.DataFrame",
    duplicates: "pd.DataFrame",
    searches: "pd.DataFrame",
    votes_needed: int = 2,
    unsure: str = "resolve",
    reasons: Mapping[str, Sequence[str]] | None = None,
    final: bool = False,
) -> "pd.DataFrame":
    """Return what holds for each record and stage; see `schemas.SETTLED`.

    A resolution holds over votes. Else ``votes_needed`` votes must agree; ``unsure`` says what
    an unsure vote is: ``include`` (it goes on to full text) or ``resolve`` (a person decides).
    Where reviewers agree to exclude for different reasons, the one that stands first in
    ``reasons`` of that stage holds. A decision on a record that was merged into another is a
    decision on that other. Records from other methods are not screened by title and abstract.

    Raises:
        ScreeningError: unknown ids, reasons outside the protocol, contradictory decisions, a
            copy of a reviewer's file, and, in a ``final`` build, records without a decision;
            all at once.
    """
    reasons = reasons or {}
    kept_of = _kept_of(deduplicated, duplicates)
    problems = list(_copies(votes))
    at: dict[tuple[str, str], tuple[str, int]] = {}
    voted = _votes(votes, kept_of, reasons, problems, at)
    resolved = _resolutions(resolutions, kept_of, reasons, problems, at)
    kind_of = {
        row.source: row.kind
        for row in searches.itertuples()
        if row.status in schemas.AT_HAND
    }
    rows: list[tuple[str, str, str, str, str]] = []
    for record, sources in tables.rows(deduplicated, "record_id", "sources"):
        kinds = {kind_of.get(source) for source in tables.values(sources)}
        if kinds & set(schemas.SCREENED_KINDS):
            first = _hold(
                record, "title_abstract", voted, resolved, votes_needed, unsure, reasons
            )
            rows.append(first)
            goes_on = first[2] == "include"
        else:
            goes_on = bool(kinds & set(schemas.OTHER_KINDS))
            if (record, "title_abstract") in at:
                problems.append(
                    Problem(*at[record, "title_abstract"], "stage", f"{record} has a decision at title_abstract, but no database or register found it",
                            "decisions at full_text alone", "delete the decision")
                )  # fmt: skip
        if goes_on:
            rows.append(
                _hold(
                    record, "full_text", voted, resolved, votes_needed, unsure, reasons
                )
            )
        elif (record, "full_text") in at:
            problems.append(
                Problem(*at[record, "full_text"], "stage", f"{record} has a full-text decision, but did not pass title and abstract",
                        "an include at title_abstract first", "correct one of the two decisions")
            )  # fmt: skip
    if final:
        problems += [
            Problem(DIRECTORY, 0, "decision", f"{record} is undecided at {stage}: {basis}", "a decision",
                    "let the reviewers vote, add a row to resolutions.csv, or set status: draft")
            for record, stage, decision, _, basis in rows
            if decision == "undecided"
        ]  # fmt: skip
    if problems:
        raise ScreeningError(problems)
    return tables.frame(rows, schemas.SETTLED)


def agree(
    votes: Mapping[str, "pd.DataFrame"], duplicates: "pd.DataFrame"
) -> "pd.DataFrame":
    """Return the agreement of each pair of reviewers at each stage, `schemas.SCREENING_AGREEMENT`.

    Over the records that both voted to include or to exclude; unsure votes are counted apart.
    Two reviewers who voted on two copies of a record voted on one record.
    """
    kept_of = dict(tables.rows(duplicates, "record_id", "kept_id"))
    rows = []
    for stage in schemas.STAGES:
        of_stage = {
            reviewer: {
                kept_of.get(record, record): decision
                for record, decision in frame[frame["stage"] == stage][
                    ["record_id", "decision"]
                ].itertuples(index=False, name=None)
            }
            for reviewer, frame in votes.items()
        }
        for first, second in combinations(sorted(of_stage), 2):
            both = [record for record in of_stage[first] if record in of_stage[second]]
            pairs = [
                (of_stage[first][record], of_stage[second][record]) for record in both
            ]
            sure = [pair for pair in pairs if set(pair) <= {"include", "exclude"}]
            a, b = [pair[0] for pair in sure], [pair[1] for pair in sure]
            rows.append(
                {
                    "stage": stage, "reviewer_a": first, "reviewer_b": second,
                    "n_both": len(both), "n_unsure": len(pairs) - len(sure),
                    "n_include_include": sure.count(("include", "include")),
                    "n_include_exclude": sure.count(("include", "exclude")),
                    "n_exclude_include": sure.count(("exclude", "include")),
                    "n_exclude_exclude": sure.count(("exclude", "exclude")),
                    "percent": _rounded(agreement.percent(a, b)),
                    "kappa": _rounded(agreement.cohens_kappa(a, b)),
                }
            )  # fmt: skip
    return tables.frame(rows, schemas.SCREENING_AGREEMENT)


def warn(
    votes: Mapping[str, "pd.DataFrame"],
    resolutions: "pd.DataFrame",
    *,
    deduplicated: "pd.DataFrame",
    duplicates: "pd.DataFrame",
    borderline: "pd.DataFrame",
    **rules: Any,
) -> "pd.DataFrame":
    """Return what is odd about the decisions but does not stop a build, `schemas.WARNINGS`.

    That is `doubts`, which has the ``rules``, and each decision that counts for another record than the one it names: a
    new search or a person's word can merge a record after it was decided on; the decision holds
    for the record kept, and a reader must be able to see that.
    """
    merged = duplicates[duplicates["record_id"] != duplicates["kept_id"]]
    now = {
        old: (new, rule)
        for old, new, rule in zip(
            merged["record_id"], merged["kept_id"], merged["rule"], strict=True
        )
    }
    tables_of = {f"{DIRECTORY}/{name}.csv": frame for name, frame in votes.items()}
    rows = [
        {
            "code": "decision_on_merged_record",
            "where": f"{file}:{place}",
            "says": f"{row.record_id} is now one with {now[row.record_id][0]}, by the rule {now[row.record_id][1]};"
            f" the decision counts for that record ({row.stage}, {row.decision}).",
        }
        for file, frame in sorted({**tables_of, RESOLUTIONS: resolutions}.items())
        for place, row in zip(
            tables.lines(frame), frame.itertuples(index=False), strict=True
        )
        if row.record_id in now
    ]
    rows += doubts(
        votes, resolutions, deduplicated=deduplicated, duplicates=duplicates, borderline=borderline, **rules
    )  # fmt: skip
    return tables.frame(rows, schemas.WARNINGS)


def undecided(settled: "pd.DataFrame", deduplicated: "pd.DataFrame") -> "pd.DataFrame":
    """Return a sheet of the records that wait for a decision, to be filled: `schemas.DECISIONS` and what stands beside.

    No vote of anybody is in it; `basis` says why a record waits.
    """
    waiting = settled.loc[
        settled["decision"] == "undecided", ["record_id", "stage", "basis"]
    ]
    columns = [*schemas.DECISIONS.names, *schemas.DECISIONS.beside]
    sheet = waiting.merge(deduplicated, on="record_id", how="left")
    return sheet.reindex(columns=columns, fill_value="")


def doubts(
    votes: Mapping[str, "pd.DataFrame"],
    resolutions: "pd.DataFrame",
    *,
    deduplicated: "pd.DataFrame",
    duplicates: "pd.DataFrame",
    borderline: "pd.DataFrame",
    votes_needed: int = 2,
    unsure: str = "resolve",
    reasons: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[dict[str, str]]:
    """Yield, as rows of `schemas.WARNINGS`, what a person should look at again.

    These are the resolutions of what the votes alone, by the rules of `settle`, settle otherwise,
    and, in one row, the pairs of records that were left apart in doubt.
    """
    reasons = reasons or {}
    kept_of = _kept_of(deduplicated, duplicates)
    voted = _votes(votes, kept_of, reasons, [], {})
    for place, row in zip(
        tables.lines(resolutions), resolutions.itertuples(index=False), strict=True
    ):
        kept = kept_of.get(row.record_id, row.record_id)
        *_, decision, _, basis = _hold(kept, row.stage, voted, {}, votes_needed, unsure, reasons)  # fmt: skip
        if decision not in ("undecided", row.decision):
            yield {
                "code": "resolution_against_votes",
                "where": f"{RESOLUTIONS}:{place}",
                "says": f"{row.record_id} at {row.stage}: the resolution says {row.decision}, the votes alone"
                f" {decision} ({basis}); the resolution holds.",
            }
    if len(borderline):
        yield {
            "code": "borderline_pairs",
            "where": schemas.BORDERLINE.path,
            "says": f"{len(borderline)} pair(s) of records were left apart that a person should look at;"
            f" a line of {schemas.OVERRIDES.path} settles one.",
        }


def _kept_of(
    deduplicated: "pd.DataFrame", duplicates: "pd.DataFrame"
) -> dict[str, str]:
    """Return by the id of each record that was read the id of the one that stands for it."""
    kept_of = {record: record for record in deduplicated["record_id"].tolist()}
    for old, new in tables.rows(duplicates, "record_id", "kept_id"):
        kept_of.setdefault(old, new)
    return kept_of


def _copies(reviewers: Iterable[str]) -> Iterator[Problem]:
    """Yield the files that are named as copies of another reviewer's; what stands in them accuses nobody."""
    of = {reviewer.casefold(): reviewer for reviewer in reviewers}
    for name, reviewer in sorted(of.items()):
        first = _MARK_OF_A_COPY.sub("", name).strip(" -_.")
        if first != name and first in of:
            yield Problem(f"{DIRECTORY}/{reviewer}.csv", 0, "", f"the name of a copy of {of[first]}.csv", "one file per reviewer",
                          "delete one of the two, or rename it after its reviewer")  # fmt: skip


def _votes(
    votes: Mapping[str, "pd.DataFrame"],
    kept_of: Mapping[str, str],
    reasons: Mapping[str, Sequence[str]],
    problems: list[Problem],
    at: dict[tuple[str, str], tuple[str, int]],
) -> dict[tuple[str, str], dict[str, tuple[str, str]]]:
    """Return reviewer -> (decision, reason) by record and stage; note where each was first decided on."""
    voted: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for reviewer, frame in sorted(votes.items()):
        file = f"{DIRECTORY}/{reviewer}.csv"
        seen: set[tuple[str, str]] = set()
        for place, row in zip(
            tables.lines(frame), frame.itertuples(index=False), strict=True
        ):
            problems += _complaints(file, place, row, kept_of, reasons)
            if row.record_id not in kept_of:
                continue
            key = (kept_of[row.record_id], row.stage)
            at.setdefault(key, (file, place))
            of_record = voted.setdefault(key, {})
            vote = (row.decision, row.reason)
            again = (row.record_id, row.stage) in seen
            seen.add((row.record_id, row.stage))
            if of_record.setdefault(reviewer, vote)[0] != row.decision and not again:
                problems.append(
                    Problem(file, place, "decision",
                            f"{row.record_id} is a duplicate of {kept_of[row.record_id]}, on which the same reviewer"
                            f" voted {of_record[reviewer][0]}", "one vote for one record", "make the two votes agree")
                )  # fmt: skip
    return voted


def _resolutions(
    resolutions: "pd.DataFrame",
    kept_of: Mapping[str, str],
    reasons: Mapping[str, Sequence[str]],
    problems: list[Problem],
    at: dict[tuple[str, str], tuple[str, int]],
) -> dict[tuple[str, str], tuple[str, str]]:
    resolved: dict[tuple[str, str], tuple[str, str]] = {}
    for place, row in zip(
        tables.lines(resolutions), resolutions.itertuples(index=False), strict=True
    ):
        problems += _complaints(RESOLUTIONS, place, row, kept_of, reasons)
        if row.record_id not in kept_of:
            continue
        key = (kept_of[row.record_id], row.stage)
        at.setdefault(key, (RESOLUTIONS, place))
        if resolved.setdefault(key, (row.decision, row.reason))[0] != row.decision:
            problems.append(
                Problem(RESOLUTIONS, place, "decision", f"{row.record_id} is a duplicate of {key[0]}, resolved as {resolved[key][0]}",
                        "one resolution for one record", "delete one of them")
            )  # fmt: skip
    return resolved


def _complaints(
    file: str,
    place: int,
    row: Any,
    kept_of: Mapping[str, str],
    reasons: Mapping[str, Sequence[str]],
) -> list[Problem]:
    found = []
    if row.record_id not in kept_of:
        found.append(
            Problem(file, place, "record_id", shown(row.record_id), "the id of a record that was read from a search",
                    OF_AN_UNKNOWN_ID)
        )  # fmt: skip
    if row.decision == "exclude":
        known = reasons.get(row.stage, ())
        if row.reason and row.reason not in known:
            found.append(
                Problem(file, place, "reason", shown(row.reason), f"a reason of the protocol: {some(map(repr, known), 12) or 'none is listed'}",
                        did_you_mean(row.reason, known, "correct it, or add it to screening.reasons in config.yaml"))
            )  # fmt: skip
        if not row.reason and row.stage == "full_text":
            found.append(
                Problem(
                    file,
                    place,
                    "reason",
                    "the cell is empty",
                    "a reason for a full-text exclusion",
                    "fill it in",
                )
            )
    elif row.reason:
        found.append(
            Problem(
                file,
                place,
                "reason",
                repr(row.reason),
                "no reason, since it is not excluded",
                "empty the cell",
            )
        )
    if row.decision == "not_retrieved" and row.stage != "full_text":
        found.append(
            Problem(
                file,
                place,
                "decision",
                "not_retrieved",
                "full_text in stage",
                "correct the stage",
            )
        )
    return found


def _hold(
    record: str,
    stage: str,
    voted: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]],
    resolved: Mapping[tuple[str, str], tuple[str, str]],
    votes_needed: int,
    unsure: str,
    reasons: Mapping[str, Sequence[str]],
) -> tuple[str, str, str, str, str]:
    key = (record, stage)
    if key in resolved:
        return record, stage, *resolved[key], schemas.RESOLVED
    votes = list(voted.get(key, {}).values())
    decisions = {
        "include" if vote == "unsure" and unsure == "include" else vote
        for vote, _ in votes
    }
    if len(votes) < votes_needed:
        return record, stage, "undecided", "", f"{len(votes)} of {votes_needed} votes"
    if "unsure" in decisions:
        return record, stage, "undecided", "", schemas.UNSURE
    if len(decisions) > 1:
        return record, stage, "undecided", "", schemas.DISAGREE
    given = [reason for _, reason in votes if reason]
    order = {reason: place for place, reason in enumerate(reasons.get(stage, ()))}
    reason = min(given, key=lambda reason: order.get(reason, len(order)), default="")
    return record, stage, decisions.pop(), reason, schemas.votes_agree(len(votes))


def _rounded(value: float | None) -> float | str:
    return "" if value is None else round(value, 4)
