"""Writes the API document into the file that is named, unless it says the same already."""

import json
import sys
from pathlib import Path

from tests.openapi import document

file = Path(sys.argv[1])
content = json.dumps(document(), indent=1)
if not file.exists() or file.read_text("utf-8") != content:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, "utf-8")
