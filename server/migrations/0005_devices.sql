-- Login (R47): people whom their site has identified, and the devices on which they are.

ALTER TABLE end_user ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;

-- A secret that an identified end user has on one of their devices. Its time is the login's.
CREATE TABLE device (
    site INTEGER NOT NULL REFERENCES site (id),
    secret_hash BLOB NOT NULL,
    end_user BLOB NOT NULL REFERENCES end_user (id),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (site, secret_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_of ON device (end_user);

-- A secret that a login has taken the place of: it opens nothing any more.
CREATE TABLE retired_secret (
    site INTEGER NOT NULL REFERENCES site (id),
    secret_hash BLOB NOT NULL,
    -- Whose it was, where that was an anonymous visitor who had written. What they sent is the person's to ask after
    -- (R11); the visitor's own row may be gone.
    end_user BLOB UNIQUE,
    person BLOB NOT NULL REFERENCES end_user (id),
    PRIMARY KEY (site, secret_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX retired_secret_of ON retired_secret (person);

-- Also makes the next step cheap.
CREATE INDEX ticket_of_thread ON ticket (thread);

-- A person may have several chat threads, one of which is the current one.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE chat_thread_before AS SELECT * FROM chat_thread;
DROP TABLE chat_thread;
CREATE TABLE chat_thread (
    id BLOB PRIMARY KEY,
    end_user BLOB NOT NULL REFERENCES end_user (id),
    -- Whether what the end user writes goes here.
    current INTEGER NOT NULL,
    head INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    read_upto INTEGER NOT NULL,
    -- How many conversations it holds; the latest has this number.
    conversations INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO chat_thread (id, end_user, current, head, last_at, read_upto, conversations, created_at)
SELECT id, end_user, 1, head, last_at, read_upto, conversations, created_at FROM chat_thread_before;
DROP TABLE chat_thread_before;
CREATE INDEX chat_thread_of ON chat_thread (end_user);
CREATE UNIQUE INDEX chat_thread_current ON chat_thread (end_user) WHERE current = 1;
