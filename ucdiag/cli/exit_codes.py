"""The exit codes of the contract: every command ends with one of them."""

WHOLE = 0  # the update path is whole; warnings are allowed
BROKEN = 1
USAGE = 2  # the command line was wrong
UNKNOWN = 3  # could not test, or could not decide
UNEXPECTED = 4  # ``report --expect`` alone: whole, and not as the site should be
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # 128 and SIGINT, as shells have it
