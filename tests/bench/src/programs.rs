//! Who is measured: the functions as they are deployed, the floor, and the peers.

use std::path::{Path, PathBuf};

use crate::host::Program;

/// The functions, with the megabytes the template gives them.
pub const FUNCTIONS: [(&str, u32); 14] = [
    ("intake-notice", 256),
    ("send-sms", 256),
    ("import-batch", 1024),
    ("relay-events", 256),
    ("send-email", 256),
    ("render-letter", 512),
    ("post-letters", 2048),
    ("select-preference", 256),
    ("receive-reply", 256),
    ("record-receipt", 256),
    ("watch-deadlines", 256),
    ("notify-renewals", 256),
    ("staff-console", 256),
    ("check-submission", 512),
];

/// The jobs that peers do too.
pub const JOBS: [&str; 2] = ["intake-notice", "send-sms"];

/// Where programs are found.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The repository.
    pub root: PathBuf,
    /// Where binaries were built.
    pub binaries: PathBuf,
    /// Where the functions find DynamoDB, if not where all else is.
    pub dynamodb: Option<String>,
}

impl Programs {
    /// A function of ours, or a program of the floor.
    #[must_use]
    pub fn ours(&self, name: &str) -> Program {
        let memory = FUNCTIONS.iter().find(|(known, _)| *known == name).map_or(256, |(_, megabytes)| *megabytes);
        self.program(name, vec![self.binaries.join(name)], memory)
    }

    /// The same job in Node.
    #[must_use]
    pub fn node(&self, job: &str) -> Program {
        let folder = self.root.join("target/bench/node");
        let script = folder.join("dist").join(format!("{}.mjs", peer_file(job)));
        self.program(&format!("node {job}"), vec![folder.join("node_modules/node/bin/node"), script], 256)
    }

    /// The same job in Python.
    #[must_use]
    pub fn python(&self, job: &str) -> Program {
        let interpreter = self.root.join("target/bench/python/bin/python");
        let handler = format!("{}.handler", peer_file(job).replace('-', "_"));
        let command = vec![interpreter, "-m".into(), "awslambdaric".into(), handler.into()];
        let mut program = self.program(&format!("python {job}"), command, 256);
        let sources = self.root.join("tests/bench/peers/python");
        program.environment.push(("PYTHONPATH".to_owned(), sources.display().to_string()));
        // As deployed: compiled once, beside the sources.
        let compiled = self.root.join("target/bench/pycache");
        program.environment.push(("PYTHONPYCACHEPREFIX".to_owned(), compiled.display().to_string()));
        program.environment.push(("LAMBDA_TASK_ROOT".to_owned(), sources.display().to_string()));
        program
    }

    /// Everyone who does a job.
    #[must_use]
    pub fn all_at(&self, job: &str) -> [Program; 3] {
        [self.ours(job), self.node(job), self.python(job)]
    }

    /// The same, with DynamoDB where all else is.
    #[must_use]
    pub fn here(&self) -> Self {
        Self { dynamodb: None, ..self.clone() }
    }

    fn program(&self, name: &str, command: Vec<PathBuf>, memory_megabytes: u32) -> Program {
        let environment = [
            // As the template names Amazon Linux's.
            ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
            ("TABLE", "bench"),
            ("SETTINGS_PARAMETER", "/bench/settings"),
            ("RECIPIENT_KEY_SECRET", "recipient-key"),
            ("WEBHOOK_SECRET", "webhook"),
            ("TWILIO_SECRET", "twilio"),
            ("MESSAGE_HUB_SECRET", "message-hub"),
            ("INBOUND_TOPIC", "arn:aws:sns:ap-northeast-2:000000000000:inbound"),
            ("PUBLIC_URL", "https://n.go.kr"),
            ("SMS_QUEUE_URL", "http://127.0.0.1/000000000000/sms"),
            ("EMAIL_QUEUE_URL", "http://127.0.0.1/000000000000/email"),
            ("LETTER_QUEUE_URL", "http://127.0.0.1/000000000000/letter"),
            ("PRINT_QUEUE_URL", "http://127.0.0.1/000000000000/print"),
            ("IMPORT_QUEUE_URL", "http://127.0.0.1/000000000000/import"),
            ("LETTER_BUCKET", "letters"),
            ("BATCH_BUCKET", "batches"),
            ("SUBMISSION_BUCKET", "submissions"),
            ("MAIL_FROM", "notice@tongji.example"),
            ("CONFIGURATION_SET", "mail"),
        ];
        let mut environment: Vec<_> =
            environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        environment.extend(self.dynamodb.clone().map(|url| ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), url)));
        Program { name: name.replace(' ', "-"), command, memory_megabytes, environment }
    }
}

/// The file of a peer that does a job.
fn peer_file(job: &str) -> &str {
    if job == "intake-notice" { "intake" } else { job }
}

/// Bytes of a program as it is deployed: as it lies there, and zipped.
///
/// # Errors
/// When it cannot be read or packed.
pub fn sizes(file: &Path) -> std::io::Result<(u64, u64)> {
    let content = std::fs::read(file)?;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options).map_err(std::io::Error::other)?;
    std::io::Write::write_all(&mut zip, &content)?;
    let packed = zip.finish().map_err(std::io::Error::other)?.into_inner();
    Ok((content.len().try_into().unwrap_or(u64::MAX), packed.len().try_into().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_the_templates_memory() {
        let template = include_str!("../../../infra/template.yaml");
        for (name, megabytes) in FUNCTIONS {
            let (_, after) =
                template.split_once(&format!("CodeUri: ../target/lambda/{name}/\n")).expect("in the template");
            let mut own = after.lines().take_while(|line| !line.contains("Environment:"));
            let own = own.find_map(|line| line.trim().strip_prefix("MemorySize: ")?.parse().ok());
            assert_eq!(megabytes, own.unwrap_or(256), "{name}");
        }
        assert_eq!(template.matches("CodeUri: ../target/lambda/").count(), FUNCTIONS.len());
    }

    #[test]
    fn a_file_has_two_sizes() {
        let (bytes, packed) = sizes(Path::new("src/programs.rs")).expect("readable");
        assert!(packed < bytes);
    }
}
