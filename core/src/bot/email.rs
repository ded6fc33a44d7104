//! An email address in what somebody typed.

/// The longest address that mail servers take, in bytes.
const LONGEST: usize = 254;

/// The one address in a text, bare or in a sentence ("it's ana@example.com, thanks"); none if there is no address
/// or more than one. What it finds looks like an address; whether anybody reads it is not known.
pub(super) fn email_in(text: &str) -> Option<String> {
    let mut found = text.split_whitespace().filter_map(address);
    let first = found.next()?;
    found.next().is_none().then(|| first.to_owned())
}

fn address(word: &str) -> Option<&str> {
    let bare = word
        .trim_start_matches(['<', '(', '[', '"', '\'', '«', '“'])
        .trim_end_matches(['>', ')', ']', '"', '\'', '»', '”', '.', ',', ';', ':', '!', '?']);
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    let (mailbox, domain) = bare.split_once('@')?;
    (bare.len() <= LONGEST && is_mailbox(mailbox) && is_domain(domain)).then_some(bare)
}

fn is_mailbox(mailbox: &str) -> bool {
    let may_stand = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    mailbox.len() <= 64 && mailbox.split('.').all(|part| !part.is_empty()) && mailbox.chars().all(may_stand)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((rest, last)) = domain.rsplit_once('.') else {
        return false;
    };
    // `ana@example.c` and `ana@10.0.0.1` are slips.
    let is_top =
        last.chars().count() >= 2 && !last.chars().any(|c| c.is_ascii_digit()) || last.starts_with("xn--");
    is_top && is_label(last) && rest.split('.').all(is_label)
}
