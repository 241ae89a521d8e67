//! Another machine, played by this one: answers requests one by one, and hangs up after each.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request.
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) what: String,
    /// All headers, as they came.
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// What the machine does.
pub(crate) enum Does {
    /// Answers with this status line, these headers and this body.
    Answers(&'static str, String, Vec<u8>),
    /// Never answers.
    Sleeps,
    /// Answers without end.
    Babbles,
}

/// The port of a machine that does this.
pub(crate) async fn machine(does: impl Fn(Asked) -> Does + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let does = Arc::new(does);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&does)));
        }
    });
    port
}

async fn serve(mut stream: TcpStream, does: Arc<impl Fn(Asked) -> Does>) {
    let asked = read(&mut stream).await;
    match does(asked) {
        Does::Answers(status, headers, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
        Does::Sleeps => std::future::pending().await,
        Does::Babbles => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
        }
    }
}

async fn read(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.to_lowercase().split("content-length: ").nth(1).map(|rest| rest.lines().next().map(str::to_owned));
            let length: usize = length.flatten().and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
                let what = first.strip_suffix(" HTTP/1.1").unwrap_or(first).to_owned();
                return Asked { what, headers: headers.to_owned(), body: body.to_owned() };
            }
        }
        if stream.read_buf(&mut bytes).await.expect("a request") == 0 {
            return Asked { what: String::new(), headers: String::new(), body: String::new() };
        }
    }
}
