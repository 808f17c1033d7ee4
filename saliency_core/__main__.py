"""python -m saliency_core"""

import sys

from saliency_core.commands import main

if __name__ == "__main__":
    sys.exit(main())
