//! Puts the workspace into its page.

fn main() {
    causerie_workspace::mount();
}
