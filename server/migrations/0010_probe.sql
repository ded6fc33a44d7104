-- What is written to see whether anything can be: one row as large as the longest message, with its successor put
-- beside it before it goes.
CREATE TABLE probe (
    id INTEGER PRIMARY KEY,
    filler BLOB NOT NULL
) STRICT;
