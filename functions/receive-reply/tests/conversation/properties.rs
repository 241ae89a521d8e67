//! Whatever notices there are and whatever is written: a text ends on exactly one notice or among the dead, and nobody is
//! asked twice in one conversation.

use domain::ports::Clock;
use domain::{Fact, NoticeId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use receive_reply::Received;

use crate::memory::Office;

#[derive(Debug, Clone)]
enum Step {
    Ask,
    Post,
    Cancel(prop::sample::Index),
    Text { says: &'static str, answers: Option<prop::sample::Index>, death: Option<(u32, bool)> },
    Pass(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let says = prop::sample::select(vec![
        "1",
        "2",
        "3",
        "4",
        "2번",
        "수신거부",
        "수신동의",
        "갱신완료",
        "hong@example.org",
        "문의드립니다",
        "감사합니다",
    ]);
    let text = (
        says,
        prop::option::weighted(0.2, any::<prop::sample::Index>()),
        prop::option::weighted(0.3, (0..4_u32, any::<bool>())),
    );
    let step = prop_oneof![
        2 => Just(Step::Ask),
        1 => Just(Step::Post),
        1 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        8 => text.prop_map(|(says, answers, death)| Step::Text { says, answers, death }),
        5 => (0..200_i64).prop_map(|minutes| Step::Pass(minutes * minutes / 4)),
    ];
    prop::collection::vec(step, 1..40)
}

/// What a text is known by: its number follows its words, so that no two are the same but for choices.
struct Told {
    words: String,
    received: Received,
    at: Timestamp,
}

async fn live(office: &Office, steps: Vec<Step>) -> Vec<Told> {
    let mut notices: Vec<NoticeId> = Vec::new();
    let mut told = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Ask => notices.push(office.ask()),
            Step::Post => notices.push(office.post()),
            Step::Cancel(which) if !notices.is_empty() => {
                let id = *which.get(&notices);
                if !office.table.shelf().notices[&id].is_cancelled() {
                    let (officer, unit, reason) = ("김담당".to_owned(), "건축과".to_owned(), "착오".to_owned());
                    office.happens(id, Fact::Cancelled { officer, unit, reason });
                }
            }
            Step::Cancel(_) => {}
            Step::Text { says, answers, death } => {
                let is_words = says.ends_with("니다");
                // No number is the beginning of another.
                let words = if is_words { format!("{says} {number:03}") } else { says.to_owned() };
                let answers =
                    answers.filter(|_| !notices.is_empty()).map(|which| format!("sms-{}", which.get(&notices)));
                if let Some((at, after)) = death {
                    office.table.dies(at, after);
                }
                let id = format!("mo-{number}");
                let mut received = office.texts(&id, &words, answers.as_deref()).await;
                let died = received.is_err();
                while received.is_err() {
                    received = office.texts(&id, &words, answers.as_deref()).await;
                }
                office.table.shelf().forget_death();
                let received = received.expect("taken in");
                if !(died && received == Received::Before) || is_words {
                    told.push(Told { words, received, at: office.clock.now() });
                }
            }
            Step::Pass(minutes) => office.pass(SignedDuration::from_mins(minutes)),
        }
        office.pass(SignedDuration::from_secs(11));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_text_ends_on_exactly_one_notice_or_among_the_dead(steps in steps()) {
        let office = Office::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let told = runtime.block_on(live(&office, steps));
        let ids: Vec<NoticeId> = office.table.shelf().notices.keys().copied().collect();
        for Told { words, received, .. } in &told {
            if !words.contains("니다 ") {
                continue;
            }
            let stands: usize = ids.iter().map(|id| office.stands(*id).iter().filter(|text| *text == words).count()).sum();
            let dead = office.table.shelf().unmatched.iter().filter(|kept| kept.text.contains(words.as_str())).count();
            prop_assert_eq!(stands + dead.min(1), 1, "{} was {:?}", words, received);
        }
    }

    #[test]
    fn nobody_is_asked_twice_in_one_conversation(steps in steps()) {
        let office = Office::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let told = runtime.block_on(live(&office, steps));
        let asked: Vec<Timestamp> = told.iter().filter(|told| told.received == Received::Asked).map(|told| told.at).collect();
        for pair in asked.windows(2) {
            prop_assert!(pair[1].duration_since(pair[0]) > SignedDuration::from_hours(72));
        }
    }
}
