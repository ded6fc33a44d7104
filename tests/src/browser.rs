//! A person at a browser: finds things by role and name, as one would who cannot see the screen.

use std::fmt;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::{Command, ExtensionCommand};
use thirtyfour::{Key, WebDriver, WebElement};

use crate::Story;
use crate::wait::until;

/// Finds the elements that might have a role, in document order, through every open shadow root.
const CANDIDATES: &str = "
    const [selector, root] = arguments, found = [];
    const walk = (node) => {
        for (const element of node.querySelectorAll('*')) {
            if (element.matches(selector) && element.checkVisibility()) found.push(element);
            if (element.shadowRoot) walk(element.shadowRoot);
        }
    };
    walk(root || document);
    return found;";

/// Whether all of an element is in sight.
const WHOLE: &str = "
    const part = arguments[0], box = part.getBoundingClientRect(), page = document.documentElement;
    const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 1 && box.right <= page.clientWidth + 1
        && page.scrollWidth <= page.clientWidth && there !== null && part.contains(there);";

/// What this document asked the network for, itself included (a socket is not among them).
const REQUESTS: &str = "
    return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map((entry) => entry.name);";

/// What a person looks for: a role, and the accessible name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The ARIA role.
    pub role: Part,
    /// The whole accessible name.
    pub name: &'a str,
}

/// The roles that stories look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the ARIA role of its name")]
pub enum Part {
    Article,
    Button,
    Checkbox,
    Combobox,
    Dialog,
    Group,
    Heading,
    Link,
    List,
    ListItem,
    Log,
    Menu,
    MenuItem,
    MenuItemCheckbox,
    Navigation,
    Radio,
    Status,
    Tab,
    Textbox,
}

impl Part {
    /// The part of this role with this name.
    #[must_use]
    pub const fn named(self, name: &str) -> Named<'_> {
        Named { role: self, name }
    }

    /// The role's own name, and a selector of all that may have it; the browser is asked which do.
    const fn role(self) -> (&'static str, &'static str) {
        match self {
            Self::Article => ("article", "article, [role=article]"),
            Self::Button => (
                "button",
                "button, summary, input[type=submit], input[type=button], [role=button]",
            ),
            Self::Checkbox => ("checkbox", "input[type=checkbox], [role=checkbox]"),
            Self::Combobox => ("combobox", "select, input, [role=combobox]"),
            Self::Dialog => ("dialog", "dialog, [role=dialog]"),
            Self::Group => ("group", "fieldset, details, [role=group]"),
            Self::Heading => ("heading", "h1, h2, h3, h4, h5, h6, [role=heading]"),
            Self::Link => ("link", "a[href], [role=link]"),
            Self::List => ("list", "ul, ol, [role=list]"),
            Self::ListItem => ("listitem", "li, [role=listitem]"),
            Self::Log => ("log", "[role=log]"),
            Self::Menu => ("menu", "[role=menu]"),
            Self::MenuItem => ("menuitem", "[role=menuitem]"),
            Self::MenuItemCheckbox => ("menuitemcheckbox", "[role=menuitemcheckbox]"),
            Self::Navigation => ("navigation", "nav, [role=navigation]"),
            Self::Radio => ("radio", "input[type=radio], [role=radio]"),
            Self::Status => ("status", "output, [role=status]"),
            Self::Tab => ("tab", "[role=tab]"),
            Self::Textbox => ("textbox", "textarea, input, [contenteditable], [role=textbox]"),
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.role.role().0, self.name)
    }
}

/// One person's browser window. It looks into one document at a time: the page, or the chat's frame in it.
#[derive(Debug)]
pub struct Browser {
    /// The session itself, for what has no word here. It ends with chromedriver; dropped by itself it would wait for
    /// an answer on the very thread that has to fetch it.
    pub driver: ManuallyDrop<WebDriver>,
    name: String,
    folder: PathBuf,
    steps: AtomicUsize,
    /// Frames that the window's sockets received, as far as they were fetched.
    pub(crate) recorded: tokio::sync::Mutex<Vec<String>>,
}

impl Browser {
    pub(crate) fn new(driver: WebDriver, name: &str, folder: &Path) -> Self {
        Self {
            driver: ManuallyDrop::new(driver),
            name: name.to_owned(),
            folder: folder.to_owned(),
            steps: AtomicUsize::new(1),
            recorded: tokio::sync::Mutex::default(),
        }
    }

    /// Goes to a page.
    pub async fn goes_to(&self, url: &str) -> Story {
        Ok(self.driver.goto(url).await?)
    }

    /// Reloads the page; afterwards it looks into the page, not the frame.
    pub async fn reloads(&self) -> Story {
        self.driver.enter_default_frame().await?;
        Ok(self.driver.refresh().await?)
    }

    /// Opens the chat of the page and looks into it.
    pub async fn opens_the_chat(&self) -> Story {
        self.looks_at_the_page().await?;
        self.clicks(Part::Button.named("Open chat")).await?;
        self.looks_into_the_chat().await
    }

    /// From here on, looks into the frame `Chat` of the page.
    pub async fn looks_into_the_chat(&self) -> Story {
        self.looks_at_the_page().await?;
        let frame = until("a frame titled \"Chat\"", async || {
            Ok(self
                .candidates("iframe[title='Chat']", None)
                .await?
                .into_iter()
                .next())
        });
        Ok(frame.await?.enter_frame().await?)
    }

    /// From here on, looks at the page itself.
    pub async fn looks_at_the_page(&self) -> Story {
        Ok(self.driver.enter_default_frame().await?)
    }

    /// Waits for a part and gives it.
    pub async fn sees(&self, part: Named<'_>) -> Story<WebElement> {
        until(&part.to_string(), async || {
            Ok(self.all(part).await?.into_iter().next())
        })
        .await
    }

    /// Waits until a part lies inside the document's window with nothing over it, and the document is no wider.
    pub async fn sees_whole(&self, part: Named<'_>) -> Story {
        until(&format!("the whole of {part} in sight"), async || {
            let element = self.sees(part).await?;
            let whole = self.driver.execute(WHOLE, vec![element.to_json()?]).await?;
            Ok(whole.convert::<bool>()?.then_some(()))
        })
        .await
    }

    /// Waits until there is no such part.
    pub async fn sees_no(&self, part: Named<'_>) -> Story {
        until(&format!("no {part}"), async || {
            Ok(self.all(part).await?.is_empty().then_some(()))
        })
        .await
    }

    /// Waits for a part and presses it.
    pub async fn clicks(&self, part: Named<'_>) -> Story {
        until(&format!("{part} to be pressed"), async || {
            let Some(found) = self.all(part).await?.into_iter().next() else {
                return Ok(None);
            };
            Ok(Some(found.click().await?))
        })
        .await
    }

    /// Writes a message and sends it with Enter.
    pub async fn says(&self, text: &str) -> Story {
        let composer = self.sees(Part::Textbox.named("Message")).await?;
        composer.send_keys(text).await?;
        Ok(composer.send_keys(Key::Enter + "").await?)
    }

    /// The messages in the log, as they are read: each article's text, in order.
    pub async fn messages(&self) -> Story<Vec<String>> {
        let log = self.sees(Part::Log.named("Messages")).await?;
        let mut texts = Vec::new();
        for article in self.candidates(Part::Article.role().1, Some(&log)).await? {
            texts.push(article.text().await?);
        }
        Ok(texts)
    }

    /// The messages without their state, which stands under the last own one only.
    pub async fn said(&self) -> Story<Vec<String>> {
        let bare = |text: String| text.trim_end_matches("\nSent").to_owned();
        Ok(self.messages().await?.into_iter().map(bare).collect())
    }

    /// Waits until exactly `count` messages hold this text.
    pub async fn reads(&self, text: &str, count: usize) -> Story {
        until(&format!("{count} × \"{text}\" in the log"), async || {
            let messages = self.messages().await?;
            Ok((messages.iter().filter(|message| message.contains(text)).count() == count).then_some(()))
        })
        .await
    }

    /// What the status regions say, joined.
    pub async fn status(&self) -> Story<String> {
        let mut said = Vec::new();
        for region in self.candidates(Part::Status.role().1, None).await? {
            said.push(region.text().await?);
        }
        Ok(said.join("\n").trim().to_owned())
    }

    /// All that this document asked the network for, itself first; sockets are not among them.
    pub async fn requests(&self) -> Story<Vec<String>> {
        Ok(self.driver.execute(REQUESTS, Vec::new()).await?.convert()?)
    }

    /// The folder of this story's pictures.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Leaves a picture of the whole window in the story's folder.
    pub async fn shows(&self, step: &str) -> Story {
        let number = self.steps.fetch_add(1, Ordering::Relaxed);
        let step = step.replace(|c: char| !c.is_alphanumeric(), "-");
        let path = self.folder.join(format!("{number:02}-{}-{step}.png", self.name));
        Ok(self.driver.screenshot(&path).await?)
    }

    /// All parts of this role and name that are there now.
    pub async fn all(&self, part: Named<'_>) -> Story<Vec<WebElement>> {
        let (role, selector) = part.role.role();
        let mut found = Vec::new();
        for element in self.candidates(selector, None).await? {
            if self.computed(&element, "label").await? == part.name
                && self.computed(&element, "role").await? == role
            {
                found.push(element);
            }
        }
        Ok(found)
    }

    /// The accessible name the browser computes for an element.
    pub async fn name_of(&self, element: &WebElement) -> Story<String> {
        self.computed(element, "label").await
    }

    async fn candidates(&self, selector: &str, root: Option<&WebElement>) -> Story<Vec<WebElement>> {
        let root = root.map(WebElement::to_json).transpose()?.unwrap_or(Value::Null);
        Ok(self
            .driver
            .execute(CANDIDATES, vec![json!(selector), root])
            .await?
            .elements()?)
    }

    async fn computed(&self, element: &WebElement, what: &'static str) -> Story<String> {
        let ask = Computed {
            element: element.element_id().to_string(),
            what,
        };
        Ok(self
            .driver
            .handle()
            .cmd(Command::ExtensionCommand(Box::new(ask)))
            .await?
            .value()?)
    }
}

/// WebDriver's "Get Computed Role" and "Get Computed Label".
#[derive(Debug)]
struct Computed {
    element: String,
    what: &'static str,
}

impl ExtensionCommand for Computed {
    fn parameters_json(&self) -> Option<Value> {
        None
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Arc<str> {
        format!("/element/{}/computed{}", self.element, self.what).into()
    }
}
