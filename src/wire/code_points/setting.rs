//! A number that the user gives to a code point, with the place where it was given.

use super::{CodePoint, Number, Table};

/// A number for a code point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The code point.
    pub code_point: CodePoint,
    /// Its number.
    pub number: Number,
    /// Where it was given, for errors: a line of a file, or an option.
    pub place: String,
}

impl Setting {
    /// Reads `NAME=NUMBER` or `NAME=ENTERPRISE/NUMBER`, decimal or hex (`0x..`), given at `place`.
    /// An error does not name the place.
    pub fn parse(text: &str, place: &str) -> Result<Setting, String> {
        let Some((name, number)) = text.split_once('=') else {
            return Err("expected NAME=NUMBER or NAME=ENTERPRISE/NUMBER".to_owned());
        };
        let code_point = CodePoint::named(name).ok_or_else(|| unknown(name))?;
        let written = Written::parse(number).ok_or_else(|| {
            format!("'{number}' is neither a number (300, 0x12c) nor ENTERPRISE/NUMBER (2011/3)")
        })?;
        Ok(Setting {
            code_point,
            number: written.number_of(code_point)?,
            place: place.to_owned(),
        })
    }

    /// Reads a file of code points, from its text: TOML with a table for each [`Table`]. An error
    /// begins with `path` and the line.
    pub fn read(text: &str, path: &str) -> Result<Vec<Setting>, String> {
        super::file::read(text, path)
    }
}

/// The setting of a code point that counts: the last one.
pub(super) fn last(settings: &[Setting], code_point: CodePoint) -> Option<&Setting> {
    let mut settings = settings.iter().rev();
    settings.find(|setting| setting.code_point == code_point)
}

/// What to say of two code points that share a number: it is the later setting's doing.
pub(super) fn shared(settings: &[Setting], number: Number, sharing: [CodePoint; 2]) -> String {
    let counts = |setting: &&Setting| last(settings, setting.code_point) == Some(setting);
    let mut later = settings.iter().rev().filter(counts);
    let culprit = later.find(|setting| sharing.contains(&setting.code_point));
    let [one, two] = sharing;
    let text = format!(
        "{} and {} would share the number {number}",
        one.name(),
        two.name()
    );
    // The defaults are all different, so one of the two was set.
    culprit.map_or(text.clone(), |setting| format!("{}: {text}", setting.place))
}

/// A number as written, before anyone knows whether it is in range.
pub(super) enum Written {
    /// A number.
    Plain(Digits),
    /// The number of an enterprise, and a number of its own.
    Enterprise(Digits, Digits),
}

/// Digits with their value; none where it is far out of any range.
pub(super) struct Digits {
    /// As written.
    pub(super) text: String,
    /// Their value.
    pub(super) value: Option<u64>,
}

impl Written {
    fn parse(text: &str) -> Option<Written> {
        match text.split_once('/') {
            None => Digits::parse(text).map(Written::Plain),
            Some((enterprise, number)) => Some(Written::Enterprise(
                Digits::parse(enterprise)?,
                Digits::parse(number)?,
            )),
        }
    }

    /// The number, if the code point may have it.
    pub(super) fn number_of(&self, code_point: CodePoint) -> Result<Number, String> {
        let (name, table) = (code_point.name(), code_point.table());
        match self {
            Written::Plain(digits) => {
                let (low, high) = table.range().into_inner();
                digits
                    .within(low, high)
                    .map(Number::Plain)
                    .ok_or_else(|| out_of_range(name, table, digits))
            }
            Written::Enterprise(..) if !table.has_enterprises() => {
                let kind = table.kind();
                Err(format!(
                    "{name}: {kind} is a plain number, not one of an enterprise"
                ))
            }
            Written::Enterprise(enterprise, number) => of_enterprise(name, enterprise, number),
        }
    }
}

impl Digits {
    fn parse(text: &str) -> Option<Digits> {
        let (digits, radix) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
            Some(digits) => (digits, 16),
            None => (text, 10),
        };
        // Not even a sign.
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
            return None;
        }
        Some(Digits {
            text: text.to_owned(),
            value: u64::from_str_radix(digits, radix).ok(),
        })
    }

    fn within<T: TryFrom<u64> + PartialOrd>(&self, low: T, high: T) -> Option<T> {
        let value = T::try_from(self.value?).ok()?;
        (low <= value && value <= high).then_some(value)
    }
}

fn out_of_range(name: &str, table: Table, digits: &Digits) -> String {
    let (low, high) = table.range().into_inner();
    let (text, kind) = (&digits.text, table.kind());
    format!("{name}: {text} is out of range: {kind} is a number from {low} to {high}")
}

fn of_enterprise(name: &str, enterprise: &Digits, number: &Digits) -> Result<Number, String> {
    let refuse = |what: &str, digits: &Digits, high: u32| {
        let text = &digits.text;
        format!("{name}: {text} is out of range: {what} is a number from 0 to {high}")
    };
    let high = Number::MAX_WITH_E_BIT;
    Ok(Number::Enterprise {
        enterprise: enterprise
            .within(0, u32::MAX)
            .ok_or_else(|| refuse("an enterprise", enterprise, u32::MAX))?,
        number: number
            .within(0, high)
            .ok_or_else(|| refuse("the type of an enterprise", number, high.into()))?,
    })
}

/// No code point has this name: those that there are, by table.
fn unknown(name: &str) -> String {
    let mut text = format!("no code point '{name}', but:");
    for table in Table::ALL {
        text += &format!("\n  {table} {}", names(table));
    }
    text
}

/// The names of a table's code points.
pub(super) fn names(table: Table) -> String {
    let names: Vec<_> = table.code_points().map(CodePoint::name).collect();
    names.join(", ")
}
