# Every target sets up .venv from the hashed lock file; it needs only python3 and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

# Containers often set this. Without bytecode, every process that tests start compiles each module.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test quick test-busy proof test-httpx2 check contract mutants-contract generate bump drift operations bench mock soak pictures mutants docs docs-links api bounds release-check lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV): some 120 packages, which takes a minute or two the first time" >&2
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps -r requirements-dev.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

# One environment has everything. The other three have only their own packages, so that others do
# not slow down the imports that are measured.
BENCH := .venv-bench
BENCH_STAMP := $(BENCH)/.installed

$(BENCH_STAMP): $(wildcard tests/benchmarks/requirements-*.txt) | $(STAMP)
	@echo "setting up $(BENCH)" >&2
	@rm -rf $(BENCH)
	@for name in bench bare cli vendor; do $(PYTHON) -m venv --without-pip $(BENCH)/$$name && \
		$(BIN)/python -m pip --python $(BENCH)/$$name install -qq --require-hashes --no-deps \
		-r tests/benchmarks/requirements-$$name.txt || exit 1; done
	@touch $@

demo: $(STAMP) ## start a mock with 120 users, count their backfills, query a store of them with SQL, explain one
	@$(BIN)/python -m junction_introspect.mock.demo

# One worker per core; idle workers take over tests that others have not started. The order is random,
# and its seed is printed: `make test ARGS=--randomly-seed=1` repeats it.
SUITE = pytest --numprocesses auto --dist worksteal $(ARGS)
ARGS ?=

test: $(STAMP) ## run every test, in parallel and in random order (ARGS=; COVERAGE=1 measures, as CI does)
ifdef COVERAGE
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m $(SUITE)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/coverage report --fail-under=100 --include="$$($(BIN)/python -m tests.support.purity)"
else
	@$(BIN)/python -m $(SUITE)
endif

quick: $(STAMP) ## run the tests of the pure modules: no sockets, no processes, a few seconds
	@$(BIN)/python -m pytest -q --quick $(ARGS)

test-busy: $(STAMP) ## run every test while two busy processes per core run
	@$(BIN)/python -m tests.support.busy $(BIN)/python -m $(SUITE)

proof: $(STAMP) ## run long proofs and property tests at full length (minutes)
	@$(BIN)/python -m $(SUITE) --proof
	@$(MAKE) --no-print-directory test-httpx2

test-httpx2: $(STAMP) ## run unit, fault and contract tests with httpx2 in place of httpx
	@PYTHONPATH=$(CURDIR)/tests/httpx2 $(BIN)/python -m $(SUITE) tests/unit tests/faults tests/contract

check: $(STAMP) ## check format, lint, types, import contracts, size of the core, freshness of generated code, public API
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy & mypy=$$!; $(BIN)/pyright; status=$$?; wait $$mypy && exit $$status
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tests.support.budget
	@$(BIN)/python -m openapi.generate --check
	@$(BIN)/python -m tests.support.api

api: $(STAMP) ## accept a change of the public API, which `make check` reports
	@$(BIN)/python -m tests.support.api --accept

generate: $(STAMP) ## rebuild openapi/spec.yaml and generated/ from openapi/junction.yaml
	@$(BIN)/python -m openapi.generate

# The modules exit with 3 (attention) or 4 (breaking); make itself then exits with 2.
bump: $(STAMP) ## change to another specification: SPEC=file or URL (the vendor's), STALE=warn, UNTESTED=1, OPERATIONS=file
	@echo "a new version is generated and tested in a copy, which takes minutes" >&2
	@$(BIN)/python -m openapi.bump $(if $(STALE),--stale "$(STALE)") $(if $(UNTESTED),--untested) \
		$(if $(OPERATIONS),--operations "$(OPERATIONS)") $(if $(SPEC),"$(SPEC)")

drift: $(STAMP) ## show what a bump would change, without changing anything (SPEC=, FORMAT=json or markdown, OPERATIONS=)
	@$(BIN)/python -m openapi.drift $(if $(FORMAT),--format "$(FORMAT)") \
		$(if $(OPERATIONS),--operations "$(OPERATIONS)") $(if $(SPEC),"$(SPEC)")

operations: $(STAMP) ## list which operations of a whole document can be taken (SPEC=, FORMAT=json, DOCUMENTS=)
	@$(BIN)/python -m openapi.operations $(if $(FORMAT),--format "$(FORMAT)") \
		$(if $(DOCUMENTS),--documents "$(DOCUMENTS)") $(if $(SPEC),"$(SPEC)")

bench: $(STAMP) $(BENCH_STAMP) ## time this package and others, and write RESULTS.md (QUESTION=decode for one)
	@rm -rf build/bench/dist
	@$(BIN)/python -m pip wheel -qq --no-deps --no-build-isolation --wheel-dir build/bench/dist .
	@for name in bench bare cli; do $(BIN)/python -m pip --python $(BENCH)/$$name install -qq --no-deps \
		--no-index --force-reinstall build/bench/dist/*.whl || exit 1; done
	@$(BENCH)/bench/bin/python -m tests.benchmarks $(QUESTION)

contract: $(STAMP) ## test the mock against the contract, or a server (URL=, JUNCTION_API_KEY=, EXAMPLES=, LENIENT=1)
	@$(BIN)/junction-introspect contract $(if $(URL),--url '$(URL)',--mock) --reports build/contract \
		$(if $(EXAMPLES),--examples '$(EXAMPLES)') $(if $(LENIENT),--lenient)

mutants-contract: $(STAMP) ## break the mock in many ways, and check that the contract notices (minutes)
	@$(BIN)/python -m tests.contract.mutants

mock: $(STAMP) ## serve the mock API on http://127.0.0.1:8080 (PORT=, USERS=, CONTROL=1, SPEED=, AT=)
	@$(BIN)/junction-introspect mock --port $(or $(PORT),8080) --users $(or $(USERS),120) \
		$(if $(CONTROL),--control) $(if $(SPEED),--speed '$(SPEED)') $(if $(AT),--at '$(AT)')

soak: $(STAMP) ## list from a server full of faults for two minutes (SECONDS=, SEED=)
	@$(BIN)/python -m tests.faults.soak --seconds $(or $(SECONDS),120) $(if $(SEED),--seed $(SEED))

pictures: $(STAMP) ## draw the README's pictures from the mock's data, with the system's Chromium
	@$(BIN)/python -m tests.pictures.explain
	@$(BIN)/python -m tests.pictures.watch
	@$(BIN)/python -m tests.pictures.report

mutants: $(STAMP) ## change modules in many small ways, and check that their tests notice (minutes each; MODULES=_nearest.py)
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps -r tests/requirements-mutants.txt
	@$(BIN)/python -m tests.support.mutating $(MODULES)

# Into the same environment: the reference is made from the package with all its extras.
DOCS_STAMP := $(VENV)/.docs-installed
SPHINX = $(BIN)/python -m sphinx -q -E -n -W --keep-going

$(DOCS_STAMP): docs/requirements.txt $(STAMP)
	@echo "setting up Sphinx" >&2
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps -r docs/requirements.txt
	@touch $@

docs: $(DOCS_STAMP) ## build the documentation as a site, build/docs/index.html, and check its links
	@rm -rf build/docs
	@$(SPHINX) -b html docs build/docs
	@$(BIN)/python -m docs.site.check build/docs

docs-links: $(DOCS_STAMP) ## check the links of the documentation that lead elsewhere (needs the internet)
	@DOCS_ONLINE=1 $(SPHINX) -b linkcheck docs build/docs-links

# The environment of these tests has what pyproject.toml allows, and no lock.
bounds: $(STAMP) ## run the unit tests with the lowest versions that are allowed (or RESOLUTION=highest)
	@$(BIN)/python -m tests.release.bounds $(or $(RESOLUTION),lowest-direct) $(ARGS)

release-check: $(STAMP) ## build the distributions, and try each extra by itself (EXTRAS=, RESOLUTION=lowest-direct)
	@$(BIN)/python -m tests.release $(EXTRAS) $(if $(RESOLUTION),--resolution $(RESOLUTION))

UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock"

BENCH_LOCK = --constraint requirements-dev.txt --output-file tests/benchmarks/requirements
VENDORS_SDK = junction-api-sdk==2.0.0

lock: $(STAMP) ## pin the development requirements again
	@$(UV_COMPILE) --extra all --group dev --output-file requirements-dev.txt pyproject.toml
	@echo cosmic-ray | $(UV_COMPILE) --constraint requirements-dev.txt \
		--output-file tests/requirements-mutants.txt -
	@printf 'furo\nmyst-parser\nsphinx\nsphinx-copybutton\n' | $(UV_COMPILE) --constraint requirements-dev.txt \
		--output-file docs/requirements.txt -
	@$(UV_COMPILE) $(BENCH_LOCK)-bare.txt pyproject.toml
	@$(UV_COMPILE) --extra cli $(BENCH_LOCK)-cli.txt pyproject.toml
	@echo "$(VENDORS_SDK)" | $(UV_COMPILE) $(BENCH_LOCK)-vendor.txt -
	@echo "$(VENDORS_SDK)" | $(UV_COMPILE) --extra store --extra mock $(BENCH_LOCK)-bench.txt pyproject.toml -

clean: ## delete everything that was built, .venv included
	@rm -rf $(VENV) $(BENCH) build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .schemathesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
