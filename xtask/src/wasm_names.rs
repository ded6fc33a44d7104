//! The names by which a built WASM and its glue know each other, made short.
//!
//! wasm-bindgen names each import and each closure with a hash, which no compression makes smaller; and it exports what
//! the crates offer to whoever embeds the WASM, which nobody takes here, but which keeps alive all that it calls. So
//! what the glue doesn't name is exported no more (wasm-opt then drops it), and what both name gets a short name.

use std::collections::HashMap;

/// Sections of a WASM that name things.
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// The kinds of what is imported or exported.
const FUNCTION: u8 = 0;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;
const TAG: u8 = 4;

/// A name shorter than this is left as it is.
const SHORT: usize = 8;

/// The WASM and the glue with short names.
///
/// # Errors
/// Where the WASM has another shape than expected.
pub(crate) fn shortened(wasm: &[u8], glue: &str) -> Result<(Vec<u8>, String), String> {
    let mut names = Names::of(glue);
    let mut out = wasm.get(..8).ok_or("the WASM has no head")?.to_vec();
    let mut rest = Reader { bytes: wasm, at: 8 };
    while rest.at < wasm.len() {
        let (kind, body) = (rest.byte()?, rest.sized()?);
        let body = match kind {
            IMPORTS => imports(body, &mut names)?,
            EXPORTS => exports(body, &mut names)?,
            _ => body.to_vec(),
        };
        out.push(kind);
        number(&mut out, body.len());
        out.extend(body);
    }
    Ok((out, names.renamed(glue)))
}

fn imports(body: &[u8], names: &mut Names<'_>) -> Result<Vec<u8>, String> {
    let mut from = Reader { bytes: body, at: 0 };
    let count = from.number()?;
    let mut out = Vec::new();
    number(&mut out, count);
    for _ in 0..count {
        let (module, name) = (from.sized()?, from.text()?);
        sized(&mut out, module);
        sized(&mut out, names.short(name).as_bytes());
        let begins = from.at;
        match from.byte()? {
            FUNCTION => from.skip(1)?,
            GLOBAL => from.at += 2,
            TABLE => {
                from.byte()?;
                from.limits()?;
            }
            MEMORY => from.limits()?,
            TAG => {
                from.byte()?;
                from.skip(1)?;
            }
            other => return Err(format!("the WASM imports something of the unknown kind {other}")),
        }
        out.extend(from.since(begins)?);
    }
    Ok(out)
}

fn exports(body: &[u8], names: &mut Names<'_>) -> Result<Vec<u8>, String> {
    let mut from = Reader { bytes: body, at: 0 };
    let mut kept = Vec::new();
    let mut count = 0;
    for _ in 0..from.number()? {
        let name = from.text()?;
        let begins = from.at;
        from.byte()?;
        from.skip(1)?;
        if names.is_used(name) {
            count += 1;
            sized(&mut kept, names.short(name).as_bytes());
            kept.extend(from.since(begins)?);
        }
    }
    let mut out = Vec::new();
    number(&mut out, count);
    out.extend(kept);
    Ok(out)
}

/// The names that the glue uses, and those that were given.
struct Names<'g> {
    used: HashMap<&'g str, usize>,
    given: HashMap<String, String>,
}

impl<'g> Names<'g> {
    fn of(glue: &'g str) -> Self {
        let mut used = HashMap::new();
        for word in words(glue) {
            *used.entry(word).or_default() += 1;
        }
        Self {
            used,
            given: HashMap::new(),
        }
    }

    fn is_used(&self, name: &str) -> bool {
        self.used.contains_key(name)
    }

    /// A short name, where the glue uses this one. No other word of the glue begins with a dollar.
    fn short(&mut self, name: &str) -> String {
        if name.len() < SHORT || !self.is_used(name) {
            return name.to_owned();
        }
        let next = format!("${:x}", self.given.len());
        self.given.entry(name.to_owned()).or_insert(next).clone()
    }

    fn renamed(&self, glue: &str) -> String {
        let mut out = String::with_capacity(glue.len());
        let mut rest = glue;
        for word in words(glue) {
            let at = rest.find(word).unwrap_or_default();
            out += &rest[..at];
            out += self.given.get(word).map_or(word, String::as_str);
            rest = &rest[at + word.len()..];
        }
        out + rest
    }
}

fn words(script: &str) -> impl Iterator<Item = &str> {
    script
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$')
        .filter(|word| !word.is_empty())
}

/// Reads a WASM, and never beyond it.
struct Reader<'w> {
    bytes: &'w [u8],
    at: usize,
}

impl<'w> Reader<'w> {
    fn byte(&mut self) -> Result<u8, String> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(ends)
    }

    /// Numbers of seven bits a byte, the least first.
    fn number(&mut self) -> Result<usize, String> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("the WASM has a number of more than 32 bits".to_owned())
    }

    fn skip(&mut self, numbers: usize) -> Result<(), String> {
        for _ in 0..numbers {
            self.number()?;
        }
        Ok(())
    }

    fn limits(&mut self) -> Result<(), String> {
        let has_most = self.byte()? & 1 == 1;
        self.skip(if has_most { 2 } else { 1 })
    }

    fn sized(&mut self) -> Result<&'w [u8], String> {
        let length = self.number()?;
        let begins = self.at;
        self.at += length;
        self.since(begins)
    }

    fn text(&mut self) -> Result<&'w str, String> {
        std::str::from_utf8(self.sized()?).map_err(|_| "a name in the WASM is no text".to_owned())
    }

    fn since(&self, begins: usize) -> Result<&'w [u8], String> {
        self.bytes.get(begins..self.at).ok_or_else(ends)
    }
}

fn ends() -> String {
    "the WASM ends too soon".to_owned()
}

fn number(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7F).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len());
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(import "m" "__wbg_open_0123456789abcdef" (func))` and three exports, the second of which nobody asks for.
    fn wasm() -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        // One type: no parameters, no results.
        out.extend([1, 4, 1, 0x60, 0, 0]);
        let mut body = vec![1];
        sized(&mut body, b"m");
        sized(&mut body, b"__wbg_open_0123456789abcdef");
        body.extend([FUNCTION, 0]);
        out.push(IMPORTS);
        sized(&mut out, &body);
        let mut body = vec![3];
        for name in [
            "memory",
            "intounderlying_pull",
            "closures_invoke_h0123456789abcdef",
        ] {
            sized(&mut body, name.as_bytes());
            body.extend([FUNCTION, 0]);
        }
        out.push(EXPORTS);
        sized(&mut out, &body);
        out
    }

    #[test]
    fn what_both_name_gets_a_short_name_and_what_one_names_goes() {
        let glue = "const i = { m: { __wbg_open_0123456789abcdef: (a) => open(a) } };\n\
                    wasm.closures_invoke_h0123456789abcdef(wasm.memory);";
        let (wasm, glue) = shortened(&wasm(), glue).unwrap();
        assert_eq!(
            glue,
            "const i = { m: { $0: (a) => open(a) } };\nwasm.$1(wasm.memory);"
        );
        let text = String::from_utf8_lossy(&wasm);
        for (name, there) in [
            ("$0", true),
            ("$1", true),
            ("memory", true),
            ("intounderlying", false),
            ("closures", false),
        ] {
            assert_eq!(text.contains(name), there, "{name}");
        }
        assert!(shortened(&wasm, &glue).is_ok(), "it is a WASM still");
    }

    #[test]
    fn a_wasm_cut_short_is_refused() {
        let whole = wasm();
        for cut in [4, 9, 20, whole.len() - 1] {
            assert!(shortened(&whole[..cut], "").is_err(), "{cut}");
        }
    }
}
