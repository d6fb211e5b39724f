#!/bin/sh
# Pins every dependency with its hashes for every platform, naming no index. Needs uv.
set -eu
cd "$(dirname "$0")/.."
pin() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header "$@"
}
echo 'setuptools>=77' > requirements/build.in
pin pyproject.toml requirements/build.in --output-file requirements/runtime.txt
pin --extra test --extra check --extra benchmark --constraint requirements/runtime.txt \
    pyproject.toml requirements/build.in --output-file requirements/development.txt
rm requirements/build.in
# Spark has an environment of its own: PySpark and the client of Spark Connect cannot be installed together.
echo 'pyspark>=4.3,<5' | pin - --output-file requirements/spark.txt
# A peer of the benchmarks takes older libraries than Lakeward.
echo 'awswrangler>=3.17,<4' | pin - --output-file requirements/awswrangler.txt
