//! Starts the widget's frame.

fn main() {
    causerie_widget::start();
}
