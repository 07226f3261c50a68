//! The fast count of routes against the full view of the same UPDATE: every BGP UPDATE that can be
//! found in the bytes of every capture, whatever carries it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use bmpscope::bgp::nlri::Destination;
use bmpscope::bgp::update::{RouteCounts, count};
use bmpscope::bgp::{Context, Nlri, Update};
use bmpscope::net::Family;
use bmpscope::wire::{Cursor, DecodeError};
use support::places;

/// How often which side was met.
#[derive(Debug, Default)]
struct Met {
    updates: u64,
    routes: u64,
    wrong: u64,
}

#[test]
fn counting_agrees_with_looking_over_every_capture() {
    let with_path_ids = [(1, 1), (2, 1), (1, 128), (25, 70)];
    let families = with_path_ids.map(|(afi, safi)| Family::new(afi, safi));
    let contexts = [true, false].map(|has_path_ids| Context {
        four_octet_as: true,
        add_path: families.into_iter().filter(|_| has_path_ids).collect(),
    });
    let mut met = Met::default();
    for capture in places::testdata_captures() {
        let bytes = std::fs::read(&capture).unwrap();
        for pdu in updates(&bytes) {
            for context in &contexts {
                agree(pdu, context, &mut met);
            }
        }
    }
    assert!(met.updates > 10_000 && met.routes > 10_000, "{met:?}");
    assert!(
        met.wrong > 100,
        "the wrong context has to be met, too: {met:?}"
    );
}

/// Everything that begins like an UPDATE: a marker, a length that is there, the type.
fn updates(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const MARKER: [u8; 16] = [0xff; 16];
    (0..bytes.len()).filter_map(move |start| {
        let rest = &bytes[start..];
        let head = rest
            .first_chunk::<19>()
            .filter(|head| head.starts_with(&MARKER))?;
        let length = usize::from(u16::from_be_bytes([head[16], head[17]]));
        let is_update = head[18] == 2 && length >= 23;
        rest.get(..length).filter(|_| is_update)
    })
}

fn agree(pdu: &[u8], context: &Context, met: &mut Met) {
    let counted = count(pdu, context);
    met.updates += 1;
    let Ok(update) = Update::decode(&mut Cursor::new(pdu), context) else {
        assert!(counted.is_err());
        met.wrong += 1;
        return;
    };
    let errors: Vec<DecodeError> = update.errors().collect();
    match counted {
        Ok(counts) => {
            assert_eq!(errors, [], "{}", hex(pdu));
            same(&counts, &update, pdu);
            met.routes += counts.announced + counts.withdrawn;
        }
        Err(error) => {
            assert!(errors.contains(&error), "{error}: {errors:?} {}", hex(pdu));
            met.wrong += 1;
        }
    }
}

fn same(counts: &RouteCounts, update: &Update<'_>, pdu: &[u8]) {
    let is_route = |nlri: &Nlri<'_>| !matches!(nlri.destination, Destination::Opaque(_));
    let announced = update.announced().flatten().filter(is_route).count();
    let withdrawn = update.withdrawn().flatten().filter(is_route).count();
    let expected = (announced as u64, withdrawn as u64, update.end_of_rib());
    let found = (counts.announced, counts.withdrawn, counts.end_of_rib);
    assert_eq!(found, expected, "{}", hex(pdu));
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
