//! Starts the workspace's frame.
fn main() {
    causerie_workspace::mount();
}
