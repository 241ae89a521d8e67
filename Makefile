# The whole of Tongji on one machine. `make` alone lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ARCH ?= arm64
VENV := target/venv
PACKAGER := target/venv-package
LOGS := target/local/4576/functions.log
TOOLS := target/tools/bin
BENCH := target/bench
export PATH := $(CURDIR)/$(TOOLS):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup build run test faults bench demo-year redrive lint style package clean lock

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: $(VENV)/.ready ## install what the local run needs, under target/

build: ## build every function for this machine
	$(call want,cargo,install Rust 1.95 or newer)
	cargo build --workspace --bins

run: setup build ## bring everything up on this machine; Ctrl-C stops it
	@infra/local/run.py

test: setup target/test/.debian tests/browser/node_modules/.ready ## run every test, those of the stack and the pages included
	@# Builds the functions' binaries too, with the tests' own features: each dependency is built once.
	cargo test --workspace --no-run
	cd infra/local && $(CURDIR)/$(VENV)/bin/python -m pytest -q -p no:cacheprovider .
	infra/local/run.py --emulator-port 4576 --handset-port 4590 --out target/test/local.json --no-seed -- \
		sh -c 'cargo test --workspace && npm test --prefix tests/browser'
	@# Everyone in the tests has a 010 number, an example address or this name; links have twelve characters.
	@# A number stands alone: within the random ids of messages and requests it is nobody's.
	@test -s $(LOGS) || { echo "$(LOGS) is missing: nothing can be said of the logs."; exit 1; }
	@! LC_ALL=C.UTF-8 grep -nE '((\+|%2B)82|(^|[^0-9a-f])0)10-?[0-9]{4}-?[0-9]{4}([^0-9a-f]|$$)|@example\.|홍길동|/c/[0-9A-Za-z]{12}' $(LOGS) \
	  || { echo "Personal data or links stand in the logs, as above."; exit 1; }

faults: setup ## three hundred notices while AWS fails a fifth of all calls and functions are killed; TONGJI_SEED repeats a run
	cargo test --workspace --no-run
	infra/local/run.py --emulator-port 4577 --handset-port 4591 --out target/faults/local.json --no-seed --faults -- \
		cargo test --workspace --test nothing_is_lost -- --ignored --nocapture

bench: setup $(BENCH)/node/.ready $(BENCH)/python/.ready ## measure the functions beside peers and write tests/bench/RESULTS.md (QUICK=1 to try it out, NOTICES=10000 for fewer)
	AWS_LC_SYS_NO_JITTER_ENTROPY=1 cargo build --release --workspace --bins --example parse
	$(VENV)/bin/python tests/bench/emulator.py -- target/release/bench $(if $(QUICK),--quick) $(if $(NOTICES),--notices $(NOTICES)) --dynamodb {} $(FAMILIES)

demo-year: setup ## a year of made-up notices as one file into the stack of `make run` (ROWS=39600, SEED=1)
	@tests/year/demo.py --rows $(or $(ROWS),39600) --seed $(or $(SEED),1)

redrive: setup ## hand dead letters on again (QUEUE=sms or all, DRY=1 to look only, DROP=1 for what cannot be, STACK=tongji)
	@infra/redrive.py $(or $(QUEUE),all) --stack $(or $(STACK),tongji) $(if $(DRY),--dry-run) $(if $(DROP),--drop)

style: setup $(TOOLS)/.deny ## formatting, the template, licences and sources of dependencies
	cargo fmt --all --check
	$(VENV)/bin/cfn-lint infra/template.yaml
	cargo deny --locked check bans licenses sources

lint: style ## the same and clippy
	cargo clippy --locked --workspace --all-targets -- -D warnings

package: $(PACKAGER)/.ready ## build what is deployed: target/lambda/<function>/bootstrap (ARCH=arm64 or x86_64)
	@case "$(ARCH)" in \
	  arm64) triple=aarch64-unknown-linux-gnu flag=--arm64 ;; \
	  x86_64) triple=x86_64-unknown-linux-gnu flag=--x86-64 ;; \
	  *) echo "ARCH is arm64 or x86_64, not $(ARCH)."; exit 1 ;; \
	esac; \
	if ! ls "$$(rustc --print sysroot)/lib/rustlib/$$triple/lib/"libstd-*.rlib >/dev/null 2>&1; then \
	  echo "This Rust toolchain has no standard library for $$triple: add it (rustup target add $$triple) or package with ARCH=x86_64."; exit 1; \
	fi; \
	PATH="$(CURDIR)/$(PACKAGER)/bin:$$PATH" AWS_LC_SYS_NO_JITTER_ENTROPY=1 \
	  cargo lambda build --release $$flag --workspace --exclude bench --exclude floor --bins

clean: ## remove everything that was built or installed here
	rm -rf target tests/browser/node_modules

lock: ## resolve the Python requirements anew (needs uv)
	uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make lock" infra/local/requirements.in -o infra/local/requirements.txt
	uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make lock" infra/package-requirements.in -o infra/package-requirements.txt
	uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make lock" tests/bench/peers/python/requirements.in -o tests/bench/peers/python/requirements.txt

# Each tool is wanted before it is needed, in one sentence.
define want
	@command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)."; exit 1; }
endef

define virtualenv
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and python3 is older."; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv."; exit 1; }
	rm -rf $(1)
	python3 -m venv $(1)
	$(1)/bin/pip install -q --require-hashes -r $(2)
	touch $@
endef

$(VENV)/.ready: infra/local/requirements.txt
	$(call want,python3,apt-get install python3 python3-venv)
	$(call virtualenv,$(VENV),$<)

$(PACKAGER)/.ready: infra/package-requirements.txt
	$(call want,python3,apt-get install python3 python3-venv)
	$(call virtualenv,$(PACKAGER),$<)

$(BENCH)/python/.ready: tests/bench/peers/python/requirements.txt
	$(call want,python3,apt-get install python3 python3-venv)
	$(call virtualenv,$(BENCH)/python,$<)

$(BENCH)/node/.ready: $(wildcard tests/bench/peers/node/*)
	$(call want,npm,apt-get install npm)
	mkdir -p $(@D)
	cp tests/bench/peers/node/{*.mjs,package.json,package-lock.json,.npmrc} $(@D)
	npm ci --prefix $(@D) --no-fund --no-audit --loglevel=error
	cd $(@D) && npm run --silent bundle
	touch $@

$(TOOLS)/.deny:
	command -v cargo-deny >/dev/null || cargo install cargo-deny --version 0.20.2 --locked --debug --root target/tools
	mkdir -p $(@D) && touch $@

target/test/.debian: Makefile
	@if ! dpkg -s chromium fonts-nanum poppler-utils >/dev/null 2>&1; then \
	  if [ "$$(id -u)" -ne 0 ]; then echo "The tests of pages and letters need Debian's chromium, fonts-nanum and poppler-utils: sudo apt-get install chromium fonts-nanum poppler-utils."; exit 1; fi; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-nanum poppler-utils >/dev/null; \
	fi
	mkdir -p $(@D) && touch $@

tests/browser/node_modules/.ready: tests/browser/package-lock.json
	$(call want,npm,apt-get install npm)
	npm ci --prefix tests/browser --no-fund --no-audit --loglevel=error
	touch $@
