//! The workspace's own API: asked by HTTP, answered in types.

use causerie_core::agent::Role;
use causerie_core::ids::{AgentId, MacroId};
use causerie_core::message::Text;
use causerie_core::rules::agent_macro::Macro;
use causerie_core::settings::Settings;
use causerie_core::ticket::{Priority, Status};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Why something was not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The sign-in is missing or not good any more, or the credentials are wrong.
    SignedOut,
    /// Tried too often.
    TooMany,
    /// Not done, and the server says why: for machines, and in English.
    Refused {
        /// The name of it.
        code: String,
        /// The sentence.
        message: String,
    },
    /// The server was not reached, or is in trouble.
    Unreachable,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Me {
    /// Which agent.
    pub id: AgentId,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// What every change has to bear.
    pub csrf: String,
}

/// A macro as it is written: its number is the server's.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct MacroDraft {
    /// What the menu calls it.
    pub title: String,
    /// What it says to the customer.
    pub text: Option<Text>,
    /// The status it sets.
    pub status: Option<Status>,
    /// The priority it sets.
    pub priority: Option<Priority>,
    /// Tags it adds.
    pub add_tags: Vec<String>,
    /// Whether it ends the session after its text.
    pub end_session: bool,
}

#[derive(Serialize)]
struct Credentials<'a> {
    email: &'a str,
    password: &'a str,
}

/// For whom a one-time link is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Invited {
    /// The name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// Whether there is a password already, which the new one replaces.
    pub renews: bool,
}

#[derive(Serialize)]
struct Link<'a> {
    token: &'a str,
}

#[derive(Serialize)]
struct FirstPassword<'a> {
    token: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct ConnectToken {
    token: String,
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    code: String,
    message: String,
}

/// Signs in.
///
/// # Errors
/// [`Fault::SignedOut`] when the email or the password is wrong.
pub async fn sign_in(email: &str, password: &str) -> Result<(), Fault> {
    done(
        send(
            Method::POST,
            "sign-in",
            None,
            Some(&Credentials { email, password }),
        )
        .await,
    )
}

/// For whom a one-time link is. Looking does not use it up.
///
/// # Errors
/// [`Fault::SignedOut`] when the link is not good any more.
pub async fn invited(token: &str) -> Result<Invited, Fault> {
    read(send(Method::POST, "link", None, Some(&Link { token })).await?).await
}

/// Sets a password by a one-time link, and signs in.
///
/// # Errors
/// [`Fault::SignedOut`] when the link is not good any more.
pub async fn welcome(token: &str, password: &str) -> Result<(), Fault> {
    done(
        send(
            Method::POST,
            "welcome",
            None,
            Some(&FirstPassword { token, password }),
        )
        .await,
    )
}

/// Who is signed in.
///
/// # Errors
/// [`Fault::SignedOut`] when nobody is.
pub async fn me() -> Result<Me, Fault> {
    read(send(Method::GET, "me", None, None::<&()>).await?).await
}

impl Me {
    /// Signs out.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn sign_out(&self) -> Result<(), Fault> {
        done(self.change(Method::POST, "sign-out", None::<&()>).await)
    }

    /// A token for the socket's hello.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn connect_token(&self) -> Result<String, Fault> {
        let answer = self.change(Method::POST, "connect-token", None::<&()>).await?;
        read::<ConnectToken>(answer).await.map(|answer| answer.token)
    }

    /// Keeps the account's settings.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn set_settings(&self, settings: &Settings) -> Result<(), Fault> {
        done(self.change(Method::PUT, "settings", Some(settings)).await)
    }

    /// The macros as they stand.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn macros(&self) -> Result<Vec<Macro>, Fault> {
        read(send(Method::GET, "macros", None, None::<&()>).await?).await
    }

    /// Keeps a macro: a new one, or in the place of this one.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn keep_macro(&self, id: Option<MacroId>, draft: &MacroDraft) -> Result<(), Fault> {
        done(match id {
            None => self.change(Method::POST, "macros", Some(draft)).await,
            Some(id) => {
                self.change(Method::PUT, &format!("macros/{id}"), Some(draft))
                    .await
            }
        })
    }

    /// Deletes a macro.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn delete_macro(&self, id: MacroId) -> Result<(), Fault> {
        done(
            self.change(Method::DELETE, &format!("macros/{id}"), None::<&()>)
                .await,
        )
    }

    async fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Response, Fault> {
        send(method, path, Some(&self.csrf), body).await
    }
}

async fn send(
    method: Method,
    path: &str,
    csrf: Option<&str>,
    body: Option<&impl Serialize>,
) -> Result<Response, Fault> {
    let mut request = RequestBuilder::new(&format!("/api/workspace/{path}")).method(method);
    if let Some(csrf) = csrf {
        request = request.header("x-csrf-token", csrf);
    }
    let request = match body {
        Some(body) => request.json(body),
        None => request.build(),
    };
    let answer = request
        .map_err(|_| Fault::Unreachable)?
        .send()
        .await
        .map_err(|_| Fault::Unreachable)?;
    match answer.status() {
        200..=299 => Ok(answer),
        401 => Err(Fault::SignedOut),
        429 => Err(Fault::TooMany),
        400..=499 => {
            Err(complaint(&answer)
                .await
                .map_or(Fault::Unreachable, |Complaint { code, message }| Fault::Refused {
                    code,
                    message,
                }))
        }
        _ => Err(Fault::Unreachable),
    }
}

async fn complaint(answer: &Response) -> Option<Complaint> {
    answer.json().await.ok()
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, Fault> {
    answer.json().await.map_err(|_| Fault::Unreachable)
}

fn done(answer: Result<Response, Fault>) -> Result<(), Fault> {
    answer.map(|_| ())
}
