"""``python -m ucdiag``."""

from ucdiag.cli.main import main

if __name__ == "__main__":
    main()
