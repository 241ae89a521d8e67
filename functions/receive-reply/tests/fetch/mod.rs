//! Fetching files: from allowed hosts alone, bounded in size and time.

use std::time::Duration;

use receive_reply::{Fetcher, MediaHosts, Untaken};

use crate::world::server::{Asked, Does, machine};

const PHOTO: [u8; 3] = [0xff, 0xd8, 0xff];

fn answers(Asked { what, .. }: Asked) -> Does {
    let to = |location: &str| Does::Answers("302 Found", format!("location: {location}\r\n"), Vec::new());
    let only = |status| Does::Answers(status, String::new(), Vec::new());
    match what.as_str() {
        "GET /photo" => Does::Answers("200 OK", String::new(), PHOTO.to_vec()),
        "GET /long" => Does::Answers("200 OK", String::new(), vec![0; 2_000]),
        "GET /endless" => Does::Babbles,
        "GET /slow" => Does::Sleeps,
        "GET /there" => to("/photo"),
        "GET /round" => to("/round"),
        "GET /away" => to("https://example.org/photo"),
        "GET /inside" => to("http://127.0.0.1/photo"),
        "GET /gone" => only("410 Gone"),
        "GET /busy" => only("503 Service Unavailable"),
        _ => only("404 Not Found"),
    }
}

async fn fetch(path: &str) -> Result<Vec<u8>, Untaken> {
    let port = machine(answers).await;
    let hosts = MediaHosts::parse(&format!("localhost:{port}")).expect("hosts");
    let fetcher = Fetcher::bounded(hosts, 1_000, Duration::from_millis(700));
    fetcher.fetch(&format!("http://localhost:{port}{path}")).await
}

#[tokio::test]
async fn a_file_is_fetched_and_a_redirect_followed() {
    for path in ["/photo", "/there"] {
        assert_eq!(fetch(path).await.expect(path), PHOTO);
    }
}

#[tokio::test]
async fn what_is_not_taken_says_whether_to_try_again() {
    for (path, expected, again) in [
        ("/long", "the answer is longer than 1000 bytes", false),
        ("/endless", "the answer is longer than 1000 bytes", false),
        ("/slow", "no answer in time", true),
        ("/round", "the file's address leads on too often", false),
        ("/away", "the file's host is not among those allowed", false),
        ("/inside", "the file's host is not among those allowed", false),
        ("/gone", "the file's host answered 410 Gone", false),
        ("/busy", "the file's host answered 503 Service Unavailable", true),
    ] {
        let error = fetch(path).await.expect_err(path);
        let told = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let told: Vec<String> = told.map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told == expected), "{path}: {told:?}");
        assert_eq!(error.is_retryable(), again, "{path}");
        assert!(!told.iter().any(|told| told.contains(path)), "an address may open what it names: {told:?}");
    }
}

#[tokio::test]
async fn no_other_place_is_ever_called() {
    let fetcher = Fetcher::new(MediaHosts::parse("localhost:1").expect("hosts"));
    for address in ["", "photo.jpg", "https://example.org/x", "http://169.254.169.254/x", "file:///etc/passwd"] {
        assert!(matches!(fetcher.fetch(address).await, Err(Untaken::NotAllowed)), "{address}");
    }
    let error = fetcher.fetch("http://localhost:1/x").await.expect_err("nobody listens");
    assert!(error.is_retryable(), "{error:?}");
}
