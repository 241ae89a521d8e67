//! Buckets in memory: files by their path, ranges of them, and files made of parts.

use std::collections::HashMap;

use crate::http::{Request, Response};
use crate::meter::Usage;

/// Files by bucket and key.
pub type Objects = HashMap<String, Vec<u8>>;

/// Answers one request to S3.
pub fn s3(objects: &mut Objects, usage: &mut Usage, request: Request) -> Response {
    let Request { method, path, query, body, .. } = &request;
    let part = |number: &str| format!("{path}?part={number:0>5}");
    match method.as_str() {
        "PUT" => {
            let number = query.split('&').find_map(|pair| pair.strip_prefix("partNumber="));
            usage.call(if number.is_some() { "s3:UploadPart" } else { "s3:PutObject" });
            objects.insert(number.map_or_else(|| path.clone(), part), request.body);
            Response::new(200, "").with("etag", "\"tag\"")
        }
        "GET" => {
            usage.call("s3:GetObject");
            let Some(object) = objects.get(path) else {
                return Response::new(404, "<Error><Code>NoSuchKey</Code></Error>");
            };
            match ranged(request.header("range"), object.len()) {
                None => Response::new(200, object.clone()),
                Some(range) if range.is_empty() => Response::new(416, "<Error><Code>InvalidRange</Code></Error>"),
                Some(range) => Response::new(206, object.get(range).unwrap_or_default()),
            }
        }
        "HEAD" => {
            usage.call("s3:HeadObject");
            Response::new(if objects.contains_key(path) { 200 } else { 404 }, "")
        }
        "POST" if query.starts_with("uploads") => {
            usage.call("s3:CreateMultipartUpload");
            let answer = "<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>";
            Response::new(200, answer)
        }
        "POST" => {
            usage.call("s3:CompleteMultipartUpload");
            let prefix = format!("{path}?part=");
            let mut parts: Vec<String> = objects.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
            parts.sort_unstable();
            let whole = parts.iter().filter_map(|key| objects.remove(key)).flatten().collect();
            objects.insert(path.clone(), whole);
            let answer = "<CompleteMultipartUploadResult><ETag>\"tag\"</ETag></CompleteMultipartUploadResult>";
            Response::new(200, answer)
        }
        _ => Response::new(501, body.clone()),
    }
}

/// The bytes that `bytes=first-last` names, of so many; empty where it begins past the end.
fn ranged(text: &str, length: usize) -> Option<std::ops::Range<usize>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    Some(if first >= length { 0..0 } else { first..length.min(last + 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(objects: &mut Objects, method: &str, uri: &str, body: &str) -> u16 {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let request = Request { method: method.to_owned(), path, query, body: body.into(), ..Request::default() };
        s3(objects, &mut Usage::default(), request).status
    }

    #[test]
    fn files_are_kept_read_and_joined() {
        let mut objects = Objects::new();
        assert_eq!(ask(&mut objects, "GET", "/b/k", ""), 404);
        assert_eq!(ask(&mut objects, "HEAD", "/b/k", ""), 404);
        assert_eq!(ask(&mut objects, "PUT", "/b/k", "one"), 200);
        assert_eq!(ask(&mut objects, "GET", "/b/k", ""), 200);
        assert_eq!(ask(&mut objects, "HEAD", "/b/k", ""), 200);
        for (number, part) in [("/b/j?partNumber=1&uploadId=u", "first "), ("/b/j?partNumber=2&uploadId=u", "second")] {
            assert_eq!(ask(&mut objects, "PUT", number, part), 200);
        }
        assert_eq!(ask(&mut objects, "POST", "/b/j?uploadId=u", ""), 200);
        assert_eq!(objects["/b/j"], b"first second");
        assert_eq!(objects.len(), 2);
    }

    #[test]
    fn ranges_end_with_the_file() {
        assert_eq!(ranged("bytes=2-5", 4), Some(2..4));
        assert_eq!(ranged("bytes=4-5", 4), Some(0..0));
        assert_eq!(ranged("lines=1-2", 4), None);
    }
}
