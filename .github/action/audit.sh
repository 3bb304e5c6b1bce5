#!/usr/bin/env bash
# Audits once, writes every report, and says the outcome; the job's gate comes after the reports were delivered.
set -euo pipefail

readycheck="${READYCHECK:-$RUNNER_TEMP/readycheck/bin/readycheck}"
reports="$RUNNER_TEMP/readycheck-reports"
mkdir -p "$reports"

arguments=(audit "$INPUT_PATH" --output "$reports" --format terminal --format json --format html --format markdown
  --format pull-request --format sarif --format github)
with() { if [ -n "$2" ]; then arguments+=("$1" "$2"); fi; }
each() {
  while IFS= read -r line; do
    line="${line%$'\r'}"
    if [ -n "$line" ]; then arguments+=(${1:+"$1"} "$line"); fi
  done <<<"$2"
}

with --checklist "${INPUT_CHECKLIST:-}"
with --decisions "${INPUT_DECISIONS:-}"
each --checks "${INPUT_CHECKS:-}"
with --scope "${INPUT_SCOPE:-}"
with --fail-on "${INPUT_FAIL_ON:-}"
with --min-score "${INPUT_MIN_SCORE:-}"
with --min-coverage "${INPUT_MIN_COVERAGE:-}"
if [ "${INPUT_BASELINE:-}" = base ]; then INPUT_BASELINE="${BASE_SHA:-}"; fi
with --baseline "${INPUT_BASELINE:-}"
if [ "${INPUT_EXIT_ZERO:-false}" = true ]; then arguments+=(--exit-zero); fi
each "" "${INPUT_ARGS:-}"

# A variable that is set and empty would hide what the checklist names.
for name in READYCHECK_DATABASE READYCHECK_DEPLOYMENT READYCHECK_ENV_FILE; do
  if [ -z "${!name:-}" ]; then unset "$name"; fi
done

code=0
"$readycheck" "${arguments[@]}" 2> >(tee "$reports/.said" >&2) || code=$?
wait

{
  echo "exit-code=$code"
  echo "reports=$reports"
} >>"$GITHUB_OUTPUT"
said="$(grep -E '^verdict=[A-Z_]+ exit=' "$reports/.said" | tail -n 1 || true)"
rm -f "$reports/.said"
if [ -n "$said" ]; then
  for pair in $said; do
    case "$pair" in verdict=* | score=* | ceiling=* | coverage=*) echo "$pair" >>"$GITHUB_OUTPUT" ;; esac
  done
  # Annotations stand in the log of the step; the summary has room for the whole report.
  cat "$reports/github.txt"
  rm -f "$reports/github.txt"
  cat "$reports/scorecard.txt"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$reports/pull-request.md" >>"$GITHUB_STEP_SUMMARY"; fi
fi
