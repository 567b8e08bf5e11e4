# Two commands are enough: `make demo` and `make test`. `make help` lists the rest.
# Needed: Python 3.11 or newer with venv, make, git. Everything else comes from PyPI into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml hatch_build.py $(wildcard kspec/syntax/kspec.lark kspec/syntax/tables.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.installed ## install kspec and check the demonstration: one property holds, one does not
	$(BIN)/kspec check models/demo.kspec

.PHONY: test
test: check ## everything that must be right before a change is kept: style, types, imports, tests
	$(BIN)/python -m pytest

.PHONY: check
check: $(VENV)/.installed-dev ## style, types and the import contract, without running a test
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: ci
ci: check ## as `make test`, with the slow tests
	$(BIN)/python -m pytest -m "slow or not slow"

.PHONY: bench
bench: $(VENV)/.installed-bench ## compare with SPIN, Rumur and C (apt install spin rumur gcc), and proofs; FULL=1 for all sizes
	PYTHONPATH=. $(BIN)/python -m benchmarks.run $(if $(FULL),--full)
	PYTHONPATH=. $(BIN)/python -m benchmarks.proofs $(if $(FULL),--seconds 600)
	PYTHONPATH=. $(BIN)/python -m benchmarks.startup

.PHONY: format
format: $(VENV)/.installed-dev ## lay out the Python files
	$(BIN)/ruff format
	$(BIN)/ruff check --fix-only

# The stamps keep a second run from installing again. They depend on what is built into the
# package (the parse tables) and on the list of dependencies; the sources themselves are linked, so
# that they are compiled here, as pip does with what it copies.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "kspec needs Python 3.11 or newer; name one: make PYTHON=python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m compileall -q kspec
	@touch $@

$(VENV)/.installed-dev: $(SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m compileall -q kspec
	@touch $@ $(VENV)/.installed
