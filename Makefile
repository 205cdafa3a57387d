# `make lab` opens the lessons, `make test` checks everything; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The matrix products here are small: a second BLAS thread costs more than it brings, and takes a core from the browser.
export OPENBLAS_NUM_THREADS ?= 1

# Only what a person with a screen wants: elsewhere JupyterLab prints its address instead of opening a browser.
SCREEN := $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname -s)))
LAB_OPTIONS := $(if $(SCREEN),,--no-browser) $(if $(filter 0,$(shell id -u)),--allow-root)

# The JavaScript is checked where there is Node; the lessons themselves need none.
NPM := $(shell command -v npm 2>/dev/null)
TYPES := $(if $(NPM),npm run --silent types,echo 'Skipped: the types of the JavaScript, as there is no Node here (npm)')

# What pytest is told for the layers that run with more versions than one.
MATHEMATICS := -q -n 2 --dist worksteal --ignore tests/browser --ignore tests/notebooks lessons_lib tests
NOTEBOOKS := -q -n 2 --dist loadfile --nbval-lax --nbval-current-env notebooks

# $(call layer,name,command): run one layer of checks; when it fails, stop and say which it was.
define layer
	@printf '\n=== %s\n' '$(1)'
	@$(2) || { printf '\nmake test: FAILED in the layer "%s"\n' '$(1)'; exit 1; }
endef

.PHONY: help lab test test-faults test-lowest test-pins test-colab test-site test-book
.PHONY: address bench bench-live book browser clean docs live mutants pictures sheets site times

help:          ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

lab: $(VENV)/lab.stamp  ## install what is needed (the first time) and open the lessons in JupyterLab
	@folder="$$($(BIN)/jupyter --runtime-dir)"; mkdir -p "$$folder" 2>/dev/null && test -w "$$folder" || { \
	  echo "JupyterLab needs a home folder that it can write to; it cannot write to $$folder"; \
	  echo 'Name another: make lab HOME=/path/to/a/folder'; exit 1; }
	$(BIN)/jupyter lab $(LAB_OPTIONS) --notebook-dir=notebooks --LabApp.default_url=/lab/tree/00_start_here.ipynb

test: $(VENV)/test.stamp browser  ## every check: style, mathematics and panels, notebooks, a real browser
	$(call layer,style,$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(TYPES))
	$(call layer,mathematics and panels,$(BIN)/pytest $(MATHEMATICS))
	$(call layer,notebook rules,$(BIN)/pytest -q tests/notebooks)
	$(call layer,notebooks run,$(BIN)/pytest $(NOTEBOOKS))
	$(call layer,a real browser,$(BIN)/pytest -q -n 2 --dist worksteal tests/browser)

test-faults: $(VENV)/test.stamp browser  ## plant faults one by one; each must be caught by the layer meant to catch it
	$(BIN)/pytest -q tests/faults/test_faults.py

test-lowest:   ## every check but the browser, with the lowest versions that pyproject.toml allows
test-pins:     ## every check but the browser, with the versions that requirements.txt pins
test-colab:    ## the same with the versions that Google Colab has, and one panel in a browser without JupyterLab

# Each in an environment of its own, with this Python. A resolver that reads the bounds as they stand does the rest.
PYTHON_THERE := 3.11
test-lowest: VERSIONS := --resolution lowest-direct
test-pins: VERSIONS := --requirement requirements.txt
test-colab: VERSIONS := --requirement tests/colab.txt
test-colab: PYTHON_THERE := 3.13
test-colab: browser
test-lowest test-pins test-colab: test-%: $(VENV)/bounds.stamp
	$(BIN)/uv venv --quiet --clear --seed --python $(PYTHON_THERE) $(VENV)-$* || { \
	  echo 'There is no Python $(PYTHON_THERE) here, and it could not be fetched.'; \
	  echo 'Name one: make $@ PYTHON_THERE=/path/to/python'; exit 1; }
	$(BIN)/uv pip install --quiet --python $(VENV)-$*/bin/python $(VERSIONS) --editable '.[lab,test]'
	$(VENV)-$*/bin/pytest --disable-warnings $(MATHEMATICS)
	$(VENV)-$*/bin/pytest --disable-warnings $(NOTEBOOKS)
	$(if $(filter colab,$*),$(VENV)-$*/bin/pytest --disable-warnings -q tests/browser/test_elsewhere.py)

# It goes on where the last run stopped. For one module: make mutants ONLY='lessons_lib.engine.gradient*'
mutants: $(VENV)/test.stamp $(VENV)/mutants.stamp  ## change one thing in the engine at a time; which changes does no test notice?
	$(BIN)/mutmut run $(if $(ONLY),'$(ONLY)')
	$(BIN)/mutmut results | grep -v 'not checked'
	@$(BIN)/mutmut export-cicd-stats >/dev/null
	@$(BIN)/python -c 'import json; print("{killed} killed, {timeout} stuck, {survived} survived, {no_tests} not reached".format(**json.load(open("mutants/mutmut-cicd-stats.json"))))'
	@echo 'To see one: $(BIN)/mutmut show NAME'

bench: $(VENV)/bench.stamp  ## measure the mathematics against other libraries
	$(BIN)/python -m benchmarks.bench_math

bench-live: $(VENV)/bench.stamp $(VENV)/test.stamp browser  ## measure live pictures against other libraries, in a real browser
	$(BIN)/python -m benchmarks.bench_live

times: $(VENV)/test.stamp  ## how long each notebook takes from top to bottom
	$(BIN)/python tests/notebooks/times.py

pictures: $(VENV)/test.stamp browser  ## take the pictures of the README again
	$(BIN)/python docs/screenshot.py

docs: $(VENV)/docs.stamp  ## build the reference of lessons_lib from its docstrings, in build/docs
	rm -rf build/docs
	SPHINX_APIDOC_OPTIONS=members,ignore-module-all $(BIN)/sphinx-apidoc -q --separate --module-first --tocfile index \
	  -o build/docs/pages lessons_lib
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky -c docs/reference build/docs/pages build/docs/html
	@echo 'Built build/docs/html/index.html'

address: | $(BIN)/python  ## write the addresses of [project.urls] in pyproject.toml into the notebooks
	$(BIN)/python docs/site/address.py

site: book live  ## build the whole site, the book and the live lessons, in build/site

live: $(VENV)/site.stamp  ## build the lessons to run in the browser alone, in build/site; OFFLINE=1 needs no other
	$(BIN)/python docs/site/build.py

test-site: export OFFLINE := 1
test-site: $(VENV)/test.stamp browser live  ## three live lessons of the site in a real browser; LESSONS=all takes every one
	$(BIN)/pytest -q tests/site

book: $(VENV)/book.stamp  ## run every lesson and render it, with its questions to print, as static pages in build/site
	$(BIN)/python docs/book/book.py

sheets: book   ## a sheet of each lesson's questions to print, with the answers last: a part of the book
	@echo 'To print one, open build/site/sheets.html in a browser.'

test-book: $(VENV)/test.stamp $(VENV)/book.stamp browser  ## check the book that was made: links, pictures, in a real browser
	$(BIN)/pytest -q -n 2 -m book tests/book

clean:         ## remove everything that was installed, built or recorded here
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-pins $(VENV)-colab node_modules mutants build dist test-results
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Once installed, everything works without a network, so say how to go on without one.
FAILED = { echo 'Installing failed: the lines above say why. It needs a network.'; \
  echo 'To go on with what was installed before: touch $@ && make $(MAKECMDGOALS)'; exit 1; }

# $(call install,what): uv needs a fifth of pip's time; pip does it where uv cannot be had or fails, and always for the
# benchmarks, whose PyTorch uv would take with gigabytes of CUDA. Nothing is compiled before it is first imported.
define install
	@echo 'Installing $(1) and what it needs into $(VENV); the first time may take some minutes.'
	@$(if $(findstring bench,$(1)),false,{ $(BIN)/python -m pip install --quiet uv \
	  && $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --editable '$(1)'; } 2>/dev/null) \
	  || $(BIN)/python -m pip install --quiet --no-compile --editable '$(1)' || $(FAILED)
endef

# The stamps make a second run fast: pip and npm run again only when pyproject.toml or package.json changed.
$(VENV)/lab.stamp: pyproject.toml | $(BIN)/python
	$(call install,.[lab])
	@touch $@

COMMA := ,
EXTRAS := test bench site book docs elsewhere bounds mutants
$(EXTRAS:%=$(VENV)/%.stamp): $(VENV)/%.stamp: pyproject.toml | $(BIN)/python
	$(call install,.[lab$(COMMA)$*])
	@touch $@ $(VENV)/lab.stamp

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'The lessons need Python 3.11 or newer; $(PYTHON) is'; $(PYTHON) --version; \
	  echo 'Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { \
	  echo '$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv'; exit 1; }
	$(PYTHON) -m venv $(VENV)

test: $(if $(NPM),node_modules/test.stamp)
node_modules/test.stamp: package.json
	@npm ls >/dev/null 2>&1 || npm install --loglevel=error || $(FAILED)
	@touch $@

browser:
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
	  command -v "$$name" >/dev/null 2>&1 && exit 0; done; \
	test -d '/Applications/Google Chrome.app' && exit 0; \
	command -v apt-get >/dev/null || { \
	  echo 'No Chromium or Chrome found. Install one, or name it: make $(MAKECMDGOALS) CHROMIUM=/path/to/it'; exit 1; }; \
	echo 'No Chromium found: installing it with apt-get'; \
	if [ "$$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi; \
	$$as_root apt-get -qq update && $$as_root env DEBIAN_FRONTEND=noninteractive \
	  apt-get -qq install --no-install-recommends chromium >/dev/null
