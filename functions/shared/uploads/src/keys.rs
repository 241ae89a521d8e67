//! Every key of the bucket: the only file that joins strings into keys. Nothing personal stands in them.

use domain::{NoticeId, UploadId};

const QUARANTINE: &str = "quarantine/";

/// A file as it was handed in: nobody gets it from there.
#[must_use]
pub fn quarantine_key(notice: NoticeId, upload: UploadId) -> String {
    format!("{}{upload}", quarantine_prefix(notice))
}

/// What the keys of all files of a notice begin with.
pub(crate) fn quarantine_prefix(notice: NoticeId) -> String {
    format!("{QUARANTINE}{notice}/")
}

/// The same file once it was checked.
#[must_use]
pub fn clean_key(notice: NoticeId, upload: UploadId) -> String {
    format!("clean/{notice}/{upload}")
}

/// The file that was handed in under this key; none for a key of another kind.
#[must_use]
pub fn quarantined(key: &str) -> Option<(NoticeId, UploadId)> {
    let (notice, upload) = key.strip_prefix(QUARANTINE)?.split_once('/')?;
    Some((NoticeId::parse(notice).ok()?, UploadId::parse(upload).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_back_to_its_file_and_another_to_none() {
        let notice = NoticeId::parse("01KAR4Q4C00000000000000001").expect("an id");
        let upload = UploadId::parse("01KAR4Q4C00000000000000002").expect("an id");
        assert_eq!(quarantined(&quarantine_key(notice, upload)), Some((notice, upload)));
        assert_eq!(quarantined(&clean_key(notice, upload)), None);
        for other in ["quarantine/", "quarantine/x/y", "uploads/01KAR4Q4C00000000000000001"] {
            assert_eq!(quarantined(other), None, "{other}");
        }
    }
}
