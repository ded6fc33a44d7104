-- Jobs that nothing keeps waiting, in their order: a look costs what is to be done, not all replies that wait for a mail
-- server.
DROP INDEX job_due;
CREATE INDEX job_to_do ON job (id) WHERE waiting IS NULL;
