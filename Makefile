.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Hundreds of programs are started by the tests: each would compile the project anew.
unexport PYTHONDONTWRITEBYTECODE
# Nothing below may leave this machine except `setup` and `lock`.
TEST := $(BIN)/python -m pytest -n 2 --dist loadfile -q

.PHONY: help setup replay test test-deep check fix lock bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.ready ## Make .venv from requirements-dev.lock; again is harmless
$(VENV)/.ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "kybaocao needs Python 3.11 with venv (Debian: apt-get install python3 python3-venv)." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(VENV)/.ready

replay: setup ## Rehearse the annual 2023 cycle in ./var (resumes where it stopped)
	@$(BIN)/kybaocao replay annual-2023

test: setup ## Run the tests (within 8 minutes on 2 cores)
	@$(TEST) -m "not deep"

test-deep: setup ## Run the long evidence: whole replays, kills, PostgreSQL, documents in LibreOffice
	@$(TEST) -m deep

check: setup ## Formatting, lint, types, import rule, lock files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python tools/check_lock.py

fix: setup ## Let ruff mend what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## Resolve the lock files anew
	@$(UV) pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q -o requirements.lock
	@$(UV) pip compile pyproject.toml --group dev -c requirements.lock --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q -o requirements-dev.lock

bench: setup ## Compare a replay with the same work without Prefect, sending with smtplib, and weigh serve
	@$(BIN)/python -m benchmarks.replay
	@$(BIN)/python -m benchmarks.mail
	@$(BIN)/python -m benchmarks.checks 63 1000
	@$(BIN)/python -m benchmarks.serve

clean: ## Remove the environment and the caches; ./var stays
	@rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
