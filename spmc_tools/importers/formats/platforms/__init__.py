"""Other platforms: Bluesky, Facebook, Mastodon, Reddit, TikTok, YouTube."""
