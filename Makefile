# Tout ce que l’on fait dans ce dépôt ; `make` seul affiche cette liste.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
HOST ?= 127.0.0.1
PORT ?= 8001
OUTBOX ?= build/contributions
BIN := .venv/bin
FILES_NOW := $(shell find codelists datasets indicators schemas observatory metadata.yml -type f -not -name '*.pyc' 2>/dev/null) $(wildcard editions/*/edition.json)

.DEFAULT_GOAL := help
.PHONY: FORCE help install validate build serve export verify sign publish urls test check check-types check-messages check-documents check-style fix docs conformance review links stats edition compare fuzz bench-validation bench lighthouse screenshots new-dataset clean

help: ## affiche cette liste
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/ready: requirements.lock pyproject.toml
	@echo "Installation (une minute, une seule fois)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 est nécessaire (PYTHON=/chemin/vers/python3.11)."; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	@echo "Installation des outils de développement (une seule fois)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: .venv/ready ## installe les dépendances dans .venv

validate: .venv/ready ## valide tous les jeux de données (FILES=… pour quelques-uns)
	@$(BIN)/python scripts/validate.py $(FILES)

# Une date de fichier ne dit ni qu’un fichier a disparu, ni que le commit a changé : cette liste le dit.
.venv/inputs: .venv/ready FORCE
	@{ git rev-parse HEAD 2>/dev/null; printf '%s\n' $(sort $(FILES_NOW)); } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

FORCE:

donnees.db: .venv/inputs $(FILES_NOW)
	@$(BIN)/python scripts/build.py

build: donnees.db ## valide puis construit donnees.db
	@echo "donnees.db est à jour."

serve: donnees.db ## sert le portail sur http://127.0.0.1:8001 (HOST=, PORT=, OUTBOX= pour /contribuer, vide : fermé)
	@echo "Portail : http://$(HOST):$(PORT) (Ctrl-C pour arrêter)"
	@OBSERVATORY_OUTBOX=$(OUTBOX) $(BIN)/datasette serve --immutable donnees.db --metadata metadata.yml --plugins-dir plugins \
		--template-dir templates --static static:static --setting suggest_facets off \
		--setting sql_time_limit_ms 2000 --setting max_returned_rows 2000 --cors --host $(HOST) --port $(PORT)

export: donnees.db ## écrit dans build/ tables, archives, Parquet, SQLite et empreintes
	@$(BIN)/python scripts/export.py

verify: .venv/ready ## contrôle les empreintes de build/ et des éditions publiées (FOLDER= pour un seul dossier)
	@$(BIN)/python scripts/verify.py $(FOLDER)

sign: .venv/ready ## signe les empreintes de build/ (KEY=~/.ssh/id_ed25519)
	@test -f "$(KEY)" || { echo "Indiquez la clé SSH privée : make sign KEY=~/.ssh/id_ed25519"; exit 2; }
	@$(BIN)/python scripts/verify.py
	@ssh-keygen -Y sign -n observatoire -f "$(KEY)" build/SHA256SUMS

publish: donnees.db ## publie une édition, figée pour toujours dans editions/ (VERSION=2026.2)
	@test -n "$(VERSION)" || { echo "Indiquez le numéro de l’édition : make publish VERSION=2026.2"; exit 2; }
	@$(BIN)/python scripts/publish.py "$(VERSION)"

urls: .venv/ready-dev export ## redemande toutes les adresses de toutes les éditions publiées, fichiers de build/ compris (vingt minutes)
	@URLS=all $(BIN)/python -m pytest -q tests/test_urls_never_die.py

# Trois cents processus de test importent la bibliothèque, dont ceux, confinés, qui n’écrivent rien : compilée une fois.
test: .venv/ready-dev donnees.db ## installe puis passe les tests
	@$(BIN)/python -m compileall -q observatory scripts
	@$(BIN)/python -m pytest -n auto --dist worksteal -m 'not conformance'

# Indépendants : deux à la fois, et tous même après une faute, pour les dire toutes.
CHECKS := check-types check-messages check-documents check-style
check: .venv/ready-dev donnees.db ## format, règles de style, types, documentation à jour
	@$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=2 $(CHECKS)

check-types: ## les types seuls
	@$(BIN)/mypy

check-messages: ## les messages anglais seuls
	@$(BIN)/python scripts/messages.py --check

check-documents: ## la documentation à jour seule
	@$(BIN)/python scripts/docs.py --check

check-style: ## le format et les règles de style seuls
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

fix: .venv/ready-dev ## met en forme le code et régénère la documentation
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(MAKE) --no-print-directory donnees.db
	@$(BIN)/python scripts/docs.py
	@$(BIN)/python scripts/messages.py

.venv-harvest/ready: requirements-harvest.lock
	@echo "Installation du moissonneur de data.gouv.fr (une seule fois)…"
	@$(PYTHON) -m venv .venv-harvest
	@.venv-harvest/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-harvest.lock
	@touch $@

# Seuls les fichiers qui portent la marque sont lus : réunir les huit mille autres tests prend plus que passer ceux-ci.
conformance: .venv/ready-dev .venv-harvest/ready ## compare aux fichiers d’origine, quand ../shared est là
	@$(BIN)/python -m pytest -n auto --dist worksteal -m conformance -rs $$(grep -l 'mark\.conformance' tests/test_*.py)

review: .venv/ready ## écrit la revue d’une contribution (BASE=main HEAD=ma-branche)
	@$(BIN)/python scripts/review.py $(or $(BASE),main) $(HEAD)

links: .venv/ready ## demande chaque lien des registres, sur le réseau, et dit ceux qui sont morts
	@$(BIN)/python scripts/links.py

stats: .venv/ready ## résume chaque colonne de chaque jeu de données (csvkit ; FILES=…)
	@for f in $(or $(FILES),$(wildcard datasets/*.csv)); do echo "== $$f"; $(BIN)/csvstat --no-leading-zeroes --csv $$f | $(BIN)/csvlook --max-column-width 28; done

edition: .venv/ready ## fige l’édition en cours de la méthode, quand elle est publiée
	@$(BIN)/python scripts/edition.py

compare: .venv/ready ## explique ce qui a bougé entre deux bases publiées (OLD=avant.db NEW=apres.db)
	@test -f "$(OLD)" || { echo "Indiquez la base d’avant : make compare OLD=avant.db"; exit 2; }
	@mkdir -p build
	@$(BIN)/python scripts/compare.py "$(OLD)" "$(or $(NEW),donnees.db)" --output build/evolutions.csv

fuzz: .venv/ready-dev ## compare longuement le crible à Frictionless sur des fichiers tirés au sort (N=, SEED=)
	@FUZZ_EXAMPLES=$(or $(N),5000) FUZZ_SEED=$(or $(SEED),0) $(BIN)/python -m pytest -q -n 2 tests/test_screen_equivalence.py

.venv-bench/ready: requirements-bench.lock
	@echo "Installation des outils comparés (une seule fois)…"
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

bench-validation: .venv/ready .venv-bench/ready ## mesure la validation face à Frictionless, Validata, csvclean et pandera (ROWS=)
	@$(BIN)/python benchmarks/validation.py $(ROWS)

bench: .venv/ready-dev donnees.db ## mesure la construction, la notation, la simulation, les pages et les téléchargements, chacune à côté de sa référence
	@$(BIN)/python benchmarks/build.py
	@$(BIN)/python benchmarks/scoring.py
	@$(BIN)/python benchmarks/simulation.py
	@$(BIN)/python benchmarks/pages.py
	@$(BIN)/python benchmarks/downloads.py

lighthouse: ## note avec Lighthouse les pages servies par make serve (npm et Chromium nécessaires)
	@npm install --silent --no-fund --no-audit --prefix build/lighthouse lighthouse
	@node benchmarks/lighthouse.mjs http://$(HOST):$(PORT)

screenshots: .venv/ready-dev ## photographie les pages servies par make serve (Chromium) dans build/screenshots
	@$(BIN)/python scripts/screenshots.py

new-dataset: .venv/ready ## commence un jeu de données (NAME=x ; SCHEMA=, FORM=, TERRITORY=)
	@$(BIN)/python scripts/new.py "$(NAME)" $(if $(SCHEMA),--schema $(SCHEMA)) $(if $(FORM),--form $(FORM)) $(if $(TERRITORY),--territory $(TERRITORY))

clean: ## enlève ce qui a été construit
	rm -rf donnees.db build .venv .venv-bench .venv-harvest
