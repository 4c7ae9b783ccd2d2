# One command a chore. `make` alone lists them.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON := $(BIN)/python

# Where scripts find the core and what they share with the tests.
SCRIPT := PYTHONPATH=$(CURDIR):$(CURDIR)/tests $(PYTHON)
# For two cores: one worker drives the browser and mostly waits, the others compute.
WORKERS := 3

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format types unit browser bench screenshots clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make the environment (every other command does it by itself)

# Rebuilt only when the list of packages changes.
$(READY): requirements.txt
	@if [ ! -x $(PYTHON) ]; then \
		for python in python3.13 python3.12 python3.11 python3 python3.14 python; do \
			if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
				found=$$python; break; \
			fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "The workbench needs Python 3.11 or newer, and none was found." >&2; \
			echo "Install one from python.org or your package manager, then run make again." >&2; \
			exit 1; \
		fi; \
		echo "Making $(VENV) with $$($$found --version)"; \
		$$found -m venv $(VENV) || { \
			rm -rf $(VENV); \
			echo "Python could not make an environment." >&2; \
			echo "On Debian and Ubuntu: apt-get install python3-venv, then run make again." >&2; \
			exit 1; \
		}; \
	fi
	@$(PYTHON) -m pip install --disable-pip-version-check --quiet -r requirements.txt
	@touch $@

run: $(READY) ## Start the workbench and open it in the browser
	@$(BIN)/streamlit run app.py

# Side by side: types alone would keep one core for up to a minute.
test: ## Everything that must hold: style, types, tests, the browser's too
	@$(MAKE) --no-print-directory -j2 lint types unit

lint: $(READY) ## Style and common mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(READY) ## Put the code into its format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

types: $(READY) ## Types of the core and the pages
	@$(BIN)/mypy

# One thread a worker: small tables spend their time on starting more. Not the files with the most
# tests first: tests/conftest.py says which ones take longest.
unit: browser ## All tests, on two cores
	@OMP_NUM_THREADS=1 $(PYTHON) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

browser: $(READY) ## Find a browser for the tests, or install one
	@$(PYTHON) tests/browser_setup.py

bench: browser ## What the workbench costs against a plain script; prints ratios
	@for script in benchmarks/*.py; do echo "== $$script"; $(SCRIPT) $$script || exit 1; done

screenshots: browser ## Make the README's pictures anew
	@$(SCRIPT) docs/make_screenshots.py

clean: ## Remove the environment and everything that tools left behind
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
