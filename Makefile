# What people and CI run. `make` alone lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps deps-tests build test soak lint demo demo-all demo-env demo-stop
.PHONY: bench bench-growth bench-stages bench-kernels bench-page build-bench clean

# Where several programs share the cores, libgomp's threads must sleep while they wait.
export OMP_WAIT_POLICY ?= PASSIVE

# The demo's size, the seed of its random numbers, and the night that it plays.
USERS ?= 20000
# Of benchmarks.
REPEATS ?= 3
# Of soak: all when left out.
PART ?=
SIZES ?= 50000 100000 200000 400000
SEED ?= 1
AS_OF ?= 2026-06-01

help: ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

deps: ## install what is missing (Debian, Ubuntu); quick and quiet if nothing is
	@.ci/deps

build: deps ## build .build/release/roost
	swift build -c release --product roost

deps-tests: ## besides, what only the tests need
	@.ci/deps --tests

test: deps-tests ## run all tests; databases are private and temporary
	@.ci/test

soak: deps-tests ## run the long forms of tests, which take hours (PART=kills; .ci/soak --list)
	@.ci/soak $(PART)

lint: ## check the formatting
	@.ci/deps --toolchain
	swift format lint -r --strict Sources Tests Package.swift

demo: build ## fill a demo shop, run a night and show its results (USERS, SEED, AS_OF)
	@.ci/demo run $(USERS) $(SEED) $(AS_OF)

demo-all: build ## the same, then run every other pipeline and the tests of pipelines
	@.ci/demo all $(USERS) $(SEED) $(AS_OF)

demo-env: ## print the demo's environment: eval "$(make -s demo-env)"
	@.ci/demo env

demo-stop: ## end the demo's Postgres and remove its data
	@.ci/demo stop

bench: build-bench ## time a night beside COPY and Python, and trivial stages (USERS, REPEATS)
	@Tests/Benchmarks/bench night $(USERS) $(REPEATS)
	@Tests/Benchmarks/bench stages $(REPEATS)

bench-growth: build-bench ## how time and memory grow with the shop (SIZES, REPEATS)
	@Tests/Benchmarks/bench growth "$(SIZES)" $(REPEATS)

bench-stages: build ## only what a stage costs that does nothing, beside Luigi and dbt
	@Tests/Benchmarks/bench stages $(REPEATS)

bench-kernels: build-bench ## single kernels, each beside a baseline
	@Tests/Benchmarks/bench kernels

bench-page: build-bench ## measure all of it on a quiet machine, for the reference
	@SIZES="$(SIZES)" Tests/Benchmarks/bench page Sources/roost/Roost.docc/Benchmarks.md 200000 $(REPEATS)

build-bench: build
	ROOST_BENCHMARKS=1 swift build -c release --product roost-bench

clean: ## remove what was built; the demo stays (make demo-stop)
	rm -rf .build .build-*
