"""The pages of Newsreel."""
