//! Which columns stand beside each other on a narrow terminal, and how wide they are.

use crate::sheet::{Cell, Sheet};

/// Spaces between two columns.
pub(super) const BETWEEN: u16 = 2;

/// Words are not wrapped into columns narrower than this.
const NARROWEST: u16 = 20;

/// Short words are neither, not even where nothing else fits.
const WORD: u16 = 12;

/// How wide each column would be, and how wide it has to be.
pub(super) struct Layout {
    /// Width of the longest cell.
    natural: Vec<u16>,
    /// The least width at which nothing is torn apart.
    least: Vec<u16>,
}

impl Layout {
    /// Of a sheet, and the widths of its longest cells.
    pub(super) fn new(sheet: &Sheet, natural: Vec<u16>) -> Layout {
        let least = natural.iter().enumerate().map(|(index, width)| {
            let mut cells = sheet.rows.iter().filter_map(|row| row.get(index));
            let wraps = cells.any(|cell| matches!(cell, Cell::Text(_) | Cell::List(_)));
            if wraps { NARROWEST.min(*width) } else { *width }
        });
        Layout {
            least: least.collect(),
            natural,
        }
    }

    /// Groups of columns that fit the width, each with all the key columns.
    pub(super) fn fold(&self, keys: &[usize], width: u16) -> Vec<Vec<usize>> {
        let mut folds = Vec::new();
        let mut fold = keys.to_vec();
        for index in (0..self.least.len()).filter(|index| !keys.contains(index)) {
            fold.push(index);
            if fold.len() > keys.len() + 1 && self.needs(&fold) > u32::from(width) {
                fold.pop();
                folds.push(std::mem::replace(&mut fold, keys.to_vec()));
                fold.push(index);
            }
        }
        folds.push(fold);
        // In the order of the sheet, wherever the keys stand.
        folds.iter_mut().for_each(|fold| fold.sort_unstable());
        folds
    }

    /// Columns of the terminal that these columns need at least.
    fn needs(&self, fold: &[usize]) -> u32 {
        total(self.pick(&self.least, fold).as_slice())
    }

    fn pick(&self, widths: &[u16], fold: &[usize]) -> Vec<u16> {
        let picked = fold.iter().filter_map(|index| widths.get(*index));
        picked.copied().collect()
    }

    /// How wide each of these columns is to be; none where they cannot fit.
    pub(super) fn widths(&self, fold: &[usize], width: u16) -> Option<Vec<u16>> {
        let natural = self.pick(&self.natural, fold);
        let mut widths = self.pick(&self.least, fold);
        if total(&widths) > u32::from(width) {
            widths = natural.iter().map(|width| WORD.min(*width)).collect();
        }
        let mut left = u32::from(width).checked_sub(total(&widths))?;
        // What is left goes to the columns that want more, the same to each.
        loop {
            let wanting = natural.iter().zip(&widths).filter(|(want, has)| want > has);
            let wanting = u32::try_from(wanting.count()).unwrap_or(u32::MAX);
            if wanting == 0 || left == 0 {
                return Some(widths);
            }
            let share = u16::try_from(left / wanting).unwrap_or(u16::MAX).max(1);
            for (has, want) in widths.iter_mut().zip(&natural) {
                let more = want.saturating_sub(*has).min(share);
                let more = more.min(u16::try_from(left).unwrap_or(u16::MAX));
                *has += more;
                left -= u32::from(more);
            }
        }
    }
}

/// Columns of the terminal, with the gaps between.
fn total(widths: &[u16]) -> u32 {
    let gaps = widths.len().saturating_sub(1) * usize::from(BETWEEN);
    widths.iter().map(|width| u32::from(*width)).sum::<u32>() + u32::try_from(gaps).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(natural: &[u16], least: &[u16]) -> Layout {
        Layout {
            natural: natural.to_vec(),
            least: least.to_vec(),
        }
    }

    #[test]
    fn every_block_has_all_keys_in_the_order_of_the_sheet() {
        let layout = layout(&[5; 6], &[5; 6]);
        let folds = layout.fold(&[0, 3], 26);
        assert_eq!(folds, [vec![0, 1, 2, 3], vec![0, 3, 4, 5]]);
        assert_eq!(layout.fold(&[0], 100), [[0, 1, 2, 3, 4, 5]]);
    }

    #[test]
    fn what_is_left_goes_to_those_that_want_it() {
        let layout = layout(&[40, 90, 5], &[20, 20, 5]);
        assert_eq!(layout.widths(&[0, 1, 2], 100), Some(vec![40, 51, 5]));
        assert_eq!(layout.widths(&[0, 1, 2], 49), Some(vec![20, 20, 5]));
        assert_eq!(layout.widths(&[0, 1, 2], 40), Some(vec![16, 15, 5]));
        assert_eq!(layout.widths(&[0, 1, 2], 20), None);
    }
}
