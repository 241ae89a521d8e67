"""Lets the tests import the modules of the local run by the names they have there."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
