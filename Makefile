# SPDX-License-Identifier: Apache-2.0
# Every target that runs something sets up what it needs first; set-up returns at once when all is ready.

SHELL := /bin/bash
PYTHON ?= python3
ARGS ?=
SET_UP := $(PYTHON) requirements/set_up.py
ENVIRONMENT := . .build/env.sh

.DEFAULT_GOAL := help
.PHONY: help setup demo up test unit lint format shell clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make everything ready: environment, packages, interfaces, off-screen rendering
	@$(SET_UP)
	@echo "Ready. Run .venv/bin/python -m vla_ros from anywhere, or see 'make shell'."

demo: ## Run the demo episodes and print the summary; options: make demo ARGS="--episodes 10"
	@$(SET_UP)
	@$(ENVIRONMENT) && exec python -m vla_ros demo $(ARGS)

up: ## Start simulator, policy and controller without an end; Ctrl-C stops them
	@$(SET_UP)
	@$(ENVIRONMENT) && exec python -m vla_ros up $(ARGS)

test: lint ## Check style and types, then run all tests; options for pytest: ARGS="-k timeline"
	@$(ENVIRONMENT) && exec python -m pytest $(ARGS)

unit: ## Run the quick tests that need no ROS
	@$(SET_UP)
	@$(ENVIRONMENT) && exec python -m pytest -m "not ros and not slow" $(ARGS)

lint: ## Check style (ruff) and types (mypy)
	@$(SET_UP)
	@$(ENVIRONMENT) && ruff check . && ruff format --check . && exec mypy

format: ## Put the code into the project's form
	@$(SET_UP)
	@$(ENVIRONMENT) && ruff check --fix . && exec ruff format .

shell: ## Print the line that puts a shell into the environment
	@$(SET_UP)
	@echo '. "$(CURDIR)/.build/env.sh"'

clean: ## Remove the environment and everything built or written
	@rm -rf .venv .build out .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	@find vla_ros test requirements launch -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
