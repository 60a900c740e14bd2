# What a person types. Everything lives in .venv and under data/; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKER := .venv-lock
STAMP = $(VENV)/.installed-$(1)-$(shell cat $(2) pyproject.toml | cksum | cut -d' ' -f1)
RUNTIME := $(call STAMP,runtime,requirements.lock)
DEV := $(call STAMP,dev,requirements-dev.lock)
export DO_NOT_TRACK := 1
# long and seldom broken: not in `make test`, but in CI
RECIPES := $(addprefix tests/integration/test_,documents.py contributing.py benchmarks.py)

.PHONY: help install dev demo test first-hour recipes lint unit browser pages picture real faults bench fuzz chaos payloads properties clients wheels docs lock clean

help:
	@echo "make demo    a simulated market end to end, under data/demo"
	@echo "make dev     .venv with pytest and what else the checks need; make test does it too"
	@echo "make test    every check: ruff, mypy, sqlfluff, pytest"
	@echo "make first-hour  the wheel in a fresh environment, with files as sites export them and a user's mistakes"
	@echo "make recipes each block of README and docs run as written, CONTRIBUTING followed to the letter, the benchmarks on a small panel"
	@echo "make browser the report in headless Chromium, and 20 sessions made thrice (installs chromium)"
	@echo "make pages   the reports of the last 250 sessions of the demo"
	@echo "make picture docs/report.png, the README's picture, of the demo's report"
	@echo "make real    import and build what lies in ../shared/data, under data/real"
	@echo "make faults  puts faults into the bars of make real (else make demo), and counts what is found: SEEDS=\"1 2 3\""
	@echo "make bench   the figures of benchmarks/RESULTS.md, of a day in benchmarks/DAY.md, and the CPU time of short commands"
	@echo "make fuzz    50,000 mutated payloads for each adapter"
	@echo "make chaos   200 kills at seeded random points"
	@echo "make payloads  ten thousand small payloads in one run: flat memory, no file left open"
	@echo "make docs    write the data dictionary and the register of methods again"
	@echo "make properties  more markets and batches drawn at random, for what must hold of all"
	@echo "make clients each published table read by DuckDB 1.5 (needs the package registry once)"
	@echo "make wheels  whether each locked package has a wheel for each Python (needs the package registry)"
	@echo "make lock    resolve the dependencies again (needs the package registry)"

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 15) else "breadthwise needs Python 3.11 to 3.14, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@rm -f $(VENV)/.installed-runtime-*; touch $@

$(DEV): $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/.installed-dev-*; touch $@

install: $(RUNTIME)

dev: $(DEV)

demo: $(RUNTIME)
	$(BIN)/breadthwise demo $(ARGS)

test: lint unit

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar transforms/sql

unit: $(DEV)
	$(BIN)/python -m pytest $(addprefix --ignore ,tests/browser $(RECIPES)) -n 2 --dist worksteal --durations=25

recipes: $(DEV)
	$(BIN)/python -m pytest $(RECIPES) --durations=5

browser: $(DEV)
	tests/browser/install.sh
	$(BIN)/python -m pytest tests/browser --durations=5

pages: $(RUNTIME)
	$(BIN)/breadthwise --home $(or $(BREADTHWISE_HOME),data/demo) report --last 250 $(ARGS)

picture: $(DEV)
	tests/browser/install.sh
	$(BIN)/python -m tests.browser.picture "$$(ls -d data/demo/reports/????-??-?? | tail -1)/en.html" docs/report.png

first-hour: $(DEV)
	$(BIN)/python -m pytest tests/first_hour/hour.py --durations=5

real: $(RUNTIME)
	$(BIN)/python -m tests.real.market ../shared

faults: $(DEV)
	$(BIN)/python -m benchmarks.faults --home $(or $(FAULTS_HOME),data/$(if $(wildcard ../shared/data),real,demo)) $(SEEDS)

bench: $(DEV)
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.day
	$(BIN)/python -m benchmarks.startup

fuzz: $(DEV)
	FUZZ_CASES=50000 $(BIN)/python -m pytest -n 2 tests/sources/test_fuzz.py

chaos: $(DEV)
	BREADTHWISE_KILLS=200 $(BIN)/python -m pytest -n 2 -m chaos

payloads: $(DEV)
	BREADTHWISE_PAYLOADS=10000 $(BIN)/python -m pytest tests/integration/test_many_payloads.py

properties: $(DEV)
	BREADTHWISE_MARKETS=6 $(BIN)/python -m pytest -n 2 --dist worksteal tests/properties/test_metrics.py tests/integration/test_extremes_in_build.py
	BREADTHWISE_BLOCK_HISTORIES=60 $(BIN)/python -m pytest tests/properties/test_blocks.py
	BREADTHWISE_GX_BATCHES=400 $(BIN)/python -m pytest -n 2 --dist worksteal tests/integration/test_gx.py -k extreme

# DuckDB 1.5, which most clients have, in an environment of its own
OLDER := $(VENV)/duckdb-1.5
$(OLDER)/.installed: | $(VENV)/bin/python
	$(PYTHON) -m venv $(OLDER)
	$(OLDER)/bin/python -m pip install --quiet --disable-pip-version-check 'duckdb==1.5.*'
	@touch $@

clients: $(DEV) $(OLDER)/.installed
	$(BIN)/python -m pytest tests/integration/test_older_clients.py

wheels: $(LOCKER)/bin/uv
	$(LOCKER)/bin/python .ci/wheels.py requirements-dev.lock

docs: $(RUNTIME)
	$(BIN)/breadthwise docs

# its own environment: what resolves must not be among what is resolved
$(LOCKER)/bin/uv:
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/bin/python -m pip install --quiet --disable-pip-version-check uv

lock: $(LOCKER)/bin/uv
	$(LOCKER)/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	$(LOCKER)/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) $(LOCKER) data/demo .mypy_cache .ruff_cache
