//! What a peer's OPENs agreed on, as far as it changes how UPDATEs are written.

use crate::net::Family;
use std::sync::Arc;

/// How the UPDATEs of one peer, in one direction, are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// AS numbers in AS_PATH and AGGREGATOR have four octets (RFC 6793 4.1), not two.
    pub four_octet_as: bool,
    /// The families whose NLRI carry a path identifier.
    pub add_path: AddPath,
}

impl Default for Context {
    /// What BMP mostly carries: four octets (RFC 7854 4.2, A flag clear), no path identifiers.
    fn default() -> Context {
        Context {
            four_octet_as: true,
            add_path: AddPath::default(),
        }
    }
}

/// The families whose NLRI carry a path identifier (RFC 7911 3). Cheap to ask and to clone: the
/// families that are used are bits, any others a shared list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddPath {
    common: u32,
    /// Sorted, without repetition.
    others: Option<Arc<[Family]>>,
}

impl AddPath {
    /// NLRI of this family carry a path identifier.
    #[inline]
    pub fn contains(&self, family: Family) -> bool {
        // Most sessions have none at all.
        if self.common == 0 && self.others.is_none() {
            return false;
        }
        match bit(family) {
            Some(bit) => self.common & bit != 0,
            None => self.others.iter().any(|others| others.contains(&family)),
        }
    }

    /// The NLRI of every family that is in use carry one.
    pub fn everywhere() -> AddPath {
        COMMON.into_iter().collect()
    }

    /// No NLRI carries a path identifier.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.common == 0 && self.others.is_none()
    }

    /// The same families but for one, which is in if it was not, and out if it was.
    pub fn toggled(&self, family: Family) -> AddPath {
        let others = self.iter().filter(|known| *known != family);
        let added = (!self.contains(family)).then_some(family);
        others.chain(added).collect()
    }

    /// The families, common ones first.
    pub fn iter(&self) -> impl Iterator<Item = Family> + '_ {
        let common = COMMON
            .iter()
            .zip(0u32..)
            .filter(|(_, place)| self.common >> place & 1 != 0)
            .map(|(family, _)| *family);
        common.chain(self.others.iter().flat_map(|others| others.iter().copied()))
    }
}

impl FromIterator<Family> for AddPath {
    fn from_iter<I: IntoIterator<Item = Family>>(families: I) -> AddPath {
        let mut common = 0;
        let mut others = Vec::new();
        for family in families {
            match bit(family) {
                Some(bit) => common |= bit,
                None => others.push(family),
            }
        }
        others.sort_unstable();
        others.dedup();
        let others = (!others.is_empty()).then(|| others.into());
        AddPath { common, others }
    }
}

#[inline]
fn bit(family: Family) -> Option<u32> {
    // Found without a search, because every UPDATE asks.
    let safi_place = match family.safi {
        1 => 0,
        2 => 1,
        4 => 2,
        128 => 3,
        129 => 4,
        133 => 5,
        134 => 6,
        132 => 7,
        _ => return None,
    };
    match family.afi {
        1 => Some(1 << safi_place),
        2 => Some(1 << (8 + safi_place)),
        _ => None,
    }
}

/// The family of each bit, from the lowest.
const COMMON: [Family; 16] = [
    Family::new(1, 1),
    Family::new(1, 2),
    Family::new(1, 4),
    Family::new(1, 128),
    Family::new(1, 129),
    Family::new(1, 133),
    Family::new(1, 134),
    Family::new(1, 132),
    Family::new(2, 1),
    Family::new(2, 2),
    Family::new(2, 4),
    Family::new(2, 128),
    Family::new(2, 129),
    Family::new(2, 133),
    Family::new(2, 134),
    Family::new(2, 132),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_that_was_put_in_is_contained_and_no_other() {
        let mut candidates = COMMON.to_vec();
        candidates.extend([(25, 70), (16388, 71), (1, 85), (9, 1)].map(|(a, s)| Family::new(a, s)));
        for inside in &candidates {
            let set: AddPath = [*inside, *inside].into_iter().collect();
            for family in &candidates {
                assert_eq!(set.contains(*family), family == inside);
            }
            assert_eq!(set.iter().collect::<Vec<_>>(), [*inside]);
        }
        let all: AddPath = candidates.iter().copied().collect();
        assert_eq!(all.iter().count(), candidates.len());
        assert!(candidates.iter().all(|family| all.contains(*family)));
        assert!(!all.is_empty());
        assert!(AddPath::default().is_empty());
    }

    #[test]
    fn equal_sets_are_equal_whatever_the_order() {
        let (a, b) = (Family::new(25, 70), Family::new(16388, 71));
        let set = |families: [Family; 2]| families.into_iter().collect::<AddPath>();
        assert_eq!(set([a, b]), set([b, a]));
    }
}
