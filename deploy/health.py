"""Whether the server lives, for a container's health check: ends with 0 if it does, with 1 if not."""

import os
import sys
import urllib.request

port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
address = f"http://127.0.0.1:{port}/{base}{'/' if base else ''}_stcore/health"
try:
    with urllib.request.urlopen(address, timeout=4):
        pass
except OSError as error:
    sys.exit(f"{address} does not answer: {error}")
