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

.PHONY: lock
lock: ## Renew requirements/*.txt to the newest versions that pyproject.toml admits
	@$(BIN)/python -m build_tools.lock
