-- A device whose login has been over for long is taken out (30 days, see `jobs/devices.rs`): whoever comes with it says
-- that it was somebody's, and is refused as with a retired secret.
CREATE INDEX device_over ON device (expires_at);

-- When a secret was retired; 0 for one of before this was written down. A row with an `end_user` stays for good: by it
-- what that visitor sent is answered to the person, however late it is asked for (R11). One without only keeps what
-- was under way at that moment from coming in as a stranger's, and is taken out as devices are.
ALTER TABLE retired_secret ADD COLUMN retired_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX retired_secret_of_nobody ON retired_secret (retired_at) WHERE end_user IS NULL;
