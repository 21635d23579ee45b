-- The statement of an account becomes a chain of hashes; settlements are called `post` and `void`; credits are bought.
-- `ledger/chain.py` says what is hashed. Rows from before are chained here, with the same text; `sha256` is ours.

ALTER TABLE account ADD COLUMN owed INTEGER NOT NULL DEFAULT 0 CHECK (owed BETWEEN 0 AND 9007199254740991);
ALTER TABLE account ADD COLUMN movements INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN statement_hash BLOB NOT NULL
  DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000' CHECK (length(statement_hash) = 32);

DROP TRIGGER journal_never_changes;
DROP TRIGGER journal_never_shrinks;
DROP TRIGGER entry_never_changes;
DROP TRIGGER entry_never_shrinks;
DROP INDEX journal_once_a_task;
DROP INDEX journal_of_account;
ALTER TABLE journal RENAME TO old_journal;
ALTER TABLE entry RENAME TO old_entry;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  task_id TEXT,
  order_id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('grant', 'reserve', 'post', 'void', 'refund', 'take_back')),
  reason TEXT NOT NULL DEFAULT '',
  created_at_ms INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
-- `owed` is what an account whose payment was taken back had spent already: it is negative here.
CREATE TABLE entry (
  journal_id INTEGER NOT NULL,
  ledger_account TEXT NOT NULL CHECK (ledger_account IN ('available', 'reserved', 'used', 'owed', 'issued')),
  amount INTEGER NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (journal_id, ledger_account)
) STRICT, WITHOUT ROWID;
INSERT INTO entry SELECT journal_id, ledger_account, amount FROM old_entry;

CREATE TEMP TABLE unchained AS
WITH amounts AS (
  SELECT journal_id,
    coalesce(sum(amount) FILTER (WHERE ledger_account = 'available'), 0) AS available,
    coalesce(sum(amount) FILTER (WHERE ledger_account = 'reserved'), 0) AS reserved,
    coalesce(sum(amount) FILTER (WHERE ledger_account = 'used'), 0) AS used,
    coalesce(sum(amount) FILTER (WHERE ledger_account = 'issued'), 0) AS issued
  FROM old_entry GROUP BY journal_id
), renamed AS (
  SELECT id, account_id, task_id, reason, CAST(round(created_at_s * 1000) AS INTEGER) AS created_at_ms,
    CASE WHEN kind <> 'settle' THEN kind WHEN coalesce(used, 0) > 0 THEN 'post' ELSE 'void' END AS kind,
    row_number() OVER (PARTITION BY account_id ORDER BY id) AS number,
    coalesce(available, 0) AS available, coalesce(reserved, 0) AS reserved, coalesce(used, 0) AS used,
    coalesce(issued, 0) AS issued
  FROM old_journal LEFT JOIN amounts ON journal_id = id
)
SELECT *, concat_lines(account_id, number, created_at_ms, kind, coalesce(task_id, ''), '', available, reserved, used,
  0, issued, reason) AS content FROM renamed;
CREATE UNIQUE INDEX temp.unchained_in_order ON unchained (account_id, number);

INSERT INTO journal (id, account_id, number, task_id, kind, reason, created_at_ms, hash)
WITH RECURSIVE chained (id, account_id, number, hash) AS (
  SELECT id, account_id, number, sha256(concat_lines(lower(hex(zeroblob(32))), content)) FROM unchained WHERE number = 1
  UNION ALL
  SELECT following.id, following.account_id, following.number,
    sha256(concat_lines(lower(hex(chained.hash)), following.content))
  FROM chained JOIN unchained AS following
    ON following.account_id = chained.account_id AND following.number = chained.number + 1
)
SELECT chained.id, chained.account_id, chained.number, task_id, kind, reason, created_at_ms, hash
FROM chained JOIN unchained ON unchained.account_id = chained.account_id AND unchained.number = chained.number
ORDER BY chained.id;
UPDATE account SET movements = last.number, statement_hash = last.hash FROM (
  SELECT account_id, number, hash FROM journal AS row
  WHERE number = (SELECT max(number) FROM unchained WHERE unchained.account_id = row.account_id)
) AS last WHERE last.account_id = account.id;
DROP TABLE temp.unchained;
DROP TABLE old_journal;
DROP TABLE old_entry;

CREATE UNIQUE INDEX journal_once_a_task ON journal (task_id, kind) WHERE task_id IS NOT NULL;
CREATE UNIQUE INDEX journal_settled_once ON journal (task_id) WHERE kind IN ('post', 'void');
CREATE UNIQUE INDEX journal_once_an_order ON journal (order_id, kind) WHERE order_id IS NOT NULL;
CREATE UNIQUE INDEX journal_of_account ON journal (account_id, number);
CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER entry_never_shrinks BEFORE DELETE ON entry
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- Credits that are bought or redeemed. `payment` is the provider's name of the payment: a checkout session, a code's id.
CREATE TABLE credit_order (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES account (id),
  provider TEXT NOT NULL CHECK (provider IN ('stripe', 'code')),
  state TEXT NOT NULL CHECK (state IN ('created', 'paid', 'expired', 'refunded')),
  credits INTEGER NOT NULL CHECK (credits > 0),
  amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
  currency TEXT NOT NULL,
  payment TEXT,
  payment_intent TEXT,
  checkout_url TEXT,
  created_at_s REAL NOT NULL,
  changed_at_s REAL NOT NULL,
  UNIQUE (provider, payment)
) STRICT;
CREATE INDEX credit_order_of_account ON credit_order (account_id, number);

-- Every event of a payment provider that changed something, once.
CREATE TABLE payment_event (
  provider TEXT NOT NULL,
  event_id TEXT NOT NULL,
  order_id TEXT NOT NULL REFERENCES credit_order (id),
  type TEXT NOT NULL,
  received_at_s REAL NOT NULL,
  PRIMARY KEY (provider, event_id)
) STRICT, WITHOUT ROWID;

-- A code is printed once and stored as a hash. `account_id` is the only account that may redeem it, NULL is anybody.
CREATE TABLE redeem_code (
  id TEXT PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  credits INTEGER NOT NULL CHECK (credits > 0),
  account_id TEXT REFERENCES account (id),
  created_at_s REAL NOT NULL,
  expires_at_s REAL,
  redeemed_at_s REAL,
  redeemed_by TEXT REFERENCES account (id)
) STRICT, WITHOUT ROWID;

-- An idempotency key stands for a task, for an order of credits, or for the answer it was given.
ALTER TABLE idempotency RENAME TO old_idempotency;
DROP INDEX idempotency_age;
CREATE TABLE idempotency (
  account_id TEXT NOT NULL REFERENCES account (id),
  key TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  task_id TEXT REFERENCES task (id),
  order_id TEXT REFERENCES credit_order (id),
  answer BLOB,
  created_at_s REAL NOT NULL,
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency (account_id, key, body_hash, task_id, created_at_s)
SELECT account_id, key, body_hash, task_id, created_at_s FROM old_idempotency;
DROP TABLE old_idempotency;
CREATE INDEX idempotency_age ON idempotency (created_at_s);
