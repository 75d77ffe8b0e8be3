# One line a task; `make help` lists them. Needs Python >= 3.11 and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := davproxy webui tests
NPM := $(shell command -v npm 2>/dev/null)
JS := tests/js/node_modules
SCAN_CHART := tests/scan_chart/node_modules
OPENAPI := tests/openapi/node_modules
LIGHTHOUSE := tests/lighthouse/node_modules

# Python keeps what it compiled, whatever the environment says: without that, pytest takes twice as long to begin.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test quick changed lint lint-js lint-api types lock lock-check dist package-check lighthouse storm bench bench-duplicates bench-fill-in bench-charts bench-highway soak test-nextcloud cases docs docs-check pictures translations

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps
# What builds the package itself is locked among the tools of developers.
BUILD_LOCK = sed -n '/^setuptools==/,/[^\\]$$/p' requirements-dev.lock

# librosa compiles some functions when they are first used, for half a minute of a slow processor. Here it does so once, and
# not in each process that begins before another one has finished.
COMPILED = $(BIN)/python -c "import librosa.util.utils"

.venv/runtime: pyproject.toml requirements.lock
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed; name yours: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv; the first time takes some minutes ..."
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || sh .ci/system python3-venv
	@$(PYTHON) -m venv .venv
	@$(BUILD_LOCK) > .venv/build.lock && $(PIP) --require-hashes -r .venv/build.lock
	@$(PIP) --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(PIP) --no-build-isolation -e .
	@$(COMPILED) & sh .ci/system; wait
	@touch $@

.venv/ready: .venv/runtime requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/ready ## make .venv with the command davproxy, its locked dependencies, and the tools of developers

run: .venv/runtime ## start the server with the embedded default, a local library folder; needs no developer tools
	@$(BIN)/davproxy serve

test: setup $(if $(NPM),$(SCAN_CHART)/.package-lock.json) ## every test; what was skipped, and why, is listed at the end
	@sh .ci/system browser libatomic1 || true
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -rs $(ARGS) || { [ $$? -eq 1 ] && $(ALONE); }

# On a busy machine tests starve each other: what failed runs once more, alone, and is told. Status 1 means just that.
ALONE = echo "Wrong or unstable: the tests above. Once more, alone:" && $(BIN)/python -m pytest $(ARGS) -n 0 --last-failed --last-failed-no-failures none

# The quick tests write many small files, 200 MB at a time, and wait for a disk at each. Memory, where it has room, is none.
IN_MEMORY = $(shell [ "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 {print $$4}')" -gt 1000000 ] 2>/dev/null && echo PYTEST_DEBUG_TEMPROOT=/dev/shm)

# Three at once keep two cores busy: many tests wait for a server or a timer. The tests of a module share what it starts.
quick: setup ## before each commit: style, types and the quick tests, in about 90 seconds
	@$(MAKE) --no-print-directory -j 2 lint types
	@$(IN_MEMORY) $(BIN)/python -m pytest -m "not slow" -n 3 --dist loadscope --hypothesis-profile=quick

changed: setup ## while you work: the quick tests that run what changed since they last passed (the first time: all of them)
	@$(BIN)/python -m pytest -m "not slow" $(if $(wildcard .testmondata),,-n 2) --testmon --testmon-forceselect $(ARGS) || [ $$? -eq 5 ]

lint: setup lint-js lint-api ## style, and whether every package that is imported is declared
	@$(BIN)/ruff check $(SOURCES) && $(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/deptry . && $(BIN)/deptry . --exclude '\.venv' --ignore DEP002,DEP004

$(SCAN_CHART)/.package-lock.json: tests/scan_chart/package.json tests/scan_chart/package-lock.json
	@npm ci --prefix tests/scan_chart --ignore-scripts --silent && touch $@

ifdef NPM
$(JS)/.package-lock.json: tests/js/package.json tests/js/package-lock.json
	@npm ci --prefix tests/js --ignore-scripts --silent && touch $@

lint-js: $(JS)/.package-lock.json ## style and types of the pages' scripts and style sheets, where npm is installed
	@$(JS)/.bin/biome check --config-path=tests/js --error-on-warnings webui/static/js webui/static/css
	@$(JS)/.bin/tsc -p tests/js

$(OPENAPI)/.package-lock.json: tests/openapi/package.json tests/openapi/package-lock.json
	@npm ci --prefix tests/openapi --ignore-scripts --silent && touch $@

# The document is written again once a file of the program changed, and linted again once it differs.
artefacts/openapi.json: .venv/ready $(shell find davproxy webui tests/openapi -name '*.py')
	@$(BIN)/python -m tests.openapi $@ 2>/dev/null

artefacts/openapi.linted: artefacts/openapi.json tests/openapi/spectral.yaml tests/openapi/redocly.yaml $(OPENAPI)/.package-lock.json
	@$(OPENAPI)/.bin/spectral lint -q --fail-severity=warn -r tests/openapi/spectral.yaml $<
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(OPENAPI)/.bin/redocly lint --config tests/openapi/redocly.yaml --format=github-actions $< 2>/dev/null
	@touch $@

lint-api: artefacts/openapi.linted ## the API document by Spectral and Redocly, where npm is installed
else
lint-js lint-api:
	@echo "$@ is skipped: it checks with npm, which is not installed"
endif

types: setup ## strict types, on this system and as Windows has them
	@$(BIN)/mypy
	@$(BIN)/mypy --platform win32 --no-warn-unreachable --cache-dir .mypy_cache/windows davproxy webui

COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

lock: setup ## write the lock files from pyproject.toml, with newer versions where there are any
	@$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	@$(COMPILE) --upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

lock-check: setup ## whether the lock files still say what pyproject.toml asks for
	@cp requirements.lock .venv/locked.lock && cp requirements-dev.lock .venv/locked-dev.lock
	@$(COMPILE) pyproject.toml -o .venv/locked.lock && diff -q requirements.lock .venv/locked.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o .venv/locked-dev.lock && diff -q requirements-dev.lock .venv/locked-dev.lock

dist: setup ## wheel and sdist, into dist/
	@rm -rf dist && $(BIN)/uv build -q --no-build-isolation --python $(BIN)/python

package-check: dist ## install the wheel on each Python from 3.11 to 3.14 and try it; run tests of the sdist (some minutes)
	@$(BIN)/python -m tests.package_check $(ARGS)

$(LIGHTHOUSE)/.package-lock.json: tests/lighthouse/package.json tests/lighthouse/package-lock.json
	@npm ci --prefix tests/lighthouse --ignore-scripts --silent && touch $@

lighthouse: setup $(LIGHTHOUSE)/.package-lock.json ## the pages by Lighthouse, phone and desktop (ARGS names some of them, such as /songs)
	@sh .ci/system chromium
	@$(BIN)/python -m tests.lighthouse $(ARGS)

# Of the curation: what players' lists, folders and copies depend on.
CURATED := $(addprefix tests/curation/test_,lists.py organiser.py duplicates.py repairs.py tiers.py)

test-nextcloud: setup ## the contract suite and the curation on a real Nextcloud: NEXTCLOUD_TEST_URL, _USERNAME, _PASSWORD
	@$(BIN)/python -m pytest tests/remote $(CURATED) -m "not slow"

cases: setup ## the case files beside the repository, in ../shared/cases (make cases ARGS="webdav storm" for some; CASES names another folder)
	@$(if $(CASES),CASES=$(CASES)) $(BIN)/python .ci/cases $(ARGS)

storm: setup ## random clients at three instances while everything fails, for 15 minutes (options: make storm ARGS="--seconds 60")
	@$(BIN)/python -m tests.storm $(ARGS)

bench: setup ## how fast a library is through us, through rclone, and directly (options: make bench ARGS="--songs 2000")
	@$(BIN)/python -m tests.bench.speed $(ARGS)

soak: setup ## mixed clients for half an hour: memory, threads and descriptors must stay flat (make soak ARGS="--minutes 5")
	@$(BIN)/python -m tests.bench.soak $(ARGS)

bench-duplicates: setup ## how well duplicates are found by their names: precision and recall
	@$(BIN)/python -m tests.bench.duplicates

bench-fill-in: setup ## of 200 songs with blanked fields, how many come back right
	@$(BIN)/python -m tests.bench.fill_in

bench-charts: setup ## how good the charter is, on real and on synthetic songs (make bench-charts ARGS=--forms: lag by form of audio)
	@$(BIN)/python -m tests.bench.charts $(ARGS)

bench-highway: setup ## how steadily the highway moves in Chromium, and how far it is from the stems, p50 and p95
	@$(BIN)/python -m tests.bench.highway

pictures: setup ## take the pictures of the documents again, in Chromium
	@$(BIN)/python -m pytest -q tests/webui/browser/test_pictures.py && cp artefacts/pictures/*.png docs/pictures/

translations: setup ## write the files of the translations again, after a text of the pages or a translation changed
	@$(BIN)/python -m tests.webui.translations

docs: setup ## write docs/commands.md from the help of the commands
	@$(BIN)/python -m davproxy.commands._reference > docs/commands.md

docs-check: setup ## whether the documents agree with the code, and their links lead somewhere
	@$(BIN)/python -m pytest tests/test_docs.py tests/commands/test_config.py tests/commands/test_reference.py
