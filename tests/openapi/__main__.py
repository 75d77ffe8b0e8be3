"""Writes the API document into the file that is named."""

import json
import sys
from pathlib import Path

from tests.openapi import document

file = Path(sys.argv[1])
file.parent.mkdir(parents=True, exist_ok=True)
file.write_text(json.dumps(document(), indent=1), "utf-8")
