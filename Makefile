# What a person or CI does with this repository; `make` alone lists it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
UV ?= $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
BIN := .venv/bin

export UV_LINK_MODE = copy
# Every process starts sooner, also where Python is told to write no bytecode.
export UV_COMPILE_BYTECODE = 1
export UV_PYTHON_DOWNLOADS = never
# The environment of this folder, whichever one the caller has activated.
export UV_PROJECT_ENVIRONMENT = .venv
unexport VIRTUAL_ENV

.PHONY: help install demo lint check test bench bench-scale bench-city clean

help:
	@echo "make install   the locked environment, with .venv/bin/jcoc"
	@echo "make demo      a simulated day of Jambi through the whole backbone, and a verdict"
	@echo "make check     quick loop: lint, types, import contracts, tests without a broker"
	@echo "make test      all tests; installs the Debian packages they need"
	@echo "make bench     measure throughput beside other engines, and delay; writes docs/benchmarks.md"
	@echo "make bench-scale  the worker at scale, disturbed and not; writes docs/scaling-measured.md"
	@echo "make bench-city  cases, restoring and a year of a whole city; writes docs/city-measured.md"
	@echo "make clean     remove environments and caches; data in .jcoc stays"

install: $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 2; }
	$(UV) sync --locked --quiet --python $(PYTHON)

.uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 2; }
	$(PYTHON) -m venv .uv || { rm -rf .uv; \
		echo "This Python cannot make environments: apt-get install python3-venv"; exit 2; }
	.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1" \
		|| { rm -rf .uv; exit 3; }

demo: install
	$(BIN)/jcoc demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/pytest -n auto -m "not stack and not debian and not long"

test: install
	.ci/debian-packages mosquitto prometheus
	# Two at a time; what shares servers in one process, the longest first.  A busy machine may cost
	# a broker its test; what needed a second run is named in the summary.
	$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder --reruns 2

# Kafka Streams is measured where a JDK and Maven are; the other peers get environments of their own.
bench: install
	$(BIN)/jcoc bench --write docs/benchmarks.md

# 52 million events in 12 scenarios, one run of each: about ten minutes on two cores.
bench-scale: install
	$(BIN)/jcoc bench --job scale --repeat 1 --write docs/scaling-measured.md

# A year of 1.15 million events, 200,000 events through a worker, 100,000 open cases restored.
bench-city: install
	$(BIN)/jcoc bench --job cases --job restore --job year --repeat 1 --write docs/city-measured.md

clean:
	rm -rf .venv .uv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
