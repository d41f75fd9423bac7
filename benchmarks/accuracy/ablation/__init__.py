"""Each part of the evidence alone and each left out: what it adds to the ranking and to the names."""
