//! Answers of Systems Manager. No document's content and no parameter is ever read.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Systems Manager in one region.
    Ssm {
        /// Those that the account owns.
        list_documents: Known<Documents>,
        /// With whom a document is shared, by its name.
        describe_document_permission: BTreeMap<String, DocumentPermission>,
    }
}

responses! {
    /// Response of ListDocuments.
    Documents {
        document_identifiers: Vec<Document>,
    }

    /// A document, without its content.
    Document {
        name: String,
        /// The account that made it, or `Amazon`.
        owner: Option<String>,
        /// `Command`, `Automation`, …
        document_type: Option<String>,
    }

    /// Response of DescribeDocumentPermission.
    DocumentPermission {
        /// Accounts, or `all`, all pages together.
        account_ids: Vec<String>,
    }
}

impl DocumentPermission {
    /// Whether every AWS account may use the document (Systems Manager API reference,
    /// ModifyDocumentPermission: "the account IDs […] or All").
    pub fn is_public(&self) -> bool {
        self.account_ids.iter().any(|id| id.eq_ignore_ascii_case("all"))
    }
}
