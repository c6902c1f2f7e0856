"""The commands. Every start of the program imports this package first, so it raises the threshold of the collector."""

import gc

# Nearly all objects live to the end: modules first, then facts. A search for cycles after every few hundred new
# objects takes time and finds next to nothing. No command's modules have as many as this: to search them once takes
# ``probe`` a twentieth of its time.
gc.set_threshold(200_000)
