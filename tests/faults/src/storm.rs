//! What goes wrong between the functions and AWS: a fifth of all calls, by the proxies' rules.

use std::collections::BTreeMap;

use journeys::FaultAddresses;
use reqwest::Client;
use serde_json::{Value, json};

/// How many faults there were, by service and kind.
pub type Fired = BTreeMap<(&'static str, &'static str), u64>;

/// A kind of fault: its name, its share of all calls, and whether the call was or may have been done all the same.
type Fault = (&'static str, f64, bool);

const THROTTLED: Fault = ("throttled", 0.04, false);
const FAILED: Fault = ("500", 0.03, false);
const UNAVAILABLE: Fault = ("503", 0.02, false);
const SLOW: Fault = ("slow", 0.04, false);
/// Longer than any client waits; done when it has stopped waiting.
const TOO_SLOW: Fault = ("done late", 0.01, true);
const RESET: Fault = ("reset", 0.03, false);
const CUT: Fault = ("done, answer cut", 0.02, true);
const TORN: Fault = ("done, answer torn", 0.01, true);

/// Services, and how each says that it is asked too often. Only the mail service's calls pass the second proxy.
const BEFORE_AWS: [(&str, &str, u16); 3] = [
    ("dynamodb", "ProvisionedThroughputExceededException", 400),
    ("sns", "Throttled", 429),
    ("sqs", "RequestThrottled", 403),
];
const BEFORE_MAIL: [(&str, &str, u16); 1] = [("ses", "TooManyRequestsException", 429)];

/// The storm, by way of the proxies.
#[derive(Debug)]
pub struct Storm {
    http: Client,
    proxies: [String; 2],
    /// What each rule of each proxy stands for.
    rules: [BTreeMap<u64, (&'static str, Fault)>; 2],
    /// The faults of storms that are over.
    fired: BTreeMap<(&'static str, &'static str), (Fault, u64)>,
}

impl Storm {
    /// Calm so far.
    #[must_use]
    pub fn before(addresses: &FaultAddresses) -> Self {
        let proxies = [addresses.aws.clone(), addresses.mail.clone()];
        Self { http: Client::new(), proxies, rules: Default::default(), fired: BTreeMap::new() }
    }

    /// Begins.
    pub async fn begin(&mut self) {
        for (proxy, services) in [BEFORE_AWS.as_slice(), BEFORE_MAIL.as_slice()].into_iter().enumerate() {
            let wanted: Vec<_> = services.iter().flat_map(|service| rules(*service)).collect();
            let bodies: Vec<_> = wanted.iter().map(|(_, _, rule)| rule.clone()).collect();
            let known = self.set(proxy, &json!(bodies)).await;
            let ids = known.as_array().unwrap().iter().map(|rule| rule["id"].as_u64().unwrap());
            self.rules[proxy] = ids.zip(wanted).map(|(id, (service, fault, _))| (id, (service, fault))).collect();
        }
    }

    /// Ends.
    pub async fn end(&mut self) {
        for (proxy, known) in self.rules.iter().enumerate() {
            for rule in self.stats(proxy).await["by_rule"].as_array().unwrap() {
                let Some((service, fault)) = known.get(&rule["id"].as_u64().unwrap()) else { continue };
                let fired = self.fired.entry((service, fault.0)).or_insert((*fault, 0));
                fired.1 += rule["fired"].as_u64().unwrap();
            }
        }
        for proxy in 0..self.proxies.len() {
            self.set(proxy, &json!([])).await;
        }
    }

    async fn set(&self, proxy: usize, rules: &Value) -> Value {
        let request = self.http.post(format!("{}/_microburst/rules", self.proxies[proxy])).json(rules);
        let answer = request.send().await.expect("a proxy");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
        answer.json().await.expect("JSON")
    }

    async fn stats(&self, proxy: usize) -> Value {
        let url = format!("{}/_microburst/stats", self.proxies[proxy]);
        self.http.get(url).send().await.expect("a proxy").json().await.expect("JSON")
    }

    /// Calls so far, by service: they stand still when no function is at work.
    pub async fn calls(&self) -> BTreeMap<String, u64> {
        let mut calls = BTreeMap::new();
        for proxy in 0..self.proxies.len() {
            for service in self.stats(proxy).await["by_service"].as_array().unwrap() {
                let name = service["service"].as_str().unwrap_or("unknown").to_owned();
                *calls.entry(name).or_default() += service["requests"].as_u64().unwrap();
            }
        }
        calls
    }

    /// The faults there were.
    #[must_use]
    pub fn fired(&self) -> Fired {
        self.fired.iter().map(|(of, (_, fired))| (*of, *fired)).collect()
    }

    /// Messages handed to a provider whose answer never came back: each may be in the outbox, and will go again.
    #[must_use]
    pub fn lost_answers(&self) -> u64 {
        let is_lost = |service: &str, (_, _, done): Fault| done && (service == "sns" || service == "ses");
        let lost = self.fired.iter().filter(|((service, _), (fault, _))| is_lost(service, *fault));
        lost.map(|(_, (_, fired))| fired).sum()
    }
}

/// The rules of a service. The first that fires wins, so each is as likely as its share of what is left to it.
fn rules((service, throttled, status): (&'static str, &str, u16)) -> Vec<(&'static str, Fault, Value)> {
    let error = |code: &str, status: u16| json!({ "error": { "code": code, "status": status, "message": "a fault" } });
    let effects = [
        (THROTTLED, error(throttled, status)),
        (FAILED, error("InternalServerError", 500)),
        (UNAVAILABLE, error("ServiceUnavailable", 503)),
        (SLOW, json!({ "latency": { "min": 50, "max": 2000 } })),
        (TOO_SLOW, json!({ "latency": { "min": 4500, "max": 6000 } })),
        (RESET, json!({ "reset": true })),
        (CUT, json!({ "response": { "abort_frac": 0.5 } })),
        (TORN, json!({ "response": { "truncate_frac": 0.5 } })),
    ];
    let mut left = 1.0;
    let ruled = effects.into_iter().map(|(fault, mut rule)| {
        rule["service"] = service.into();
        rule["probability"] = (fault.1 / left).into();
        left -= fault.1;
        (service, fault, rule)
    });
    ruled.collect()
}
