-- Who may come in and what leaves: powers and limits of keys, people and sessions, attempts of webhooks, published files.
-- Times are Unix seconds (`_s`). Limits that are NULL do not exist.

-- `committed_credits` is what the key's ended tasks cost and its unfinished ones may cost at most; `month_credits` the
-- same for tasks ordered in `month` (yyyymm, UTC). The triggers keep both in the transaction that moves the credits.
ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT 'create read billing webhooks';
ALTER TABLE api_key ADD COLUMN models TEXT;
ALTER TABLE api_key ADD COLUMN expires_at_s REAL;
ALTER TABLE api_key ADD COLUMN limit_credits INTEGER CHECK (limit_credits >= 0);
ALTER TABLE api_key ADD COLUMN limit_month_credits INTEGER CHECK (limit_month_credits >= 0);
ALTER TABLE api_key ADD COLUMN limit_unfinished INTEGER CHECK (limit_unfinished >= 0);
ALTER TABLE api_key ADD COLUMN rate_per_s REAL CHECK (rate_per_s > 0);
ALTER TABLE api_key ADD COLUMN committed_credits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN month INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN month_credits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN last_used_at_s REAL;
ALTER TABLE api_key ADD COLUMN previous_hash BLOB;
ALTER TABLE api_key ADD COLUMN previous_until_s REAL;
CREATE UNIQUE INDEX api_key_previous ON api_key (previous_hash) WHERE previous_hash IS NOT NULL;

-- The same bounds for all keys of an account together; an account without a row has none.
CREATE TABLE account_limit (
  account_id TEXT PRIMARY KEY REFERENCES account (id),
  credits INTEGER CHECK (credits >= 0),
  month_credits INTEGER CHECK (month_credits >= 0),
  unfinished INTEGER CHECK (unfinished >= 0),
  rate_per_s REAL CHECK (rate_per_s > 0)
) STRICT, WITHOUT ROWID;

UPDATE api_key SET
  committed_credits = coalesce((SELECT sum(iif(status IN ('pending', 'processing'), price_credits, consumed_credits))
    FROM task WHERE key_id = api_key.id), 0);

DROP TRIGGER task_begins;
DROP TRIGGER task_ends;
CREATE TRIGGER task_begins AFTER INSERT ON task
BEGIN
  UPDATE line SET unfinished = unfinished + 1;
  UPDATE api_key SET unfinished = unfinished + 1, committed_credits = committed_credits + new.price_credits,
    month_credits = iif(month = CAST(strftime('%Y%m', new.created_at_s, 'unixepoch') AS INTEGER), month_credits, 0)
      + new.price_credits,
    month = CAST(strftime('%Y%m', new.created_at_s, 'unixepoch') AS INTEGER)
  WHERE id = new.key_id;
END;
CREATE TRIGGER task_ends AFTER UPDATE OF status ON task
WHEN old.status IN ('pending', 'processing') AND new.status NOT IN ('pending', 'processing')
BEGIN
  UPDATE line SET unfinished = unfinished - 1;
  UPDATE api_key SET unfinished = unfinished - 1,
    committed_credits = committed_credits - new.price_credits + new.consumed_credits,
    month_credits = iif(month = CAST(strftime('%Y%m', new.created_at_s, 'unixepoch') AS INTEGER),
      month_credits - new.price_credits + new.consumed_credits, month_credits)
  WHERE id = new.key_id;
END;

-- People. An e-mail address is kept in lower case; a session and an invitation only as the hash of what was handed out.
CREATE TABLE user (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  email TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  created_at_s REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_of_account ON user (account_id);
CREATE TABLE session (
  hash BLOB PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  created_at_s REAL NOT NULL,
  expires_at_s REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_user ON session (user_id);
CREATE TABLE invitation (
  hash BLOB PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  expires_at_s REAL NOT NULL,
  used_at_s REAL
) STRICT, WITHOUT ROWID;

-- Webhooks. `host` is the receiver's, so that each has a line of its own; `repeats` is for `test:webhook-twice`.
ALTER TABLE account ADD COLUMN previous_webhook_secret TEXT;
ALTER TABLE account ADD COLUMN previous_webhook_secret_until_s REAL;
ALTER TABLE webhook_delivery ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_delivery ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
DROP INDEX webhook_delivery_due;
CREATE INDEX webhook_delivery_due ON webhook_delivery (host, next_at_s) WHERE state = 'pending';
CREATE INDEX webhook_delivery_of_task ON webhook_delivery (task_id);
CREATE TABLE webhook_attempt (
  id INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
  at_s REAL NOT NULL,
  duration_s REAL NOT NULL,
  status INTEGER,
  error TEXT NOT NULL,
  reply TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_attempt_of_delivery ON webhook_attempt (delivery_id);
CREATE INDEX webhook_attempt_age ON webhook_attempt (at_s);
-- Receivers that answered 410: nothing more is sent to them until somebody asks for a resend.
CREATE TABLE webhook_gone (
  account_id TEXT NOT NULL REFERENCES account (id),
  url TEXT NOT NULL,
  at_s REAL NOT NULL,
  PRIMARY KEY (account_id, url)
) STRICT, WITHOUT ROWID;

-- Every file that was published, so that anybody who has a file can ask whether it was made here.
CREATE TABLE published (
  sha256 BLOB NOT NULL,
  clip_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (sha256, clip_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX published_of_clip ON published (clip_id);
