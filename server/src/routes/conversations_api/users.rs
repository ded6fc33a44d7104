//! Users: the end users, as the business knows them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use causerie_core::EndUserId;
use causerie_core::end_user::is_an_address;
use serde::{Deserialize, Serialize};

use super::caller::{At, Caller};
use super::fault::{Body, Fault};
use crate::routes::public_api::iso;
use crate::state::App;
use crate::store::{Change, KnownEndUser};

/// The longest external id, in characters.
const MAX_EXTERNAL_ID: usize = 255;

/// The longest name or address, in characters.
const MAX_NAME: usize = 255;

/// What is said of a new user. What is not kept yet is let pass.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Introduced {
    external_id: String,
    #[serde(default)]
    profile: Profile,
}

/// Who a user is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    given_name: Option<String>,
    surname: Option<String>,
    email: Option<String>,
    locale: Option<String>,
}

/// A user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    authenticated: bool,
    profile: Profile,
    identities: Vec<Identity>,
    signed_up_at: String,
    metadata: Metadata,
}

/// By what a user is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Identity {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    primary: bool,
}

/// What software keeps beside a record: nothing yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Metadata {}

/// One user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct One {
    user: User,
}

/// The user that a path names.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Named {
    user: String,
}

/// Introduces a user.
///
/// # Errors
/// 400, 401, 404, 409 where there is one of that external id, 413, 415, 422.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(it): Body<Introduced>,
) -> Result<(StatusCode, Json<One>), Fault> {
    let length = it.external_id.chars().count();
    if it.external_id.trim().is_empty() || length > MAX_EXTERNAL_ID {
        return Err(Fault::invalid(
            "invalid_external_id",
            "externalId must have 1 to 255 characters",
        ));
    }
    it.profile.check()?;
    let site = caller.site.id;
    if app
        .store
        .end_user_by_external_id(site, &it.external_id)
        .await?
        .is_some()
    {
        return Err(Fault::conflict("There is a user with this externalId already"));
    }
    let change = Change::IntroduceEndUser {
        site,
        external_id: it.external_id.clone(),
        name: it.profile.name(),
        email: it.profile.email,
        locale: it.profile.locale,
    };
    app.conversations.change(change).await?;
    let known = find(&app, &caller, Some(&it.external_id), None).await?;
    Ok((StatusCode::CREATED, Json(One { user: shape(known) })))
}

/// One user, by id or external id.
///
/// # Errors
/// 401, 404.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    At(Named { user }): At<Named>,
) -> Result<Json<One>, Fault> {
    let by_id = match user.parse() {
        Ok(id) => app.store.end_user(caller.site.id, EndUserId(id)).await?,
        Err(_) => None,
    };
    let known = match by_id {
        Some(known) => known,
        None => find(&app, &caller, Some(&user), None).await?,
    };
    Ok(Json(One { user: shape(known) }))
}

/// The user of an external id or an id.
///
/// # Errors
/// 404.
pub async fn find(
    app: &App,
    caller: &Caller,
    external_id: Option<&str>,
    id: Option<&str>,
) -> Result<KnownEndUser, Fault> {
    let site = caller.site.id;
    let known = match (external_id, id.map(str::parse)) {
        (Some(external_id), _) => app.store.end_user_by_external_id(site, external_id).await?,
        (None, Some(Ok(id))) => app.store.end_user(site, EndUserId(id)).await?,
        (None, Some(Err(_)) | None) => None,
    };
    known.ok_or_else(|| Fault::not_found("There is no such user"))
}

fn shape(known: KnownEndUser) -> User {
    let email = known.email.clone();
    User {
        id: known.id.to_string(),
        authenticated: known.external_id.is_some(),
        external_id: known.external_id,
        profile: Profile::of(known.name.as_deref(), known.email, known.locale),
        identities: email
            .into_iter()
            .map(|value| Identity {
                kind: "email",
                value,
                primary: true,
            })
            .collect(),
        signed_up_at: iso::millis(known.created_at),
        metadata: Metadata {},
    }
}

impl Profile {
    fn check(&self) -> Result<(), Fault> {
        let fields = [&self.given_name, &self.surname, &self.email, &self.locale];
        if fields
            .into_iter()
            .flatten()
            .any(|text| text.chars().count() > MAX_NAME)
        {
            return Err(Fault::invalid(
                "invalid_profile",
                "A field of the profile is longer than 255 characters",
            ));
        }
        // It will stand in the head of a mail.
        if fields
            .into_iter()
            .flatten()
            .any(|text| text.chars().any(char::is_control))
        {
            return Err(Fault::invalid(
                "invalid_profile",
                "A field of the profile has a control character in it",
            ));
        }
        match &self.email {
            Some(email) if !is_an_address(email) => Err(Fault::invalid(
                "invalid_email",
                format!("{email} is no email address"),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// One name of the two; core knows one.
    fn name(&self) -> Option<String> {
        let parts = [&self.given_name, &self.surname];
        let parts: Vec<&str> = parts
            .into_iter()
            .flatten()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn of(name: Option<&str>, email: Option<String>, locale: String) -> Self {
        let (given_name, surname) = match name.map(|name| name.split_once(' ').unwrap_or((name, ""))) {
            None => (None, None),
            Some((given, "")) => (Some(given.to_owned()), None),
            Some((given, surname)) => (Some(given.to_owned()), Some(surname.to_owned())),
        };
        Self {
            given_name,
            surname,
            email,
            locale: Some(locale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_or_two() {
        let profile: Profile = serde_json::from_str(r#"{"givenName":"Ada","surname":"Lovelace"}"#).unwrap();
        assert_eq!(profile.name().as_deref(), Some("Ada Lovelace"));
        let back = Profile::of(profile.name().as_deref(), None, "en".to_owned());
        assert_eq!(
            (back.given_name.as_deref(), back.surname.as_deref()),
            (Some("Ada"), Some("Lovelace"))
        );
        assert_eq!(Profile::default().name(), None);
    }

    #[test]
    fn an_address_is_one() {
        let check = |email: &str| {
            Profile {
                email: Some(email.to_owned()),
                ..Profile::default()
            }
            .check()
        };
        assert!(check("ada@example.net").is_ok());
        for bad in ["ada", "@x", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
