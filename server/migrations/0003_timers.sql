-- What time alone does to a conversation with people, found by index: the sweep costs what is due, not what exists.
ALTER TABLE conversation ADD COLUMN silent_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN status_since INTEGER NOT NULL DEFAULT 0;
-- Which timer runs, as core says. Its time is derived: by the column above that it counts from, and the setting.
ALTER TABLE conversation ADD COLUMN timer TEXT CHECK (timer IN ('silence', 'closing'));

-- What was there gets its full time from when it was last touched.
UPDATE conversation SET silent_since = last_message_at, status_since = last_message_at;
UPDATE conversation SET
    silent_since = max(last_message_at, ticket.updated_at),
    status_since = ticket.updated_at,
    timer = CASE
        WHEN ticket.status = 'solved' THEN 'closing'
        WHEN conversation.state = 'active' AND ticket.status <> 'closed' AND ticket.assignee IS NOT NULL THEN 'silence'
    END
FROM ticket WHERE ticket.session = conversation.id;

-- Sessions whose end user is silent, by how long (R06); solved tickets, by how long (R43).
CREATE INDEX conversation_in_silence ON conversation (silent_since) WHERE timer = 'silence';
CREATE INDEX conversation_closing ON conversation (status_since) WHERE timer = 'closing';
