"""The pages of the app and the server that gives them."""
