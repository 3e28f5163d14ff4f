# What can be made here. Each target sets up what it needs by itself.

# Languages whose SDKs are generated and committed, below sdk/.
SDKS := python nodejs go dotnet java
# Further language hosts for `make setup`, which always has those for python and yaml: nodejs go java dotnet; or browser.
LANGUAGES :=
test: LANGUAGES := nodejs go java browser
pictures: LANGUAGES := browser

PLUGIN := .venv/bin/pulumi-resource-pagerduty-native
SDKGEN := .tools/bin/sdkgen

# What pytest is to run, and how: `make test TESTS=tests/unit`.
TESTS := tests emulator/tests
# Many tests wait, for an engine or a pause: three at a time keep two cores busy. One by one, as slow ones come first.
PYTEST_OPTIONS := --numprocesses=3 --maxschedchunk=1

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)
# Not the one in the home of the person who works here.
export PULUMI_HOME := $(CURDIR)/.tools/pulumi-home

.PHONY: setup
setup: # .venv/ and .tools/bin/; nothing, where they are up to date
	@tools/setup $(LANGUAGES)

.PHONY: demo
demo: setup # a real `pulumi up` against the emulator, and an event that arrives
	@python tools/demo.py

# Where `make playground` has the emulator, and what it needs.
PORT := 8123
PLAYGROUND := .tools/playground

.PHONY: playground
playground: setup # the demo that stays: the emulator with its page, and a stack to play with
	@python -m tools.playground --folder $(PLAYGROUND) --port $(PORT)

.PHONY: playground-stop
playground-stop: # ends `make playground`, wherever it was started
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m tools.playground --folder $(PLAYGROUND) --stop; fi

.PHONY: pictures
pictures: setup # docs/images/: the emulator's page, for README.md; with the fonts Inter and JetBrains Mono, if they are there
	@PICTURES=1 python -m pytest --quiet emulator/tests/browser/test_pictures.py

.PHONY: test
test: setup fetch # everything: the linters and types beside the tests
	@$(MAKE) --silent check >.tools/check.log 2>&1 & check=$$!; \
	echo "python -m pytest $(PYTEST_OPTIONS) $(TESTS)"; python -m pytest $(PYTEST_OPTIONS) $(TESTS); tests=$$?; \
	wait $$check || { cat .tools/check.log; echo "make check failed"; exit 1; }; \
	exit $$tests

.PHONY: fetch
fetch: setup # what tests need from package registries
	@python -m tests.support.fetch

# How many processes keep the machine busy beside `make test-fresh`.
BUSY := 0

.PHONY: test-fresh
test-fresh: # `make demo` and `make test` of the last commit with an empty home and empty caches, in a folder of their own
	@tools/fresh $(BUSY)

.PHONY: check
check: setup check-sdk # linters and types
	ruff check --quiet
	ruff format --check --quiet
	mypy --no-error-summary
	lint-imports --no-logo >.tools/log || { cat .tools/log; exit 1; }

.PHONY: format
format: setup # what the linters can mend by themselves
	ruff check --quiet --fix
	ruff format --quiet

.PHONY: sdk
sdk: setup $(SDKGEN) # schema.json from the declarations, and the SDKs from it
	@pulumi package get-schema $(PLUGIN) | $(SDKGEN) -examples >.tools/schema.json && cp .tools/schema.json schema.json
	@$(SDKGEN) schema.json sdk $(SDKS)
	@tools/setup $(LANGUAGES)

.PHONY: check-sdk
check-sdk: setup # fails when `make sdk` would change something
	@if ! command -v go >/dev/null; then echo "schema.json and sdk/ are not compared with the provider: that takes Go"; exit; fi; \
	$(MAKE) -s $(SDKGEN); \
	pulumi package get-schema $(PLUGIN) | $(SDKGEN) -examples | cmp -s - schema.json || \
		{ echo "schema.json is stale: run \`make sdk\`"; exit 1; }; \
	$(SDKGEN) -check schema.json sdk $(SDKS)

# What `make bench` is also to measure: the bridged provider's plugin, pulumi-resource-pagerduty.
BRIDGED ?=

.PHONY: bench
bench: setup # docs/benchmarks.md anew, in about ten minutes; BRIDGED=PLUGIN, OPTIONS=--quick or OPTIONS=--help
	@python -m tools.bench $(if $(BRIDGED),--bridged "$(BRIDGED)") $(OPTIONS)

# `make test-account`: the service on which integrations may be created, and what more may be used. YES=1 does not ask,
# EVENTS=1 also sends events, RECORD=FILE writes requests and responses without what is private. docs/test-account.md
SERVICE :=
SERVICE2 :=
ORCHESTRATION :=
YES :=
EVENTS :=
RECORD :=
ACCOUNT := .tools/account

.PHONY: test-account
test-account: setup # facts and guesses about PagerDuty, tried on a real account: SERVICE=PXXXXXX, PAGERDUTY_TOKEN
	@python -m tools.account --folder $(ACCOUNT) --service "$(SERVICE)" --service2 "$(SERVICE2)" \
		--orchestration "$(ORCHESTRATION)" $(if $(filter 1,$(YES)),--yes) $(if $(filter 1,$(EVENTS)),--events) \
		$(if $(RECORD),--record "$(RECORD)")

.PHONY: test-account-clean
test-account-clean: setup # deletes what a killed `make test-account` left
	@python -m tools.account --folder $(ACCOUNT) --clean

# What `make prove` is to run: lives engine kills requests guesses responses logic conformance clients faults lost
# secrets account load stacks soak; all, if empty.
PARTS :=

.PHONY: prove
prove: setup # the long versions of tests, with a table for docs/reliability.md: more than an hour; PARTS="kills requests"
	@python -m tools.prove $(PARTS)

# The sessions of noxfile.py for `make compatibility`, such as `--python 3.11`; all Pythons of the machine, if empty.
SESSIONS :=

.PHONY: compatibility
compatibility: setup # unit and protocol tests with the oldest and the newest dependencies, on each Python: half an hour
	@nox --envdir .tools/nox $(SESSIONS)

# What `make mutants` is to try, and how long it may take: docs/mutation-score.md.
MODULES :=
SAMPLE := 0
SEED := 0
MINUTES := 120
AGAIN :=

.PHONY: mutants
mutants: setup # faults put into the code that no test notices; MODULES="api/create framework", SAMPLE=200
	@python tools/mutants.py --sample $(SAMPLE) --seed $(SEED) --minutes $(MINUTES) $(if $(AGAIN),--again) $(MODULES)

.PHONY: build
build: setup # dist/: what is published
	@rm -rf dist
	@python tools/build.py

$(SDKGEN): tools/go.mod $(wildcard tools/sdkgen/*)
	@echo "building the SDK generator, about half a minute the first time…"
	@cd tools && GOWORK=off go build -buildvcs=false -ldflags "-s -w" -o ../$@ ./sdkgen

.PHONY: lock
lock: .tools/uv/bin/uv # tools/requirements-dev.txt anew; UPGRADE=--upgrade also takes the newest versions
	.tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-python-downloads $(UPGRADE) \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--no-emit-package pulumi-resource-pagerduty-native --no-emit-package pagerduty-emulator \
		--no-emit-package pulumi-pagerduty-native \
		--group emulator/pyproject.toml:tests --output-file tools/requirements-dev.txt tools/requirements-dev.in

.tools/uv/bin/uv:
	@python3 -m venv .tools/uv && .tools/uv/bin/python -m pip --quiet install uv
