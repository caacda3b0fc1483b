"""What the portal knows by itself: places to return to, flows, languages, and videos as it shows them."""
