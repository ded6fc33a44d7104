-- The highest number that a ticket had before a backup was put back: none that comes later has it again.
ALTER TABLE meta ADD COLUMN last_ticket INTEGER NOT NULL DEFAULT 0;
