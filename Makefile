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
TOOLS := build/tools
# Compiled modules are kept, beside the tree, also where PYTHONDONTWRITEBYTECODE is set (images of Docker do): hundreds of
# tests start the program, and pytest rewrites all files of tests each time.
KEPT := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/build/bytecode

.DEFAULT_GOAL := help
.PHONY: help venv check fast test site windows bench fuzz schema docs records mutate compare fresh pyz binary constraints clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

venv: $(READY) ## the virtual environment with all that the tests need

$(READY): setup.cfg
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(UCDIAG_VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

check: $(READY) ## ruff, formatting, and mypy for Linux, Windows and macOS
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	for platform in linux win32 darwin; do \
	    $(BIN)/mypy --platform $$platform --cache-dir .mypy_cache/$$platform || exit; \
	done

# Two workers for each processor: a third of the time of a test that asks servers is waiting.
fast: $(READY) ## the fast tests, on all processors: no root, no test site
	UCDIAG_HYPOTHESIS=$${UCDIAG_HYPOTHESIS:-fast} $(KEPT) $(BIN)/python -m pytest --quiet --numprocesses $$(( $$(getconf _NPROCESSORS_ONLN) * 2 )) --dist worksteal -m "not site and not tools and not slow" --ignore=tests/site $(ARGS)

test: ## everything that CI runs; as root also installs the servers and runs the test site
	tests/run $(ARGS)

site: $(READY) ## the test site alone: root, network namespaces, real servers
	UCDIAG_REQUIRE_REAL=1 $(BIN)/python -m pytest tests/site $(ARGS)

windows: $(READY) ## by CPython for Windows, under Wine: root, Python 3.11, x86-64; half a gigabyte
	PYTHON=$(BIN)/python tests/windows/set_up
	UCDIAG_WINDOWS=1 $(BIN)/python -m pytest tests/windows $(ARGS)

bench: $(READY) ## the gates of speed, memory and start-up, as CI holds them
	$(BIN)/python -m tests.bench.startup --gate $(ARGS)
	$(BIN)/python -m tests.bench.capture --gate $(ARGS)
	$(BIN)/python -m tests.bench.capture --memory $(ARGS)

fuzz: $(READY) ## bytes that break a parser, for a minute (atheris); ARGS="--seconds 600 dns answer"
	$(BIN)/python -m tests.fuzz.with_atheris $(ARGS)

schema: $(READY) ## write the JSON Schemas anew, after a change of the model
	$(BIN)/python -m ucdiag.views.schema

docs: $(READY) ## make docs/codes.rst, the man page and the pictures anew, then every page as HTML in build/docs; a warning is an error
	$(BIN)/python -m tests.pages
	@set -e; for page in *.rst docs/*.rst docs/decisions/*.rst tests/site/*.rst; do \
	    mkdir -p "$(HTML)/$$(dirname "$$page")"; \
	    $(BIN)/python -m docutils --halt=2 --report=2 "$$page" "$(HTML)/page"; \
	    sed 's/\(href="[^":]*\)\.rst"/\1.html"/g' "$(HTML)/page" >"$(HTML)/$${page%.rst}.html"; \
	done; rm "$(HTML)/page"; echo "$(HTML)/README.html"

records: $(READY) ## write anew all that is recorded beside the tests, half a minute; ARGS="views cli" for these folders
	$(BIN)/python -m tests.records $(ARGS)

mutate: $(READY) ## do the fast tests notice small changes? e.g. ARGS="--seed 7 --sample 50"
	$(BIN)/python -m tests.mutate $(ARGS)

compare: $(READY) ## does another checkout say the same? ARGS="PATH [--captures DIR]"
	$(BIN)/python -m tests.compare $(ARGS)

fresh: ## the README's commands in new Debian systems; root, some minutes
	tests/fresh $(ARGS)

pyz: $(READY) ## dist/ucdiag.pyz: one file, for this kind of system and the Python that it is made with (pex)
	$(BIN)/python -m pex '.[ntlm,zstd]' --console-script ucdiag --python-shebang '/usr/bin/env python3' \
	    --no-emit-warnings --output-file dist/ucdiag.pyz $(ARGS)

binary: $(TOOLS)/bin/python ## dist/ucdiag: one file with Python in it, for this kind of system (PyInstaller)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check pyinstaller .
	$(TOOLS)/bin/pyinstaller --noconfirm --log-level WARN --workpath build/pyinstaller packaging/ucdiag.spec $(ARGS)

constraints: $(TOOLS)/bin/python ## constraints.txt anew: the newest versions of all that ucdiag needs, with their hashes
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(TOOLS)/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-header --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links --extra ntlm --extra zstd --output-file constraints.txt setup.cfg $(ARGS)
	sed -i '1i # The versions that ucdiag was tested with, with their hashes, made by "make constraints":\n#   pip install --require-hashes -r constraints.txt \&\& pip install --no-deps ucdiag-*.whl' constraints.txt

$(TOOLS)/bin/python:
	"$(PYTHON)" -m venv $(TOOLS)

clean: ## remove what these tasks made, but for the virtual environment
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find tests ucdiag -name __pycache__ -type d -prune -exec rm -rf {} +
