//! Times as both APIs write them: ISO 8601 in UTC.

use causerie_core::Timestamp;

const SECOND: i64 = 1000;
const DAY: i64 = 24 * 60 * 60 * SECOND;

/// To the second: `2026-03-01T09:30:00Z`.
#[must_use]
pub fn seconds(at: Timestamp) -> String {
    format!("{}Z", to_the_second(at))
}

/// To the millisecond: `2026-03-01T09:30:00.250Z`.
#[must_use]
pub fn millis(at: Timestamp) -> String {
    format!("{}.{:03}Z", to_the_second(at), at.0.rem_euclid(SECOND))
}

fn to_the_second(at: Timestamp) -> String {
    let (year, month, day) = civil(at.0.div_euclid(DAY));
    let second = at.0.rem_euclid(DAY) / SECOND;
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}",
        second % 60
    )
}

/// The date of a day, counted from 1970-01-01. Years are taken to begin in March, so that the leap day comes last,
/// in eras of 400 years, which are all of one length.
const fn civil(day: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(seconds(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(seconds(Timestamp(1_709_210_096_789)), "2024-02-29T12:34:56Z");
        assert_eq!(millis(Timestamp(1_709_210_096_007)), "2024-02-29T12:34:56.007Z");
        assert_eq!(seconds(Timestamp(951_782_400_000)), "2000-02-29T00:00:00Z");
        assert_eq!(seconds(Timestamp(4_107_542_400_000)), "2100-03-01T00:00:00Z");
        assert_eq!(millis(Timestamp(-1)), "1969-12-31T23:59:59.999Z");
    }
}
