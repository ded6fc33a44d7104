-- Erasing a person (SECURITY 27): the rows stay, so that numbers stay dense, and what they held is gone.
ALTER TABLE end_user ADD COLUMN erased_at INTEGER;
-- A tombstone: what was said is erased, and is no empty text.
ALTER TABLE thread_entry ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;

-- Who was erased: the audit of it, and what a restore of an older backup erases again. No reference to end_user: a
-- backup from before they came has none.
CREATE TABLE erasure (
    end_user BLOB PRIMARY KEY,
    -- None of one whose row was gone already.
    number INTEGER,
    -- With whom: themself, or the person they turned out to be by a login.
    person BLOB NOT NULL,
    at INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    tickets INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER erasure_stands BEFORE UPDATE ON erasure
BEGIN
    SELECT RAISE(ABORT, 'an erasure stays as it is');
END;
CREATE TRIGGER erasure_stays BEFORE DELETE ON erasure
BEGIN
    SELECT RAISE(ABORT, 'an erasure stays');
END;
