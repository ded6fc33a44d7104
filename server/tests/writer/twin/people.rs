//! The comparison of people: who is who by which secret (R47), and who was erased (SECURITY 27).

use causerie_proof::twin::{Device, Identity, Standing};
use causerie_server::store;
use sqlx::Connection;

use super::both::Both;
use super::rows::{blob, int};
use super::to_server::identity;

/// One end user, as its columns say.
type Person = (
    Vec<u8>,
    i64,
    Option<Vec<u8>>,
    Option<String>,
    Option<String>,
    Option<String>,
    bool,
    String,
    Option<i64>,
);

/// A secret that opens nothing: its site, its hash, whose it was, who logged in, when.
type RetiredColumns = (i64, Vec<u8>, Option<Vec<u8>>, Vec<u8>, i64);

/// An erasure: of whom, with whom, when, of how many entries and tickets.
type ErasureColumns = (Vec<u8>, Vec<u8>, i64, i64, i64);

impl Both {
    /// Whom each secret opens what for, all end users, and what is remembered of those who were erased (R47).
    pub(super) async fn people_are_equal(&self) {
        let rows = &self.rows;
        for site in self.sites {
            for secret in 1..=self.last_secret {
                let who = Identity {
                    site,
                    secret_hash: [secret; 32],
                    locale: String::new(),
                };
                let standing = match Standing::of(rows, site, who.secret_hash) {
                    Standing::Anonymous => store::Standing::Anonymous,
                    Standing::Device(Device { end_user, until }) => {
                        store::Standing::Device { end_user, until }
                    }
                    Standing::Retired => store::Standing::Retired,
                };
                let asked = identity(&who);
                let store = &self.house.store;
                assert_eq!(store.standing(&asked).await.unwrap(), standing, "{who:?}");
                let current = store.thread_of(&asked).await.unwrap().map(|head| head.thread);
                assert_eq!(current, rows.thread_of(site, who.secret_hash), "{who:?}");
            }
        }
        let mut db = self.reads().await;
        let people: Vec<Person> = sqlx::query_as(
            "SELECT id, site, secret_hash, external_id, name, email, email_verified, locale, erased_at FROM end_user \
             ORDER BY id",
        )
        .fetch_all(&mut db)
        .await
        .unwrap();
        let expected: Vec<Person> = rows
            .end_users
            .iter()
            .map(|(id, it)| {
                (
                    blob(id.0),
                    it.site.0,
                    it.secret_hash.map(|hash| hash.to_vec()),
                    it.end_user.external_id.clone(),
                    it.end_user.name.clone(),
                    it.end_user.email.clone(),
                    it.end_user.email_verified,
                    it.end_user.locale.clone(),
                    it.end_user.erased.then(|| rows.erasures[id].at.0),
                )
            })
            .collect();
        assert_eq!(people, expected, "every end user's columns");

        let retired: Vec<RetiredColumns> = sqlx::query_as(
            "SELECT site, secret_hash, end_user, person, retired_at FROM retired_secret ORDER BY site, secret_hash",
        )
        .fetch_all(&mut db)
        .await
        .unwrap();
        let expected: Vec<_> = rows
            .retired
            .iter()
            .map(|((site, hash), it)| {
                let was = it.end_user.map(|was| blob(was.0));
                (site.0, hash.to_vec(), was, blob(it.person.0), it.at.0)
            })
            .collect();
        assert_eq!(retired, expected, "the secrets that open nothing");

        let erasures: Vec<ErasureColumns> =
            sqlx::query_as("SELECT end_user, person, at, messages, tickets FROM erasure ORDER BY end_user")
                .fetch_all(&mut db)
                .await
                .unwrap();
        let expected: Vec<_> = rows
            .erasures
            .iter()
            .map(|(id, it)| {
                let (messages, tickets) = (int(it.messages), int(it.tickets));
                (blob(id.0), blob(it.person.0), it.at.0, messages, tickets)
            })
            .collect();
        assert_eq!(erasures, expected, "what is remembered of erasures");

        let threads: Vec<(Vec<u8>, Vec<u8>, bool)> =
            sqlx::query_as("SELECT id, end_user, current FROM chat_thread ORDER BY id")
                .fetch_all(&mut db)
                .await
                .unwrap();
        let expected: Vec<_> = rows
            .threads
            .iter()
            .map(|(id, it)| (blob(id.0), blob(it.end_user.0), it.current))
            .collect();
        assert_eq!(threads, expected, "whose each chat thread is");
        db.close().await.unwrap();
    }
}
