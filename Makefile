# Everything a person does with this repository. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
AUDIT := $(VENV)/.audit

.DEFAULT_GOAL := help
.PHONY: help demo run check test unit bench audit sbom format wheel clean

help: ## What you can do here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

$(RUNTIME): pyproject.toml constraints.txt
	@echo "Setter opp $(VENV). Det gjøres én gang og tar et par minutter." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV): $(RUNTIME)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev
	@touch $@

demo: $(RUNTIME) ## A workspace on your own machine with the bot in it; prints its address
	@$(BIN)/mangelvakt demo

run: $(RUNTIME) ## The bot in your Slack workspace (needs tokens, see README)
	@$(BIN)/mangelvakt run

check: $(DEV) ## Lint (with bandit's rules), types, layers, templates, sentences, licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot.messages.sources --check
	$(BIN)/python -m pytest -q tests/house/test_licences.py

test: $(DEV) ## All tests
	$(BIN)/python -m pytest -n auto

unit: $(DEV) ## The quick tests only
	$(BIN)/python -m pytest tests/unit

bench: $(DEV) ## The benchmarks, with peers beside us
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group bench \
		|| echo "statsforecast could not be installed: its two methods are left out of the tables." >&2
	$(BIN)/python -m bench

$(AUDIT): pyproject.toml
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --group audit
	@touch $(AUDIT)

audit: $(AUDIT) ## Known holes in the packages we pin (needs internet)
	$(AUDIT)/bin/pip-audit --no-deps --disable-pip -r constraints.txt

sbom: $(RUNTIME) $(AUDIT) ## What is installed here, as CycloneDX, into dist/sbom.json
	@mkdir -p dist
	$(AUDIT)/bin/cyclonedx-py environment --output-format JSON --output-file dist/sbom.json $(BIN)/python

format: $(DEV) ## Put the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(DEV) ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean: ## Remove what was built
	rm -rf $(VENV) dist build
