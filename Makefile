# Everything that a person runs here. `make` lists the targets.
PYTHON ?= python3
RUN := exec $(PYTHON) deploy/local/bootstrap.py
LOCAL := $(RUN) -m newsreel_local
DEPLOY := $(RUN) -m newsreel_deploy

.DEFAULT_GOAL := help
.PHONY: help up down reset demo demo-resume codes trace newsreel test check messages prove prove-newsletter prove-mail prove-enumeration prove-revocation prove-withdrawal prove-secrets bench-outbox bench-inbox bench-bytes bench-sign bench-newsletter bench-mail bench-login bench-align bench-search k8s-render k8s-validate k8s-test images compose-test secrets lock venv

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Start the whole system in the foreground; Ctrl-C stops it
	@$(LOCAL) up

down: ## Stop the system that runs in this checkout
	@$(LOCAL) down

reset: ## Stop it and forget its data
	@$(LOCAL) reset

demo: ## Walk a stranger's whole way, step by step; LANGUAGE=fr or uk for the mails
	@$(LOCAL) demo $(if $(filter en fr uk,$(LANGUAGE)),--language $(LANGUAGE))

demo-resume: ## Kill curl, wget and aria2 at 30 % of 300 MB, and go on when their URL is over
	@$(LOCAL) demo-resume

codes: ## Print the codes in the newest mails; TO=address for one person's
	@$(LOCAL) codes $(if $(TO),--to '$(TO)')

trace: ## Print the last flow as a tree; ID=trace for another one
	@$(LOCAL) trace $(if $(ID),--id '$(ID)')

newsreel: ## Run the operators' command with a service's rights; SERVICE=delivery DO='dlq ls --group delivery', SERVICE=bus DO='bus plan'
	@$(LOCAL) newsreel $(SERVICE) $(DO)

test: ## Run all tests, on a PostgreSQL and a Kafka of their own
	@$(RUN) -m pytest -q tests

check: ## Check format, lint, types, import contracts, event contracts, file sizes and the lock
	@$(PYTHON) deploy/local/bootstrap.py
	.venv/bin/python -m newsreel_contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy shared/*/src services/*/src deploy/local deploy/commands tests
	.venv/bin/lint-imports
	.venv/bin/python -m newsreel_local sizes
	.venv/bin/python -m newsreel_local lock

prove: export PYTHONPATH := tests/support
prove: ## Kill processes under load and see that nothing is lost; KILLS=1000, SEED=1
	@$(RUN) -m newsreel_proving $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

prove-newsletter: export PYTHONPATH := tests/support
prove-newsletter: ## Kill notifiers while issues are sent, and count who was missed; KILLS=40, SEED=1
	@$(RUN) -m newsreel_proving.newsletter $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

prove-mail: export PYTHONPATH := tests/support
prove-mail: ## Kill everything behind the button, and count whose mail was lost or doubled; KILLS=200, SEED=1
	@$(RUN) -m newsreel_proving.mail $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

prove-revocation: export PYTHONPATH := tests/support
prove-revocation: ## Measure how long a token outlives "sign out everywhere" at delivery; COUNT=200
	@$(RUN) -m newsreel_proving.revocation $(if $(COUNT),--count $(COUNT))

prove-withdrawal: export PYTHONPATH := tests/support
prove-withdrawal: ## Measure how long a download outlives its video's withdrawal; COUNT=200
	@$(RUN) -m newsreel_proving.withdrawal $(if $(COUNT),--count $(COUNT))

prove-enumeration: export PYTHONPATH := tests/support
prove-enumeration: ## Measure whether an answer's time tells who has an account; COUNT=2000, SEED=1
	@$(RUN) -m newsreel_proving.enumeration $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

messages: export PYTHONPATH := tests/support
messages: ## Bring the portal's translations in step with its texts
	@$(RUN) -m newsreel_testing.catalogues

prove-secrets: export PYTHONPATH := tests/support
prove-secrets: ## Walk many journeys, then search all that was kept for every secret in them; COUNT=1000, SEED=1
	@$(RUN) -m newsreel_proving.secrecy $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

bench-outbox: ## Measure the relay beside Debezium; QUICK=1 for four minutes
	@$(RUN) -m benchmarks.outbox $(if $(QUICK),--quick)

bench-inbox: ## Measure consuming beside FastStream's own way; QUICK=1 for half a minute
	@$(RUN) -m benchmarks.inbox $(if $(QUICK),--quick)

bench-newsletter: ## Measure an issue to 100,000 subscribers; QUICK=1 for 5,000
	@$(RUN) -m benchmarks.newsletter $(if $(QUICK),--quick)

bench-mail: ## Measure from a request for a code to the mail server's 250; QUICK=1 for a minute and a half
	@$(RUN) -m benchmarks.mail $(if $(QUICK),--quick)

bench-login: export PYTHONPATH := tests/support
bench-login: ## Measure signing in beside fastapi-users and django-allauth; a package index; QUICK=1 for a minute
	@$(RUN) -m benchmarks.login $(if $(QUICK),--quick)

bench-sign: ## Measure signed URLs beside boto3; QUICK=1 for five seconds
	@$(RUN) -m benchmarks.sign $(if $(QUICK),--quick)

bench-align: ## Measure how well an official text is laid over captions, and how fast; QUICK=1 for half a minute
	@$(RUN) -m benchmarks.align $(if $(QUICK),--quick)

bench-search: ## Measure the search beside two portals' SQL, and whether quotes are found; QUICK=1 for a tenth of the corpus
	@$(RUN) -m benchmarks.search $(if $(QUICK),--quick)

bench-bytes: ## Measure the edge beside plain nginx; needs nginx; QUICK=1 for half a minute
	@$(RUN) -m benchmarks.bytes $(if $(QUICK),--quick)

k8s-render: ## Print an overlay as kubectl would apply it; OVERLAY=prod-reference
	@$(DEPLOY) manifests render $(or $(OVERLAY),prod-reference)

k8s-validate: ## Hold every overlay of deploy/k8s against every rule, and every rule against mistakes
	@$(DEPLOY) manifests validate

images: ## Build all images twice: sizes, start times, what is in each; ONCE=1 only builds
	@$(DEPLOY) images $(if $(ONCE),--once)

compose-test: ## Try docker-compose.yml: the demo in it, kills, down and up
	@$(DEPLOY) compose-test

k8s-test: ## Try deploy/k8s on a real cluster: the demo in it, rollouts, drains, kills; a Docker engine, images, root
	@$(DEPLOY) k8s-test

secrets: ## Make the passwords and keys that docker-compose.yml mounts
	@$(DEPLOY) secrets

lock: ## Bring requirements.lock up to date with the manifests
	@$(LOCAL) lock --write

venv: ## Only install what the other targets need
	@$(RUN)
