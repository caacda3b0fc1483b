"""Steady journeys: people who register, sign in, read and download while a deployment is changed."""
