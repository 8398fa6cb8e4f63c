//! Documents of Systems Manager, and with whom each is shared. No content is read.

use aws_sdk_ssm::operation::describe_document_permission::DescribeDocumentPermissionOutput;
use aws_sdk_ssm::operation::list_documents::ListDocumentsOutput;
use aws_sdk_ssm::types::{DocumentIdentifier, DocumentKeyValuesFilter, DocumentPermissionType};

use crate::inventory::aws::calls::ssm::{DESCRIBE_DOCUMENT_PERMISSION, LIST_DOCUMENTS};
use crate::inventory::aws::ssm::{Document, DocumentPermission, Documents};
use crate::inventory::aws::{Services, Ssm};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "ssm",
    scope: Scope::Region,
    calls: &[&DESCRIBE_DOCUMENT_PERMISSION, &LIST_DOCUMENTS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_ssm, site);
    // 50 is the most that MaxResults allows. Without the filter the list holds the hundreds of
    // documents that AWS and others made (Systems Manager API reference, ListDocuments).
    let own = DocumentKeyValuesFilter::builder().key("Owner").values("Self").build();
    let pages = sdk.list_documents().filters(own).into_paginator().page_size(50).send();
    let open = |page: ListDocumentsOutput| (page.document_identifiers, page.next_token);
    let Known::Read(mut documents) = site.list_apart(&LIST_DOCUMENTS, pages, open, document).await
    else {
        return Services::default();
    };
    // `all` never stands beside further accounts: one page tells it.
    let ask = |name: &str| {
        let permission = sdk.describe_document_permission().name(name).max_results(200);
        permission.permission_type(DocumentPermissionType::Share).send()
    };
    let permissions = site
        .each(&DESCRIBE_DOCUMENT_PERMISSION, &mut documents, |one| &one.name, ask, permission)
        .await;
    let ssm = Ssm {
        list_documents: Known::Read(Documents { document_identifiers: documents }),
        describe_document_permission: permissions,
    };
    Services { ssm, ..Services::default() }
}

fn document(from: DocumentIdentifier) -> Document {
    Document {
        name: from.name.unwrap_or_default(),
        owner: from.owner,
        document_type: from.document_type.map(|kind| kind.as_str().to_owned()),
    }
}

fn permission(answer: DescribeDocumentPermissionOutput) -> Converted<DocumentPermission> {
    Ok(DocumentPermission { account_ids: answer.account_ids.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    #[test]
    fn own_documents_are_read_over_several_pages_and_each_is_asked_with_whom_it_is_shared() {
        let item = |name: &str| format!(r#"{{"Name":"{name}","Owner":"1"}}"#);
        let cloud = Cloud::new(move |asked| match asked.what.as_str() {
            "ListDocuments" => {
                assert!(asked.form.contains("Owner") && asked.form.contains("Self"), "{asked:?}");
                match asked.form.contains("NextToken") {
                    true => ok(format!(
                        r#"{{"DocumentIdentifiers":[{},{}]}}"#,
                        item("gone"),
                        item("kept")
                    )),
                    false => ok(format!(
                        r#"{{"DocumentIdentifiers":[{},{}],"NextToken":"2"}}"#,
                        item("open"),
                        item("denied")
                    )),
                }
            }
            "DescribeDocumentPermission" if asked.form.contains("open") => {
                ok(r#"{"AccountIds":["all"]}"#)
            }
            "DescribeDocumentPermission" if asked.form.contains("kept") => ok("{}"),
            "DescribeDocumentPermission" if asked.form.contains("gone") => {
                json_error(400, "InvalidDocument")
            }
            "DescribeDocumentPermission" => json_error(400, "AccessDeniedException"),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["ssm"]);
        let read = &snapshot.regions["us-east-1"].ssm;
        let documents = &read.list_documents.read().expect("a list").document_identifiers;
        let names: Vec<_> = documents.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["denied", "kept", "open"], "what is gone is no gap");
        let public = |name: &str| read.describe_document_permission[name].is_public();
        assert!(public("open") && !public("kept"));
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("ssm:DescribeDocumentPermission".to_owned(), Outcome::Denied)]);
    }

    #[test]
    fn a_region_without_documents_costs_one_call_and_a_refused_list_is_one_gap() {
        let cloud = Cloud::new(|_| ok(r#"{"DocumentIdentifiers":[]}"#));
        assert_eq!(cloud.collect(&["ssm"]).gaps, []);
        assert_eq!(cloud.asked(), [("ListDocuments".to_owned(), 1)].into());
        let cloud = Cloud::new(|_| json_error(400, "AccessDeniedException"));
        let snapshot = cloud.collect(&["ssm"]);
        assert!(snapshot.regions["us-east-1"].ssm.list_documents.is_unread());
        assert_eq!(snapshot.gaps.len(), 1);
    }
}
