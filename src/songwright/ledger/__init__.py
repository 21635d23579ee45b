"""The books: credits are reserved, then posted for what was delivered; entries are added, never changed."""

from songwright.ledger.books import Balance, balance, grant, reserve, settle
from songwright.ledger.proof import verify

__all__ = ["Balance", "balance", "grant", "reserve", "settle", "verify"]
