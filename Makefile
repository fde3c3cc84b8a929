# Two commands do everything on a fresh clone: `make run` and `make test`. The rest is for developers.
#
#   make run ARGS="--seed 7 --end 2030"     arguments for `sscsim run`
#   make test ARGS="-k trade"               arguments for pytest; "-n 0" for one process and plain output
#   make PYTHON=python3.13 VENV=.venv313    another Python, in a folder of its own

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# One thread for linear algebra: the arrays are small, and runs repeat to the last bit.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help install run test test-long numbers tables pictures gallery neighbours levers questions forecast tutorials lessons docs mutations pyam fuzz dev lint format types imports check check-all bench build hooks clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 17

run: $(VENV)/.installed ## make the environment, install, run the main job
	$(BIN)/sscsim run $(ARGS)

# Neighbours share runs and fits: each process begins with a block of files, and who is done first takes from the others.
test: $(VENV)/.installed-test ## add what the tests need, run them
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal $(ARGS)

test-long: $(VENV)/.installed-test ## run the tests that take longer: browsers, clusters, fits that are killed
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m "long and not slow" $(ARGS)

numbers: $(VENV)/.installed-test ## renew the numbers that the tests hold runs to, say what moved
	$(BIN)/python -m tests.model._expected

tables: $(VENV)/.installed-test ## renew the tables of the documentation that a command writes
	$(BIN)/python -m tools.docs_tables $(ARGS)

pictures: $(VENV)/.installed-test ## draw the pictures of the documents anew, and the README's examples
	$(BIN)/python -m tools.docs_pictures

gallery: $(VENV)/.installed-test ## run every scenario that ships, and say what came of what was expected of it
	$(BIN)/python -m tools.gallery $(ARGS)

neighbours: $(VENV)/.installed-test ## ask gravity, gegravity and plain rules what the model is asked
	$(BIN)/python -m benchmarks.neighbours --write

levers: $(VENV)/.installed-test ## say anew what each lever moves first
	$(BIN)/python -m benchmarks.levers --write

tutorials: $(VENV)/.installed-test ## ask anew what the tutorials say that commands print
	$(BIN)/python -m tools.docs_tutorials $(ARGS)

figures: levers neighbours tables pictures gallery tutorials ## make every table, picture and example of the documents anew

lessons: $(VENV)/.installed-test ## renew the lessons: scenarios, effects, and the numbers on the teachers' sheets
	$(BIN)/python -m tools.lessons $(ARGS)

docs: $(VENV)/.installed-docs ## build the site into docs/_build/html; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -E -q -j auto -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

forecast: $(VENV)/.installed-test ## freeze what the calibrated model says of 2019 to 2024
	$(BIN)/python -m tools.forecast $(ARGS)

questions: $(VENV)/.installed-test ## ask the questions of the documents anew, and write their answers
	$(BIN)/python -m tools.questions $(ARGS)

mutations: $(VENV)/.installed-test ## break the wiring on purpose, line by line: does a test notice?
	$(BIN)/python -m tools.mutations $(ARGS)

# pyam caps matplotlib below what a newer environment has, and its database needs an older SQLAlchemy than it asks for.
pyam: ## read the exchange format with pyam, in an environment of its own
	$(PYTHON) -m venv $(VENV)-pyam
	$(VENV)-pyam/bin/python -m pip install --quiet -e . pyam-iamc 'sqlalchemy<2.1' pytest hypothesis
	$(VENV)-pyam/bin/python -m pytest -q -p no:cacheprovider -W ignore tests/results/test_exchange.py -k pyam

fuzz: $(VENV)/.installed-test ## try 5,000 odd inputs of every kind; COUNT=… SEED=…
	$(BIN)/python -m tests.fuzz.run --workers 2 --count $(or $(COUNT),5000) $(if $(SEED),--seed $(SEED)) $(ARGS)

install: $(VENV)/.installed ## make the environment and install, no more

dev: $(VENV)/.installed-dev ## add the developer's tools

lint: $(VENV)/.installed-dev ## check style, format and the import contract
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## put the code in the common format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

types: $(VENV)/.installed-dev ## check the types
	$(BIN)/mypy

check: lint types test ## all of lint, types and test

check-all: check docs ## and the site with its lessons, and every test that is long or slow
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m "slow or long" $(ARGS)

bench: $(VENV)/.installed-test ## run the benchmarks, one after the other
	@set -e; for file in benchmarks/[a-z]*.py; do \
		echo "== $$file"; $(BIN)/python "$$file" $(ARGS); \
	done

build: $(VENV)/.installed-dev ## build the source archive and the wheel into dist/
	$(BIN)/python -m build

hooks: $(VENV)/.installed-dev ## check each commit before it is made
	$(BIN)/pre-commit install

clean: ## remove the environment and all caches, but no results
	rm -rf $(VENV) $(VENV)-pyam build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find sscsim tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is whole when it has pip: one that failed half-way on a system without ensurepip has not.
$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { \
		echo "sscsim needs Python 3.11 or later; '$(PYTHON)' was not found. Name another: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "sscsim needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

# Stamps, so that a second call starts at once; a changed pyproject.toml installs anew.
$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	@echo "Installing sscsim and what it needs into $(VENV), once ..."
	@$(PIP) install -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/pip
	@echo "Installing sscsim and what its tests need into $(VENV), once ..."
	@$(PIP) install -e '.[test]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-docs: pyproject.toml | $(BIN)/pip
	@echo "Installing sscsim and what its site needs into $(VENV), once ..."
	@$(PIP) install -e '.[docs]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/pip
	@echo "Installing sscsim and its developers' tools into $(VENV), once ..."
	@$(PIP) install -e '.[dev]'
	@touch $(VENV)/.installed $(VENV)/.installed-test $(VENV)/.installed-docs $@
