# One word a task. Needs Python 3.11 or newer and git; uses uv where it is there, else pip.
.PHONY: demo test fmt lint types docs site wheel bench all clean

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

demo: .venv/.installed  ## audit a small loan service that is made on the spot
	@$(BIN)/readycheck demo

test: .venv/.dev  ## every test that this machine can run
	@$(BIN)/python -m pytest

fmt: .venv/.dev  ## format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: .venv/.dev  ## style, and the checks' own examples
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/readycheck checks test

types: .venv/.dev  ## mypy, strict
	@$(BIN)/mypy

coverage: .venv/.dev  ## every test, with branch coverage held to its floor
	@$(BIN)/coverage erase && $(BIN)/coverage run -m pytest && $(BIN)/coverage combine -q && $(BIN)/coverage report

docs: .venv/.dev  ## write again what is generated: schemas, the reference of checks and commands
	@$(BIN)/python docs/generate.py

site: .venv/.dev  ## build the documentation, every warning an error
	@$(BIN)/zensical build --strict --clean

wheel: .venv/.dev  ## build the wheel and try it where the source is not
	@$(BIN)/python -m pytest -q tests/test_wheel.py

bench: .venv/.dev  ## measure speed; see benchmarks/README.md
	@$(BIN)/python benchmarks/run.py

all: lint types coverage

clean:
	@rm -rf .venv dist build site .cache

.venv/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "readycheck needs Python 3.11 or newer: install one, or set PYTHON=/path/to/python"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
		uv venv -q --allow-existing --python "$(PYTHON)" .venv && uv pip install -q --compile-bytecode --python .venv -e .; \
	else \
		"$(PYTHON)" -m venv .venv && $(BIN)/python -m pip install -q --upgrade pip && $(BIN)/python -m pip install -q -e .; \
	fi
	@$(BIN)/python -m compileall -q readycheck
	@touch $@

.venv/.dev: .venv/.installed
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install -q --compile-bytecode --python .venv -e . --group dev; \
	else \
		$(BIN)/python -m pip install -q -e . --group dev; \
	fi
	@touch $@
