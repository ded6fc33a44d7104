-- Erasures whose end nobody was told: whoever made them may have been cut off behind the commit, when the files still
-- held words that no row had any more.
CREATE TABLE trace (
    -- What comes while the files are cleared has a higher one.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Who was erased; when, and under which number, the table erasure knows.
    end_user BLOB NOT NULL,
    -- Whether the files may still hold something.
    in_files INTEGER NOT NULL
) STRICT;
