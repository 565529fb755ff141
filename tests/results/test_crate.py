"""The build packs as a Workflow Run RO-Crate that the profile's own validator accepts, offline."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


@pytest.fixture(scope="module")
def crate(shipped, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crate")
    with zipfile.ZipFile(shipped / "results/audit/review.crate.zip") as packed:
        packed.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def graph(crate):
    metadata = json.loads(
        (crate / "ro-crate-metadata.json").read_text(encoding="utf-8")
    )
    return {entity["@id"]: entity for entity in metadata["@graph"]}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Return a cache of the one page that the validator would ask the network for."""
    import requests
    import rocrate
    from requests_cache import CachedSession
    from urllib3 import HTTPResponse

    # The library brings the context of RO-Crate 1.3, where terms of Bioschemas moved.
    context = (Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text(
        encoding="utf-8"
    )
    context = context.replace(
        "https://bioschemas.org/terms/", "https://bioschemas.org/"
    )
    path = tmp_path_factory.mktemp("cache") / "http"
    session = CachedSession(cache_name=str(path), backend="sqlite", expire_after=-1)
    for headers in (
        {"Accept": "application/ld+json, application/json;p=0.9, */*;q=0.1"},
        {},
    ):
        answer = requests.Response()
        answer.status_code, answer.url, answer.encoding = 200, CONTEXT, "utf-8"
        answer._content = context.encode()
        answer.headers["Content-Type"] = "application/ld+json"
        answer.raw = HTTPResponse(body=b"", status=200, preload_content=False)
        answer.request = requests.Request("GET", CONTEXT, headers=headers).prepare()
        session.cache.save_response(answer)
    return path


def validated(crate, cache, target):
    report = target / "report.json"
    subprocess.run(
        [
            Path(sys.executable).with_name("rocrate-validator"), "-y", "--disable-color", "validate",
            "--no-paging", "--offline", "--cache-path", cache, "-p", "workflow-run-crate-0.5",
            "-l", "required", "-f", "json", "-o", report, crate,
        ],
        capture_output=True,
    )  # fmt: skip
    return json.loads(report.read_text())


def test_the_crate_is_valid(crate, cache, tmp_path):
    report = validated(crate, cache, tmp_path)

    assert report["passed"], [issue["message"] for issue in report["issues"]]


def test_the_validator_would_see_a_missing_output(crate, cache, tmp_path):
    """The check above can fail: a crate without its action's instrument is refused."""
    broken = tmp_path / "broken"
    broken.mkdir()
    text = (crate / "ro-crate-metadata.json").read_text(encoding="utf-8")
    (broken / "ro-crate-metadata.json").write_text(
        text.replace('"instrument"', '"tool"'), encoding="utf-8"
    )
    (broken / "Snakefile").write_text("")

    assert not validated(broken, cache, tmp_path)["passed"]


def test_every_file_of_the_crate_is_described_with_its_digest(crate, graph):
    files = {
        path.relative_to(crate).as_posix()
        for path in crate.rglob("*")
        if path.is_file() and path.name != "ro-crate-metadata.json"
    }

    assert files == {
        name for name, entity in graph.items() if "File" in entity["@type"]
    }
    for name in files:
        assert (
            graph[name]["sha256"]
            == hashlib.sha256((crate / name).read_bytes()).hexdigest()
        ), name


def test_the_run_names_every_raw_input_and_every_output(shipped, graph):
    action = graph["#build"]
    raw = {
        path.relative_to(shipped).as_posix()
        for path in (shipped / "data/raw").rglob("*")
        if path.is_file()
    }
    outputs = {
        line.split("  ")[1]
        for line in (shipped / "results/SHA256SUMS").read_text().splitlines()
    }

    assert raw <= {entity["@id"] for entity in action["object"]}
    assert outputs == {entity["@id"] for entity in action["result"]}


def test_nobody_is_named_who_is_not_named_in_the_config(graph):
    assert not [
        entity
        for entity in graph.values()
        if entity["@type"] in ("Person", "Organization")
    ]
