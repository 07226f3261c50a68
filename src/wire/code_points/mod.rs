//! The numbers of code points that drafts leave open: this program's own, or those that the user
//! gives. Knows no protocol beyond the numbers.

mod file;
mod rows;
mod setting;
#[cfg(test)]
mod tests;

pub use rows::{CodePoint, Row};
pub use setting::Setting;

use std::fmt;

/// A table of code points: names and numbers are unique within it. Its name is that of the table in
/// a file of code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// TLVs of an Initiation message.
    Initiation,
    /// Sub-TLVs of the Default Behavior Parameters TLV.
    DefaultBehavior,
    /// BMP message types.
    MessageTypes,
    /// TLVs of the three RPKI messages.
    Rpki,
    /// Statistics types.
    Statistics,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 5] = [
        Table::Initiation,
        Table::DefaultBehavior,
        Table::MessageTypes,
        Table::Rpki,
        Table::Statistics,
    ];

    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Table::Initiation => "initiation",
            Table::DefaultBehavior => "default-behavior",
            Table::MessageTypes => "message-types",
            Table::Rpki => "rpki",
            Table::Statistics => "statistics",
        }
    }

    /// Its code points, in the order of the drafts.
    pub fn code_points(self) -> impl Iterator<Item = CodePoint> {
        let all = CodePoint::ALL.iter().copied();
        all.filter(move |code_point| code_point.table() == self)
    }

    /// What its numbers are.
    fn kind(self) -> &'static str {
        match self {
            Table::Initiation => "an Information Type",
            Table::DefaultBehavior => "a sub-TLV type",
            Table::MessageTypes => "a message type",
            Table::Rpki => "a TLV type",
            Table::Statistics => "a statistics type",
        }
    }

    /// The numbers that a code point may have.
    fn range(self) -> std::ops::RangeInclusive<u16> {
        match self {
            // 0 to 6 are those of RFC 7854.
            Table::MessageTypes => 7..=255,
            _ => 0..=u16::MAX,
        }
    }

    /// Whether a type may be one of an enterprise (draft-ietf-grow-bmp-tlv, E-bit).
    fn has_enterprises(self) -> bool {
        !matches!(self, Table::DefaultBehavior | Table::MessageTypes)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.name())
    }
}

/// The number of a code point as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Number {
    /// One of the registry.
    Plain(u16),
    /// One of an enterprise: the E-bit is set, and the enterprise's number begins the value
    /// (draft-ietf-grow-bmp-tlv).
    Enterprise {
        /// Private Enterprise Number.
        enterprise: u32,
        /// The 15 bits behind the E-bit.
        number: u16,
    },
}

impl Number {
    /// The greatest type that leaves bit 15, the E-bit, alone.
    pub const MAX_WITH_E_BIT: u16 = 0x7fff;

    /// Whether a type field whose top bit is the E-bit can hold it.
    fn fits_with_e_bit(self) -> bool {
        match self {
            Number::Plain(number) => number <= Number::MAX_WITH_E_BIT,
            Number::Enterprise { .. } => true,
        }
    }
}

/// `65531`, or `32473/1` for number 1 of enterprise 32473.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Plain(number) => write!(f, "{number}"),
            Number::Enterprise { enterprise, number } => write!(f, "{enterprise}/{number}"),
        }
    }
}

/// Every code point with its number, in version 3 and in version 4 of BMP. No two of one table
/// have the same number. The default is this program's own numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePoints {
    version_3: Numbers,
    version_4: Numbers,
}

impl Default for CodePoints {
    fn default() -> CodePoints {
        CodePoints {
            version_3: Numbers::of(3, &[]),
            version_4: Numbers::of(4, &[]),
        }
    }
}

impl CodePoints {
    /// The numbers with settings; of two for one code point the later one counts. An error names
    /// the place of the setting that gives a code point the number of another.
    pub fn with(settings: &[Setting]) -> Result<CodePoints, String> {
        let code_points = CodePoints {
            version_3: Numbers::of(3, settings),
            version_4: Numbers::of(4, settings),
        };
        for numbers in [&code_points.version_3, &code_points.version_4] {
            if let Some((number, sharing)) = numbers.shared() {
                return Err(setting::shared(settings, number, sharing));
            }
        }
        Ok(code_points)
    }

    /// The number of a code point in this version of BMP.
    pub fn number(&self, code_point: CodePoint, version: u8) -> Number {
        let mut rows = self.version(version).rows.iter();
        let own = rows.find(|(_, _, other)| *other == code_point);
        own.map_or(code_point.row().number(version), |(_, number, _)| *number)
    }

    /// The message type with this number, if it is one of a draft.
    pub fn message_type(&self, number: u8) -> Option<CodePoint> {
        let number = Number::Plain(u16::from(number));
        self.version_3.find(Table::MessageTypes, number)
    }

    /// The number of a message type of a draft; none for what is no message type.
    pub fn message_type_number(&self, code_point: CodePoint) -> Option<u8> {
        let is_type = code_point.table() == Table::MessageTypes;
        match self.number(code_point, 3) {
            Number::Plain(number) if is_type => u8::try_from(number).ok(),
            _ => None,
        }
    }

    /// The TLV of an Initiation message of this version of BMP.
    pub fn initiation(&self, version: u8, number: Number) -> Option<CodePoint> {
        self.version(version).find(Table::Initiation, number)
    }

    /// The sub-TLV of a Default Behavior Parameters TLV.
    pub fn default_behavior(&self, number: u16) -> Option<CodePoint> {
        let number = Number::Plain(number);
        self.version_3.find(Table::DefaultBehavior, number)
    }

    /// The TLV of an RPKI message; both versions of BMP are read alike.
    pub fn rpki(&self, number: Number) -> Option<CodePoint> {
        self.version_4.find(Table::Rpki, number)
    }

    /// The statistic in a Statistics Report of this version of BMP.
    pub fn statistic(&self, version: u8, number: Number) -> Option<CodePoint> {
        self.version(version).find(Table::Statistics, number)
    }

    fn version(&self, version: u8) -> &Numbers {
        match version {
            0..=3 => &self.version_3,
            4.. => &self.version_4,
        }
    }
}

/// The numbers in one version of BMP, by table and number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Numbers {
    rows: Vec<(Table, Number, CodePoint)>,
}

impl Numbers {
    fn of(version: u8, settings: &[Setting]) -> Numbers {
        let row = |code_point: &CodePoint| {
            let number = number_of(*code_point, version, settings);
            (code_point.table(), number, *code_point)
        };
        let mut rows: Vec<_> = CodePoint::ALL.iter().map(row).collect();
        rows.sort_unstable();
        Numbers { rows }
    }

    fn find(&self, table: Table, number: Number) -> Option<CodePoint> {
        let key = |row: &(Table, Number, CodePoint)| (row.0, row.1);
        let index = self.rows.binary_search_by_key(&(table, number), key).ok()?;
        self.rows.get(index).map(|row| row.2)
    }

    /// The first number that two code points of a table share.
    fn shared(&self) -> Option<(Number, [CodePoint; 2])> {
        self.rows.windows(2).find_map(|pair| match pair {
            [one, two] if (one.0, one.1) == (two.0, two.1) => Some((one.1, [one.2, two.2])),
            _ => None,
        })
    }
}

/// What was set, or the default where nothing was, or nothing that this version can have: in
/// version 3 the top bit is part of the number, in version 4 it is the E-bit.
fn number_of(code_point: CodePoint, version: u8, settings: &[Setting]) -> Number {
    let row = code_point.row();
    let default = row.number(version);
    let Some(setting) = setting::last(settings, code_point) else {
        return default;
    };
    // Only a code point with two defaults differs between the versions.
    let can_be = match (row.version_4, version) {
        (None, _) => true,
        (Some(_), 0..=3) => matches!(setting.number, Number::Plain(_)),
        (Some(_), 4..) => setting.number.fits_with_e_bit(),
    };
    if can_be { setting.number } else { default }
}
