"""The command ``framegen``, also as ``python -m framegen``."""

from framegen import interrupts


def main() -> int:
    """Run the command line; returns the exit code."""
    interrupts.end_at_once()  # before the imports: they take a quarter of a second
    from framegen import cli

    return cli.main()


if __name__ == "__main__":
    raise SystemExit(main())
