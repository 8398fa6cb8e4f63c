//! Which file counts: the one that was named, else the one beside the work, else the user's own.

use std::path::{Path, PathBuf};

use super::FILE;

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user named it, or keeps it in the folder for configuration: it may set every key.
    Chosen,
    /// It lay in the working directory or above, where others may have put it.
    Found,
}

/// A file that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is.
    pub path: PathBuf,
    /// How it came to be read.
    pub origin: Origin,
}

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct SearchPath {
    /// The working directory.
    pub working: PathBuf,
    /// `$XDG_CONFIG_HOME`.
    pub xdg_config_home: Option<PathBuf>,
    /// The user's home.
    pub home: Option<PathBuf>,
}

/// The file that counts; only one does.
pub fn find(around: &SearchPath) -> Option<ConfigFile> {
    let found = beside(&around.working).map(|path| ConfigFile { path, origin: Origin::Found });
    found.or_else(|| {
        // A relative path is to be ignored, and the default is .config (XDG Base Directory
        // Specification, Environment variables).
        let xdg = around.xdg_config_home.clone().filter(|path| path.is_absolute());
        let folder = xdg.or_else(|| around.home.as_ref().map(|home| home.join(".config")))?;
        let path = folder.join("outcrop").join(FILE);
        path.is_file().then_some(ConfigFile { path, origin: Origin::Chosen })
    })
}

/// The file in `working` or, within a repository, in the next folder above that has one.
///
/// Without a repository nothing above is looked at: `/tmp/outcrop.toml` is anybody's.
fn beside(working: &Path) -> Option<PathBuf> {
    let root = working.ancestors().find(|folder| folder.join(".git").exists());
    let folders = working.ancestors().take_while(|folder| match root {
        Some(root) => folder.starts_with(root),
        None => *folder == working,
    });
    folders.map(|folder| folder.join(FILE)).find(|path| path.is_file())
}
