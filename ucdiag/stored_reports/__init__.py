"""Reports that were written earlier: found and read, judged again, merged, compared, held against what should be."""
