"""The network view beside vis-network, cytoscape and ipysigma, on one graph with one layout."""
