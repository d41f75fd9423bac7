# Two commands do all the set-up: `make demo` and `make test`. On a machine without make: python bootstrap.py demo|test
PYTHON ?= python3

.PHONY: demo test setup developer docs licences wheel bundle audit soak mutate lock bench

demo test setup developer docs licences wheel bundle audit soak mutate lock:
	@$(PYTHON) bootstrap.py $@ $(ARGS)

bench:
	@$(PYTHON) bootstrap.py developer
	@.venv/bin/python -m benchmarks.speed --write $(ARGS)
