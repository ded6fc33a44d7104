//! The stories: each a person (or several) doing what the product is for, against the release binary.

mod accessible;
mod another_flow;
mod blocked_sockets;
mod by_keys;
mod embedded;
mod end_session;
mod erased;
mod first_message;
mod french;
mod gone;
mod in_flight;
mod login;
mod message_after;
mod one_time_link;
mod options;
mod phone_chat;
mod phone_desk;
mod restored;
mod tabs;
mod talk_to_a_person;
mod upgrade;
