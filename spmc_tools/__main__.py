"""``python -m spmc_tools`` is ``spmc``."""

from spmc_tools.cli import main

if __name__ == "__main__":
    main()
