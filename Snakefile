"""Rebuild a review from its raw inputs: a table of contents of the workflow.

Run it here for the review in this folder, or with `--directory FOLDER` for another one.
"""

import os
import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")

# The package beside this file, in this process and in every job, even where another is installed.
SCRIPTS = f"{workflow.basedir}/workflow/scripts"
sys.path.insert(0, SCRIPTS)
os.environ.update(PYTHONPATH=SCRIPTS)

from retrace import errors, protocol  # noqa: E402

# What an author can mend stops here, in sentences; what a command line sets holds over config.yaml.
with errors.told():
    config |= protocol.load(checked=workflow.is_main_process) | config


include: "workflow/rules/common.smk"
include: "workflow/rules/searches.smk"
include: "workflow/rules/records.smk"
include: "workflow/rules/screening.smk"
include: "workflow/rules/flow.smk"
include: "workflow/rules/extraction.smk"
include: "workflow/rules/synthesis.smk"
include: "workflow/rules/numbers.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/manuscript.smk"
include: "workflow/rules/audit.smk"


rule all:
    default_target: True
    input:
        OUTPUTS,
