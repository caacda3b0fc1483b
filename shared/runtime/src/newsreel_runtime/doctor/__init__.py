"""`newsreel doctor`: what a service needs, looked at from where it runs, with what mends it."""
