"""The books: credits are reserved, then posted for what was delivered; entries are added, never changed."""

from songwright.ledger.books import Balance, balance, grant, refund, reserve, settle, take_back
from songwright.ledger.chain import START, Amounts, Movement, link
from songwright.ledger.proof import verify
from songwright.ledger.statement import Line, Proof, StatementReader, lines, prove

__all__ = [
    "START",
    "Amounts",
    "Balance",
    "Line",
    "Movement",
    "Proof",
    "StatementReader",
    "balance",
    "grant",
    "lines",
    "link",
    "prove",
    "refund",
    "reserve",
    "settle",
    "take_back",
    "verify",
]
