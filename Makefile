# Every target does its own set-up; on a fresh Debian machine python3 (3.11), make and git are enough.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
CODE := src scenarios generators load tests benchmarks

# One more than the smallest machine has processors: tests wait for registries, for browsers and for time to pass.
WORKERS = 3

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup audit audit-run test lint docs lock bench clean

help:
	@echo "make audit [FAULT=NAME] [ARGS=...]  the whole review, on the reference registry"
	@echo "make test [WORKERS=3] [ARGS=...]    lint, types, every test, documents"
	@echo "make setup                          the virtual environment (both of the above call it)"
	@echo "make lint | docs | lock | bench NAME=... | clean"

setup:
	@sh scripts/setup

# After a failing recipe make prints a line of its own. The last line should be the audit's, so make is told to
# ask whether `audit` is up to date (--question): it then fails without a word where lines are left to run, and
# lines that start with + run all the same. Where the audit was clean no line is left.
ifeq ($(MAKECMDGOALS),audit)
MAKEFLAGS += --question
endif
AUDIT_EXIT = .overreach/make-exit.$(MAKE_PID)
MAKE_PID := $(shell echo $$PPID)

audit-run:
	+@MAKEFLAGS= sh scripts/setup
	+@rm -f $(AUDIT_EXIT); mkdir -p .overreach; \
	MAKEFLAGS= $(BIN)/overreach audit $(foreach fault,$(FAULT),--fault '$(fault)') $(ARGS) || { \
	  status=$$?; touch $(AUDIT_EXIT); echo "overreach: exit $$status" >&2; }

audit: audit-run
	$(if $(wildcard $(AUDIT_EXIT)),$(shell rm -f $(AUDIT_EXIT))@false)

test: setup
	@sh scripts/packages chromium curl
	@$(MAKE) lint
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)
	$(BIN)/mkdocs build --strict

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(wildcard $(CODE))

docs: setup
	$(BIN)/python scripts/documents.py
	$(BIN)/mkdocs build --strict

# pip-tools lives in an environment of its own, so that it constrains nothing.
lock: setup
	@test -x $(VENV)-lock/bin/pip-compile || { $(BIN)/python -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet pip-tools; }
	$(VENV)-lock/bin/pip-compile --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --no-header --no-annotate --strip-extras --allow-unsafe --output-file requirements.lock requirements.in

bench: setup
	@test -n "$(NAME)" || { echo "overreach: which benchmark? make bench NAME=...; there are:" \
	  $(filter-out memory figures,$(basename $(notdir $(wildcard benchmarks/*.py)))) >&2; exit 2; }
	$(BIN)/python benchmarks/$(NAME).py $(ARGS)

clean:
	rm -rf $(VENV) $(VENV)-lock build dist site .overreach .pytest_cache .mypy_cache .ruff_cache .hypothesis
