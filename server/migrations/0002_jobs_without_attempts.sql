-- A job that is not done stays and is tried again; how often it was tried decided nothing.
ALTER TABLE job DROP COLUMN attempts;
