"""The words every room speaks: tasks, songs, credits, errors, ids and the clock. Standard library only."""
