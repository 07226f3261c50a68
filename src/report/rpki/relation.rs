//! `--relation`: what a person says of neighbours that do not say it themselves.

use crate::analysis::rpki::relation::Relation;
use crate::bgp::capability::RoleValue;
use crate::pipeline::PeerFilter;
use crate::report::{Failure, Given, OwnOption};

pub(super) const RELATION: OwnOption = OwnOption::text(
    "relation",
    "[ROUTER/]ASN=ROLE",
    |text| parse(text).map(drop),
    "What neighbours with this AS number are to the router, for ASPAs: provider, rs, rs-client, customer \
     or peer; goes before what OPENs say; ROUTER is an address or a sysName",
)
.repeatable();

/// The relations given. Two that say different things of the same neighbours are a usage error.
pub(super) fn relations(given: &Given) -> Result<Vec<Relation>, Failure> {
    let read: Result<Vec<Relation>, String> = given.texts(&RELATION).map(parse).collect();
    let relations = read.and_then(distinct);
    relations.map_err(|error| Failure::Usage(format!("--relation: {error}")))
}

fn distinct(relations: Vec<Relation>) -> Result<Vec<Relation>, String> {
    let mut kept: Vec<Relation> = Vec::new();
    for relation in relations {
        let is_same = |other: &&Relation| {
            let routers = (other.router.as_deref(), relation.router.as_deref());
            let is_router = match routers {
                (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
                (one, other) => one == other,
            };
            is_router && other.asn == relation.asn
        };
        match kept.iter().find(is_same) {
            Some(other) if other.neighbour != relation.neighbour => {
                return Err(format!(
                    "AS{} cannot be both {} and {}",
                    relation.asn, other.neighbour, relation.neighbour
                ));
            }
            Some(_) => {}
            None => kept.push(relation),
        }
    }
    Ok(kept)
}

/// `edge1/AS64500=customer`. A sysName may have slashes, an AS number has none.
fn parse(text: &str) -> Result<Relation, String> {
    let (neighbour, role) = text
        .rsplit_once('=')
        .ok_or_else(|| format!("'{text}' has no '=': it is [ROUTER/]ASN=ROLE"))?;
    let (router, asn) = match neighbour.rsplit_once('/') {
        Some(("", _)) => return Err(format!("'{text}' has no router before its '/'")),
        Some((router, asn)) => (Some(router.to_owned()), asn),
        None => (None, neighbour),
    };
    Ok(Relation {
        router,
        asn: parse_asn(asn)?,
        neighbour: parse_role(role)?,
    })
}

fn parse_asn(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(PeerFilter::Asn(asn)) => Ok(asn),
        _ => Err(format!("'{text}' is no AS number (64500, AS64500 or 1.10)")),
    }
}

fn parse_role(text: &str) -> Result<RoleValue, String> {
    let row = RoleValue::TABLE.iter().find(|row| row.1 == text);
    row.map(|row| RoleValue(row.0)).ok_or_else(|| {
        let words: Vec<&str> = RoleValue::TABLE.iter().map(|row| row.1).collect();
        format!("'{text}' is no role: {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(relation) => format!(
                "{} {} {}",
                relation.router.as_deref().unwrap_or("any"),
                relation.asn,
                relation.neighbour
            ),
            Err(error) => error,
        }
    }

    #[test]
    fn a_relation_has_a_router_or_none_an_as_number_and_a_role() {
        assert_eq!(shown("64500=provider"), "any 64500 provider");
        assert_eq!(
            shown("10.0.0.1/AS64500=rs-client"),
            "10.0.0.1 64500 rs-client"
        );
        assert_eq!(shown("2001:db8::1/1.10=rs"), "2001:db8::1 65546 rs");
        assert_eq!(shown("lab/edge=1/64500=peer"), "lab/edge=1 64500 peer");
    }

    #[test]
    fn bad_text_is_told_with_what_is_wrong() {
        for (text, error) in [
            ("64500", "'64500' has no '=': it is [ROUTER/]ASN=ROLE"),
            ("/64500=peer", "'/64500=peer' has no router before its '/'"),
            (
                "edge1=peer",
                "'edge1' is no AS number (64500, AS64500 or 1.10)",
            ),
            (
                "10.0.0.1/=peer",
                "'' is no AS number (64500, AS64500 or 1.10)",
            ),
            (
                "64500=upstream",
                "'upstream' is no role: provider, rs, rs-client, customer, peer",
            ),
            (
                "64500=",
                "'' is no role: provider, rs, rs-client, customer, peer",
            ),
        ] {
            assert_eq!(shown(text), error);
        }
    }

    #[test]
    fn a_neighbour_has_one_role() {
        let given = |texts: &[&str]| {
            let relations = texts.iter().map(|text| parse(text).unwrap()).collect();
            distinct(relations).map(|kept| kept.len())
        };
        assert_eq!(given(&["1=peer", "1=peer", "a/1=customer"]), Ok(2));
        assert_eq!(
            given(&["A/1=peer", "a/1=customer"]),
            Err("AS1 cannot be both peer and customer".to_owned())
        );
    }
}
