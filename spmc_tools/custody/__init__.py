"""What is reviewed, verified, packed, backed up and disposed of."""
