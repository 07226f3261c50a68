//! JSON: an object with `roas`, `aspas` (older: `provider_authorizations`) and `metadata`. Read entry by entry: a file of a hundred
//! megabytes is never a tree in memory.

use super::field::{self, Scalar};
use super::lenient::{Listed, Object};
use super::{FieldError, Problem};
use crate::rpki::payload::{Aspa, Payload, Source, VrpRecord};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub(super) fn read(payload: &mut Payload, file: &str, octets: &[u8]) -> Result<(), String> {
    let mut reader = serde_json::Deserializer::from_slice(octets);
    let document = Document {
        into: Into {
            payload,
            file,
            last: None,
        },
    };
    let has_lists = document
        .deserialize(&mut reader)
        .and_then(|has_lists| reader.end().map(|()| has_lists))
        .map_err(|error| format!("is not the JSON of an RPKI validator: {error}"))?;
    if !has_lists {
        return Err(
            "has neither 'roas' nor 'aspas': it is not the output of an RPKI validator".to_owned(),
        );
    }
    Ok(())
}

/// One entry of `roas`, in any dialect.
#[derive(Deserialize)]
struct RawVrp<'a> {
    #[serde(borrow, default)]
    asn: Scalar<'a>,
    #[serde(borrow, default)]
    prefix: Scalar<'a>,
    #[serde(borrow, default, rename = "maxLength")]
    max_length: Scalar<'a>,
    #[serde(borrow, default)]
    ta: Scalar<'a>,
    #[serde(borrow, default)]
    expires: Scalar<'a>,
    #[serde(borrow, default)]
    source: Listed<Object<RawSource<'a>>>,
}

/// One entry of `aspas`: Routinator's keys, and rpki-client's.
#[derive(Deserialize)]
struct RawAspa<'a> {
    #[serde(borrow, default, alias = "customer_asid")]
    customer: Scalar<'a>,
    #[serde(borrow, default)]
    providers: Listed<Scalar<'a>>,
    #[serde(borrow, default)]
    ta: Scalar<'a>,
    #[serde(borrow, default)]
    expires: Scalar<'a>,
    #[serde(borrow, default)]
    source: Listed<Object<RawSource<'a>>>,
}

/// Where an entry comes from: Routinator's `jsonext`.
#[derive(Deserialize)]
struct RawSource<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Scalar<'a>,
    #[serde(borrow, default)]
    tal: Scalar<'a>,
    #[serde(borrow, default)]
    validity: Object<RawValidity<'a>>,
    #[serde(borrow, default, rename = "chainValidity")]
    chain_validity: Object<RawValidity<'a>>,
}

#[derive(Deserialize)]
struct RawValidity<'a> {
    #[serde(borrow, default, rename = "notAfter")]
    not_after: Scalar<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    generated: Scalar<'a>,
    #[serde(borrow, default, rename = "generatedTime")]
    generated_time: Scalar<'a>,
    #[serde(borrow, default)]
    buildtime: Scalar<'a>,
}

/// Where entries go.
struct Into<'p> {
    payload: &'p mut Payload,
    file: &'p str,
    /// The trust anchor of the last entry and its number: most entries follow one of the same.
    last: Option<(Option<Arc<str>>, bool, u16)>,
}

impl Into<'_> {
    fn source(&mut self, anchor: Option<&str>, is_local: bool) -> u16 {
        if let Some((last, was_local, number)) = &self.last
            && last.as_deref() == anchor
            && *was_local == is_local
        {
            return *number;
        }
        let anchor: Option<Arc<str>> = anchor.map(Arc::from);
        let number = self.payload.source(Source {
            file: self.file.into(),
            trust_anchor: anchor.clone(),
            is_local,
        });
        self.last = Some((anchor, is_local, number));
        number
    }

    fn refuse(&mut self, list: &'static str, number: u64, error: FieldError) {
        self.payload.problem(Problem {
            file: self.file.to_owned(),
            list: Some(list),
            number,
            field: error.field,
            reason: error.reason,
        });
    }

    fn metadata(&mut self, metadata: &Metadata<'_>) {
        let times = [
            &metadata.generated_time,
            &metadata.generated,
            &metadata.buildtime,
        ];
        if let Some(time) = times.into_iter().find_map(field::time) {
            self.payload.generated_at(time);
        }
    }
}

impl RawSource<'_> {
    fn expires(&self) -> Result<Option<u32>, FieldError> {
        for (name, validity) in [
            ("chainValidity", &self.chain_validity),
            ("validity", &self.validity),
        ] {
            match validity {
                Object::Absent => {}
                Object::Is(validity) => return field::expiry(&validity.not_after),
                Object::Other => return Err(FieldError::new(name, "what is there is no validity")),
            }
        }
        Ok(None)
    }

    fn is_local(&self) -> bool {
        self.kind.text() == Some("exception")
    }
}

/// An entry of a list that knows how to become a payload.
trait Entry<'de>: Deserialize<'de> {
    fn add(self, into: &mut Into<'_>) -> Result<(), FieldError>;
}

/// Where an entry comes from and until when it is good, one for each source.
fn origins(
    into: &mut Into<'_>,
    anchor: &Scalar<'_>,
    expires: &Scalar<'_>,
    sources: &Listed<Object<RawSource<'_>>>,
) -> Result<Vec<(u16, Option<u32>)>, FieldError> {
    let sources = sources.of("source")?;
    if sources.is_empty() {
        let expires = field::expiry(expires)?;
        return Ok(vec![(into.source(field::anchor(anchor), false), expires)]);
    }
    let origin = |source: &Object<RawSource<'_>>| {
        let Object::Is(source) = source else {
            return Err(FieldError::new("source", "what is there is no source"));
        };
        let number = into.source(source.tal.text(), source.is_local());
        Ok((number, source.expires()?))
    };
    sources.iter().map(origin).collect()
}

impl<'de> Entry<'de> for RawVrp<'de> {
    fn add(self, into: &mut Into<'_>) -> Result<(), FieldError> {
        let vrp = field::vrp(&self.asn, &self.prefix, &self.max_length)?;
        if self.source.is_absent() {
            // Millions of entries: no list for the one source.
            let expires = field::expiry(&self.expires)?;
            let source = into.source(field::anchor(&self.ta), false);
            into.payload.vrps.push(VrpRecord {
                vrp,
                expires,
                source,
            });
            return Ok(());
        }
        for (source, expires) in origins(into, &self.ta, &self.expires, &self.source)? {
            into.payload.vrps.push(VrpRecord {
                vrp,
                expires,
                source,
            });
        }
        Ok(())
    }
}

impl<'de> Entry<'de> for RawAspa<'de> {
    fn add(self, into: &mut Into<'_>) -> Result<(), FieldError> {
        let customer = field::asn("customer", &self.customer)?;
        let providers = self.providers.of("providers")?.iter();
        let providers = providers.map(|provider| field::asn("providers", provider));
        let providers: Vec<u32> = providers.collect::<Result<_, _>>()?;
        for (source, expires) in origins(into, &self.ta, &self.expires, &self.source)? {
            into.payload.aspas.push(Aspa {
                customer,
                providers: providers.clone(),
                expires,
                source,
            });
        }
        Ok(())
    }
}

/// The whole document; says whether it has any of the lists.
struct Document<'p> {
    into: Into<'p>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with 'roas' or 'aspas'")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut keys: A) -> Result<bool, A::Error> {
        let mut has_lists = false;
        while let Some(key) = keys.next_key::<Cow<'de, str>>()? {
            match &*key {
                "roas" => {
                    keys.next_value_seed(List::<RawVrp<'de>>::new(&mut self.into, "roas"))?;
                    has_lists = true;
                }
                "aspas" => {
                    keys.next_value_seed(List::<RawAspa<'de>>::new(&mut self.into, "aspas"))?;
                    has_lists = true;
                }
                "provider_authorizations" => {
                    keys.next_value_seed(ByFamily(&mut self.into))?;
                    has_lists = true;
                }
                "metadata" => {
                    if let Object::Is(metadata) = keys.next_value()? {
                        self.into.metadata(&metadata);
                    }
                }
                _ => drop(keys.next_value::<IgnoredAny>()?),
            }
        }
        Ok(has_lists)
    }
}

/// ASPAs of older versions of rpki-client, while the profile of ASPA told providers by address family (its
/// readers know the shape, too: stayrtr, prefixfile.go). Later it no longer does, and an AS has the
/// providers of both.
struct ByFamily<'i, 'p>(&'i mut Into<'p>);

impl<'de> DeserializeSeed<'de> for ByFamily<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ByFamily<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with 'ipv4' and 'ipv6'")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<(), A::Error> {
        while let Some(key) = keys.next_key::<Cow<'de, str>>()? {
            let name = match &*key {
                "ipv4" => "provider_authorizations.ipv4",
                "ipv6" => "provider_authorizations.ipv6",
                _ => {
                    keys.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            keys.next_value_seed(List::<RawAspa<'de>>::new(self.0, name))?;
        }
        Ok(())
    }
}

/// One list.
struct List<'i, 'p, T> {
    into: &'i mut Into<'p>,
    name: &'static str,
    entry: PhantomData<T>,
}

impl<'i, 'p, T> List<'i, 'p, T> {
    fn new(into: &'i mut Into<'p>, name: &'static str) -> List<'i, 'p, T> {
        List {
            into,
            name,
            entry: PhantomData,
        }
    }
}

impl<'de, T: Entry<'de>> DeserializeSeed<'de> for List<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Entry<'de>> Visitor<'de> for List<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the list '{}'", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(entry) = entries.next_element::<Object<T>>()? {
            number += 1;
            let added = match entry {
                Object::Is(entry) => entry.add(self.into),
                _ => Err(FieldError::new("entry", "what is there is no object")),
            };
            if let Err(error) = added {
                self.into.refuse(self.name, number, error);
            }
        }
        Ok(())
    }
}
