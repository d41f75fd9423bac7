"""How robust findings are: power, resampling, sensitivity, flag rates."""
