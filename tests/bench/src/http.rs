//! The least of an HTTP/1.1 server: whole requests in, whole answers out, over connections that stay open.
//!
//! Frameworks would bring features into the functions' own dependencies, and take time that is not theirs.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Headers of a request, and what a chunk is read at.
const HEADERS: usize = 64;
const PIECE: usize = 64 * 1024;

/// A request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query, without its mark; empty without one.
    pub query: String,
    /// Headers, their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers besides the body's length.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer of this status and body.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Serves until the task is aborted.
pub async fn serve<F, A>(listener: TcpListener, answer: F)
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Response> + Send,
{
    let answer = Arc::new(answer);
    while let Ok((stream, _)) = listener.accept().await {
        // Small answers must not wait for more.
        _ = stream.set_nodelay(true);
        let answer = Arc::clone(&answer);
        tokio::spawn(async move {
            let mut connection = Connection { stream, read: Vec::new() };
            // A connection that breaks off is its client's to make anew.
            while let Ok(Some(request)) = connection.request().await {
                if connection.answer(&answer(request).await).await.is_err() {
                    return;
                }
            }
        });
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// The next request; none once the client has closed.
    async fn request(&mut self) -> std::io::Result<Option<Request>> {
        let (mut request, head) = loop {
            if let Some(parsed) = parsed(&self.read)? {
                break parsed;
            }
            if self.more().await? == 0 {
                return Ok(None);
            }
        };
        self.read.drain(..head);
        if request.header("expect").eq_ignore_ascii_case("100-continue") {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        request.body = if request.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
            self.chunks().await?
        } else {
            let length = request.header("content-length").parse().unwrap_or_default();
            self.exactly(length).await?
        };
        Ok(Some(request))
    }

    async fn exactly(&mut self, length: usize) -> std::io::Result<Vec<u8>> {
        while self.read.len() < length {
            if self.more().await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let rest = self.read.split_off(length);
        Ok(std::mem::replace(&mut self.read, rest))
    }

    async fn chunks(&mut self) -> std::io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = self.read.windows(2).position(|two| two == b"\r\n") {
                    break self.exactly(end + 2).await?;
                }
                if self.more().await? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
            };
            let digits = String::from_utf8_lossy(&line);
            let digits = digits.split(';').next().unwrap_or_default().trim();
            let length = usize::from_str_radix(digits, 16).map_err(std::io::Error::other)?;
            let mut chunk = self.exactly(length + 2).await?;
            if length == 0 {
                return Ok(body);
            }
            chunk.truncate(length);
            body.extend(chunk);
        }
    }

    async fn more(&mut self) -> std::io::Result<usize> {
        self.read.reserve(PIECE);
        self.stream.read_buf(&mut self.read).await
    }

    async fn answer(&mut self, response: &Response) -> std::io::Result<()> {
        let mut bytes = format!("HTTP/1.1 {} -\r\ncontent-length: {}\r\n", response.status, response.body.len());
        for (name, value) in &response.headers {
            bytes.extend([name, ": ", value, "\r\n"]);
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend(&response.body);
        self.stream.write_all(&bytes).await
    }
}

/// The head of a request and its length, once it is whole.
fn parsed(bytes: &[u8]) -> std::io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).map_err(std::io::Error::other)? else { return Ok(None) };
    let (path, query) = head.path.unwrap_or_default().split_once('?').unwrap_or((head.path.unwrap_or_default(), ""));
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: head.headers.iter().map(|header| (header.name.to_lowercase(), text(header.value))).collect(),
        body: Vec::new(),
    };
    Ok(Some((request, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(pieces: &[&str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let serving = tokio::spawn(serve(listener, |request: Request| async move {
            let told = format!("{} {} {} {}", request.method, request.path, request.query, request.header("x-name"));
            Response::new(201, format!("{told} {}", String::from_utf8_lossy(&request.body))).with("x-more", "yes")
        }));
        let mut stream = TcpStream::connect(address).await.expect("connected");
        for piece in pieces {
            stream.write_all(piece.as_bytes()).await.expect("written");
            tokio::task::yield_now().await;
        }
        stream.shutdown().await.expect("closed");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.expect("read");
        serving.abort();
        answers
    }

    #[tokio::test]
    async fn requests_come_in_pieces_and_one_after_the_other() {
        let second = "POST /b?c=d HTTP/1.1\r\nX-Name: e\r\nContent-Length: 4\r\n\r\nfg";
        let answers = asked(&["GET /a HT", "TP/1.1\r\n\r\n", second, "hi"]).await;
        assert_eq!(
            answers,
            "HTTP/1.1 201 -\r\ncontent-length: 9\r\nx-more: yes\r\n\r\nGET /a   HTTP/1.1 201 -\r\ncontent-length: 18\r\nx-more: yes\r\n\r\nPOST /b c=d e fghi"
        );
    }

    #[tokio::test]
    async fn a_body_may_come_in_chunks() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";
        let answers = asked(&[head, "3\r\nabc\r\n", "A;x=y\r\n0123456789\r\n0\r\n\r\n"]).await;
        assert!(
            answers.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201")
                && answers.ends_with("POST /   abc0123456789"),
            "{answers}"
        );
    }
}
