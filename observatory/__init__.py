"""The library: everything that can be right or wrong in the observatory."""
