-- Ids of people, chat threads, sessions and commands are UUIDs as 16 bytes; tickets, agents, groups and macros have
-- numbers. Times are milliseconds since 1970. Each log is numbered 1, 2, 3 … without holes.
-- Rows decide, log entries are delivered; both are written in one transaction.

CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Another epoch than a client knows means that the client forgets its log (I26). Below 2^53: it travels in JSON.
    epoch INTEGER NOT NULL,
    settings TEXT NOT NULL
) STRICT;

CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    origins TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE end_user (
    -- The Support API names its users by numbers: never given twice.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    site INTEGER NOT NULL REFERENCES site (id),
    -- SHA-256 of the widget's secret; none for one that only the business introduced.
    secret_hash BLOB,
    external_id TEXT,
    name TEXT,
    email TEXT,
    locale TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- Two tabs' first messages meet in one end user (R05).
CREATE UNIQUE INDEX end_user_by_secret ON end_user (site, secret_hash) WHERE secret_hash IS NOT NULL;
CREATE UNIQUE INDEX end_user_by_external_id ON end_user (site, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE chat_thread (
    id BLOB PRIMARY KEY,
    end_user BLOB NOT NULL UNIQUE REFERENCES end_user (id),
    head INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    read_upto INTEGER NOT NULL,
    -- How many conversations it holds; the latest has this number.
    conversations INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation (
    -- The session's id, and so the conversation's (R04).
    id BLOB PRIMARY KEY,
    thread BLOB NOT NULL REFERENCES chat_thread (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'inactive', 'ended')),
    -- Since when it is in this state: of an ended one, when it ended.
    since INTEGER NOT NULL,
    ended_by TEXT CHECK ((ended_by IS NULL) = (state <> 'ended')),
    subject TEXT NOT NULL,
    first INTEGER NOT NULL,
    previous_session BLOB,
    previous_ticket INTEGER,
    started_at INTEGER NOT NULL,
    last_message_at INTEGER NOT NULL,
    -- The bot's place in its flow; none once it was handed off.
    progress TEXT,
    live INTEGER NOT NULL,
    UNIQUE (thread, number)
) STRICT, WITHOUT ROWID;
-- At most one conversation of a chat thread is neither ended nor closed (I05).
CREATE UNIQUE INDEX conversation_live ON conversation (thread) WHERE live = 1;
-- Who ended a session, when and why is written once (I01).
CREATE TRIGGER conversation_end_stands BEFORE UPDATE OF state, since, ended_by ON conversation
WHEN old.state = 'ended' AND (new.state, new.since, new.ended_by) IS NOT (old.state, old.since, old.ended_by)
BEGIN
    SELECT RAISE(ABORT, 'an ended session stays as it is');
END;
-- Those that only the bot has, by age (R44).
CREATE INDEX conversation_with_bot ON conversation (last_message_at) WHERE live = 1 AND progress IS NOT NULL;

CREATE TABLE thread_entry (
    thread BLOB NOT NULL REFERENCES chat_thread (id),
    seq INTEGER NOT NULL,
    session BLOB NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    replies TEXT,
    cid BLOB,
    PRIMARY KEY (thread, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
    id INTEGER PRIMARY KEY,
    -- One ticket per session (I18).
    session BLOB NOT NULL UNIQUE REFERENCES conversation (id),
    thread BLOB NOT NULL REFERENCES chat_thread (id),
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignee INTEGER REFERENCES agent (id),
    agent_group INTEGER REFERENCES agent_group (id),
    tags TEXT NOT NULL,
    fields TEXT NOT NULL,
    channel TEXT NOT NULL,
    routing TEXT NOT NULL,
    head INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_by_change ON ticket (updated_at);
CREATE INDEX ticket_in_work ON ticket (assignee) WHERE status NOT IN ('solved', 'closed');

CREATE TABLE ticket_entry (
    ticket INTEGER NOT NULL REFERENCES ticket (id),
    seq INTEGER NOT NULL,
    audit INTEGER NOT NULL,
    -- The chat thread's number when this was committed: (after, seq) is the one order of both logs.
    after INTEGER NOT NULL,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (ticket, seq)
) STRICT, WITHOUT ROWID;

-- A command's identity, looked up before any state is (R11, I06). Kept as long as the messages.
CREATE TABLE command (
    cid BLOB PRIMARY KEY,
    sender BLOB NOT NULL,
    payload BLOB NOT NULL,
    thread BLOB NOT NULL,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is to be done after the commit that wrote it: at least once, with effect once.
CREATE TABLE job (
    -- A job that is asked for again has another id: who did the old one does not take the new one away.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- What it waits for, if not for its turn.
    waiting TEXT
) STRICT;
CREATE INDEX job_due ON job (due_at) WHERE waiting IS NULL;

CREATE TABLE agent (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    availability TEXT NOT NULL,
    messaging_max INTEGER NOT NULL,
    email_max INTEGER NOT NULL,
    password_hash TEXT,
    -- Since when the agent has got nothing new (R31).
    idle_since INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE agent_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE membership (
    agent INTEGER NOT NULL REFERENCES agent (id),
    agent_group INTEGER NOT NULL REFERENCES agent_group (id),
    PRIMARY KEY (agent, agent_group)
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_link (
    token_hash BLOB PRIMARY KEY,
    agent INTEGER NOT NULL REFERENCES agent (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_session (
    token_hash BLOB PRIMARY KEY,
    agent INTEGER NOT NULL REFERENCES agent (id),
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_token (
    token_hash BLOB PRIMARY KEY,
    agent INTEGER NOT NULL REFERENCES agent (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site_key (
    kid TEXT PRIMARY KEY,
    site INTEGER NOT NULL REFERENCES site (id),
    scope TEXT NOT NULL CHECK (scope IN ('user', 'app')),
    -- As it was printed: a `user` key signs with it, so a hash would not do.
    secret TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_macro (
    id INTEGER PRIMARY KEY,
    definition TEXT NOT NULL
) STRICT;
