#!/usr/bin/env bash
# Installs the readycheck that this action was checked out with, apart from the job's own Python.
set -euo pipefail

venv="$RUNNER_TEMP/readycheck"
"${PYTHON:-python3}" -m venv "$venv"
if [ ! -e "$venv/bin" ]; then ln -s Scripts "$venv/bin"; fi # Windows keeps its programs elsewhere
"$venv/bin/python" -m pip install -q --disable-pip-version-check "$GITHUB_ACTION_PATH[postgresql,mysql]"
"$venv/bin/readycheck" --version
