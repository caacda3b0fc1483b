"""What it takes to run any of Newsreel's services. Of the domain, it knows access tokens alone."""
