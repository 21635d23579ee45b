-- Accounts, keys, the ledger, tasks, clips, idempotency and the outbox of webhooks.
-- Times are Unix seconds (`_s`), credits are whole numbers; JSON columns are written by msgspec.
-- What a submit writes (task, clip, journal, entry) has no REFERENCES: they would double its cost, its own transaction
-- has just touched the parents, and `ledger.verify` looks for orphans.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The three balances repeat what the ledger's entries add up to; they move in the same transaction, guarded by CHECK.
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  webhook_secret TEXT NOT NULL,
  available INTEGER NOT NULL DEFAULT 0 CHECK (available BETWEEN 0 AND 9007199254740991),
  reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved BETWEEN 0 AND 9007199254740991),
  used INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND 9007199254740991),
  queue_vt REAL NOT NULL DEFAULT 0,
  settings TEXT NOT NULL DEFAULT '{}',
  created_at_s REAL NOT NULL
) STRICT;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  hash BLOB NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  last4 TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  name TEXT NOT NULL DEFAULT '',
  unfinished INTEGER NOT NULL DEFAULT 0,
  created_at_s REAL NOT NULL,
  revoked_at_s REAL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_of_account ON api_key (account_id);

-- Double entry: a journal row is one movement, its entries add up to zero. `issued` is the house's side.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  task_id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('grant', 'reserve', 'settle')),
  reason TEXT NOT NULL DEFAULT '',
  created_at_s REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX journal_once_a_task ON journal (task_id, kind) WHERE task_id IS NOT NULL;
CREATE INDEX journal_of_account ON journal (account_id);
CREATE TABLE entry (
  journal_id INTEGER NOT NULL,
  ledger_account TEXT NOT NULL CHECK (ledger_account IN ('available', 'reserved', 'used', 'issued')),
  amount INTEGER NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (journal_id, ledger_account)
) STRICT, WITHOUT ROWID;
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

-- The task row decides everything: it is the order, the state and the queue. `attempt` fences late workers.
CREATE TABLE task (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  dialect TEXT NOT NULL,
  kind TEXT NOT NULL,
  request BLOB NOT NULL,
  body BLOB NOT NULL,
  ignored_fields BLOB NOT NULL,
  callback_url TEXT,
  seed INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 0,
  progress_percent INTEGER NOT NULL DEFAULT 0,
  stage TEXT NOT NULL,
  price_credits INTEGER NOT NULL CHECK (price_credits >= 0),
  consumed_credits INTEGER NOT NULL DEFAULT 0 CHECK (consumed_credits BETWEEN 0 AND price_credits),
  clips BLOB NOT NULL,
  metadata BLOB NOT NULL,
  error_code TEXT NOT NULL DEFAULT '',
  error_message TEXT NOT NULL DEFAULT '',
  created_at_s REAL NOT NULL,
  started_at_s REAL,
  finished_at_s REAL,
  vt REAL NOT NULL,
  not_before_s REAL NOT NULL DEFAULT 0,
  owner TEXT,
  lease_until_s REAL
) STRICT;
CREATE INDEX task_of_account ON task (account_id, number);
CREATE INDEX task_waiting ON task (vt, number) WHERE status = 'pending';
CREATE INDEX task_running ON task (owner) WHERE status = 'processing';
CREATE INDEX task_unfinished ON task (digest) WHERE status IN ('pending', 'processing');

-- Which task a clip belongs to; what the clip is stands in `task.clips`. `key` is the first 63 bits of the clip's id:
-- random keys touch a page each, and short ones share pages.
CREATE TABLE clip (
  key INTEGER PRIMARY KEY,
  task_number INTEGER NOT NULL
) STRICT;

-- The one row of the queue: its virtual time, and how many tasks are unfinished (counting rows would cost more).
CREATE TABLE line (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  vt REAL NOT NULL,
  unfinished INTEGER NOT NULL
) STRICT;
INSERT INTO line VALUES (1, 0, 0);
CREATE TRIGGER task_begins AFTER INSERT ON task
BEGIN
  UPDATE line SET unfinished = unfinished + 1;
  UPDATE api_key SET unfinished = unfinished + 1 WHERE id = new.key_id;
END;
CREATE TRIGGER task_ends AFTER UPDATE OF status ON task
WHEN old.status IN ('pending', 'processing') AND new.status NOT IN ('pending', 'processing')
BEGIN
  UPDATE line SET unfinished = unfinished - 1;
  UPDATE api_key SET unfinished = unfinished - 1 WHERE id = new.key_id;
END;

CREATE TABLE idempotency (
  account_id TEXT NOT NULL REFERENCES account (id),
  key TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  task_id TEXT NOT NULL REFERENCES task (id),
  created_at_s REAL NOT NULL,
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at_s);

-- The body is rendered once, with the task's last state, and signed anew at each attempt.
CREATE TABLE webhook_delivery (
  id TEXT PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES task (id),
  account_id TEXT NOT NULL REFERENCES account (id),
  url TEXT NOT NULL,
  event TEXT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'exhausted')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at_s REAL NOT NULL,
  last_status INTEGER,
  last_error TEXT NOT NULL DEFAULT '',
  created_at_s REAL NOT NULL,
  UNIQUE (task_id, event)
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at_s) WHERE state = 'pending';
