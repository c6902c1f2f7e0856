# One word for each task. Without a word: the list of them.
#
#   PYTHON=python3.12      the Python that the virtual environment is made with (python3)
#   UCDIAG_VENV=/path      where the virtual environment is (.venv), as for tests/run
#   ARGS="..."             more words for the tool behind the task
PYTHON ?= python3
UCDIAG_VENV ?= .venv
ARGS ?=
export PYTHON UCDIAG_VENV

BIN := $(UCDIAG_VENV)/bin
READY := $(UCDIAG_VENV)/.ready
HTML := build/docs

.DEFAULT_GOAL := help
.PHONY: help venv check fast test site bench schema docs mutate compare fresh clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

venv: $(READY) ## the virtual environment with all that the tests need

$(READY): setup.cfg
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(UCDIAG_VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

check: $(READY) ## ruff, formatting, and mypy for Linux, Windows and macOS
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin

fast: $(READY) ## the fast tests, on all processors: no root, no test site
	$(BIN)/python -m pytest --quiet --numprocesses auto -m "not site and not tools" $(ARGS)

test: ## everything that CI runs; as root also installs the servers and runs the test site
	tests/run $(ARGS)

site: $(READY) ## the test site alone: root, network namespaces, real servers
	UCDIAG_REQUIRE_REAL=1 $(BIN)/python -m pytest tests/site $(ARGS)

bench: $(READY) ## the gates of speed, memory and start-up, as CI holds them
	$(BIN)/python -m tests.bench.startup --gate $(ARGS)
	$(BIN)/python -m tests.bench.capture --gate $(ARGS)

schema: $(READY) ## write the JSON Schemas anew, after a change of the model
	$(BIN)/python -m ucdiag.views.schema

docs: $(READY) ## every page as HTML in build/docs; a warning is an error
	@set -e; for page in *.rst docs/*.rst docs/decisions/*.rst tests/site/*.rst; do \
	    mkdir -p "$(HTML)/$$(dirname "$$page")"; \
	    $(BIN)/python -m docutils --halt=2 --report=2 "$$page" "$(HTML)/page"; \
	    sed 's/\(href="[^":]*\)\.rst"/\1.html"/g' "$(HTML)/page" >"$(HTML)/$${page%.rst}.html"; \
	done; rm "$(HTML)/page"; echo "$(HTML)/README.html"

mutate: $(READY) ## do the fast tests notice small changes? e.g. ARGS="--seed 7 --sample 50"
	$(BIN)/python -m tests.mutate $(ARGS)

compare: $(READY) ## does another checkout say the same? ARGS="PATH [--captures DIR]"
	$(BIN)/python -m tests.compare $(ARGS)

fresh: ## the README's commands in new Debian systems; root, some minutes
	tests/fresh $(ARGS)

clean: ## remove what these tasks made, but for the virtual environment
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find tests ucdiag -name __pycache__ -type d -prune -exec rm -rf {} +
