# The whole life of a checkout. `make` alone lists what there is; everything is safe to repeat.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
DEV := .dev
STAMPS := $(DEV)/stamps
PIP := $(PY) -m pip install --disable-pip-version-check
LAYERS := problems expressions metadata engine workflows packages api app cli
PORT ?= 8000
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Compiled Python is kept, whatever the caller says: without it, every process of the tests compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=

# The machine's Node when it is 20 or newer and has npm, else the one that setup takes from PyPI.
NODE_BIN = $$(sh tools/node-bin.sh $(PY))

.PHONY: help setup run test check bench drills lock
help:
	@echo "make setup    environment in $(VENV), front-end assets; does nothing when nothing changed"
	@echo "make run      setup, then everything on http://127.0.0.1:$(PORT) (PORT=...)"
	@echo "make test     setup, lint, types, layers and all tests, browser tests included"
	@echo "make check    lint, format, layers, types"
	@echo "make bench    the budgets, measured"
	@echo "make drills   crash drills and samples at full length"
	@echo "make lock     requirements.lock from what $(VENV) holds"

setup: $(STAMPS)/python $(STAMPS)/links $(STAMPS)/assets

run: setup
	exec $(PY) -m fieldstone.app.demo $(PORT) apps/default_crm

# Everything runs even when something failed before; what failed is said first, pytest's summary comes last.
test: setup
	@failed=0; browser=""; \
	$(MAKE) --no-print-directory lint || { failed=1; echo "LINT FAILED, see above" >&2; }; \
	sh tools/chromium.sh || { failed=1; browser="-m 'not browser'"; }; \
	eval $(BIN)/pytest $(PYTEST_ARGS) "$$browser" || failed=1; \
	exit $$failed

check: setup lint

.PHONY: lint
lint:
	@failed=0; \
	$(BIN)/ruff check --quiet || failed=1; \
	$(BIN)/ruff format --check --quiet --output-format concise || failed=1; \
	$(BIN)/lint-imports > $(DEV)/layers.txt || { tail -n 40 $(DEV)/layers.txt; failed=1; }; \
	$(BIN)/mypy $(LAYERS:%=$(DEV)/fieldstone/%) $(DEV)/fieldstone/ui || failed=1; \
	exit $$failed

bench: setup
	$(PY) -m benchmarks

drills: setup
	DRILL_ROUNDS=20 $(BIN)/pytest -q -s -m "drill or sampled" --no-header

lock:
	sh tools/lock.sh $(PY)

# --- how setup gets there -------------------------------------------------------------------------------

$(PY):
	sh tools/make-venv.sh $(VENV)

$(STAMPS)/python: pyproject.toml setup.py requirements.lock | $(PY)
	@mkdir -p $(@D)
	@echo "installing Python packages"
	@$(PIP) "pip==$$(sed -n 's/^pip==//p' requirements.lock)" > $(DEV)/pip.log 2>&1 && \
	$(PIP) --constraint requirements.lock --editable . --group dev >> $(DEV)/pip.log 2>&1 || \
	{ cat $(DEV)/pip.log >&2; exit 1; }
	@touch $@

# mypy does not see through editable installs, so it reads a farm of links shaped like the import names.
$(STAMPS)/links: Makefile
	@mkdir -p $(DEV)/fieldstone $(@D)
	@for layer in $(LAYERS); do ln -sfn "../../platform/$$layer" "$(DEV)/fieldstone/$$layer"; done
	@ln -sfn ../../ui $(DEV)/fieldstone/ui
	@touch $@

$(STAMPS)/npm: ui/package.json ui/package-lock.json $(STAMPS)/python
	@echo "installing front-end packages"
	@PATH="$(NODE_BIN):$$PATH" && export PATH && cd ui && npm ci --no-audit --no-fund --loglevel=error --no-update-notifier
	@mkdir -p $(@D) && touch $@

UI_SOURCES := $(shell find ui/src ui/build.mjs ui/tsconfig.json -type f 2>/dev/null)

$(STAMPS)/assets: $(STAMPS)/npm $(UI_SOURCES)
	@echo "building front-end assets"
	@PATH="$(NODE_BIN):$$PATH" && export PATH && cd ui && npm run --silent build
	@mkdir -p $(@D) && touch $@
