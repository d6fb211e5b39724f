"""Write the reference pages into a folder: ``python -m lakeward.reference docs/reference``."""

import sys
from pathlib import Path

from lakeward.reference import reference_pages


def main(folder: Path) -> None:
    """Write every page, and say which ones changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in reference_pages().items():
        page = folder / name
        changed = not page.exists() or page.read_text(encoding="utf-8") != text
        page.write_text(text, encoding="utf-8")
        print(f"{page}: {'written' if changed else 'unchanged'}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m lakeward.reference FOLDER")
    main(Path(sys.argv[1]))
