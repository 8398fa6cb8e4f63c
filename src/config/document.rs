//! A TOML document with places: every complaint says line, column and what was expected.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use crate::model::did_you_mean;

/// The text of a file.
pub struct Document<'a> {
    /// All of it.
    pub text: &'a str,
    /// Where it is from.
    pub file: &'a Path,
}

/// A table whose keys are taken out one by one; what is left is unknown.
pub struct Table<'d, 't, 'a> {
    document: &'d Document<'a>,
    table: &'t DeTable<'a>,
    span: Range<usize>,
    known: &'static [&'static str],
}

impl<'a> Document<'a> {
    /// The document as a table.
    pub fn parse(&self) -> Result<Spanned<DeTable<'a>>, ConfigError> {
        DeTable::parse(self.text)
            .map_err(|error| self.error(error.span().unwrap_or(0..0), error.message()))
    }

    /// Something wrong at `span`.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>) -> ConfigError {
        let (line, column) = self.place(span.start);
        ConfigError { file: self.file.to_owned(), line, column, message: message.into() }
    }

    /// Line and column of a byte, from 1.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// A name that is not one of `known`.
    pub fn unknown<'k>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'k str> + Clone,
        span: Range<usize>,
    ) -> ConfigError {
        // Flags are written with hyphens; nobody means something else by an underscore.
        let hint = match did_you_mean(&name.replace('_', "-"), known.clone()) {
            Some(nearest) => format!(", did you mean `{nearest}`?"),
            None => format!("; known are {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.error(span, format!("unknown {what} `{name}`{hint}"))
    }

    /// The table that `value` must be, with no keys but `known`.
    pub fn table<'d, 't>(
        &'d self,
        what: &str,
        value: &'t Spanned<DeValue<'a>>,
        known: &'static [&'static str],
    ) -> Result<Table<'d, 't, 'a>, ConfigError> {
        let table = self.plain_table(what, value)?;
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let known = known.iter().copied();
                let what = format!("key of {what}");
                return Err(self.unknown(&what, key.get_ref(), known, key.span()));
            }
        }
        Ok(Table { document: self, table, span: value.span(), known })
    }

    /// The table that `value` must be.
    pub fn plain_table<'t>(
        &self,
        what: &str,
        value: &'t Spanned<DeValue<'a>>,
    ) -> Result<&'t DeTable<'a>, ConfigError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.error(value.span(), format!("{what} is a table: [{what}]"))),
        }
    }

    /// The text that `value` must be.
    pub fn text<'t>(
        &self,
        name: &str,
        value: &'t Spanned<DeValue<'a>>,
    ) -> Result<&'t str, ConfigError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text),
            other => Err(self
                .error(value.span(), format!("`{name}` is a text in quotes, not {}", kind(other)))),
        }
    }

    /// The list of texts that `value` must be.
    pub fn texts<'t>(
        &self,
        name: &str,
        value: &'t Spanned<DeValue<'a>>,
    ) -> Result<Vec<(&'t str, Range<usize>)>, ConfigError> {
        match value.get_ref() {
            DeValue::Array(list) => {
                list.iter().map(|entry| Ok((self.text(name, entry)?, entry.span()))).collect()
            }
            _ => Ok(vec![(self.text(name, value)?, value.span())]),
        }
    }
}

impl<'a> Table<'_, '_, 'a> {
    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&Spanned<DeValue<'a>>> {
        debug_assert!(self.known.contains(&name));
        self.table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
    }

    /// The text of a key.
    pub fn text(&self, name: &str) -> Result<Option<(&str, Range<usize>)>, ConfigError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        Ok(Some((self.document.text(name, value)?, value.span())))
    }

    /// Where the table starts.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// What a value is, for complaints.
pub fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
