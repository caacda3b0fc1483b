"""What a video is, when a submission is a revision of it, and how the list is paged."""
