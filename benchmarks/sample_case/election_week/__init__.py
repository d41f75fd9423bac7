"""A simulated election week in Bihar: who does what and when, in which words, written as real tools write it."""
