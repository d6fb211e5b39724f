# Lakeward. `make demo` and `make test` set up everything they need in .venv/.
PYTHON ?= python3
BIN := .venv/bin
PYTEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo spark test check fix benchmark docs requirements clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.venv/runtime.stamp: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Lakeward needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo") if sys.version_info < (3, 11) else None'
	@echo "Setting up .venv (once; a few minutes on a slow line) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.txt
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development.stamp: .venv/runtime.stamp requirements/development.txt
	@echo "Adding what tests and checks need …"
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/development.txt
	@touch $@

demo: .venv/runtime.stamp ## Set up, run everything on the made-up sample into ./lake, show what was made
	@$(BIN)/lakeward --quiet run

build/spark.stamp: requirements/spark.txt
	@echo "Setting up Spark in build/spark (0.5 GB) …"
	@$(PYTHON) -m venv build/spark
	@build/spark/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/spark.txt
	@touch $@

spark: build/spark.stamp ## Set up Spark, in which a test runs the definitions for Hive (needs Java 17)

test: .venv/development.stamp ## Set up and run all tests
	@# By file, so that the lake, build or store of a module is made by one process; the long files of integration come
	@# first, so that no process has one of them left when the others are done.
	@$(BIN)/pytest --numprocesses $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder

check: .venv/development.stamp ## Format, lint and type checks, without changing anything
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 src/lakeward/warehouse/models

fix: .venv/development.stamp ## Format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

build/awswrangler.stamp: requirements/awswrangler.txt
	@echo "Setting up awswrangler, a peer of the benchmarks, in build/awswrangler (0.4 GB) …"
	@$(PYTHON) -m venv build/awswrangler
	@build/awswrangler/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/awswrangler.txt
	@touch $@

benchmark: .venv/development.stamp build/awswrangler.stamp ## Generate inputs, run Lakeward and its peers in turn, write benchmarks/results.md
	@$(BIN)/python -m benchmarks

docs: .venv/runtime.stamp ## Write the reference pages from the code
	@$(BIN)/python -m lakeward.reference docs/reference

requirements: ## Write the pinned and hashed requirements anew (needs uv on the PATH)
	@sh requirements/compile.sh

clean: ## Remove the environment, the demo lake and caches
	@rm -rf .venv lake build .pytest_cache .mypy_cache .ruff_cache .hypothesis
