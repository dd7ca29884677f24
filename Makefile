# What one types. `make run` on a fresh clone is enough; every target sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
UPGRADE ?= --upgrade
BIN := $(VENV)/bin

.PHONY: run test lab docs setup lint nbgrader jax lock clean

run: setup  ## the whole experiment, on real input
	$(BIN)/mnist-lab run

# What is attacked has the machine to itself, for what a student has is time.
ATTACKS := tests/test_red_team.py
test: setup  ## every test, two files at a time
	$(BIN)/python -m pytest $(ATTACKS)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore $(ATTACKS)

lab: setup  ## JupyterLab on a copy of the notebooks, my_course/, which is yours
	$(BIN)/mnist-lab course copy my_course
	$(BIN)/jupyter lab my_course

docs: $(VENV)/docs/.ready  ## these pages as a site: site/html/index.html
	$(BIN)/python -m tools.make_site site/source
	rm -rf site/html
	PYTHONPATH=$(VENV)/docs $(BIN)/python -m sphinx -W --keep-going -q -d site/doctrees site/source site/html
	$(BIN)/python -m tools.make_pdf site/html
	$(BIN)/python -m tools.check_site site/html

setup: $(VENV)/.ready  ## the environment alone

# Every dependency at the version and hash in requirements.lock; uv only makes it faster.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	  "mnist_lab needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d: try  make PYTHON=python3.12 setup" % v)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Sphinx and its kin, the extra `docs`, laid over the environment: who takes the course needs none of it.
EXTRA := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["docs"], sep="\n")
$(VENV)/docs/.ready: $(VENV)/.ready
	$(BIN)/python -c '$(EXTRA)' > $(VENV)/docs.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(VENV)/docs \
	  --constraint requirements.lock -r $(VENV)/docs.txt
	@touch $@

lint: setup  ## style, types, and how the notebooks are written
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.lint_notebooks

nbgrader: setup  ## the environment that MNIST_LAB_NBGRADER names for the tests
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/nbgrader
	$(BIN)/uv pip install --quiet --python $(VENV)/nbgrader/bin/python nbgrader==0.9.6

jax: setup  ## the folder that MNIST_LAB_JAX names for the tests: JAX, laid over the environment
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(VENV)/jax --no-deps \
	  jax==0.10.2 jaxlib==0.10.2

lock:  ## pin again, after a change of the bounds in pyproject.toml; UPGRADE= keeps what is pinned
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev \
	  --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  $(UPGRADE) pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) site
