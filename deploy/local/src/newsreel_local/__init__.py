"""All of Newsreel on one machine, with real parts: what `make up` runs."""
