#!/usr/bin/env bash
# Resolves pyproject.toml again into the four lock files (needs uv; hashes, no index address).
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet)
uv pip compile pyproject.toml --extra import --extra dev "${options[@]}" -o requirements-dev.lock
uv pip compile pyproject.toml "${options[@]}" -c requirements-dev.lock -o requirements.lock
uv pip compile --group bench "${options[@]}" -o requirements-bench.lock
uv pip compile --group harvest "${options[@]}" -o requirements-harvest.lock
