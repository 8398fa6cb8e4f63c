//! What AWS tells of an account, in the field names of its API.
