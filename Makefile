# Needs Python 3.11, 3.12 or 3.13 and make; everything else is fetched into .venv, data lies in var.

PORT ?=
IN = .venv/bin/
# The first Python that will do; it must be able to make an environment.
PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$name && break; done)
APPS = common customers consent segments campaigns loyalty config
# What a few tests drive; after a colon, the Debian package where its name is another.
PROGRAMS = chromium redis-server xgettext:gettext

.PHONY: help demo up test prove check lint messages bench screenshots programs lock clean

help: ## List what make can do
	@awk -F ': .*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

demo: .venv/demo.stamp ## Start everything, with a year of a shop's data (PORT=8001 for another port)
	@$(IN)python manage.py up --demo $(if $(PORT),--port $(PORT))

up: .venv/run.stamp ## Start everything, with no data but yours
	@$(IN)python manage.py up $(if $(PORT),--port $(PORT))

test: .venv/dev.stamp programs ## Run all tests
	@$(IN)pytest --numprocesses 2 --dist loadgroup

prove: .venv/dev.stamp ## Ask 10,000 random rules of random people: the language means what it says
	@RULES=10000 $(IN)pytest --numprocesses 2 tests/segments/test_language.py

check: lint test ## Everything that must hold before a change lands

lint: .venv/dev.stamp ## Style, types, import contracts, migrations
	$(IN)ruff format --check .
	$(IN)ruff check .
	find $(APPS) templates -name '*.html' -exec $(IN)djade --check --target-version 5.2 {} +
	$(IN)lint-imports
	$(IN)mypy .
	$(IN)python manage.py makemigrations --check --dry-run

messages: .venv/run.stamp programs ## Take up new texts for translation, and compile what is translated
	$(IN)python manage.py makemessages --locale pt_BR --no-wrap --no-location --no-obsolete \
		$(addprefix --ignore ,var tests docs benchmarks)
	# The date alone would make every run a change.
	sed -i.old '/^"POT-Creation-Date: /d' locale/pt_BR/LC_MESSAGES/django.po
	rm locale/pt_BR/LC_MESSAGES/django.po.old
	for folder in locale locale/others; do \
		msgfmt --check-format --output-file=$$folder/pt_BR/LC_MESSAGES/django.mo \
			$$folder/pt_BR/LC_MESSAGES/django.po || exit 1; done

bench: .venv/demo.stamp ## Measure the promises of docs/performance.md
	@$(IN)python -m benchmarks

screenshots: .venv/dev.stamp programs ## Make the README's pictures again
	@$(IN)python -m tests.screenshots

lock: $(IN)uv ## Choose and lock the newest packages that fit
	@$(LOCK) pyproject.toml -o requirements/run.txt
	@$(LOCK) pyproject.toml --group demo -c requirements/run.txt -o requirements/demo.txt
	@$(LOCK) pyproject.toml --group demo --group dev -c requirements/demo.txt -o requirements/dev.txt
	@echo uv | $(LOCK) - -o requirements/uv.txt

LOCK = $(IN)uv pip compile --quiet --system-certs --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean: ## Remove caches and the tests' data, never yours
	rm -rf var/test var/pg-bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(IN)uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Clientela needs Python 3.11, 3.12 or 3.13 with its venv module" \
		"(on Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Making an environment in .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv
	@$(IN)python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
		--require-hashes -r requirements/uv.txt
	@touch $@

# The locks are complete, so that nothing needs to be resolved; the system's certificates, as pip does.
.venv/%.stamp: requirements/%.txt $(IN)uv
	@echo "Installing $< ..."
	@$(IN)uv pip install --quiet --python $(IN)python --system-certs --no-deps --no-build \
		--require-hashes --compile-bytecode -r $<
	@touch $@

programs:
	@missing=""; for name in $(PROGRAMS); do \
		command -v $${name%:*} >/dev/null || missing="$$missing $${name#*:}"; done; \
	install="apt-get install -y --no-install-recommends$$missing"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing$$missing ..."; export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
		{ apt-get update && $$install; } >/dev/null && exit 0; \
	fi; \
	echo "Tests that need$$missing will be skipped. To run them: $$install"
