"""``python -m jibek.cli``."""

from jibek.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
