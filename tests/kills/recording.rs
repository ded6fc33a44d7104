//! What a process did to the files of its data folder and said on its sockets, in one order: as strace saw it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use causerie_core::ClientMessageId;
use causerie_core::wire::end_user::Ack;
use causerie_tests::Story;

/// How the frame of an acknowledgement begins.
const ACK: &str = "{\"Ack\":";

/// strace with these arguments, then the file it is to write, then the program. With `-D` the program is our child.
pub(crate) const STRACE: [&str; 9] = [
    "strace",
    "-D",
    "-f",
    "-y",
    "-xx",
    "-s1000000",
    "-e",
    "trace=pwrite64,write,writev,sendto,fsync,fdatasync,ftruncate,unlink,openat",
    "-o",
];

/// One thing it did. Files are named without their folder.
#[derive(Clone, Debug)]
pub(crate) enum Did {
    /// Made the file, where there was none.
    Made(String),
    /// Wrote these bytes at this place.
    Wrote(String, usize, Vec<u8>),
    /// Cut it to this length, or filled it up with nothing.
    Cut(String, usize),
    /// Was told that the file is on the disk.
    Synced(String),
    /// Took the file away.
    Removed(String),
    /// Began to say this to somebody.
    Acknowledged(ClientMessageId),
}

impl Did {
    /// The file whose bytes it changed, if it did.
    pub(crate) fn changed(&self) -> Option<&str> {
        match self {
            Self::Wrote(file, ..) | Self::Cut(file, _) => Some(file),
            Self::Made(_) | Self::Synced(_) | Self::Removed(_) | Self::Acknowledged(_) => None,
        }
    }
}

/// Reads what strace wrote, for a data folder. A change counts when the call was done, an acknowledgement when its call
/// began: so none is taken to be later than it was.
pub(crate) fn read(trace: &Path, data: &Path) -> Story<Vec<Did>> {
    let mut did = Vec::new();
    let mut unfinished = HashMap::new();
    for line in BufReader::new(File::open(trace)?).lines() {
        let line = line?;
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            acknowledgements(begun, &mut did);
            unfinished.insert(thread.to_owned(), begun.to_owned());
        } else if call.starts_with("<... ") {
            let (_, rest) = call.split_once(" resumed>").ok_or("half a call")?;
            let begun = unfinished.remove(thread).ok_or("a call that never began")?;
            did.extend(change(&format!("{begun}{rest}"), data)?);
        } else {
            acknowledgements(call, &mut did);
            did.extend(change(call, data)?);
        }
    }
    Ok(did)
}

/// What a call that is done changed in the data folder.
fn change(call: &str, data: &Path) -> Story<Option<Did>> {
    let Some((name, rest)) = call.split_once('(') else {
        return Ok(None);
    };
    let Some((arguments, result)) = rest.rsplit_once(" = ") else {
        return Ok(None);
    };
    if result.starts_with('-') || result.starts_with('?') {
        return Ok(None);
    }
    let arguments = arguments.trim_end().trim_end_matches(')');
    let strings = strings(arguments);
    let named = match name {
        "unlink" | "openat" => strings.first().cloned(),
        _ => arguments
            .split_once('<')
            .and_then(|(_, rest)| rest.split_once('>'))
            .map(|(path, _)| bytes(path)),
    };
    let path = named
        .and_then(|path| String::from_utf8(path).ok())
        .unwrap_or_default();
    let Ok(file) = Path::new(&path).strip_prefix(data) else {
        return Ok(None);
    };
    let file = file.to_string_lossy().into_owned();
    // What is mapped into memory is made anew by whoever opens the database first.
    if !file.starts_with("causerie.db") || file.ends_with("-shm") {
        return Ok(None);
    }
    let last = || -> Story<usize> { Ok(arguments.rsplit(", ").next().unwrap_or_default().parse()?) };
    Ok(match name {
        "openat" if arguments.contains("O_CREAT") => Some(Did::Made(file)),
        "openat" => None,
        "pwrite64" => Some(Did::Wrote(file, last()?, strings.concat())),
        "ftruncate" => Some(Did::Cut(file, last()?)),
        "fsync" | "fdatasync" => Some(Did::Synced(file)),
        "unlink" => Some(Did::Removed(file)),
        _ => return Err(format!("the database is written by {name}, which nobody reads here").into()),
    })
}

fn acknowledgements(call: &str, did: &mut Vec<Did>) {
    if !(call.starts_with("write") || call.starts_with("sendto(")) {
        return;
    }
    let said = strings(call).concat();
    let said = String::from_utf8_lossy(&said);
    for (at, _) in said.match_indices(ACK) {
        let rest = said.get(at + ACK.len()..).unwrap_or_default();
        if let Some(Ok(ack)) = serde_json::Deserializer::from_str(rest).into_iter::<Ack>().next() {
            did.push(Did::Acknowledged(ack.cid));
        }
    }
}

/// Everything between quotes.
fn strings(arguments: &str) -> Vec<Vec<u8>> {
    arguments.split('"').skip(1).step_by(2).map(bytes).collect()
}

/// `\x63\x61` as it was.
fn bytes(hex: &str) -> Vec<u8> {
    hex.split("\\x")
        .filter_map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}
