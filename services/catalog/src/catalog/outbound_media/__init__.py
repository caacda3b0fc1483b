"""Published files: whole or absent, never changed; in a folder, or in an S3 bucket."""
