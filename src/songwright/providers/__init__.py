"""Who makes the song: the embedded engine, an upstream service, or a fake for tests. Each is a folder of its own."""
