//! What files are, and what officers are warned of, by real ones.

use check_submission::look_into;
use domain::{FileFault, FileWarning};
use store::Finding;

const LONGEST: u64 = 1024 * 1024;

fn warnings(content: &[u8]) -> Vec<FileWarning> {
    match look_into(content, LONGEST) {
        Finding::Sound { warnings, .. } => warnings,
        Finding::Unfit { reason } => unreachable!("{reason:?}"),
    }
}

fn pdf(objects: &str, trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for object in objects.split("\n\n") {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", places.len()).bytes());
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    for place in &places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = places.len() + 1;
    file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R {trailer}>>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

const PAGES: &str =
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>\n\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>";

#[test]
fn types_are_told_by_content() {
    let jpeg = [b"\xff\xd8\xff\xe0\0\x10JFIF\0".as_slice(), &[0; 64]].concat();
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0; 64]].concat();
    let heic = [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[0; 64]].concat();
    for (content, mime) in [
        (jpeg, "image/jpeg"),
        (png, "image/png"),
        (heic, "image/heif"),
        (pdf(&format!("<< /Type /Catalog /Pages 2 0 R >>\n\n{PAGES}"), ""), "application/pdf"),
    ] {
        match look_into(&content, LONGEST) {
            Finding::Sound { content_type, warnings, .. } => {
                assert_eq!(content_type, mime);
                assert_eq!(warnings, []);
            }
            Finding::Unfit { reason } => unreachable!("{mime}: {reason:?}"),
        }
    }
    let mp4 = [b"\0\0\0\x18ftypisom\0\0\0\0isommp42".as_slice(), &[0; 64]].concat();
    for other in [b"GIF89a aaaaaaaaaaa".as_slice(), b"MZ aaaaaaaaaaaaaaaa", &mp4, b"plain words"] {
        assert_eq!(look_into(other, LONGEST), Finding::Unfit { reason: FileFault::WrongType });
    }
    assert_eq!(look_into(b"", LONGEST), Finding::Unfit { reason: FileFault::Empty });
    assert_eq!(look_into(b"%PDF-1.7", 4), Finding::Unfit { reason: FileFault::TooLarge });
}

#[test]
fn an_officer_is_warned_of_scripts_passwords_and_attachments() {
    let script = pdf(
        &format!(
            "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>\n\n{PAGES}"
        ),
        "",
    );
    assert_eq!(warnings(&script), [FileWarning::Scripts]);
    // Turned to its first page, as office programs write it.
    let turned = pdf(&format!("<< /Type /Catalog /Pages 2 0 R /OpenAction [1 0 R /XYZ null null 0] >>\n\n{PAGES}"), "");
    assert_eq!(warnings(&turned), []);
    let files =
        pdf(&format!("<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [] >> >> >>\n\n{PAGES}"), "");
    assert_eq!(warnings(&files), [FileWarning::Attachments]);
    let locked = pdf(
        &format!(
            "<< /Type /Catalog /Pages 2 0 R >>\n\n{PAGES}\n\n<< /Filter /Standard /V 1 /R 2 /O (a) /U (b) /P -4 >>"
        ),
        "/Encrypt 4 0 R ",
    );
    assert_eq!(warnings(&locked), [FileWarning::Encrypted]);
    // Broken off: its bytes tell.
    let broken = b"%PDF-1.7\n1 0 obj << /Type /Catalog /OpenAction 2 0 R /Names << /EmbeddedFiles 3 0 R >> >> endobj trailer << /Encrypt 4 0 R";
    assert_eq!(warnings(broken), [FileWarning::Scripts, FileWarning::Encrypted, FileWarning::Attachments]);
}
