//! Makes what Trunk built fit to be served.
//!
//! Trunk calls this after each build, before the new files take the place of the old ([`settle_staged`]). A document
//! comes out with one style sheet, one module that starts the app by itself and the WASM beside it: no inline script,
//! so a policy of `script-src 'self' 'wasm-unsafe-eval'` holds, and no request twice. Names carry a hash of the final
//! content, so they may be cached for ever. A release also gets wasm-opt and a `.br` beside each file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::build::dist;
use crate::process::{Outcome, command, root};
use crate::tools;
use crate::wasm_names::shortened;

/// wasm-opt's flags: smallest once compressed, and the features rustc uses today. Flattened and built anew, with what
/// is the same left where it stands, the code is some bytes longer, and brotli makes 1.5 % less of it.
const WASM_OPT: [&str; 11] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "--skip-pass=local-cse",
    "--skip-pass=merge-similar-functions",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Settles the build that Trunk has just staged; Trunk tells where it lies in the environment.
pub(crate) fn settle_staged() -> Outcome {
    let told = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set: Trunk calls this"));
    let folder = PathBuf::from(told("TRUNK_STAGING_DIR")?);
    let release = told("TRUNK_PROFILE")? == "release";
    let mut staged = Staged {
        document: read(&folder.join("index.html"))?,
        folder,
    };
    staged.one_style_sheet()?;
    staged.module_that_starts(release)?;
    write(
        &staged.folder.join("index.html"),
        squeezed(&staged.document).as_bytes(),
    )?;
    if release {
        compress_all(&staged.folder)
    } else {
        Ok(())
    }
}

/// The script-tag loader, as it is served: without its comments.
pub(crate) fn settle_loader() -> Outcome {
    let source = root().join("widget/loader/loader.js");
    if !source.exists() {
        println!("widget/loader/loader.js is not there: no loader");
        return Ok(());
    }
    let folder = dist().join("loader");
    fs::create_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    // No `.br` beside it: the server fills the site in before it compresses.
    let script = tightened(&squeezed(&read(&source)?));
    write(&folder.join("widget.js"), script.as_bytes())
}

/// A document and the folder of its assets.
#[derive(Debug)]
struct Staged {
    folder: PathBuf,
    document: String,
}

impl Staged {
    /// Joins the style sheets, in the document's order, into the first.
    fn one_style_sheet(&mut self) -> Outcome {
        let links = tags(&self.document, "<link rel=\"stylesheet\"");
        let Some(first) = links.first() else { return Ok(()) };
        let mut sheet = String::new();
        for link in &links {
            let path = self.asset(link)?;
            sheet += &squeezed(&read(&path)?);
            remove(&path)?;
        }
        let name = hashed("style", "css", sheet.as_bytes());
        write(&self.folder.join(&name), sheet.as_bytes())?;
        let renamed = first.replace(file_name(reference(first)), &name);
        let (head, tail) = self.document.split_once(&**first).unwrap_or_default();
        let tail = links
            .iter()
            .skip(1)
            .fold(tail.to_owned(), |tail, link| tail.replace(&**link, ""));
        self.document = format!("{head}{renamed}{tail}");
        Ok(())
    }

    /// Lets the glue start the app by itself and gives it and its WASM their final names.
    fn module_that_starts(&mut self, release: bool) -> Outcome {
        let script = self.only("<script type=\"module\"")?;
        let glue_path = self.asset(&script)?;
        let wasm_path = self.asset(&self.only("<link rel=\"preload\"")?)?;
        let mut wasm = fs::read(&wasm_path).map_err(|fault| format!("{}: {fault}", wasm_path.display()))?;
        let glue = that_starts(&without_classes(&squeezed(&read(&glue_path)?)))?;
        let mut glue = self.with_scripts(&without_spare_parts(&glue))?;
        if release {
            (wasm, glue) = shortened(&wasm, &glue)?;
            write(&wasm_path, &wasm)?;
            optimise(&wasm_path)?;
            wasm = fs::read(&wasm_path).map_err(|fault| format!("{}: {fault}", wasm_path.display()))?;
        }
        let wasm_name = hashed("app", "wasm", &wasm);

        let mark = "new URL('";
        let own_name = glue
            .split_once(mark)
            .and_then(|(_, rest)| rest.split_once("',import.meta.url)"));
        let (own_name, _) = own_name.ok_or("the glue of wasm-bindgen has another shape than expected")?;
        let glue = glue.replace(&format!("{mark}{own_name}'"), &format!("{mark}{wasm_name}'"));
        let glue_name = hashed("app", "js", glue.as_bytes());

        self.document = self.document.replace(file_name(reference(&script)), &glue_name);
        self.document = self.document.replace(&name_of(&wasm_path), &wasm_name);
        write(&self.folder.join(&wasm_name), &wasm)?;
        write(&self.folder.join(&glue_name), glue.as_bytes())?;
        remove(&wasm_path)?;
        remove(&glue_path)
    }

    /// The glue with the scripts of our own in it that it would fetch one by one: what they export is a function or a
    /// constant each, and becomes part of the same module.
    fn with_scripts(&self, glue: &str) -> Outcome<String> {
        let imports: Vec<&str> = glue.lines().filter(|line| line.starts_with("import ")).collect();
        let mut paths: Vec<&str> = Vec::new();
        let mut joined = String::new();
        let mut rest: String = glue
            .lines()
            .filter(|line| !line.starts_with("import "))
            .map(|line| format!("{line}\n"))
            .collect();
        for import in imports {
            let quoted = import.split(['\'', '"']).nth(1);
            let path =
                quoted.ok_or_else(|| format!("the glue imports in another way than expected: {import}"))?;
            if !paths.contains(&path) {
                paths.push(path);
                joined += &squeezed(&read(&self.folder.join(path))?).replace("\nexport ", "\n");
            }
            // `import * as import1 from …`: the WASM takes the functions as they are.
            if let Some(name) = import
                .strip_prefix("import * as ")
                .and_then(|rest| rest.split(' ').next())
            {
                let exports = exports(&read(&self.folder.join(path))?).join(", ");
                rest = rest.replace(&format!(": {name},"), &format!(": {{ {exports} }},"));
            }
        }
        let scripts = self.folder.join("snippets");
        if scripts.exists() {
            fs::remove_dir_all(&scripts).map_err(|fault| format!("{}: {fault}", scripts.display()))?;
        }
        Ok(tightened(&(joined + &rest)))
    }

    /// The one tag that begins so.
    fn only(&self, start: &str) -> Outcome<String> {
        match &*tags(&self.document, start) {
            [tag] => Ok(tag.clone()),
            found => Err(format!(
                "index.html: {} tags {start}…>, expected one",
                found.len()
            )),
        }
    }

    /// The file a tag refers to.
    fn asset(&self, tag: &str) -> Outcome<PathBuf> {
        let path = self.folder.join(file_name(reference(tag)));
        if path.is_file() {
            Ok(path)
        } else {
            Err(format!("index.html: {tag} refers to nothing that was built"))
        }
    }
}

/// All tags of a document that begin so.
pub(crate) fn tags(document: &str, start: &str) -> Vec<String> {
    let tag = |(at, _): (usize, &str)| document[at..].split_inclusive('>').next().map(str::to_owned);
    document.match_indices(start).filter_map(tag).collect()
}

/// The address in a tag's `href` or `src`.
pub(crate) fn reference(tag: &str) -> &str {
    let value = tag.split_once("href=\"").or_else(|| tag.split_once("src=\""));
    value
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(address, _)| address)
}

/// The last part of an address.
pub(crate) fn file_name(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}

/// Brotli at its best, as it is served.
pub(crate) fn compressed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let done = brotli::BrotliCompress(&mut &*content, &mut out, &settings);
    debug_assert!(done.is_ok(), "memory does not fail to be read or written");
    out
}

/// A text without blank lines, indentation and the lines that are comment alone (`//`, `/* */`, `<!-- -->`).
///
/// It looks at whole lines only, so a text may not hold a literal over several lines.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<&str> = None;
    for line in text.lines().map(str::trim) {
        if let Some(end) = open {
            if line.ends_with(end) {
                open = None;
            }
            continue;
        }
        let block = [("/*", "*/"), ("<!--", "-->")]
            .into_iter()
            .find(|(start, _)| line.starts_with(start));
        match block {
            Some((_, end)) if line.ends_with(end) => {}
            Some((_, end)) if !line.contains(end) => open = Some(end),
            _ if line.is_empty() || line.starts_with("//") => {}
            _ => {
                out += line;
                out.push('\n');
            }
        }
    }
    out
}

/// The glue without the classes that it has for whoever embeds the WASM: nobody does. (Leptos brings three for streams.)
fn without_classes(glue: &str) -> String {
    if glue.contains(".__wrap(") {
        return glue.to_owned();
    }
    let mut out = String::with_capacity(glue.len());
    // How many braces of a class are open; whether a statement about it goes on.
    let (mut open, mut goes_on) = (0, false);
    for line in glue.lines() {
        if open > 0 || line.starts_with("export class ") {
            open += line.matches('{').count();
            open -= line.matches('}').count().min(open);
        } else if goes_on || line.starts_with("const ") && line.contains("Finalization = ") {
            goes_on = !line.ends_with(';');
        } else if !line.starts_with("if (Symbol.dispose) ") {
            out += line;
            out.push('\n');
        }
    }
    out
}

/// The glue with one way to start, which it goes by itself. Of the others that wasm-bindgen offers, nobody goes any: with
/// a module at hand, at once, or from a server that doesn't say what a WASM is.
fn that_starts(glue: &str) -> Outcome<String> {
    let parts = glue
        .split_once("async function __wbg_load(")
        .and_then(|(head, ways)| {
            let (_, rest) = ways.split_once("new URL('")?;
            let (name, _) = rest.split_once("', import.meta.url)")?;
            let ends = head.contains("function __wbg_finalize_init(")
                && head.contains("function __wbg_get_imports(");
            ends.then_some((head, name))
        });
    let (head, name) = parts.ok_or("the glue of wasm-bindgen starts in another way than expected")?;
    Ok(format!(
        "{head}WebAssembly.instantiateStreaming(fetch(new URL('{name}', import.meta.url)), __wbg_get_imports())\n\
         .then((made) => __wbg_finalize_init(made.instance, made.module));\n"
    ))
}

/// The glue without what only old browsers need, older than those that know the styles, and with few words for a value
/// that is shown to whoever looks for a fault.
fn without_spare_parts(glue: &str) -> String {
    let spare = [
        (
            "function debugString(val) {",
            "\nfunction ",
            "function debugString(val) { try { return String(val); } catch { return typeof val; } }",
        ),
        ("if (!('encodeInto' in cachedTextEncoder)) {", "\nlet ", ""),
    ];
    spare
        .into_iter()
        .fold(glue.to_owned(), |glue, (start, end, instead)| {
            let parts = glue.split_once(start).and_then(|(head, rest)| {
                let (_, tail) = rest.split_once(end)?;
                Some(format!("{head}{instead}{end}{tail}"))
            });
            parts.unwrap_or(glue)
        })
}

/// What a script of ours exports.
fn exports(script: &str) -> Vec<&str> {
    script.lines().filter_map(exported).collect()
}

fn exported(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("export ")?;
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    let rest = rest
        .strip_prefix("function ")
        .or_else(|| rest.strip_prefix("const "))?;
    rest.split([' ', '(']).next()
}

/// A script without the blanks that only people need. It knows strings, templates and regular expressions that begin
/// with an escape, and no comments.
fn tightened(script: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(script.len());
    let mut quote = None;
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        let before = out.chars().next_back().unwrap_or(';');
        let after = chars.peek().copied().unwrap_or(';');
        let needless = match c {
            _ if quote.is_some() => false,
            ' ' => !(is_word(before) && is_word(after) || "+-".contains(before) && before == after),
            '\n' => "{([,;".contains(before),
            _ => false,
        };
        if needless {
            continue;
        }
        match quote {
            Some(open) if c == open && before != '\\' => quote = None,
            None if c == '"' || c == '\'' || c == '`' || c == '/' && after == '\\' => quote = Some(c),
            Some(_) | None => {}
        }
        out.push(c);
    }
    out
}

/// A name that changes with the content (FNV-1a: it tells builds apart, nothing more).
fn hashed(stem: &str, extension: &str, content: &[u8]) -> String {
    let hash = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{stem}-{hash:016x}.{extension}")
}

fn optimise(wasm: &Path) -> Outcome {
    let Some(wasm_opt) = tools::wasm_opt() else {
        println!("wasm-opt is not here: the WASM is left as rustc made it (some percent larger)");
        return Ok(());
    };
    command(wasm_opt)
        .args(WASM_OPT)
        .arg(wasm)
        .arg("-o")
        .arg(wasm)
        .run()
}

/// Writes a `.br` beside each file but the document, which the server fills in first.
fn compress_all(folder: &Path) -> Outcome {
    let entries = fs::read_dir(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            compress_all(&path)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension != "br" && extension != "html")
        {
            let content = fs::read(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
            write(&path.with_added_extension("br"), &compressed(&content))?;
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

pub(crate) fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn write(path: &Path, content: &[u8]) -> Outcome {
    fs::write(path, content).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn remove(path: &Path) -> Outcome {
    fs::remove_file(path).map_err(|fault| format!("{}: {fault}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_squeezed_text_keeps_every_line_that_says_something() {
        let text = "/** what\n * it is\n */\n  let a = 1; // kept\n\n// gone\n<!-- gone -->\nlet b = \"//\";\n/* x */ c();\n";
        assert_eq!(
            squeezed(text),
            "let a = 1; // kept\nlet b = \"//\";\n/* x */ c();\n"
        );
    }

    #[test]
    fn a_tightened_script_says_the_same() {
        let script = "const a = \"b = c\", d = 'it\\'s; \"so\"';\nif (a) {\nreturn typeof d + +a;\n}\nx();\n";
        assert_eq!(
            tightened(script),
            "const a=\"b = c\",d='it\\'s; \"so\"';if(a){return typeof d+ +a;}\nx();"
        );
    }

    #[test]
    fn a_template_and_an_expression_keep_their_blanks() {
        assert_eq!(tightened("a = `b: ${c} d` ;"), "a=`b: ${c} d`;");
        assert_eq!(tightened("a = /\\[b (c)/ ;"), "a=/\\[b (c)/;");
    }

    #[test]
    fn classes_for_nobody_are_left_out() {
        let glue = "export class A {\nfree() {\nif (a) {\n}\n}\n}\nif (Symbol.dispose) A.prototype[Symbol.dispose] = 1;\nlet b;\n\
            const AFinalization = (c)\n? d\n: new E(f);\nlet g;\n";
        assert_eq!(without_classes(glue), "let b;\nlet g;\n");
        let wrapped = format!("{glue}A.__wrap(1);\n");
        assert_eq!(without_classes(&wrapped), wrapped);
    }

    #[test]
    fn the_glue_starts_by_itself_and_in_one_way() {
        let glue = "function __wbg_get_imports() {\n}\nfunction __wbg_finalize_init(instance, module) {\n}\n\
                    async function __wbg_load(module, imports) {\n}\n\
                    module_or_path = new URL('app_bg.wasm', import.meta.url);\n\
                    export { initSync, __wbg_init as default };\n";
        let starts = that_starts(glue).unwrap();
        assert!(starts.contains("fetch(new URL('app_bg.wasm', import.meta.url))"));
        assert!(starts.ends_with("__wbg_finalize_init(made.instance, made.module));\n"));
        assert!(!starts.contains("initSync") && !starts.contains("__wbg_load"));
        assert!(that_starts("let wasm;\n").is_err(), "of another shape");
    }

    #[test]
    fn spare_parts_are_left_out_and_what_is_around_them_stays() {
        let glue = "let a;\nfunction debugString(val) {\nswitch (typeof val) {\n}\n}\nfunction b() {\n}\n\
                    if (!('encodeInto' in cachedTextEncoder)) {\nold();\n}\nlet c;\n";
        let lean = without_spare_parts(glue);
        assert!(
            lean.starts_with("let a;\nfunction debugString(val) { try { return String(val); }"),
            "{lean}"
        );
        assert!(lean.ends_with("}\nfunction b() {\n}\n\nlet c;\n"), "{lean}");
        assert_eq!(without_spare_parts("let a;\n"), "let a;\n");
    }

    #[test]
    fn what_a_script_exports_is_named() {
        let script = "let a;\nexport const b = 1;\nexport function c(d) {}\nexport async function e() {}\n";
        assert_eq!(exports(script), ["b", "c", "e"]);
    }

    #[test]
    fn a_tag_is_found_with_its_address() {
        let document =
            "<head><link rel=\"stylesheet\" href=\"/a/b.css\"/><script src=\"/a/c.js\"></script></head>";
        let found = tags(document, "<link rel=\"stylesheet\"");
        assert_eq!(found.len(), 1);
        assert_eq!(file_name(reference(&found[0])), "b.css");
        assert_eq!(file_name(reference(&tags(document, "<script")[0])), "c.js");
    }

    #[test]
    fn a_name_follows_the_content() {
        assert_ne!(hashed("app", "js", b"a"), hashed("app", "js", b"b"));
        assert_eq!(hashed("app", "js", b""), "app-cbf29ce484222325.js");
    }
}
