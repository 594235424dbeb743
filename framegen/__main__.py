"""``python -m framegen``."""

from framegen.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
