//! Which keys lines have, by their schema.

use serde_json::Value;

/// Whether any line has the key at this path.
pub(super) fn is_known(schema: &Value, path: &str) -> bool {
    let mut places = vec![schema];
    for key in path.split('.') {
        let mut shapes = Vec::new();
        places
            .iter()
            .for_each(|place| collect(schema, place, 0, &mut shapes));
        places = shapes
            .iter()
            .filter_map(|shape| shape.get("properties")?.get(key))
            .collect();
    }
    !places.is_empty()
}

/// Every shape that a value at this place may have: of its alternatives, and of list elements.
fn collect<'a>(root: &'a Value, place: &'a Value, depth: u8, shapes: &mut Vec<&'a Value>) {
    // Attributes may hold attributes, so shapes may hold themselves.
    if depth > 16 {
        return;
    }
    shapes.push(place);
    let reference = place.get("$ref").and_then(Value::as_str);
    let referred = reference
        .and_then(|name| name.strip_prefix('#'))
        .and_then(|name| root.pointer(name));
    let alternatives = ["anyOf", "oneOf", "allOf"].into_iter();
    let alternatives = alternatives
        .filter_map(|word| place.get(word)?.as_array())
        .flatten();
    for inner in referred
        .into_iter()
        .chain(place.get("items"))
        .chain(alternatives)
    {
        collect(root, inner, depth + 1, shapes);
    }
}
