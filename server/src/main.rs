//! The binary `causerie`: see [`causerie_server::cli`].

fn main() -> std::process::ExitCode {
    causerie_server::cli::run()
}
