"""What a group of accounts did, told by its own posts: what they say, when, who was reached, beside other accounts."""
