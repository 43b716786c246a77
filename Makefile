# Overread: build, test and try. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'

.PHONY: install
install: ## Environment .venv from the locks, system libraries where permitted, viewer assets; no data
	@test -n "$(PYTHON)" || { echo "install: no Python 3.11 or newer found; name one: make install PYTHON=..."; exit 1; }
	@$(PYTHON) build_tools/install.py

.PHONY: demo
demo: install ## A whole service with generated patients on http://localhost:8000; CHECK=1 drives and proves it headless
	@$(BIN)/overread demo $(if $(CHECK),--check)

.PHONY: test
test: install ## Everything that must pass, on both databases, then the demo; what cannot run says NOT RUN (< 20 min)
	@$(BIN)/python -m build_tools.checks all

.PHONY: check
check: ## Format, lint, contracts, types and the fast tests without a database (< 60 s)
	@$(BIN)/python -m build_tools.checks quick

.PHONY: lint
lint: ## Mend the format and what ruff can mend, then say what is left
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/lint-imports --config importlinter.ini && $(BIN)/mypy

.PHONY: sweep
sweep: ## Every page of every role in a browser: readable, within its window, by keyboard, part of make test as well
	@$(BIN)/pytest -q -n 2 tests/look/test_sweep.py

.PHONY: pictures
pictures: ## The pages as pictures in docs/pictures, taken of a demonstration that is thrown away
	@$(BIN)/python -m build_tools.pictures

.PHONY: lock
lock: ## Renew requirements/*.txt to the newest versions that pyproject.toml admits
	@$(BIN)/python -m build_tools.lock
