# Two commands: `make run` starts the app, `make test` checks everything that CI checks.
# Each makes a virtual environment in .venv the first time and leaves it alone until the
# requirements change (stamp files named after their checksum say so).

PYTHON   ?= python3
PORT     ?= 8501
# For example: make run PIP_ARGS="--index-url URL" with the index of PyTorch's CPU builds.
PIP_ARGS ?=

VENV := .venv
BIN  := $(VENV)/bin
key   = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
APP  := $(VENV)/.app-$(call key,requirements.txt)
DEV  := $(VENV)/.dev-$(call key,requirements.txt requirements-dev.txt)

.DEFAULT_GOAL := help
.PHONY: help run test lint types bench need-dot need-chromium clean

help:
	@echo "make run    start the app on http://localhost:$(PORT) (PORT=... for another port)"
	@echo "make test   style, types, tests, documentation examples, and the app in a real Chromium"
	@echo "make lint   style alone;  make types   types alone"
	@echo "make bench  the measurements in benchmarks/"
	@echo "make clean  remove .venv and caches"

run: $(APP)
	@command -v dot >/dev/null || echo "Note: SVG, PNG and PDF export needs the system package graphviz (the program 'dot')."
	@echo "Starting the app on http://localhost:$(PORT); stop it with Ctrl-C."
	$(BIN)/python -m streamlit run streamlit_app.py --server.port $(PORT)

test: $(DEV) need-dot need-chromium lint types
	@echo "Running tests, documentation examples and browser tests ..."
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(DEV)
	@echo "Checking style ..."
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	@echo "Checking types ..."
	$(BIN)/mypy

bench: $(DEV)
	@for file in benchmarks/*.py; do echo "$$file"; PYTHONPATH=. $(BIN)/python "$$file" || exit 1; done

need-dot:
	@command -v dot >/dev/null || { echo "Missing: the program 'dot'. Install the system package graphviz (Debian, Ubuntu: apt-get install graphviz)." >&2; exit 1; }

need-chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { echo "Missing: Chromium, for the browser tests. Install the system package chromium (Debian: apt-get install chromium)." >&2; exit 1; }

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Missing: $(PYTHON). Install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Found $$($(PYTHON) --version), expected Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Missing: Python's venv module. Install the system package python3-venv (Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(APP): | $(BIN)/python
	@echo "Installing what the app needs (requirements.txt); PyTorch is large, this takes minutes the first time ..."
	@$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r requirements.txt
	@rm -f $(VENV)/.app-* && touch $@

$(DEV): $(APP)
	@echo "Installing what the checks need (requirements-dev.txt) ..."
	@$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r requirements-dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
