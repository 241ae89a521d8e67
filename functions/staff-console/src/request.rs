//! Requests that do what they do once, under the client's idempotency key.

use std::future::Future;

use domain::Caller;
use sha2::{Digest, Sha256};
use store::{Answered, Error, Once, Table};
use tongji_http::{Fault, Problem};

use crate::console::unavailable;

/// Remembers what was answered.
pub trait RememberAnswers {
    /// As [`Table::answered`].
    fn answered(
        &self,
        scope: &str,
        key: &str,
        request_hash: &str,
    ) -> impl Future<Output = Result<Option<Answered>, Error>> + Send;
}

impl RememberAnswers for Table {
    async fn answered(&self, scope: &str, key: &str, request_hash: &str) -> Result<Option<Answered>, Error> {
        Self::answered(self, scope, key, request_hash).await
    }
}

/// A request under its key.
pub(crate) struct Request {
    scope: String,
    key: String,
    hash: String,
}

impl Request {
    /// The same key on another notice is another request.
    pub(crate) fn of(what: &str, caller: &Caller, notice: &str, key: String, body: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(notice).chain_update([0_u8]).chain_update(body).finalize();
        Self { scope: format!("{what}#{}", caller.client), key, hash: hex::encode(hash) }
    }

    pub(crate) fn once(&self, answer: String) -> Once {
        Once { scope: self.scope.clone(), key: self.key.clone(), request_hash: self.hash.clone(), answer }
    }

    /// What it was answered before.
    pub(crate) async fn earlier(&self, table: &impl RememberAnswers) -> Result<Option<String>, Problem> {
        let earlier = table.answered(&self.scope, &self.key, &self.hash).await;
        match earlier.map_err(|error| unavailable(&error))? {
            None => Ok(None),
            Some(Answered::Before(answer)) => Ok(Some(answer)),
            Some(Answered::KeyReused) => {
                let fault = Fault::header("Idempotency-Key", "came before with another body, or for another notice");
                Err(Problem::unprocessable(vec![fault]))
            }
        }
    }
}
