"""One judge for each step: observations in, events out."""
