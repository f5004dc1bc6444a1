#!/usr/bin/env bash
# Compiles the proofs in the directory OUTDIR, so that nothing is written beside the sources, and prints the axioms they
# rest on and the seconds. With --check, the independent checker goes through the compiled proofs as well.
# Usage: build.sh OUTDIR [--check]
set -euo pipefail
sources=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build.sh OUTDIR [--check]}
mkdir -p "$out"
cp "$sources"/*.v "$sources/_CoqProject" "$out"
cd "$out"

files=$(grep '\.v$' _CoqProject)
TIMEFORMAT="coqc: $(echo "$files" | wc -l | tr -d ' ') files in %R s"
time for file in $files; do
  coqc -q -R . Formal "$file"
done

if [ "${2:-}" = --check ]; then
  TIMEFORMAT="coqchk: %R s"
  time coqchk -silent -o -R . Formal Formal.Assumptions
fi
