"""The watch: days compared, posts to look at, terms watched for, the board."""
