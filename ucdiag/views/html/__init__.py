"""``-f html``: one file that holds all it needs, to be forwarded, printed and read without a script."""
