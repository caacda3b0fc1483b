"""How words are found: folded, stemmed, asked for, and marked where they were said."""
