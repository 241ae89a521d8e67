//! What notices use on each path, from their acceptance to their end, counted call by call while the functions themselves
//! run: one notice after the other, so that each event and message comes alone, which is the dearest way; and many at a
//! time, as files bring them, so that they share batches.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::cost::Prices;
use crate::events::{link_token, queued, streamed, text_arrived};
use crate::host::Copy;
use crate::memory::Memory;
use crate::meter::Usage;
use crate::programs::FUNCTIONS;
use crate::results::Results;
use crate::stage::{Stage, Stopped, sound};

/// The ways a notice goes.
pub const PATHS: [(&str, &str); 3] = [("SMS", "1"), ("e-mail", "2"), ("post", "3")];
/// Letters of a day's print run: an office's year on its working days.
const LETTERS_A_DAY: u32 = 160;

struct District<'s> {
    stage: &'s Stage,
    copies: HashMap<&'static str, Copy>,
    memory: HashMap<&'static str, u32>,
}

/// What a queue's function gets at once, as the template sets it.
const QUEUES: [(&str, &str, usize); 4] = [
    ("letter", "render-letter", 3),
    ("sms", "send-sms", 10),
    ("email", "send-email", 10),
    ("print", "post-letters", 1),
];
/// And the relay.
const STREAMED: usize = 100;

/// Lets notices live on each path, so many at a time, and counts what they used, up to each of these numbers of them. The
/// paths go beside each other, each in a cloud of its own: only the billed milliseconds hang on how busy the machine is.
///
/// # Errors
/// When a function fails, or a notice does not end as its resident wants.
pub async fn measure(
    stage: &Stage,
    at_a_time: u32,
    sizes: &[u32],
    prices: &Prices,
    results: &mut Results,
) -> Result<(), Stopped> {
    let counted = |(path, answer)| Box::pin(count(stage, path, answer, at_a_time, sizes, prices));
    let [sms, email, post] = PATHS;
    let (sms, email, post) = tokio::try_join!(counted(sms), counted(email), counted(post))?;
    for counted in [sms, email, post] {
        results.series.extend(counted.series);
    }
    Ok(())
}

async fn count(
    stage: &Stage,
    path: &str,
    answer: &str,
    at_a_time: u32,
    sizes: &[u32],
    prices: &Prices,
) -> Result<Results, Stopped> {
    let settings = stage.cloud.held().settings.clone();
    let stage = Stage { cloud: Cloud::start(settings).await?, ..stage.clone() };
    let district = District::open(&stage).await?;
    stage.cloud.held().usage.clear();
    district.copies.values().for_each(|copy| _ = copy.take_logged());
    let (mut results, mut number, mut unposted) = (Results::default(), 0, 0);
    while number < sizes.iter().copied().max().unwrap_or_default() {
        district.live(answer, at_a_time).await?;
        (number, unposted) = (number + at_a_time, unposted + at_a_time);
        let is_told = sizes.contains(&number);
        if path == "post" && (unposted >= LETTERS_A_DAY || is_told) {
            district.print().await?;
            unposted = 0;
        }
        if path != "post" || unposted == 0 {
            // Nobody asks for letters of notices that have ended, and a year's would not fit into memory.
            stage.cloud.held().objects.clear();
        }
        if is_told {
            district.all_ended(number)?;
            let way = if at_a_time == 1 { path.to_owned() } else { format!("{path}, {at_a_time} at a time,") };
            let contestant = format!("{way} {number}");
            record(&contestant, number, &district.used(), prices, &mut results);
            crate::say(&contestant);
        }
    }
    Ok(results)
}

fn record(contestant: &str, notices: u32, usage: &BTreeMap<String, Usage>, prices: &Prices, results: &mut Results) {
    let mut all = Usage::default();
    for usage in usage.values() {
        all.add(usage);
    }
    let mut add = |measure: &str, sample: f64| {
        results.add("cost", "stand-in", contestant, measure, sample / f64::from(notices));
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
    let count = |count: u64| count as f64;
    add("write units", all.write_units);
    add("index write units", all.index_write_units);
    add("read units", all.read_units);
    add("transactions", count(all.calls_of("dynamodb:TransactWriteItems")));
    add("SQS requests", count(all.calls_of("sqs:")));
    add("Lambda invocations", count(all.invocations));
    add("Lambda GB-ms", all.gigabyte_millis);
    add("S3 requests", count(all.calls_of("s3:")));
    add("API requests", count(all.calls_of("api:")));
    add("logged bytes", count(all.logged_bytes));
    add("KRW", prices.total(&all));
    for (line, won) in prices.lines(&all) {
        add(&format!("KRW {line}"), won);
    }
    for (function, usage) in usage {
        add(&format!("write units of {function}"), usage.write_units + usage.index_write_units);
        add(&format!("KRW of {function}"), prices.total(usage));
    }
}

impl<'s> District<'s> {
    async fn open(stage: &'s Stage) -> Result<Self, Stopped> {
        let mut copies = HashMap::new();
        for name in [
            "intake-notice",
            "relay-events",
            "send-sms",
            "send-email",
            "render-letter",
            "post-letters",
            "select-preference",
            "receive-reply",
            "record-receipt",
        ] {
            copies.insert(name, stage.ready(name).await?);
        }
        let district = Self { stage, copies, memory: FUNCTIONS.into_iter().collect() };
        // One of each goes before, so that connections and settings are there.
        district.live("1", 1).await?;
        district.live("2", 1).await?;
        district.live("3", 1).await?;
        district.print().await?;
        stage.cloud.held().memory = Memory::default();
        Ok(district)
    }

    /// Invokes a function and counts that.
    async fn invoke(&self, function: &'static str, event: String) -> Result<Value, Stopped> {
        let copy =
            self.copies.get(function).ok_or_else(|| Stopped::Unsound(function.to_owned(), "nothing".to_owned()))?;
        let answered = copy.invoke(event).await?;
        let megabytes = self.memory.get(function).copied().unwrap_or(256);
        let held = &mut *self.stage.cloud.held();
        let usage = held.usage.entry(function.to_owned()).or_default();
        usage.invoked(megabytes, crate::stage::millis(answered.took));
        sound(function, &answered)
    }

    fn call(&self, function: &str, call: &str) {
        self.stage.cloud.held().usage.entry(function.to_owned()).or_default().call(call);
    }

    /// Invokes a function with messages of its queue, which Lambda receives and deletes.
    async fn work_off(&self, function: &'static str, messages: &[String]) -> Result<(), Stopped> {
        self.call(function, "sqs:ReceiveMessage");
        self.invoke(function, queued(messages)).await?;
        self.call(function, "sqs:DeleteMessage");
        Ok(())
    }

    /// Lets everything happen that was set going, until nothing more does.
    async fn settle(&self) -> Result<(), Stopped> {
        loop {
            let (first, events) = self.stage.cloud.held().memory.take_events();
            for (first, events) in (first..).step_by(STREAMED).zip(events.chunks(STREAMED)) {
                self.invoke("relay-events", streamed(first, events)).await?;
            }
            let next = {
                let queues = &mut self.stage.cloud.held().queues;
                QUEUES.into_iter().find_map(|(queue, function, batch)| {
                    let queue = queues.get_mut(queue).filter(|queue| !queue.is_empty())?;
                    let messages: Vec<String> = queue.drain(..batch.min(queue.len())).collect();
                    Some((function, messages))
                })
            };
            match next {
                Some((function, messages)) => self.work_off(function, &messages).await?,
                None if events.is_empty() => return Ok(()),
                None => {}
            }
        }
    }

    /// The lives of so many notices at a time, whose residents all answer so.
    async fn live(&self, answer: &str, at_a_time: u32) -> Result<(), Stopped> {
        let mut phones = Vec::new();
        for _ in 0..at_a_time {
            let handed = self.stage.events.another_notice()?;
            self.call("intake-notice", "api:Request");
            self.invoke("intake-notice", handed.event).await?;
            phones.push(handed.phone);
        }
        self.settle().await?;
        self.texts_arrive().await?;
        for phone in phones {
            self.invoke("receive-reply", self.stage.events.reply(&phone, answer)?).await?;
        }
        self.settle().await?;
        let mut words = self.texts_arrive().await?;
        words.extend(self.mails_arrive().await?);
        // A disposition is announced, and read behind the link.
        for token in words.iter().filter_map(|words| link_token(words)).filter(|_| answer != "3") {
            for entered in [None, Some("answer=900101&do=read")] {
                self.call("select-preference", "api:Request");
                self.invoke("select-preference", self.stage.events.page(token, entered)?).await?;
            }
        }
        self.settle().await
    }

    /// The carrier reports each text that went since; the texts.
    async fn texts_arrive(&self) -> Result<Vec<String>, Stopped> {
        let texts = std::mem::take(&mut self.stage.cloud.held().texts);
        for (message, _, _) in &texts {
            self.invoke("record-receipt", text_arrived(message)?).await?;
        }
        self.settle().await?;
        Ok(texts.into_iter().map(|(_, _, words)| words).collect())
    }

    /// SES reports each mail that went since; what they say.
    async fn mails_arrive(&self) -> Result<Vec<String>, Stopped> {
        let mails = std::mem::take(&mut self.stage.cloud.held().mails);
        for (message, mail) in &mails {
            let mut tags = mail["EmailTags"].as_array().into_iter().flatten();
            let notice = tags.find(|tag| tag["Name"] == "notice").and_then(|tag| tag["Value"].as_str());
            let arrived = self.stage.events.mail_arrived(message, notice.unwrap_or_default())?;
            self.invoke("record-receipt", arrived).await?;
        }
        self.settle().await?;
        let words =
            |mail: &Value| mail.pointer("/Content/Simple/Body/Text/Data").and_then(Value::as_str).map(str::to_owned);
        Ok(mails.iter().filter_map(|(_, mail)| words(mail)).collect())
    }

    /// The day's print run.
    async fn print(&self) -> Result<(), Stopped> {
        self.invoke("post-letters", json!({ "open_run": true }).to_string()).await?;
        self.settle().await?;
        self.stage.cloud.held().memory.forget_runs();
        Ok(())
    }

    /// Every notice ended as its resident wants.
    fn all_ended(&self, notices: u32) -> Result<(), Stopped> {
        let held = self.stage.cloud.held();
        let states = held.memory.states();
        let ended: usize = ["read", "delivered", "posted"].iter().filter_map(|state| states.get(*state)).sum();
        if states.len() == 1 && u32::try_from(ended) == Ok(notices) {
            Ok(())
        } else {
            Err(Stopped::Unsound("the district".to_owned(), format!("{states:?}")))
        }
    }

    /// What everyone used so far, with what they logged.
    fn used(&self) -> BTreeMap<String, Usage> {
        let usage = &mut self.stage.cloud.held().usage;
        for (name, copy) in &self.copies {
            usage.entry((*name).to_owned()).or_default().logged_bytes += copy.take_logged();
        }
        usage.clone()
    }
}
