//! The Lambda Runtime API for one copy of a function: starts its program, hands it events, takes its answers and times both.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::http::{Request, Response, serve};

/// Whatever a copy does not do within this time it will never do.
const PATIENCE: Duration = Duration::from_mins(5);

/// A built function: ours, a peer's or the floor's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name; it signs its calls with this as access key.
    pub name: String,
    /// What to run, and its arguments.
    pub command: Vec<PathBuf>,
    /// Megabytes the template gives it.
    pub memory_megabytes: u32,
    /// Variables of its own.
    pub environment: Vec<(String, String)>,
}

/// Why a copy did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Silent {
    /// It could not be started, or its port not opened.
    #[error("{0} cannot be started")]
    Unstarted(String, #[source] std::io::Error),
    /// It ended, or took too long.
    #[error("{0} does not answer; its last words: {1}")]
    Gone(String, String),
    /// It answered with an error.
    #[error("{0} answered with an error: {1}")]
    Error(String, String),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// What it says.
    pub body: Vec<u8>,
    /// From handing the event over to having the answer.
    pub took: Duration,
    /// When it was there.
    pub at: Instant,
}

struct Waiting {
    event: Vec<u8>,
    answer: oneshot::Sender<Result<Answered, String>>,
}

type Flight = (Instant, oneshot::Sender<Result<Answered, String>>);

struct Api {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Waiting>>,
    flight: Mutex<Option<Flight>>,
    first_next: Mutex<Option<Instant>>,
    ready: Notify,
    invocations: AtomicU64,
}

/// One running copy; it ends when this is dropped.
pub struct Copy {
    name: String,
    child: Child,
    events: mpsc::UnboundedSender<Waiting>,
    api: Arc<Api>,
    started: Instant,
    logged: Arc<AtomicU64>,
    last_words: Arc<Mutex<String>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Copy {
    /// Starts a copy that finds AWS at `cloud`.
    ///
    /// # Errors
    /// When its program cannot be run.
    pub async fn start(program: &Program, cloud: &str) -> Result<Self, Silent> {
        let unstarted = |error| Silent::Unstarted(program.name.clone(), error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(unstarted)?;
        let address = listener.local_addr().map_err(unstarted)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let api = Arc::new(Api {
            events: tokio::sync::Mutex::new(receiver),
            flight: Mutex::default(),
            first_next: Mutex::default(),
            ready: Notify::new(),
            invocations: AtomicU64::new(0),
        });
        let asked = Arc::clone(&api);
        let serving = tokio::spawn(serve(listener, move |request| answer(Arc::clone(&asked), request)));
        let mut command = Command::new(program.command.first().cloned().unwrap_or_default());
        command
            .args(program.command.iter().skip(1))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", &program.name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", program.memory_megabytes.to_string())
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
            .env("AWS_REGION", "ap-northeast-2")
            .env("AWS_DEFAULT_REGION", "ap-northeast-2")
            .env("AWS_ACCESS_KEY_ID", &program.name)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_ENDPOINT_URL", cloud)
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().map_err(unstarted)?;
        let (logged, last_words) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(String::new())));
        if let Some(stdout) = child.stdout.take() {
            listen(stdout, &logged, &last_words);
        }
        if let Some(stderr) = child.stderr.take() {
            listen(stderr, &logged, &last_words);
        }
        let name = program.name.clone();
        Ok(Self { name, child, events: sender, api, started, logged, last_words, serving })
    }

    /// From its start to its first call for an event.
    ///
    /// # Errors
    /// When it never calls.
    pub async fn ready(&self) -> Result<Duration, Silent> {
        let called = tokio::time::timeout(PATIENCE, async {
            loop {
                let notified = self.api.ready.notified();
                if let Some(at) = *held(&self.api.first_next) {
                    return at;
                }
                notified.await;
            }
        });
        called.await.map(|at| at - self.started).map_err(|_| self.gone())
    }

    /// Hands it an event.
    ///
    /// # Errors
    /// When it answers with an error, or not at all.
    pub async fn invoke(&self, event: impl Into<Vec<u8>>) -> Result<Answered, Silent> {
        let (answer, answered) = oneshot::channel();
        self.events.send(Waiting { event: event.into(), answer }).map_err(|_| self.gone())?;
        let answered = tokio::time::timeout(PATIENCE, answered).await;
        let answered = answered.map_err(|_| self.gone())?.map_err(|_| self.gone())?;
        answered.map_err(|error| Silent::Error(self.name.clone(), error))
    }

    /// From its start to this moment.
    #[must_use]
    pub fn since_start(&self, moment: Instant) -> Duration {
        moment - self.started
    }

    /// Kilobytes of memory it holds now, and the most it held.
    #[must_use]
    pub fn memory(&self) -> (u64, u64) {
        let path = format!("/proc/{}/status", self.child.id());
        memory_of(&std::fs::read_to_string(path).unwrap_or_default())
    }

    /// Bytes it has logged since this was last asked.
    #[must_use]
    pub fn take_logged(&self) -> u64 {
        self.logged.swap(0, Ordering::Relaxed)
    }

    fn gone(&self) -> Silent {
        Silent::Gone(self.name.clone(), held(&self.last_words).clone())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.serving.abort();
        // It may have ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Resident memory and its peak, in kilobytes, as the kernel tells them.
fn memory_of(status: &str) -> (u64, u64) {
    let line = |name: &str| {
        let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
        rest.trim().split(' ').next()?.parse().ok()
    };
    (line("VmRSS:").unwrap_or_default(), line("VmHWM:").unwrap_or_default())
}

/// Listens to what a copy says until it ends, and remembers its last words.
fn listen(mut from: impl Read + Send + 'static, logged: &Arc<AtomicU64>, last_words: &Arc<Mutex<String>>) {
    const KEPT: usize = 2_000;
    let (logged, last_words) = (Arc::clone(logged), Arc::clone(last_words));
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(read) = from.read(&mut buffer) {
            if read == 0 {
                return;
            }
            logged.fetch_add(u64::try_from(read).unwrap_or_default(), Ordering::Relaxed);
            let mut words = held(&last_words);
            words.push_str(&String::from_utf8_lossy(buffer.get(..read).unwrap_or_default()));
            let surplus = words.len().saturating_sub(KEPT);
            let surplus = (surplus..words.len()).find(|index| words.is_char_boundary(*index)).unwrap_or_default();
            words.drain(..surplus);
        }
    });
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(api: Arc<Api>, request: Request) -> Response {
    let path = request.path.strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
    match (path, path.rsplit('/').next()) {
        ("invocation/next", _) => next(&api).await,
        ("init/error", _) => {
            // Whoever waits for this copy is told so.
            if let Some(waiting) = api.events.lock().await.recv().await {
                _ = waiting.answer.send(Err(String::from_utf8_lossy(&request.body).into_owned()));
            }
            Response::new(202, "")
        }
        (_, Some("response")) => {
            let at = Instant::now();
            if let Some((handed, answer)) = held(&api.flight).take() {
                _ = answer.send(Ok(Answered { body: request.body, took: at - handed, at }));
            }
            Response::new(202, "")
        }
        (_, Some("error")) => {
            if let Some((_, answer)) = held(&api.flight).take() {
                _ = answer.send(Err(String::from_utf8_lossy(&request.body).into_owned()));
            }
            Response::new(202, "")
        }
        (_, Some(_) | None) => Response::new(404, ""),
    }
}

async fn next(api: &Api) -> Response {
    held(&api.first_next).get_or_insert_with(Instant::now);
    api.ready.notify_waiters();
    let Some(waiting) = api.events.lock().await.recv().await else { return Response::new(410, "") };
    let deadline = crate::now().as_millisecond() + i64::try_from(PATIENCE.as_millis()).unwrap_or_default();
    let id = api.invocations.fetch_add(1, Ordering::Relaxed);
    *held(&api.flight) = Some((Instant::now(), waiting.answer));
    Response::new(200, waiting.event)
        .with("Lambda-Runtime-Aws-Request-Id", format!("{id:08x}-0000-4000-8000-000000000000"))
        .with("Lambda-Runtime-Deadline-Ms", deadline.to_string())
        .with("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:ap-northeast-2:000000000000:function:bench")
        .with("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
        .with("Content-Type", "application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function in a shell script: answers every event with the same words.
    const FAKE: &str = r#"
exec 2>&1
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while id=$(curl -s -D - -o /dev/null "$api/next" | tr -d '\r' | sed -n 's/^lambda-runtime-aws-request-id: //Ip'); [ -n "$id" ]; do
  echo "at work"
  curl -s -d "$ANSWER" "$api/$id/$HOW"
done
"#;

    fn fake(how: &str) -> Program {
        let environment = [("ANSWER", "done"), ("HOW", how), ("PATH", "/usr/bin:/bin")];
        Program {
            name: "fake".to_owned(),
            command: ["/bin/sh", "-c", FAKE].map(PathBuf::from).to_vec(),
            memory_megabytes: 128,
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        }
    }

    #[tokio::test]
    async fn a_copy_is_started_asked_and_measured() {
        let copy = Copy::start(&fake("response"), "http://127.0.0.1:1").await.expect("started");
        let ready = copy.ready().await.expect("ready");
        for _ in 0..2 {
            let answered = copy.invoke("{}").await.expect("answered");
            assert_eq!(answered.body, b"done");
            assert!(answered.took > Duration::ZERO && copy.since_start(answered.at) > ready);
        }
        assert!(copy.memory().1 >= copy.memory().0 && copy.memory().0 > 0);
        let (mut logged, deadline) = (0, Instant::now() + Duration::from_secs(10));
        while logged < 16 && Instant::now() < deadline {
            logged += copy.take_logged();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(logged, 16, "twice \"at work\", and a line's end");
    }

    #[tokio::test]
    async fn an_error_is_told_as_the_copy_tells_it() {
        let copy = Copy::start(&fake("error"), "http://127.0.0.1:1").await.expect("started");
        let error = copy.invoke("{}").await.expect_err("an error");
        assert_eq!(error.to_string(), "fake answered with an error: done");
    }

    #[test]
    fn memory_is_read_from_the_kernels_words() {
        assert_eq!(memory_of("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"), (1024, 2048));
        assert_eq!(memory_of(""), (0, 0));
    }
}
