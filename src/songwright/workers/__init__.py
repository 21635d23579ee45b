"""What runs beside the requests: the loop that makes tasks, the child processes it may use, and the sweep."""
