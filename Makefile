# make review     set up and rebuild the review of this folder
# make test       set up and run every check: style, types, workflow, tests
# The rest:     make help

PYTHON ?= python3
VENV   ?= .venv
UV     := uv==0.13.9
BIN    := $(abspath $(VENV))/bin
export PATH := $(BIN):$(PATH)
# Without bytecode each of the build's processes would compile pandas again.
unexport PYTHONDONTWRITEBYTECODE

# One more than processors: the tests of the cluster mostly wait for it.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

RUN := $(VENV)/.run-$(shell sha256sum requirements.lock pyproject.toml | sha256sum | cut -c1-12)
DEV := $(VENV)/.dev-$(shell sha256sum requirements-dev.lock pyproject.toml | sha256sum | cut -c1-12)

.PHONY: review test bench fuzz faults reproduce live-check lint lock clean help

review: $(RUN)
	@retrace build

test: $(DEV) lint
	@python -m pytest tests -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# make lint       style, types and the workflow alone, before a commit
lint: $(DEV)
	@ruff check .
	@ruff format --check .
	@snakefmt --check Snakefile workflow
	@snakemake --lint > /dev/null
	@mypy

# make bench      measure readers, deduplication and whole builds, with peers in the same run
bench: $(DEV)
	@for script in bench/*.py; do python $$script; done

# make fuzz       cut exports at every byte, break them at random for ten minutes (SECONDS=600), hold the readers to their laws
fuzz: $(DEV)
	@python tests/fuzz_readers.py --seconds $${SECONDS:-600}

# make faults     kill builds at more than a hundred system calls; each must recover to the same bytes
faults: $(DEV)
	@python tests/faults.py

# make reproduce  build the shipped review in other folders, days, places, ...; each must have the same bytes
reproduce: $(DEV)
	@python tests/reproduce.py

# make live-check ask each live source a small question; the only check that needs a network
live-check: $(DEV)
	@python tests/live_check.py

# uv if it is there; else a pinned uv inside the environment; else pip alone. All check the hashes.
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "needed: apt-get install python3-venv" >&2; exit 1; }
	@uv=$$(command -v uv || { $(BIN)/pip install -q --disable-pip-version-check $(UV) >/dev/null 2>&1 && echo $(BIN)/uv; }); \
	if [ -n "$$uv" ]; then \
	  "$$uv" pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r $(1); \
	else \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); \
	fi
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/python" -m retrace "$$@"\n' "$(abspath workflow/scripts)" "$(BIN)" > $(BIN)/retrace && chmod +x $(BIN)/retrace
	@touch $(2)
endef

$(RUN): requirements.lock
	$(call install,requirements.lock,$@)

$(DEV): requirements.lock requirements-dev.lock
	$(call install,requirements-dev.lock,$@)
	@touch $(RUN)

# make lock       take new versions of what we stand on (UPGRADE=--upgrade); the second lock is compiled on top of the first
lock:
	@uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-annotate --no-header $(UPGRADE) pyproject.toml -o requirements.lock
	@uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-annotate --no-header $(UPGRADE) --extra dev --extra cluster -c requirements.lock pyproject.toml -o requirements-dev.lock

# make clean      delete what was built
clean:
	@rm -rf results/[a-z]* .snakemake

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
