"""Pack a build as a Workflow Run RO-Crate: what went in, the workflow, what came out, and the run.

Profiles: Workflow Run Crate 0.5 (w3id.org/ro/wfrun/workflow/0.5) on RO-Crate 1.1. When the run
was is not told: a clock would make every pack another one.
"""

import json
import mimetypes
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from retrace import ledger

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
COMPUTED = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
MIT = "https://spdx.org/licenses/MIT"
MEMBER_TIME = (1980, 1, 1, 0, 0, 0)
ENGINE = (
    "Snakefile",
    "workflow",
    "profiles",
    "envs",
    "requirements.lock",
    "LICENSE",
    "NOTICE",
)


def engine_files(home: Path) -> dict[str, Path]:
    """Return the files of the workflow by their names in the crate."""
    found = {}
    for name in ENGINE:
        top = home / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                found[path.relative_to(home).as_posix()] = path
    return found


def pack(
    path: str | Path,
    *,
    config: Mapping[str, Any],
    lines: list[dict[str, Any]],
    home: Path,
    written_on: date,
    engine_version: str,
    snakemake_version: str,
) -> None:
    """Write the crate as a zip file.

    ``lines`` are the ledger's lines of all content outputs; the raw inputs are those that they
    name and no rule made.
    """
    outputs = [line["path"] for line in lines]
    raw = sorted(
        path
        for path in {used["path"] for line in lines for used in line["inputs"]}
        if ledger.is_raw(path)
    )
    files = {
        **engine_files(home),
        **{name: Path(name) for name in ["config.yaml", *raw, *outputs]},
    }
    metadata = _metadata(
        config=config, raw=["config.yaml", *raw], outputs=outputs, written_on=written_on,
        engine=[name for name in files if name not in raw and name not in outputs],
        digests={name: ledger.sha256(file) for name, file in files.items()},
        versions=(engine_version, snakemake_version),
    )  # fmt: skip
    with ledger.writing(path) as pack, zipfile.ZipFile(pack, "w") as made:
        made.writestr(_member("ro-crate-metadata.json"), metadata)
        for name in sorted(files):
            member = _member(name)
            member.file_size = files[name].stat().st_size
            # A piece at a time: an export may have gigabytes.
            with files[name].open("rb") as file, made.open(member, "w") as target:
                shutil.copyfileobj(file, target, 1 << 20)


def _metadata(
    *,
    config: Mapping[str, Any],
    raw: list[str],
    outputs: list[str],
    engine: list[str],
    written_on: date,
    digests: Mapping[str, str],
    versions: tuple[str, str],
) -> str:
    from rocrate.model.computerlanguage import ComputerLanguage
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    # Python's own list of types; the module's also takes in the machine's.
    kinds = mimetypes.MimeTypes()

    def entity(identifier: str, kind: str, **properties: Any) -> ContextEntity:
        return crate.add(
            ContextEntity(crate, identifier, {"@type": kind, **properties})
        )

    licence = entity(MIT, kind="CreativeWork", name="MIT License", url=MIT)
    root = crate.root_dataset
    root["name"] = config["title"]
    root["description"] = config.get("subtitle") or config["title"]
    root["license"] = entity(
        "#licence", kind="CreativeWork", name="Terms of use of the review",
        description=config.get("licence") or "None are stated; the workflow in it is under the MIT License.",
    )  # fmt: skip
    root["datePublished"] = written_on.isoformat()
    root["conformsTo"] = [
        entity(url, kind="CreativeWork", name=name, version=version)
        for url, (name, version) in PROFILES.items()
    ]
    language = crate.add(
        ComputerLanguage(
            crate,
            "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
            {
                "name": "Snakemake",
                "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
                "url": {"@id": "https://snakemake.readthedocs.io"},
                "version": versions[1],
            },
        )
    )
    workflow = crate.add_workflow(None, "Snakefile", main=True, lang=language)
    workflow["name"] = "retrace"
    workflow["version"] = versions[0]
    workflow["license"] = licence
    workflow["conformsTo"] = entity(
        COMPUTED,
        kind="CreativeWork",
        name="ComputationalWorkflow",
        version="1.0-RELEASE",
    )
    workflow["sha256"] = digests["Snakefile"]
    parameters = {
        name: entity(
            f"#{name}", kind="FormalParameter", additionalType="File", name=name,
            description=says, conformsTo={"@id": PARAMETER},
        )
        for name, says in (
            ("inputs", "config.yaml and the raw files of the review"),
            ("outputs", "records, flow, extraction, numbers, claims, tables, figures, manuscript"),
        )
    }  # fmt: skip
    entity(
        PARAMETER, kind="CreativeWork", name="FormalParameter", version="1.0-RELEASE"
    )
    workflow["input"], workflow["output"] = parameters["inputs"], parameters["outputs"]

    def add(names: Iterable[str], parameter: str = "") -> list[Any]:
        made = []
        for name in names:
            if name == "Snakefile":
                continue
            kind = kinds.guess_type(name)[0] or "text/plain"
            file = crate.add_file(
                None,
                name,
                properties={
                    "name": name,
                    "encodingFormat": kind,
                    "sha256": digests[name],
                },
            )
            if parameter:
                file["exampleOfWork"] = parameters[parameter]
            else:
                file["license"] = licence
            made.append(file)
        return made

    add(name for name in engine if name != "config.yaml")
    action = crate.add_action(
        workflow, "#build", object=add(raw, "inputs"), result=add(outputs, "outputs"),
        properties={
            "name": "Build of the review",
            "description": "When it ran is not told; no clock was read.",
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )  # fmt: skip
    authors = [
        entity(f"#author-{place}", kind="Person", name=author if isinstance(author, str) else author["name"])
        for place, author in enumerate(config.get("authors") or [], start=1)
    ]  # fmt: skip
    if authors:
        root["author"] = authors
        action["agent"] = authors
    root["mentions"] = action
    return json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False) + "\n"


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, MEMBER_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
