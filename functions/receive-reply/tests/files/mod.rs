//! Files that come with texts: they become papers of the notice, once, and the officer is told what did not.

use bootstrap::{SystemClock, SystemEntropy};
use domain::ports::{Clock, Entropy};
use domain::{DocumentRequest, Fact, NoticeId, ProviderMessageId, RequestCode};

use journeys::OwnTable;
use receive_reply::{Inbound, Media, Provider, Received, Sender};
use store::{Change, Decision, Table};

use crate::world::{World, notified, taken_in};

fn text(phone: &str, text: &str, urls: &[&str]) -> Inbound {
    let mut random = [0; 8];
    SystemEntropy.fill(&mut random);
    let media = |url: &&str| Media { url: (*url).to_owned(), content_type: "image/jpeg".to_owned() };
    Inbound {
        provider: Provider::Standard,
        id: ProviderMessageId::parse(&format!("mo-{random:?}")).expect("an id"),
        from: Sender::from(phone.to_owned()),
        text: text.to_owned(),
        in_reply_to: None,
        media: urls.iter().map(media).collect(),
        note: None,
    }
}

async fn facts(table: &Table, notice: NoticeId) -> Vec<Fact> {
    let events = table.events(notice).await.expect("a readable table");
    events.iter().map(|event| serde_json::from_str::<domain::Event>(&event.body).expect("an event").fact).collect()
}

async fn said(table: &Table, notice: NoticeId) -> Vec<String> {
    table.replies(notice).await.expect("a readable table").into_iter().map(|reply| reply.text).collect()
}

#[tokio::test]
async fn pictures_become_papers_of_the_notice_once_however_often_they_come() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let text = text(&phone, "신분증입니다", &["https://a/1", "https://a/2"]);
    assert_eq!(world.function.take_in(text.clone()).await.expect("taken in"), Received::Kept);
    assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Before);
    assert_eq!(handed_in(&table, notice).await, [2]);
    assert_eq!(world.function.media.taken().len(), 2, "not fetched again");
    assert_eq!(
        said(&table, notice).await,
        ["신분증입니다\n[사진이나 파일 2개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]"]
    );
    own.drop().await;
}

#[tokio::test]
async fn a_picture_is_the_one_paper_that_is_still_to_come() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let code = RequestCode::parse("licence").expect("a code");
    let request = DocumentRequest { code: code.clone(), name: "등록증".to_owned(), required: true, until: None };
    let fact = Fact::DocumentsRequested { requests: vec![request], officer: "김담당".to_owned() };
    let change = Change { at: SystemClock.now(), fact, bindings: Vec::new() };
    table.transition(notice, |_| Decision::<()>::Record(change.clone())).await.expect("a table");
    for number in 1..=2 {
        let text = text(&phone, &format!("사진 {number}"), &[&format!("https://a/{number}")]);
        assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Kept);
    }
    let asked = table.notice(notice).await.expect("a table").expect("the notice").documents;
    assert!(asked.are_complete());
    let papers: Vec<_> = asked.uploads.into_values().map(|upload| upload.request).collect();
    assert_eq!(papers.iter().filter(|paper| **paper == Some(code.clone())).count(), 1, "{papers:?}");
    assert_eq!(papers.len(), 2, "what comes after it is nobody's guess");
    own.drop().await;
}

#[tokio::test]
async fn a_picture_that_was_checked_before_it_was_handed_in_is_checked_again() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let text = text(&phone, "사진", &["https://a/at-once", "https://a/2"]);
    assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Kept);
    assert_eq!(handed_in(&table, notice).await, [2]);
    let put: Vec<_> = world.function.media.taken().into_iter().map(|(_, upload, _)| upload).collect();
    let [early, other, again] = put[..] else { unreachable!("two files, one of them twice: {put:?}") };
    assert!(early == again && early != other, "its check released nothing");
    own.drop().await;
}

/// How many files each hand-in of a notice had.
async fn handed_in(table: &Table, notice: NoticeId) -> Vec<usize> {
    let files = |fact| if let Fact::DocumentsSubmitted { files, .. } = fact { Some(files.len()) } else { None };
    facts(table, notice).await.into_iter().filter_map(files).collect()
}

#[tokio::test]
async fn words_wait_for_no_file_and_what_is_not_had_at_once_comes_by_the_topic() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let text = text(&phone, "사진", &["https://a/1", "https://a/late-2", "https://a/late-3", "https://elsewhere/4"]);
    assert_eq!(world.function.take_in(text.clone()).await.expect("taken in"), Received::Kept);
    assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Before);
    assert_eq!(
        said(&table, notice).await,
        ["사진\n[사진이나 파일 1개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]\n\
          [함께 보낸 사진이나 파일 2개는 아직 받는 중입니다. 받는 대로 제출 서류에 올라갑니다.]\n\
          [함께 보낸 사진이나 파일 1개는 받지 못했습니다.]"]
    );
    assert_eq!(handed_in(&table, notice).await, [1]);

    let [awaited] = &*world.function.later.handed_on() else { unreachable!("handed on once") };
    let nothing_yet = world.outcome(notified(awaited)).await;
    assert!(nothing_yet.is_err(), "the topic brings them again");
    let one_more = awaited.replace("late-2", "2");
    for _ in 0..2 {
        world.outcome(notified(&one_more)).await.expect("one was had");
    }
    assert_eq!(handed_in(&table, notice).await, [1, 1], "once, however often it comes");
    let [_, rest, again] = &*world.function.later.handed_on() else { unreachable!("the rest, each time") };
    assert_eq!(rest, again);
    world.outcome(notified(&rest.replace("late-3", "3"))).await.expect("the last");
    assert_eq!(handed_in(&table, notice).await, [1, 1, 1]);
    assert_eq!(said(&table, notice).await.len(), 1, "all that came was foretold");
    let uploads: std::collections::BTreeSet<_> =
        world.function.media.taken().into_iter().map(|(_, upload, _)| upload).collect();
    assert_eq!(uploads.len(), 3, "the same file is the same upload each time");
    own.drop().await;
}

#[tokio::test]
async fn an_officer_learns_that_what_was_coming_does_not() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let text = text(&phone, "사진", &["https://a/late-1"]);
    assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Kept);
    let [awaited] = &*world.function.later.handed_on() else { unreachable!("handed on") };
    for _ in 0..2 {
        world
            .outcome(notified(&awaited.replace("a/late-1", "elsewhere/1")))
            .await
            .expect("nothing is left to wait for");
    }
    assert_eq!(
        said(&table, notice).await,
        [
            "사진\n[함께 보낸 사진이나 파일 1개는 아직 받는 중입니다. 받는 대로 제출 서류에 올라갑니다.]",
            "[앞선 문자와 함께 보낸 사진이나 파일 1개는 받지 못했습니다.]"
        ],
        "once"
    );
    own.drop().await;
}

#[tokio::test]
async fn a_text_whose_files_can_neither_be_had_nor_handed_on_comes_again() {
    let own = OwnTable::create().await;
    let (table, mut world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let text = text(&phone, "사진", &["https://a/late"]);
    world.function.later.break_down();
    assert!(world.function.take_in(text).await.is_err());
    assert_eq!(said(&table, notice).await, [""; 0]);
    own.drop().await;
}

#[tokio::test]
async fn a_telephone_that_sends_picture_upon_picture_gets_no_more_receipts() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    for number in 0..22 {
        let text = text(&phone, &format!("{number}째"), &["https://a/1"]);
        assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Kept);
    }
    let is_confirmed = |fact: &Fact| matches!(fact, Fact::DocumentsSubmitted { confirm: true, .. });
    assert_eq!(facts(&table, notice).await.iter().filter(|fact| is_confirmed(fact)).count(), 20);
    assert_eq!(handed_in(&table, notice).await.len(), 22, "all of them are kept");
    own.drop().await;
}

#[tokio::test]
async fn what_can_never_be_had_leaves_the_text_and_a_line_for_the_officer() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let text = text(&phone, "", &["https://elsewhere/1", "https://a/2"]);
    assert_eq!(world.function.take_in(text).await.expect("taken in"), Received::Kept);
    assert_eq!(
        said(&table, notice).await,
        [
            "[사진이나 파일 1개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]\n[함께 보낸 사진이나 파일 1개는 받지 못했습니다.]"
        ]
    );
    own.drop().await;
}

#[tokio::test]
async fn nothing_is_fetched_for_a_stranger_and_never_more_than_ten_files() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let stranger = text("010-9999-0000", "사진", &["https://a/1"]);
    assert_eq!(world.function.take_in(stranger).await.expect("taken in"), Received::Unmatched);
    assert!(world.function.media.taken().is_empty());
    let bomb = text(&phone, "많이", &["https://a/1"; 12]);
    assert_eq!(world.function.take_in(bomb).await.expect("taken in"), Received::Kept);
    assert_eq!(world.function.media.taken().len(), 10);
    assert!(said(&table, notice).await[0].contains("2개는 받지 못했습니다"));
    own.drop().await;
}
