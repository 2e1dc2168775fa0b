# Every job of the project, each one a word. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := access db execution gateway insight resolvers rest_compat schema

.DEFAULT_GOAL := help
.PHONY: help run test test-slow test-all bench check format lock clean schema

help: ## List the jobs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: .venv/runtime ## Set everything up and serve on 127.0.0.1:8000
	@exec $(BIN)/python -m gateway serve

test: .venv/dev ## The default test suite (under three minutes)
	$(BIN)/pytest -n auto

test-slow: .venv/dev ## Only the slow tests: faults, many examples, large data
	$(BIN)/pytest -n auto -m slow

test-all: test test-slow ## Both

bench: .venv/dev ## Measure requests, audit, limits and models beside floors and peers
	$(BIN)/python -m benchmarks

check: .venv/dev ## Lint, types, import rules, drift of schema, policy and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m gateway schema --check schema/schema.graphql
	$(BIN)/python -m gateway policy --check docs/policy.md
	$(BIN)/pytest -q tests/db/test_migrations.py

schema: .venv/runtime ## Print the GraphQL schema and who sees what: schema/schema.graphql, docs/policy.md
	$(BIN)/python -m gateway schema > schema/schema.graphql
	$(BIN)/python -m gateway policy > docs/policy.md

format: .venv/dev ## Format and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/dev ## Resolve the dependencies anew into the two lock files (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements-dev.lock

clean: ## Remove the environment, the embedded database and every cache
	@if [ -f .data/postgres/home ]; then rm -rf "$$(cat .data/postgres/home)"; fi
	rm -rf .venv .data .pytest_cache .ruff_cache .hypothesis .schemathesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock | .venv/bin/python
	@echo "Setting up the environment (once, about half a minute) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock | .venv/bin/python
	@echo "Setting up the development environment (once, about a minute) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/runtime
