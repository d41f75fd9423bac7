"""The package and its peers on simulated weeks: scores of a week, sums over weeks, and the weeks that are kept."""
