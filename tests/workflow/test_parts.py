"""A review with many exports is read by several jobs, and no byte of its results tells."""

import shutil
import subprocess
import sys

TARGETS = ("records.parquet", "deduplicated.parquet")


def test_reading_by_several_jobs_changes_no_byte(second, engine, tmp_path):
    module = engine / "workflow/scripts/retrace/readers/searches.py"
    small = module.read_text().replace("PART = 1 << 24", "PART = 1")
    module.write_text(small.replace("MOST_PARTS = 32", "MOST_PARTS = 3"))
    review = tmp_path / "review"
    unbuilt = shutil.ignore_patterns("results", ".snakemake")
    shutil.copytree(second, review, ignore=unbuilt)

    built = subprocess.run(
        [
            sys.executable, "-m", "snakemake", "--snakefile", engine / "Snakefile", "--directory", review,
            "--cores", "2", *(f"results/records/{name}" for name in TARGETS),
        ],
        capture_output=True, text=True,
    )  # fmt: skip

    assert not built.returncode, built.stdout + built.stderr
    assert len([*(review / "results/parts").iterdir()]) > 1
    tables = sorted(path.name for path in (review / "results/records").iterdir())
    assert set(TARGETS) < set(tables)
    assert not (second / "results/parts").exists()
    for name in tables:
        one, several = (
            folder / "results/records" / name for folder in (second, review)
        )
        assert one.read_bytes() == several.read_bytes(), name
