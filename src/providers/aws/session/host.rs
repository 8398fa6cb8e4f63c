//! The machine that outcrop runs on, as the SDK sees it: environment variables and files.
//!
//! The SDK has no public types for it, yet its loader of profiles takes them: they come from a
//! module that it calls internal and may change in any version. No other file names that module.

use std::borrow::Cow;

use aws_config::profile::{ProfileFileLoadError, ProfileSet};
// The new name stands in a crate that would be one more dependency for a word.
#[allow(deprecated)]
use aws_config::profile::profile_file::ProfileFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// Where variables and files are read.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    env: Env,
    fs: Fs,
}

impl Host {
    /// The environment of the process and the files of the machine.
    pub(crate) fn real() -> Host {
        Host { env: Env::real(), fs: Fs::real() }
    }

    /// A machine with these variables, and these files by their paths.
    #[cfg(test)]
    pub(crate) fn canned(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Host {
        Host { env: Env::from_slice(variables), fs: Fs::from_slice(files) }
    }

    /// What a variable says; one that is blank says nothing.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.env.get(name).ok().filter(|value| !value.trim().is_empty())
    }

    /// Reads the AWS configuration files, of which `chosen` or AWS_PROFILE names one profile.
    pub(crate) async fn profiles(
        &self,
        chosen: Option<&str>,
    ) -> Result<ProfileSet, ProfileFileLoadError> {
        #[allow(deprecated)] // As above.
        let files = ProfileFiles::default();
        let chosen = chosen.map(|name| Cow::Owned(name.to_owned()));
        aws_config::profile::load(&self.fs, &self.env, &files, chosen).await
    }
}
