//! Bytes on their way: files that are whole or not there, and readers that go away.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use anyhow::Context as _;

use super::destination::folder_of;

/// Something that is being written.
pub enum Sink {
    /// A stream, which somebody may read.
    Stream(UntilClosed<Box<dyn Write>>),
    /// A file that is not in its place yet.
    File(Replacement),
}

impl Sink {
    pub(super) fn stdout() -> Sink {
        Sink::Stream(UntilClosed::of(Box::new(io::stdout().lock())))
    }

    pub(super) fn stderr() -> Sink {
        Sink::Stream(UntilClosed::of(Box::new(io::stderr().lock())))
    }

    pub(super) fn opened(file: File) -> Sink {
        Sink::Stream(UntilClosed::of(Box::new(file)))
    }

    /// Ends it: what is to be a file is one now.
    pub fn finish(self) -> anyhow::Result<()> {
        match self {
            Sink::Stream(mut stream) => Ok(stream.flush()?),
            Sink::File(file) => file.finish(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Stream(stream) => stream.write(bytes),
            Sink::File(file) => file.writer().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Stream(stream) => stream.flush(),
            Sink::File(file) => file.writer().flush(),
        }
    }
}

/// Standard output for what is no report of a run: colours as the terminal takes them.
pub fn stdout() -> UntilClosed<anstream::AutoStream<io::StdoutLock<'static>>> {
    UntilClosed::of(anstream::stdout().lock())
}

/// Takes everything, and passes it on until the reader goes away. One that has seen enough
/// (`| head`) is no failure, and changes nothing of what was found.
pub struct UntilClosed<W> {
    to: W,
    closed: bool,
}

impl<W: Write> UntilClosed<W> {
    fn of(to: W) -> UntilClosed<W> {
        UntilClosed { to, closed: false }
    }

    /// Whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn unless_closed<T>(&mut self, all: T, done: io::Result<T>) -> io::Result<T> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(all)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let done = self.to.write(bytes);
        self.unless_closed(bytes.len(), done)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let done = self.to.flush();
        self.unless_closed((), done)
    }
}

/// Files that are not in their place yet. A process that exits drops nothing.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Removes every file that is not in its place yet, for whoever is about to exit at once.
#[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "only a collection is stopped twice"))]
pub fn discard_unfinished() {
    for file in std::mem::take(&mut *unfinished()) {
        let _ = std::fs::remove_file(file);
    }
}

/// A file that appears whole, readable by its owner only, when it is finished.
pub struct Replacement {
    /// Only taken by `finish`.
    file: Option<tempfile::NamedTempFile>,
    beside: PathBuf,
    path: PathBuf,
}

impl Replacement {
    /// Prepares the replacement of `path` beside it, so that the last step is a rename.
    pub(super) fn of(path: &Path) -> anyhow::Result<Replacement> {
        // tempfile creates with mode 0600: reports say where the account is weak.
        let file = tempfile::NamedTempFile::new_in(folder_of(path))
            .with_context(|| format!("cannot write {}", path.display()))?;
        let beside = file.path().to_owned();
        unfinished().insert(beside.clone());
        Ok(Replacement { file: Some(file), beside, path: path.to_owned() })
    }

    fn writer(&self) -> &File {
        self.file.as_ref().expect("the file is taken by `finish`, which ends the value").as_file()
    }

    fn finish(mut self) -> anyhow::Result<()> {
        let file = self.file.take().expect("the file is taken here alone");
        file.persist(&self.path)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        unfinished().remove(&self.beside);
    }
}
