//! Files that come with texts: they become papers of the notice, once, and the officer is told what did not.

use bootstrap::{SystemClock, SystemEntropy};
use domain::ports::{Clock, Entropy};
use domain::{Fact, NoticeId, ProviderMessageId};

use journeys::OwnTable;
use receive_reply::{Inbound, Media, Provider, Received, Sender};
use store::Table;

use crate::world::{World, taken_in};

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
    let facts = facts(&table, notice).await;
    let submitted: Vec<usize> = facts
        .iter()
        .filter_map(|fact| if let Fact::DocumentsSubmitted { files, .. } = fact { Some(files.len()) } else { None })
        .collect();
    assert_eq!(submitted, [2]);
    assert_eq!(world.function.media.taken().len(), 2, "not fetched again");
    assert_eq!(
        said(&table, notice).await,
        ["신분증입니다\n[사진이나 파일 2개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]"]
    );
    own.drop().await;
}

#[tokio::test]
async fn what_is_not_had_for_now_comes_again_and_nothing_is_kept_before() {
    let own = OwnTable::create().await;
    let (table, world) = (own.table(), World::over(own.table()).await);
    let (notice, phone) = taken_in(&table, SystemClock.now()).await;
    let mut late = text(&phone, "사진", &["https://a/1", "https://a/late"]);
    assert!(world.function.take_in(late.clone()).await.is_err());
    assert_eq!(said(&table, notice).await, [""; 0]);
    late.media[1].url = "https://a/2".to_owned();
    assert_eq!(world.function.take_in(late).await.expect("taken in"), Received::Kept);
    let taken = world.function.media.taken();
    let uploads: std::collections::BTreeSet<_> = taken.iter().map(|(_, upload, _)| upload).collect();
    assert_eq!((taken.len(), uploads.len()), (3, 2), "the same file is the same upload each time");
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
