"""The commands. Here, where every start of the program comes first, is said how seldom garbage is looked for."""

import gc

# Nearly everything that is made stays to the end: modules first, then facts. To go through it after every few hundred
# new objects, in search of cycles that nothing else leads to, takes time and finds next to nothing.
gc.set_threshold(50_000)
