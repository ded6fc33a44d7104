-- The key by which a person's id follows from how their site names them (R47): whoever logs in after a restore is who
-- they were, and finds what they have written meanwhile. Made when the data is opened; empty until then, and in a backup
-- of before, which a restore leaves without a key of its own.
ALTER TABLE meta ADD COLUMN people_key BLOB NOT NULL DEFAULT x'';
