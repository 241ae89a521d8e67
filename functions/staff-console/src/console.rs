//! What the routes work with, and the numbers they ask for.

use std::future::Future;
use std::sync::Arc;

use bootstrap::{ReadSettings, chain};
use domain::DepartmentCode;
use domain::ports::Clock;
use domain::settings::Settings;
use domain::statistics::{Counts, Line};
use futures_util::future::try_join_all;
use jiff::civil::{Date, date};
use store::{Error, Table};
use tongji_http::Problem;

use crate::query::Wanted;

/// Reads the numbers that are kept.
pub trait ReadNumbers: Send + Sync + 'static {
    /// As [`Table::statistics`].
    fn statistics(
        &self,
        department: &DepartmentCode,
        from: Date,
        to: Date,
    ) -> impl Future<Output = Result<Vec<(Line, Counts)>, Error>> + Send;
}

impl ReadNumbers for Table {
    async fn statistics(
        &self,
        department: &DepartmentCode,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Line, Counts)>, Error> {
        Self::statistics(self, department, from, to).await
    }
}

/// What the routes work with.
pub struct Console<N, S> {
    /// The numbers.
    pub numbers: N,
    /// The office's settings.
    pub settings: S,
    /// The time.
    pub clock: Box<dyn Clock>,
}

impl<N, S> std::fmt::Debug for Console<N, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl<N: ReadNumbers, S: ReadSettings> Console<N, S> {
    pub(crate) async fn settings(&self) -> Result<Arc<Settings>, Problem> {
        self.settings.current().await.map_err(|error| unavailable(&error))
    }

    /// The lines of these days and departments, each department's year in a query of its own, all at once.
    pub(crate) async fn lines(&self, wanted: &Wanted) -> Result<Vec<(Line, Counts)>, Problem> {
        let years = wanted.from.year()..=wanted.to.year();
        let parts = wanted.departments.iter().flat_map(|department| {
            years.clone().map(|year| {
                let (from, to) = (wanted.from.max(date(year, 1, 1)), wanted.to.min(date(year, 12, 31)));
                self.numbers.statistics(department, from, to)
            })
        });
        let parts = try_join_all(parts).await.map_err(|error| unavailable(&error))?;
        Ok(parts.into_iter().flatten().collect())
    }
}

/// Logs an error of ours, once, and tells the caller to try again.
pub(crate) fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = chain(error), "a request failed");
    Problem::unavailable()
}
