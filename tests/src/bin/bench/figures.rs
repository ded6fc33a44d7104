//! Figures, their floors, and how they are printed.

use std::time::Duration;

/// A bench's figures.
pub(crate) struct Table {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    is: String,
    floor: Option<(String, bool)>,
}

impl Table {
    pub(crate) const fn new(title: &'static str) -> Self {
        Self {
            title,
            rows: Vec::new(),
        }
    }

    /// A figure.
    pub(crate) fn row(&mut self, what: impl Into<String>, is: impl Into<String>) {
        self.rows.push(Row {
            what: what.into(),
            is: is.into(),
            floor: None,
        });
    }

    /// A figure with a floor; `held` says whether it holds.
    pub(crate) fn floored(
        &mut self,
        what: impl Into<String>,
        is: impl Into<String>,
        floor: impl Into<String>,
        held: bool,
    ) {
        self.rows.push(Row {
            what: what.into(),
            is: is.into(),
            floor: Some((floor.into(), held)),
        });
    }

    /// What lies below its floor.
    pub(crate) fn below_floor(&self) -> Vec<String> {
        self.rows
            .iter()
            .filter_map(|row| match &row.floor {
                Some((floor, false)) => Some(format!("{}: {} (floor {floor})", row.what, row.is)),
                Some((_, true)) | None => None,
            })
            .collect()
    }

    #[expect(clippy::print_stdout, reason = "the figures are what a bench is run for")]
    pub(crate) fn print(&self) {
        println!("\n{}", self.title);
        for row in &self.rows {
            let floor = match &row.floor {
                Some((floor, true)) => format!("  floor {floor}"),
                Some((floor, false)) => format!("  BELOW floor {floor}"),
                None => String::new(),
            };
            println!("  {:<58} {:>16}{floor}", row.what, row.is);
        }
    }
}

/// Durations, to be asked for their percentiles.
#[derive(Default)]
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn add(&mut self, one: Duration) {
        self.0.push(one);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The duration that `percent` of them do not exceed.
    pub(crate) fn percentile(&mut self, percent: usize) -> Duration {
        self.0.sort_unstable();
        let at = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(at).copied().unwrap_or_default()
    }
}

pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}
