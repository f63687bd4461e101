# Everything a developer or CI does here, as targets: `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
# Processes that the tests are spread over; what CI runs on has two cores.
WORKERS ?= 2
# More words for pytest: make test TESTS=tests/rules PYTEST_ARGS='-k grant'
TESTS ?= tests
# Words of the names of the pages to take pictures of; none takes them all.
PAGES ?=
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.ready-to-run
TESTS_READY := $(VENV)/.ready-to-test
FOREIGN := tests/foreign_clients
NODE_READY := $(FOREIGN)/node_modules/.ready
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile setup.cfg --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url $(UPGRADE)

# What one program of the environment starts is found there too, as if it were activated.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run reset test check lint types imports docs-in-step docs screenshots bench format mutants lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_READY) ## serve the product with its demo world on http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(BIN)/accessmgr serve --port $(PORT)

reset: ## forget the embedded database, its keys and its history
	rm -rf instance

test: $(TESTS_READY) $(NODE_READY) ## run all tests: unit, scenario, property, PostgreSQL, browser
	@tools/system-packages
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS) $(TESTS)

# One after the other and the tests last, so that what pytest says closes the output.
check: $(TESTS_READY) ## all that CI does: lint, types, import contracts, docs in step, tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory imports
	@$(MAKE) --no-print-directory docs-in-step
	@CI=true $(MAKE) --no-print-directory test

lint: $(TESTS_READY) ## look for mistakes in the code with ruff
	$(BIN)/ruff check .

types: $(TESTS_READY) ## check the types with mypy, strictly in core and usecases
	$(BIN)/mypy

imports: $(TESTS_READY) ## check that imports point downwards
	$(BIN)/lint-imports --config setup.cfg

docs-in-step: $(RUN_READY) ## check that the generated docs say what the code says
	$(BIN)/accessmgr rules docs --check

docs: $(RUN_READY) ## write the generated docs anew
	$(BIN)/accessmgr rules docs

screenshots: $(TESTS_READY) ## take pictures of every page into build/screenshots/ (PAGES="offer grant" for some of them)
	@tools/system-packages
	$(BIN)/python tools/screenshots $(PAGES)

bench: $(TESTS_READY) ## measure decisions against pycasbin and cedarpy, pages, the history, sign-ins and answers to programs
	$(BIN)/accessmgr bench

format: $(TESTS_READY) ## sort imports and lay out the code with ruff
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

mutants: $(TESTS_READY) ## test the tests: change the rules, see that a test fails
	$(BIN)/mutmut run
	! $(BIN)/mutmut results | grep .

lock: $(TESTS_READY) ## write the lock files anew from setup.cfg (UPGRADE=--upgrade for newer versions)
	$(LOCK) --extra checkout --output-file requirements.lock
	$(LOCK) --extra checkout --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove what was installed and built, and keep the data
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis mutants \
		$(FOREIGN)/node_modules

# A library is installed only as the lock names it, by hash; the checkout itself comes last and fetches nothing.
$(RUN_READY): requirements.lock setup.cfg pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --require-hashes --requirement requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTS_READY): requirements-dev.lock $(RUN_READY)
	$(PIP_INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@

# Likewise what an application in Node is tested with; Node itself is a system package.
$(NODE_READY): $(FOREIGN)/package.json $(FOREIGN)/package-lock.json
	@tools/system-packages
	cd $(FOREIGN) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo 'missing: apt-get install python3-venv' >&2; exit 1; }
