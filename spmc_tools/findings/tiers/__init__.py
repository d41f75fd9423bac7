"""How far up a finding ranks: basis, scores, tiers."""
