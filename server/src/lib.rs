//! Causerie: server.
