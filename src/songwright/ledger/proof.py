"""The proof that the books are right: every rule is one query that finds its offenders."""

from __future__ import annotations

import sqlite3

_RULES = (
    (
        "a movement does not add up to zero: journal {0}, sum {1}",
        "SELECT journal_id, sum(amount) FROM entry GROUP BY journal_id HAVING sum(amount) <> 0",
    ),
    (
        "all entries together do not add up to zero: {0}",
        "SELECT sum(amount) FROM entry HAVING sum(amount) <> 0",
    ),
    (
        "an entry has no movement: journal {0}",
        "SELECT journal_id FROM entry WHERE journal_id NOT IN (SELECT id FROM journal)",
    ),
    (
        "a movement belongs to no account: journal {0}, account {1}",
        "SELECT id, account_id FROM journal WHERE account_id NOT IN (SELECT id FROM account)",
    ),
    (
        "an account is negative: {0} has {1} available, {2} reserved, {3} used",
        "SELECT id, available, reserved, used FROM account WHERE min(available, reserved, used) < 0",
    ),
    (
        "the balance of {0} is not what its entries say: {1} shows {2}, entries say {3}",
        """WITH shown AS (
             SELECT id, 'available' AS side, available AS amount FROM account
             UNION ALL SELECT id, 'reserved', reserved FROM account
             UNION ALL SELECT id, 'used', used FROM account
           ), booked AS (
             SELECT account_id, ledger_account AS side, sum(amount) AS amount
             FROM journal JOIN entry ON journal_id = journal.id GROUP BY account_id, ledger_account
           )
           SELECT id, shown.side, shown.amount, coalesce(booked.amount, 0)
           FROM shown LEFT JOIN booked ON booked.account_id = id AND booked.side = shown.side
           WHERE shown.amount <> coalesce(booked.amount, 0)""",
    ),
    (
        "a credit is no whole number: journal {0}",
        "SELECT journal_id FROM entry WHERE typeof(amount) <> 'integer'",
    ),
    (
        "task {0} was accepted without a reservation of its {1} credits",
        """SELECT task.id, price_credits FROM task
           LEFT JOIN journal ON journal.task_id = task.id AND journal.kind = 'reserve'
           LEFT JOIN entry ON journal_id = journal.id AND ledger_account = 'reserved'
           WHERE journal.id IS NULL OR coalesce(amount, 0) <> price_credits""",
    ),
    (
        "task {0} is {1} but has {2} settlements",
        """SELECT task.id, status, count(journal.id) FROM task
           LEFT JOIN journal ON journal.task_id = task.id AND journal.kind = 'settle'
           GROUP BY task.id
           HAVING count(journal.id) <> (status IN ('completed', 'failed', 'cancelled'))""",
    ),
    (
        "task {0} was settled at {1} credits, its row says {2}",
        """SELECT task.id, coalesce(amount, 0), consumed_credits FROM task
           JOIN journal ON journal.task_id = task.id AND journal.kind = 'settle'
           LEFT JOIN entry ON journal_id = journal.id AND ledger_account = 'used'
           WHERE coalesce(amount, 0) <> consumed_credits""",
    ),
    (
        "task {0} gave back {1} of its {2} reserved credits, {3} were consumed",
        """SELECT task.id, coalesce(amount, 0), price_credits, consumed_credits FROM task
           JOIN journal ON journal.task_id = task.id AND journal.kind = 'settle'
           LEFT JOIN entry ON journal_id = journal.id AND ledger_account = 'available'
           WHERE coalesce(amount, 0) <> price_credits - consumed_credits""",
    ),
    (
        "the guard {0} is missing: the ledger could be changed",
        """WITH wanted (name) AS (VALUES ('journal_never_changes'), ('journal_never_shrinks'),
                                         ('entry_never_changes'), ('entry_never_shrinks'))
           SELECT name FROM wanted
           WHERE name NOT IN (SELECT name FROM sqlite_master WHERE type = 'trigger')""",
    ),
)


def verify(connection: sqlite3.Connection) -> list[str]:
    """One sentence for each thing that is wrong; empty when the books are right.

    Movements add up to zero, nothing is negative, balances are what the entries say, every task was reserved once at
    its price, every ended task settled once at what its row says, and the ledger is guarded against change.
    """
    return [sentence.format(*row) for sentence, sql in _RULES for row in connection.execute(sql).fetchall()]
