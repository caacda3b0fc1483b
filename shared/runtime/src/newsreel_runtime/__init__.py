"""What it takes to run any of Newsreel's services. No word of the domain in here."""
