"""Newsreel's Argon2id parameters for Django."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Ours(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
