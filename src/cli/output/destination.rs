//! What a path means that the user gives for output, found out before anything is asked.
//!
//! A file is replaced whole, behind whatever links lead to it. What is there and no file (a pipe, a
//! device, a descriptor of the shell) is opened and written to: its place is not ours to replace.

use std::fs;
use std::io::{self, IsTerminal};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use super::sink::{Replacement, Sink};

/// Links that lead on to each other, at most (path_resolution(7): forty are followed).
const MOST_LINKS: usize = 40;

/// Where bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A file by its real path; it need not be there yet.
    File(PathBuf),
    /// Something that is there and is no file.
    Opened(PathBuf),
}

/// A place that the user named.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The flag and its value, as they would be typed.
    pub named: String,
    /// What it means.
    pub place: Place,
}

impl Destination {
    /// The place that `given` names as the value of `flag` (`-o `, `--report json=`).
    ///
    /// # Errors
    /// When nothing can be written there; the message says what to type instead.
    pub fn of(flag: &str, given: &Path) -> anyhow::Result<Destination> {
        let named = format!("{flag}{}", quoted(given));
        let cannot = |why: String| anyhow!("cannot write {}: {why} ({named})", given.display());
        let place = resolve(flag, given).map_err(|error| cannot(error.to_string()))?;
        if let Place::File(path) = &place {
            // The only sure way to learn whether a folder takes files: permissions do not bind
            // root, and a file system may be mounted read-only.
            let folder = folder_of(path);
            tempfile::NamedTempFile::new_in(&folder).map_err(|error| {
                let name = path.file_name().unwrap_or(path.as_os_str());
                cannot(format!(
                    "no file can be made in the folder {}: {}; name one that you may write to, \
                     for instance {flag}{}",
                    folder.display(),
                    error.kind(),
                    quoted(&Path::new("/tmp").join(name))
                ))
            })?;
        }
        Ok(Destination { named, place })
    }

    /// Standard output, where no other place is named.
    pub fn stdout() -> Destination {
        Destination { named: "stdout".to_owned(), place: Place::Stdout }
    }

    /// Opens it for writing. Nothing is at a file's place before [`Sink::finish`].
    pub fn open(&self) -> anyhow::Result<Sink> {
        Ok(match &self.place {
            Place::Stdout => Sink::stdout(),
            Place::Stderr => Sink::stderr(),
            Place::Opened(path) => {
                // Not truncated, and at the end: what a descriptor stands for may hold what others
                // wrote to it before.
                let opened = fs::OpenOptions::new().append(true).open(path);
                Sink::opened(
                    opened.map_err(|error| anyhow!("cannot open {}: {error}", self.named))?,
                )
            }
            Place::File(path) => Sink::File(Replacement::of(path)?),
        })
    }
}

/// Refuses that two of them are one place: the later would take the place of the earlier. Only
/// the standard streams take several, one after the other.
pub fn check_distinct(destinations: &[&Destination]) -> anyhow::Result<()> {
    for (at, later) in destinations.iter().enumerate() {
        let earlier = destinations[..at].iter().find(|earlier| earlier.place == later.place);
        if let (Some(earlier), Place::File(path) | Place::Opened(path)) = (earlier, &later.place) {
            bail!(
                "{} and {} both write to {}; give each a place of its own",
                earlier.named,
                later.named,
                path.display()
            );
        }
    }
    Ok(())
}

fn resolve(flag: &str, given: &Path) -> anyhow::Result<Place> {
    if given == Path::new("-") {
        return Ok(Place::Stdout);
    }
    let is_folder = |path: &Path| {
        let inside = quoted(&path.join("outcrop.out"));
        anyhow!("it is a folder; name a file in it: {flag}{inside}")
    };
    if given.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(is_folder(given));
    }
    let mut path = given.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(name) = path.file_name() else { return Err(is_folder(given)) };
        let folder = folder_of(&path);
        let folder = fs::canonicalize(&folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => anyhow!(
                "the folder {} does not exist; create it first: mkdir -p {}",
                folder.display(),
                quoted(&folder)
            ),
            _ => anyhow!("{}: {error}", folder.display()),
        })?;
        let here = folder.join(name);
        let owner = owner_of_descriptors(&folder);
        if owner == Some(std::process::id()) {
            match name.to_str() {
                Some("1") => return Ok(Place::Stdout),
                Some("2") => return Ok(Place::Stderr),
                _ => {}
            }
        }
        let found = match fs::symlink_metadata(&here) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::File(here)),
            Err(error) => bail!("{error}"),
            Ok(found) => found.file_type(),
        };
        if owner.is_some() {
            // A link in form, whose text is no path (proc_pid_fd(5)).
            return descriptor(here);
        }
        if found.is_symlink() {
            // Asked to follow it, the kernel may refuse: a link in a folder that everybody may
            // write to, such as /tmp, and that somebody else made (proc_sys_fs(5),
            // protected_symlinks). Reading the link and going there would evade that.
            if let Err(error) = fs::metadata(&here)
                && error.kind() != io::ErrorKind::NotFound
            {
                bail!("{} is a link that cannot be followed: {error}", here.display());
            }
            path = folder.join(fs::read_link(&here)?);
        } else if found.is_dir() {
            return Err(is_folder(given));
        } else if found.is_file() {
            return Ok(Place::File(here));
        } else if found.is_block_device() || found.is_socket() {
            return Err(unopened(found));
        } else {
            return Ok(Place::Opened(here));
        }
    }
    bail!("it is a link that leads to no end")
}

/// An open descriptor.
fn descriptor(path: PathBuf) -> anyhow::Result<Place> {
    let kind = fs::metadata(&path)?.file_type();
    if kind.is_block_device() || kind.is_socket() {
        return Err(unopened(kind));
    }
    Ok(Place::Opened(path))
}

fn unopened(kind: fs::FileType) -> anyhow::Error {
    anyhow!("it is a {}", if kind.is_socket() { "socket" } else { "disk" })
}

/// Whose descriptors a folder holds, by its real path: /dev/fd and /dev/stdout lead here on Linux
/// (proc_pid_fd(5)).
fn owner_of_descriptors(folder: &Path) -> Option<u32> {
    let owner = folder.strip_prefix("/proc").ok()?.parent()?;
    folder.ends_with("fd").then(|| owner.to_str()?.parse().ok()).flatten()
}

/// The folder that a path stands in.
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    crate::model::quoted(&path.to_string_lossy())
}

impl Place {
    /// Whether a person looks at it.
    pub fn is_terminal(&self) -> bool {
        *self == Place::Stdout && io::stdout().is_terminal()
    }
}
