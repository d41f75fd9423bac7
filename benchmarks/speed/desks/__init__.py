"""The desks and the post watch on a day of 500 posts or messages a minute."""
