"""The proof that the books are right: every rule is one query that finds its offenders."""

from __future__ import annotations

import sqlite3

from songwright.ledger.statement import prove

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
        "SELECT id, available, reserved, used FROM account WHERE min(available, reserved, used, owed) < 0",
    ),
    (
        "an account that owes {1} can spend {2}: {0}",
        "SELECT id, owed, available FROM account WHERE min(owed, available) > 0",
    ),
    (
        "the balance of {0} is not what its entries say: {1} shows {2}, entries say {3}",
        """WITH shown AS (
             SELECT id, 'available' AS side, available AS amount FROM account
             UNION ALL SELECT id, 'reserved', reserved FROM account
             UNION ALL SELECT id, 'used', used FROM account
             UNION ALL SELECT id, 'owed', -owed FROM account
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
           LEFT JOIN journal ON journal.task_id = task.id AND journal.kind IN ('post', 'void')
           GROUP BY task.id
           HAVING count(journal.id) <> (status IN ('completed', 'failed', 'cancelled'))""",
    ),
    (
        "task {0} was settled at {1} credits, its row says {2}",
        """SELECT task.id, coalesce(amount, 0), consumed_credits FROM task
           JOIN journal ON journal.task_id = task.id AND journal.kind IN ('post', 'void')
           LEFT JOIN entry ON journal_id = journal.id AND ledger_account = 'used'
           WHERE coalesce(amount, 0) <> consumed_credits""",
    ),
    (
        "task {0} gave back {1} of its {2} reserved credits, {3} were consumed",
        """SELECT task.id, coalesce(amount, 0), price_credits, consumed_credits FROM task
           JOIN journal ON journal.task_id = task.id AND journal.kind IN ('post', 'void')
           LEFT JOIN (
             SELECT journal_id, sum(amount) AS amount FROM entry
             WHERE ledger_account IN ('available', 'owed') GROUP BY journal_id
           ) ON journal_id = journal.id
           WHERE coalesce(amount, 0) <> price_credits - consumed_credits""",
    ),
    (
        "movement {0} of {1} is called a void but something was used, or a post but nothing was",
        """SELECT number, account_id FROM journal WHERE kind IN ('post', 'void') AND (kind = 'post') <> EXISTS (
             SELECT 1 FROM entry WHERE journal_id = journal.id AND ledger_account = 'used')""",
    ),
    (
        "task {0} was refunded {1} credits, it had cost {2}",
        """SELECT refund.task_id, -coalesce(given.amount, 0), coalesce(cost.amount, 0) FROM journal AS refund
           LEFT JOIN entry AS given ON given.journal_id = refund.id AND given.ledger_account = 'used'
           LEFT JOIN journal AS posted ON posted.task_id = refund.task_id AND posted.kind = 'post'
           LEFT JOIN entry AS cost ON cost.journal_id = posted.id AND cost.ledger_account = 'used'
           WHERE refund.kind = 'refund' AND coalesce(cost.amount, 0) <> -coalesce(given.amount, 0)""",
    ),
    (
        "order {0} is {1}, worth {2} credits, but has {3} grants of {4} and {5} taken back",
        """WITH booked AS (
             SELECT order_id, sum(kind = 'grant') AS grants, sum(kind = 'take_back') AS taken,
               coalesce(-sum(amount) FILTER (WHERE kind = 'grant'), 0) AS granted
             FROM journal JOIN entry ON journal_id = journal.id AND ledger_account = 'issued'
             WHERE order_id IS NOT NULL GROUP BY order_id
           )
           SELECT id, state, credits, coalesce(grants, 0), coalesce(granted, 0), coalesce(taken, 0)
           FROM credit_order LEFT JOIN booked ON order_id = id
           WHERE CASE state
             WHEN 'paid' THEN coalesce(grants, 0) <> 1 OR granted <> credits OR taken <> 0
             WHEN 'refunded' THEN coalesce(grants, 0) <> coalesce(taken, 0)
             ELSE coalesce(grants, 0) + coalesce(taken, 0) <> 0 END""",
    ),
    (
        "credits were granted for order {0}, which there is not, or for another account",
        """SELECT order_id FROM journal WHERE order_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM credit_order WHERE id = order_id AND credit_order.account_id = journal.account_id)""",
    ),
    (
        "the guard {0} is missing: the ledger could be changed",
        """WITH wanted (name) AS (VALUES
             ('journal_never_changes'), ('journal_never_shrinks'), ('entry_never_changes'), ('entry_never_shrinks'),
             ('journal_once_a_task'), ('journal_settled_once'), ('journal_once_an_order'), ('journal_of_account'))
           SELECT name FROM wanted
           WHERE name NOT IN (SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index'))""",
    ),
)


def verify(connection: sqlite3.Connection) -> list[str]:
    """One sentence for each thing that is wrong; empty when the books are right.

    Movements add up to zero, nothing is negative, balances are what the entries say, every task was reserved once at
    its price, every ended task settled once at what its row says and refunded at most that, every paid order was
    credited once, the ledger is guarded against change, and every account's statement is an unbroken chain.
    """
    found = [sentence.format(*row) for sentence, sql in _RULES for row in connection.execute(sql).fetchall()]
    for row in connection.execute("SELECT id FROM account").fetchall():
        found += prove(connection, row[0]).problems
    return found
