"""HTTP, served and called: problems, access tokens, spans and limits."""
