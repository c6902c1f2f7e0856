"""``python -m ucdiag``."""

from ucdiag.program import main

if __name__ == "__main__":
    main()
