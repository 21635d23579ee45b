"""A provider for tests and for test keys: it obeys magic words in the prompt and makes small, real files at once."""

from songwright.providers.fake.provider import FakeProvider

__all__ = ["FakeProvider"]
