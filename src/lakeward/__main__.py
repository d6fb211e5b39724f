"""``python -m lakeward`` is the command ``lakeward``."""

from lakeward.cli import main

main()
