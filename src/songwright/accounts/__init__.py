"""Accounts: who owns keys, credits and tasks."""

from songwright.accounts.store import FIRST_ACCOUNT, Account, create, every, find, find_or_create, get

__all__ = ["FIRST_ACCOUNT", "Account", "create", "every", "find", "find_or_create", "get"]
