"""Six short clips of our own, made on the spot: a moving test picture, a tone, and texts in three languages.

Each becomes a folder `<reference>/` with its renditions, a poster and the `manifest.json` that
`newsreel catalog import` takes. The texts are in `texts/`; the people, places and offices are invented.
"""
