# Every target sets up .venv by itself; nothing needs to be done before.
.PHONY: help run test lint types tests nightly docs benchmark recompile clean
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: .venv/run ## run the embedded corridor, print the headline, write runs/<name>/report.html
	$(BIN)/jibek run

test: lint types tests ## everything that must pass

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test
	$(BIN)/mypy

tests: .venv/test
	$(BIN)/pytest --numprocesses auto --quiet

nightly: .venv/test ## hold the assignment against 10,000 hostile networks a law
	JIBEK_EXAMPLES=10000 $(BIN)/pytest --numprocesses auto --quiet tests/assignment/test_hostile_networks.py

docs: .venv/docs ## build the documentation into site/, running its examples
	NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict

benchmark: .venv/test ## time what the project promises and print it beside the goals
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/flows.py
	$(BIN)/python benchmarks/assignment.py
	$(BIN)/python benchmarks/balances.py
	$(BIN)/python benchmarks/decomposition.py
	$(BIN)/python benchmarks/trade.py
	$(BIN)/python benchmarks/trade_loop.py
	$(BIN)/python benchmarks/operations.py

recompile: ## forget compiled kernels: Numba does not see that one merged into others has changed
	find src -name '*.nb[ic]' -delete

clean: ## remove what the targets made
	rm -rf .venv site runs .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jibek needs Python 3.11 or newer; set PYTHON=... to one.")'
	$(PYTHON) -m venv .venv

.venv/run: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Setting up .venv (a minute, once) ..."
	$(INSTALL) --editable .
	@touch $@

.venv/test: .venv/run
	$(INSTALL) --editable '.[test]'
	@touch $@

.venv/docs: .venv/run
	$(INSTALL) --editable '.[docs,test]'
	@touch $@
