# `make demo` monitors a simulated ECG, `make test` runs every check, `make docs` builds the documentation in site/.
# Each first installs what it needs: missing Debian packages, and Python packages into $(VENV).

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# TensorFlow has no wheels for 32-bit Arm, so the converter's tests are skipped there.
TEST_EXTRAS ?= $(if $(filter armv%,$(shell uname -m)),demo,demo,converter,reader),paper,dev,docs
# Many tests wait for real time: more workers than cores still gain.
TEST_WORKERS ?= 2

.PHONY: demo test lint types unit docs clean

demo: $(VENV)/.installed-demo
	$(BIN)/ecg-edge demo

test: lint types unit

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache

types: $(VENV)/.installed-test
	$(BIN)/mypy

unit: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "docs: open site/index.html; for the search too: $(PYTHON) -m http.server -d site"

$(VENV)/.installed-demo: pyproject.toml
	scripts/install $(PYTHON) $(VENV) demo
	@touch $@

$(VENV)/.installed-test: pyproject.toml
	scripts/install --broker $(PYTHON) $(VENV) $(TEST_EXTRAS)
	@touch $@

$(VENV)/.installed-docs: pyproject.toml
	scripts/install $(PYTHON) $(VENV) docs
	@touch $@

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
