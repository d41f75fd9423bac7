"""One trace assessed: pairs, accounts and groups against chance."""
