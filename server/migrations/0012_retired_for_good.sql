-- A secret that was retired opens nothing for good (SECURITY 4, 11), also after an older backup was put back: a restore
-- keeps what is here, as it keeps what the table erasure has. So there are no references: the backup may be of before
-- that person, or that site, came.
CREATE TABLE retired_before AS SELECT site, secret_hash, end_user, person, retired_at FROM retired_secret;
DROP TABLE retired_secret;
CREATE TABLE retired_secret (
    site INTEGER NOT NULL,
    secret_hash BLOB NOT NULL,
    -- Whose it was, where that was an anonymous visitor who had written; their row may be gone, or have never been.
    end_user BLOB UNIQUE,
    -- Who logged in, or out: by an id that follows from their name (0011), and is theirs again when they come again.
    person BLOB NOT NULL,
    -- 0 for one of before this was written down.
    retired_at INTEGER NOT NULL,
    PRIMARY KEY (site, secret_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO retired_secret (site, secret_hash, end_user, person, retired_at)
SELECT site, secret_hash, end_user, person, retired_at FROM retired_before;
DROP TABLE retired_before;
CREATE INDEX retired_secret_of ON retired_secret (person);
CREATE INDEX retired_secret_of_nobody ON retired_secret (retired_at) WHERE end_user IS NULL;
