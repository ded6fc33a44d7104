//! What is served from inside the binary: the built front ends, the demo shop, the string tables.
//!
//! Names that carry a hash may be kept for ever; all else is asked for again and answered by its tag. In the dev
//! profile files are read from the disk. What is filled in per site (documents, the loader) is compressed here once
//! and remembered.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

/// The built front ends and the loader.
#[derive(RustEmbed)]
#[folder = "../target/dist"]
#[allow_missing = true]
struct Built;

/// Pages of the loader that are served as they are.
#[derive(RustEmbed)]
#[folder = "../widget/loader"]
#[allow_missing = true]
struct Loader;

/// The demo shop.
#[derive(RustEmbed)]
#[folder = "../demo"]
#[allow_missing = true]
struct Demo;

/// The widget's words.
#[derive(RustEmbed)]
#[folder = "../widget/locales"]
#[allow_missing = true]
struct WidgetLocales;

/// The workspace's words.
#[derive(RustEmbed)]
#[folder = "../workspace/locales"]
#[allow_missing = true]
struct WorkspaceLocales;

/// Where a file comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The built front ends: `frame/…`, `workspace/…`, `loader/…`.
    Built,
    /// The loader's folder.
    Loader,
    /// The demo shop.
    Demo,
    /// The widget's string tables, `en.json` and so on.
    WidgetLocales,
    /// The workspace's string tables.
    WorkspaceLocales,
}

/// Compressed forms of what was filled in, by content.
#[derive(Debug, Default)]
pub struct Filled(Mutex<HashMap<[u8; 32], Bytes>>);

/// How many compressed forms are remembered.
const REMEMBERED: usize = 256;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const BROTLI: HeaderValue = HeaderValue::from_static("br");

impl Source {
    fn find(self, path: &str) -> Option<EmbeddedFile> {
        match self {
            Self::Built => Built::get(path),
            Self::Loader => Loader::get(path),
            Self::Demo => Demo::get(path),
            Self::WidgetLocales => WidgetLocales::get(path),
            Self::WorkspaceLocales => WorkspaceLocales::get(path),
        }
    }

    /// A file's text.
    #[must_use]
    pub fn text(self, path: &str) -> Option<String> {
        let file = self.find(path)?;
        String::from_utf8(file.data.into_owned()).ok()
    }

    /// The names of the files, such as `en.json`.
    fn names(self) -> Vec<Cow<'static, str>> {
        match self {
            Self::Built => Built::iter().collect(),
            Self::Loader => Loader::iter().collect(),
            Self::Demo => Demo::iter().collect(),
            Self::WidgetLocales => WidgetLocales::iter().collect(),
            Self::WorkspaceLocales => WorkspaceLocales::iter().collect(),
        }
    }

    /// The best of the languages there are for what a visitor prefers, a list as in `Accept-Language`.
    #[must_use]
    pub fn locale(self, preferred: &str) -> String {
        let names = self.names();
        let has = |tag: &str| names.iter().any(|name| name.strip_suffix(".json") == Some(tag));
        preferred
            .split(',')
            .filter_map(|part| part.split(';').next())
            .map(|tag| tag.trim().to_ascii_lowercase())
            .find_map(|tag| {
                let language = tag.split('-').next().unwrap_or_default().to_owned();
                [tag, language].into_iter().find(|tag| has(tag))
            })
            .unwrap_or_else(|| "en".to_owned())
    }

    /// A file as it is, compressed where the visitor takes that and there is such a form.
    pub fn answer(self, path: &str, asked: &HeaderMap) -> Option<Response> {
        if has_extension(path, "br") {
            return None;
        }
        let plain = self.find(path)?;
        let tag = tag_of(&plain.metadata.sha256_hash());
        if is_known(asked, &tag) {
            return Some(not_modified(tag));
        }
        let compressed = takes_brotli(asked)
            .then(|| self.find(&format!("{path}.br")))
            .flatten();
        let is_compressed = compressed.is_some();
        let mut response = body_of(compressed.unwrap_or(plain)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind(path)));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if is_compressed {
            headers.insert(CONTENT_ENCODING, BROTLI);
        }
        if is_hashed(path) {
            headers.insert(CACHE_CONTROL, FOR_EVER);
        } else {
            headers.insert(CACHE_CONTROL, ASK_AGAIN);
            headers.insert(ETAG, tag);
        }
        Some(response)
    }
}

impl Filled {
    /// A text that was filled in for this request, with its tag, compressed where the visitor takes that.
    pub fn answer(&self, text: String, kind: &'static str, asked: &HeaderMap) -> Response {
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let tag = tag_of(&hash);
        if is_known(asked, &tag) {
            return not_modified(tag);
        }
        let compressed = takes_brotli(asked).then(|| self.compressed(hash, text.as_bytes()));
        let is_compressed = compressed.is_some();
        let mut response = Body::from(compressed.unwrap_or_else(|| text.into())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding, accept-language"));
        headers.insert(CACHE_CONTROL, ASK_AGAIN);
        headers.insert(ETAG, tag);
        if is_compressed {
            headers.insert(CONTENT_ENCODING, BROTLI);
        }
        response
    }

    fn compressed(&self, hash: [u8; 32], content: &[u8]) -> Bytes {
        let known = |map: &HashMap<[u8; 32], Bytes>| map.get(&hash).cloned();
        if let Some(bytes) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return bytes;
        }
        let bytes = Bytes::from(brotli(content));
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= REMEMBERED {
            map.clear();
        }
        map.insert(hash, bytes.clone());
        bytes
    }
}

/// A document's data block, with what the front end needs to begin. No `<` is left in it, so that nothing in it can
/// end the block.
#[must_use]
pub fn with_boot(document: &str, locale: &str, boot: &serde_json::Value) -> String {
    let data = boot.to_string().replace('<', "\\u003c");
    document
        .replacen("<html lang=\"en\"", &format!("<html lang=\"{locale}\""), 1)
        .replacen(
            "id=\"boot\">{}</script>",
            &format!("id=\"boot\">{data}</script>"),
            1,
        )
}

/// A name for what this build serves: an older page sees another one and reloads itself.
#[must_use]
pub fn build() -> String {
    let mut hash = Sha256::new();
    for path in ["frame/index.html", "workspace/index.html", "loader/widget.js"] {
        if let Some(file) = Built::get(path) {
            hash.update(&file.data);
        }
    }
    hash.update(env!("CARGO_PKG_VERSION"));
    crate::secret::hex(&hash.finalize()[..6])
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 9,
        lgwin: 18,
        ..Default::default()
    };
    // Memory does not fail to be read or written.
    let _ = brotli::BrotliCompress(&mut &*content, &mut out, &settings);
    out
}

fn body_of(file: EmbeddedFile) -> Body {
    match file.data {
        Cow::Borrowed(bytes) => Body::from(Bytes::from_static(bytes)),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn takes_brotli(asked: &HeaderMap) -> bool {
    let values = asked.get_all(ACCEPT_ENCODING);
    let is_brotli = |part: &str| {
        let mut words = part.split(';').map(str::trim);
        words.next() == Some("br")
            && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(is_brotli)
}

fn is_known(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"))
}

fn not_modified(tag: HeaderValue) -> Response {
    (
        StatusCode::NOT_MODIFIED,
        [(ETAG, tag), (CACHE_CONTROL, ASK_AGAIN)],
    )
        .into_response()
}

/// Weak: the compressed and the plain form are the same thing to whoever asks.
fn tag_of(hash: &[u8; 32]) -> HeaderValue {
    let tag = format!("W/\"{}\"", crate::secret::hex(&hash[..12]));
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether a name says its content: `app-0123456789abcdef.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    stem.rsplit_once('-')
        .is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, its)| its == extension)
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("ogg") => "audio/ogg",
        Some("mp3") => "audio/mpeg",
        Some("txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_block_cannot_be_ended_from_within() {
        let document = "<html lang=\"en\"><script type=\"application/json\" id=\"boot\">{}</script>";
        let boot = serde_json::json!({ "welcome": "</script><script>alert(1)</script>" });
        let filled = with_boot(document, "fr", &boot);
        assert_eq!(filled.matches("</script>").count(), 1);
        assert!(filled.contains("<html lang=\"fr\""));
        assert!(filled.contains("\\u003c/script>"));
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("frame/app-0123456789abcdef.wasm"));
        assert!(!is_hashed("frame/app.wasm"));
        assert!(!is_hashed("frame/app-0123456789abcdeg.wasm"));
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_brotli(&headers)
        };
        assert!(asks("gzip, deflate, br, zstd"));
        assert!(asks("br;q=0.5"));
        assert!(!asks("gzip"));
        assert!(!asks("br;q=0"));
    }

    #[test]
    fn an_unknown_language_is_english() {
        assert_eq!(Source::Demo.locale("tlh, *;q=0.5"), "en");
    }
}
