"""Acting together: what a trace is, and the engines that count coactions."""
