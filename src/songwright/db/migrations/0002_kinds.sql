-- Prices that were told, the one set of pictures of a song, and how long tasks of a kind took.
-- `kind` is a `TaskKind`; none of these is touched when music is ordered.

CREATE TABLE quote (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  model TEXT NOT NULL,
  credits INTEGER NOT NULL CHECK (credits >= 0),
  created_at_s REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quote_age ON quote (created_at_s);

CREATE TABLE cover (
  source_task_id TEXT PRIMARY KEY,
  task_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX task_completed ON task (kind, number) WHERE status = 'completed';
