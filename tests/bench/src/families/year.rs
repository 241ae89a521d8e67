//! A year's notices as one file through import-batch, beside the bare writes of the same bytes.

use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::host::Copy;
use crate::results::Results;
use crate::stage::{Stage, Stopped, sound};

/// Rows of a year.
pub const YEAR: u32 = 39_600;

/// A file of made-up notices.
///
/// # Errors
/// When it cannot be written.
pub fn file(stage: &Stage, rows: u32, seed: u32) -> Result<Vec<u8>, Stopped> {
    let script = stage.programs.root.join("tests/year/year.py");
    let written = Command::new("python3")
        .arg(script)
        .args(["--rows", &rows.to_string(), "--seed", &seed.to_string()])
        .output()?;
    if written.status.success() {
        Ok(written.stdout)
    } else {
        Err(Stopped::Unsound("year.py".to_owned(), String::from_utf8_lossy(&written.stderr).into_owned()))
    }
}

/// Rows read and checked, a second, with nothing stored: by import-batch's own example.
///
/// # Errors
/// When it does not run.
pub fn parse(stage: &Stage, file: &[u8], rounds: u32, results: &mut Results) -> Result<(), Stopped> {
    let path = stage.programs.root.join("target/bench/year.csv");
    std::fs::write(&path, file)?;
    for _ in 0..rounds {
        let told = Command::new(stage.programs.binaries.join("examples/parse")).arg(&path).output()?;
        let rate = String::from_utf8_lossy(&told.stdout).trim().parse();
        let rate =
            rate.map_err(|_| Stopped::Unsound("parse".to_owned(), String::from_utf8_lossy(&told.stderr).into_owned()))?;
        results.add("year", "alone", "import-batch", "parsed and checked, rows/s", rate);
    }
    Ok(std::fs::remove_file(&path)?)
}

/// Stores a file by import-batch; its rate, and the copy, which tells its memory.
///
/// # Errors
/// When it is not stored.
pub async fn import(stage: &Stage, file: Vec<u8>, rows: u32) -> Result<(f64, Copy), Stopped> {
    let copy = stage.ready("import-batch").await?;
    let mut open = stage.events.read("import-batch", "open")?;
    let mut body = json!({ "type": "notices", "file_name": "year.csv", "bytes": file.len() });
    body["sha256"] = json!(hex::encode(Sha256::digest(&file)));
    open["body"] = json!(body.to_string());
    let answer = sound("import-batch", &copy.invoke(open.to_string()).await?)?;
    let opened: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
    let url = opened["upload"]["url"].as_str().unwrap_or_default();
    let path = url.split('?').next().and_then(|url| url.splitn(4, '/').nth(3)).unwrap_or_default();
    stage.cloud.held().objects.insert(format!("/{path}"), file);
    let key = path.split_once('/').map_or("", |(_, key)| key);
    let mut message = json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string();
    let began = Instant::now();
    loop {
        sound("import-batch", &copy.invoke(crate::events::queued(&[message])).await?)?;
        // What is left of a large file comes back by the queue.
        let left = stage.cloud.held().queues.get_mut("import").and_then(std::collections::VecDeque::pop_front);
        match left {
            Some(left) => message = left,
            None => break,
        }
    }
    let rate = f64::from(rows) / began.elapsed().as_secs_f64();
    let mut read = stage.events.read("import-batch", "read")?;
    read["pathParameters"]["id"] = json!(key.rsplit('/').next());
    let answer = sound("import-batch", &copy.invoke(read.to_string()).await?)?;
    let told: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
    let stored = told["counts"]["stored"].as_u64().unwrap_or_default();
    if told["state"] != "done" || stored < u64::from(rows) / 10 * 9 {
        return Err(Stopped::Unsound("import-batch".to_owned(), told.to_string()));
    }
    Ok((rate, copy))
}

/// Imports the year and writes its transactions again without import-batch, in turns.
///
/// # Errors
/// When something is not stored.
pub async fn measure(stage: &Stage, rows: u32, rounds: u32, results: &mut Results) -> Result<(), Stopped> {
    let folder = stage.programs.root.join("target/bench");
    for round in 0..rounds {
        let file = file(stage, rows, 100 + round)?;
        {
            let held = &mut *stage.cloud.held();
            held.memory = crate::memory::Memory::default();
            held.recorded = Some(Vec::new());
        }
        // Once to learn what is written, and once for the clock.
        import(&Stage { programs: stage.programs.here(), ..stage.clone() }, file.clone(), rows).await?;
        let recorded = stage.cloud.held().recorded.take().unwrap_or_default();
        let lines: Vec<String> = recorded
            .iter()
            .filter(|request| request["TransactItems"].as_array().is_some_and(|items| items.len() > 2))
            // References are taken once: these are others, as long.
            .map(|request| {
                let items = json!({ "TransactItems": request["TransactItems"] }).to_string();
                items.replace("ONCE#reference#", "ONCE#rehearsed#")
            })
            .collect();
        drop(recorded);
        let path = folder.join("transactions.jsonl");
        std::fs::write(&path, lines.join("\n"))?;
        drop(lines);
        stage.cloud.held().memory = crate::memory::Memory::default();
        let (rate, copy) = import(stage, file, rows).await?;
        results.add("year", stage.place, "import-batch", "stored, rows/s", rate);
        drop(copy);
        stage.cloud.held().memory = crate::memory::Memory::default();
        let bare = stage.ready("bare").await?;
        let replay = json!({ "replay": path, "at_once": 8, "again": format!("{round}") });
        let answer = sound("bare", &bare.invoke(replay.to_string()).await?)?;
        let seconds = answer["micros"].as_f64().unwrap_or(f64::NAN) / 1_000_000.0;
        results.add("year", stage.place, "bare", "stored, rows/s", f64::from(rows) / seconds);
        std::fs::remove_file(&path)?;
        stage.cloud.held().memory = crate::memory::Memory::default();
    }
    Ok(())
}

/// The memory that files of growing length take.
///
/// # Errors
/// When one is not stored.
pub async fn memory(stage: &Stage, lengths: &[u32], results: &mut Results) -> Result<(), Stopped> {
    for rows in lengths {
        {
            let held = &mut *stage.cloud.held();
            held.memory = crate::memory::Memory::forgetful();
            held.objects.clear();
        }
        let (rate, copy) = import(stage, file(stage, *rows, 7)?, *rows).await?;
        #[expect(clippy::cast_precision_loss, reason = "kilobytes of one process")]
        let most = copy.memory().1 as f64 / 1024.0;
        results.add("year", stage.place, &rows.to_string(), "most resident, MB", most);
        results.add("year", stage.place, &rows.to_string(), "rows/s into nothing", rate);
    }
    let held = &mut *stage.cloud.held();
    held.memory = crate::memory::Memory::default();
    held.objects.clear();
    Ok(())
}
