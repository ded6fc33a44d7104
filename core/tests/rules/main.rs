//! The rules as sentences, natively and in the browser. One binary, so that a change in core costs one build of them.

mod after_the_end;
#[cfg(feature = "flow-file")]
mod bot_flow;
#[cfg(feature = "flow-file")]
mod bot_flow_files;
mod client_after_the_end;
mod client_agent;
mod client_attention;
mod client_availability;
mod client_chaos;
mod client_clock;
mod client_coming_back;
mod client_connection;
mod client_desk;
mod client_device;
mod client_drafts;
mod client_host_page;
mod client_leading;
mod client_login;
mod client_login_calls;
mod client_login_chaos;
mod client_login_gone;
mod client_login_races;
mod client_options;
mod client_outbox;
mod client_sending;
mod client_shelf;
mod client_tabs;
mod client_tabs_chaos;
mod client_timeline;
mod client_transport;
mod client_world;
mod composing;
mod desk_world;
mod ending;
mod erase;
mod login;
mod login_world;
mod queue;
mod seeds;
mod session_rule;
mod text;
mod tickets;
mod timers;
mod wire_frames;
mod world;
