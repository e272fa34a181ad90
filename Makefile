# Two commands matter: `make book` and `make test`. `make help` lists the others.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
JOBS ?= 2
NAME ?= kramers
BENCH ?= .venv-bench
ROUNDS ?= 7
# how much work the chapters do (samples, paths); the stored outputs are those of scale 1
ESCAPETIME_SCALE ?= 1

BIN := $(VENV)/bin
PY := $(BIN)/python
HTML := _build/html
TORCH := $(shell grep '^torch==' requirements.in)
# where torch is looked for when pip knows no local wheel: PyTorch's own index of builds without CUDA
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# one thread for each process, because chapters and tests already run side by side;
# it also fixes the order of floating-point sums, and so the last digits
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONHASHSEED := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export ESCAPETIME_SCALE

.PHONY: help env book execute render chapter record serve test lint unit replay site bench lock clean
.DEFAULT_GOAL := help

help:  ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

env: $(VENV)/.ready  ## create the environment from requirements.lock

$(VENV)/.ready: requirements.lock requirements.in pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "escapetime needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --no-deps --no-index $(TORCH) 2>/dev/null \
	  || $(BIN)/pip install -q --no-deps --index-url $(TORCH_INDEX) $(TORCH)
	$(BIN)/pip install -q -r requirements.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/pip check
	@touch $@

book: render  ## execute every chapter once, render the HTML, say where it is

execute: env
	$(PY) -m tools.chapters execute -j $(JOBS)

# Sphinx does not take up a changed style sheet while no page has changed: copy it;
# a page with a warning must not be taken as read by the next build: forget the build that failed
render: execute
	$(BIN)/jupyter-book build . -W -n --keep-going -q || { rm -rf _build/.doctrees $(HTML); exit 1; }
	@cp -r book/_static/. $(HTML)/_static/
	@$(PY) -m tools.pages

chapter: env  ## execute one chapter and store its outputs: make chapter NAME=kramers
	$(PY) -m tools.chapters execute $(NAME)
	$(PY) -m tools.reference record $(NAME)

record: execute  ## store the outputs of every chapter in book/*.ipynb, which the tests compare with
	$(PY) -m tools.reference record

serve: book  ## serve the book on http://localhost:8000 (PORT=...)
	$(PY) -m http.server -b 127.0.0.1 -d $(HTML) $(PORT)

test: override ESCAPETIME_SCALE := 1
test: lint unit replay site  ## everything: lint, unit tests and doctests, nbval on every chapter, the site in a browser
	@echo "make test: all passed"

lint: env  ## ruff (with docstring rules) and mypy
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: env  ## unit tests and doctests; skipped while nothing they depend on has changed
	$(PY) -m tools.unchanged unit lib tests _ext tools *.py *.toml *.lock requirements.in environment.yml Makefile -- \
	  $(PY) -m pytest -q -n $(JOBS) -p no:nbval lib tests \
	  --ignore=tests/site --ignore=tests/book --ignore=tests/benchmarks

replay: book
	NBVAL_REPLAY=1 $(PY) -m pytest -q --nbval book tests/book

site: book
	$(PY) -m tools.unchanged site $(HTML) tests/site -- $(PY) -m pytest -q -n $(JOBS) -p no:nbval tests/site

bench: $(BENCH)/.ready  ## race the engines against their peers, and write the table of the book: make bench ROUNDS=7
	$(BENCH)/bin/python -m tests.benchmarks --rounds $(ROUNDS) $(WORKLOADS)

# the peers go beside the environment, not into it: they see its packages, it does not see them
$(BENCH)/.ready: $(VENV)/.ready
	$(PYTHON) -m venv $(BENCH)
	$(PY) -c "import sysconfig; print('import site; site.addsitedir(%r)' % sysconfig.get_path('purelib'))" \
	  > $$($(BENCH)/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/escapetime-environment.pth
	$(BENCH)/bin/pip install -q $$($(PY) -c "import tomllib; \
	  print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['bench'])")
	@touch $@

lock:  ## resolve requirements.in again into requirements.lock (needs uv)
	uv pip compile --python 3.11 $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) \
	  --no-emit-package torch --no-annotate --no-header --upgrade -o requirements.lock requirements.in

clean:  ## forget everything that was built; the environment stays
	rm -rf _build
