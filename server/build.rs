//! Builds again when something that is embedded has changed, also when it was not there before.

fn main() {
    for folder in [
        "../target/dist",
        "../widget/loader",
        "../widget/locales",
        "../workspace/locales",
        "../demo",
        "../flows",
        "migrations",
    ] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
