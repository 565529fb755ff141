"""Rebuild the review in this folder, or with `--directory FOLDER` another one.

The workflow stands in workflow/Snakefile. What is included sets no default target, so without a rule
of its own this file would build nothing.
"""


include: "workflow/Snakefile"


rule review:
    default_target: True
    input:
        OUTPUTS,
