-- The key by which a person's id follows from how their site names them (R47): whoever logs in after a restore is who
-- they were, and finds what they have written meanwhile. A backup has it along.
ALTER TABLE meta ADD COLUMN people_key BLOB NOT NULL DEFAULT x'';
UPDATE meta SET people_key = randomblob(32);
