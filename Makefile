# Every verb of the project. The two that matter: `make serve` and `make test`.
# PYTHON=python3.12 make serve    use another Python (3.11 or later) for .venv
# SONGWRIGHT_ASSETS=/srv/assets   keep models, voices and instruments outside .venv

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PYTHON ?= python3
BIN := .venv/bin
COMPILE = UV_NATIVE_TLS=true $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--only-binary :all: --no-emit-package pyaudio --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate --quiet

.PHONY: help serve test install install-dev fetch assets asr tags lint format bench score score-quick reliability-money reliability-webhooks lock clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

serve: install fetch  ## install, fetch voices and instruments once, start the server
	@exec $(BIN)/songwright serve

test: install-dev fetch  ## install what tests need and run them all
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

install:
	@scripts/install server

install-dev:
	@scripts/install server dev

fetch: install
	@$(BIN)/python -m songwright.assets fetch --from assets || echo "Going on without what is missing."

assets: install  ## keep a local copy of the packages the assets come from in assets/, for installing offline
	@$(BIN)/python -m songwright.assets keep assets

asr:  ## install and fetch what the benchmarks need to listen to songs (Whisper, 150 MB)
	@scripts/install server asr
	@$(BIN)/python -m songwright.assets fetch --group asr --from assets

tags:  ## install and fetch what the scoreboard listens with (musicnn, clips to compare with: 112 MB)
	@scripts/install server score
	@$(BIN)/python -m songwright.assets fetch --group tags --from assets

lint: install-dev  ## style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

format: install-dev  ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: install-dev fetch  ## speed and memory of the gateway and the engine (minutes; a quiet machine)
	@for program in bench/gateway/*.py bench/engine/speed.py; do echo "== $$program"; $(BIN)/python "$$program" || exit 1; done

score: install-dev fetch asr tags  ## the scoreboard: 28 songs measured into bench/engine/SCORE.md, players in out/score (half an hour)
	@mkdir -p out/score
	@$(BIN)/python bench/engine/songs.py | tee out/score/voice.txt
	@$(BIN)/python bench/engine/score.py --voice out/score/voice.txt

score-quick: install-dev fetch tags  ## six songs of 40 s, measured, drawn and to listen to in out/score-quick
	@$(BIN)/python bench/engine/score.py --quick

reliability-money: install-dev  ## the long run of everything about money, written into RELIABILITY.md (under an hour)
	@$(BIN)/python bench/reliability/money.py

reliability-webhooks: install-dev  ## 10,000 callbacks with faults and a killed sender, written into RELIABILITY.md (minutes)
	@$(BIN)/python bench/reliability/webhooks.py --write

lock: install  ## resolve the dependencies anew into requirements/*.txt
	@$(BIN)/pip install --quiet 'uv>=0.9,<1'
	@$(COMPILE) requirements/server.in --extra server --output-file requirements/server.txt
	@$(COMPILE) --constraints requirements/server.txt --extra dev --output-file requirements/dev.txt
	@$(COMPILE) --constraints requirements/server.txt --extra asr --output-file requirements/asr.txt
	@$(COMPILE) --constraints requirements/server.txt --extra score --output-file requirements/score.txt

clean:  ## remove everything that was installed or built; data/ and assets/ stay
	@rm -rf .venv dist .pytest_cache .ruff_cache .hypothesis
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
