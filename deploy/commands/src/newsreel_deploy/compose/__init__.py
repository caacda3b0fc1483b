"""docker-compose.yml: the secrets that it mounts, and its test."""
