#!/bin/sh
# Installs what a server of the dashboard needs: deploy/install.sh ENVIRONMENT [cpu|cuda]
# ENVIRONMENT is the folder of a Python environment, which is made if it is not there. PYTHON names the Python to make it
# with, TORCH_INDEX an index that has PyTorch for the processor alone.
set -eu

environment=${1:?"Say where: deploy/install.sh ENVIRONMENT [cpu|cuda]"}
variant=${2:-cpu}
cd "$(dirname "$0")/.."

case $variant in
  cpu) set -- --extra-index-url "${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}" ;;
  cuda) set -- ;; # PyPI's packages for Linux bring CUDA
  *) echo "deploy/install.sh knows cpu and cuda, not $variant." >&2; exit 2 ;;
esac

[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/python" -m pip install --disable-pip-version-check --no-cache-dir "$@" \
  -c constraints.txt -r deploy/requirements.txt
