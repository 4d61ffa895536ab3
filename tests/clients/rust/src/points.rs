//! The points of the scenario, and how answers are judged.

use std::collections::HashMap;
use std::fmt::Debug;

use qdrant_client::qdrant::{point_id::PointIdOptions, PointId, PointStruct, ScoredPoint, Value};
use qdrant_client::Payload;
use serde_json::json;

const CITIES: [&str; 3] = ["Berlin", "London", "Moscow"];
pub const U8: &str = "00000000-0000-0000-0000-000000000008";

pub fn first_axis() -> Vec<f32> {
    vec![1.0, 0.0, 0.0, 0.0]
}

pub fn point_id(number: u64) -> PointId {
    if number == 8 {
        PointId::from(U8)
    } else {
        PointId::from(number)
    }
}

pub fn payload_of(number: u64) -> serde_json::Value {
    json!({
        "city": CITIES[number as usize % 3],
        "count": number,
        "price": number as f64 + 0.25,
        "ok": number % 2 == 0,
        "when": format!("2024-01-0{number}T00:00:00Z"),
        "place": {"lon": 10 + number, "lat": 50},
        "tags": ["all", if number % 2 == 0 { "even" } else { "odd" }],
        "title": format!("Point number {number} größer"),
        "uid": format!("00000000-0000-0000-0000-00000000000{number}"),
        "meta": {"deep": {"level": number}},
        "parts": [{"kind": "a", "size": number}, {"kind": "b", "size": -(number as i64)}],
        "nothing": null,
    })
}

pub fn vectors_of(number: u64) -> HashMap<String, Vec<f32>> {
    let value = number as f32;
    HashMap::from([
        ("image".to_string(), vec![value, (number % 3) as f32, 1.0, 0.0]),
        ("text".to_string(), vec![value, 0.0, 0.0]),
    ])
}

pub fn to_payload(json: serde_json::Value) -> Payload {
    Payload::try_from(json).expect("a payload is an object")
}

pub fn from_payload(payload: HashMap<String, Value>) -> serde_json::Value {
    payload.into_iter().map(|(key, value)| (key, value.into_json())).collect()
}

pub fn point_with(number: u64, payload: serde_json::Value) -> PointStruct {
    PointStruct::new(point_id(number), vectors_of(number), to_payload(payload))
}

pub fn point(number: u64) -> PointStruct {
    point_with(number, payload_of(number))
}

pub fn paris() -> PointStruct {
    let mut payload = payload_of(1);
    payload["city"] = json!("Paris");
    point_with(1, payload)
}

/// Ids as texts: 7 and U8 are "7" and U8.
pub fn text_of(id: Option<&PointId>) -> String {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Num(number)) => number.to_string(),
        Some(PointIdOptions::Uuid(uuid)) => uuid.clone(),
        None => "none".to_string(),
    }
}

pub fn ids(hits: &[ScoredPoint]) -> Vec<String> {
    hits.iter().map(|hit| text_of(hit.id.as_ref())).collect()
}

pub fn expect<T: PartialEq<U> + Debug, U: Debug>(what: &str, got: T, wanted: U) {
    assert!(got == wanted, "{what}: got {got:?}, wanted {wanted:?}");
}

pub fn expect_scores(what: &str, hits: &[ScoredPoint], wanted: &[f32]) {
    let got: Vec<f32> = hits.iter().map(|hit| hit.score).collect();
    let close = got.len() == wanted.len() && got.iter().zip(wanted).all(|(one, other)| (one - other).abs() < 1e-5);
    assert!(close, "{what}: got {got:?}, wanted {wanted:?}");
}
