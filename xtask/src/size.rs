//! What a visitor downloads until the chat is ready, and the budget for it.

use std::fs;

use crate::assets::{compressed, file_name, read, reference, tags};
use crate::build::dist;
use crate::process::Outcome;

const LOADER_BUDGET: usize = 3 * 1024;
const FIRST_OPEN_BUDGET: usize = 130 * 1024;
const REQUESTS_BUDGET: usize = 6;

/// Prints the table; an error names the first budget that is broken. Needs the built front ends.
pub(crate) fn print_and_check() -> Outcome {
    let frame = dist().join("frame");
    let document = read(&frame.join("index.html"))?;
    let sheets = tags(&document, "<link rel=\"stylesheet\"");
    let scripts = tags(&document, "<script type=\"module\"");
    let wasm = tags(&document, "<link rel=\"preload\"");

    let mut rows = vec![
        Row::of(
            "loader",
            fs::read(dist().join("loader/widget.js")).map_err(|_| "no loader was built")?,
        ),
        Row::of("document", document.clone().into_bytes()),
    ];
    for (name, tags) in [("css", sheets), ("js", scripts), ("wasm", wasm)] {
        for tag in tags {
            let path = frame.join(file_name(reference(&tag)));
            rows.push(Row::of(
                name,
                fs::read(&path).map_err(|fault| format!("{}: {fault}", path.display()))?,
            ));
        }
    }

    println!("{:<12}{:>10}{:>10}", "", "raw", "brotli");
    for row in &rows {
        println!("{:<12}{:>10}{:>10}", row.name, row.raw, row.brotli);
    }
    let raw: usize = rows.iter().map(|row| row.raw).sum();
    let brotli: usize = rows.iter().map(|row| row.brotli).sum();
    // Each row is one request, and the socket is the last.
    let requests = rows.len() + 1;
    println!(
        "{:<12}{raw:>10}{brotli:>10}  bytes (budget {FIRST_OPEN_BUDGET})",
        "first open"
    );
    println!(
        "{:<12}{:>10}{requests:>10}  until ready (budget {REQUESTS_BUDGET})",
        "requests", ""
    );

    within("the loader's bytes", rows[0].brotli, LOADER_BUDGET)?;
    within("the first open's bytes", brotli, FIRST_OPEN_BUDGET)?;
    within("the requests until ready", requests, REQUESTS_BUDGET)
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    raw: usize,
    brotli: usize,
}

impl Row {
    fn of(name: &'static str, content: Vec<u8>) -> Self {
        Self {
            name,
            raw: content.len(),
            brotli: compressed(&content).len(),
        }
    }
}

fn within(what: &str, found: usize, budget: usize) -> Outcome {
    if found <= budget {
        Ok(())
    } else {
        Err(format!("{what}: {found}, over the budget of {budget}"))
    }
}
