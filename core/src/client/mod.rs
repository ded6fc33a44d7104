//! The clients' machines, sans I/O: the shell feeds inputs and the time, and does the effects that come back.
