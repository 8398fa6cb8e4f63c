//! Answers of IAM: who there is in the account, and what policies say of them.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::model::{Known, percent_decoded};

operations! {
    /// Answers of IAM.
    Iam {
        get_account_authorization_details: Known<AccountAuthorizationDetails>,
    }
}

/// A policy document as JSON text. The API answers it percent-encoded (IAM API reference,
/// GetAccountAuthorizationDetails), the AWS CLI prints it as the object that it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Document(String);

impl Document {
    /// From the text that the API answers.
    pub fn told(text: String) -> Document {
        // JSON text cannot begin with a percent sign.
        let decoded = text.starts_with('%').then(|| percent_decoded(&text)).flatten();
        Document(decoded.unwrap_or(text))
    }
}

impl Deref for Document {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Document, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) => Document::told(text),
            other => Document(other.to_string()),
        })
    }
}

responses! {
    /// Response of GetAccountAuthorizationDetails.
    AccountAuthorizationDetails {
        user_detail_list: Vec<UserDetail>,
        group_detail_list: Vec<GroupDetail>,
        role_detail_list: Vec<RoleDetail>,
        /// The account's own managed policies, and those of AWS that something has.
        policies: Vec<ManagedPolicyDetail>,
    }

    UserDetail {
        user_name: String,
        /// `AIDA…`.
        user_id: String,
        arn: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        user_policy_list: Vec<PolicyDetail>,
        /// Names.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        group_list: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        attached_managed_policies: Vec<AttachedPolicy>,
        permissions_boundary: Option<PermissionsBoundary>,
    }

    GroupDetail {
        group_name: String,
        arn: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        group_policy_list: Vec<PolicyDetail>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        attached_managed_policies: Vec<AttachedPolicy>,
    }

    RoleDetail {
        role_name: String,
        /// `AROA…`.
        role_id: String,
        arn: String,
        /// Who may assume it.
        assume_role_policy_document: Option<Document>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        instance_profile_list: Vec<InstanceProfile>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        role_policy_list: Vec<PolicyDetail>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        attached_managed_policies: Vec<AttachedPolicy>,
        permissions_boundary: Option<PermissionsBoundary>,
    }

    /// By which instances get the role.
    InstanceProfile {
        instance_profile_name: String,
        arn: String,
    }

    /// A policy that is part of its holder.
    PolicyDetail {
        policy_name: String,
        policy_document: Option<Document>,
    }

    AttachedPolicy {
        policy_name: String,
        policy_arn: String,
    }

    PermissionsBoundary {
        permissions_boundary_arn: Option<String>,
    }

    ManagedPolicyDetail {
        policy_name: String,
        arn: String,
        default_version_id: Option<String>,
        policy_version_list: Vec<PolicyVersion>,
    }

    PolicyVersion {
        version_id: String,
        /// Whether it is the one that is in force.
        is_default_version: bool,
        document: Option<Document>,
    }
}

impl AccountAuthorizationDetails {
    /// Takes in a further page.
    pub fn extend(&mut self, page: AccountAuthorizationDetails) {
        self.user_detail_list.extend(page.user_detail_list);
        self.group_detail_list.extend(page.group_detail_list);
        self.role_detail_list.extend(page.role_detail_list);
        self.policies.extend(page.policies);
    }

    /// The managed policy of this ARN, where the answer has it.
    pub fn managed_policy(&self, arn: &str) -> Option<&ManagedPolicyDetail> {
        self.policies.iter().find(|policy| policy.arn == arn)
    }
}

impl ManagedPolicyDetail {
    /// The version that is in force.
    pub fn document(&self) -> Option<&Document> {
        let versions = &self.policy_version_list;
        let is_default = |version: &&PolicyVersion| {
            version.is_default_version
                || self.default_version_id.as_ref() == Some(&version.version_id)
        };
        versions.iter().find(is_default)?.document.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_the_same_as_the_api_and_as_the_cli_print_it() {
        let read = |json: &str| serde_json::from_str::<Document>(json).expect("a document");
        let printed = read(r#"{"Statement":[],"Version":"2012-10-17"}"#);
        assert_eq!(&*printed, r#"{"Statement":[],"Version":"2012-10-17"}"#);
        let told = "%7B%22Statement%22%3A%5B%5D%2C%22Version%22%3A%222012-10-17%22%7D";
        assert_eq!(read(&format!("\"{told}\"")), printed);
        let again = serde_json::to_string(&printed).expect("text");
        assert_eq!(read(&again), printed);
        assert_eq!(&*read(r#""no JSON""#), "no JSON", "for the engine to say");
    }

    #[test]
    fn the_version_in_force_is_the_default_one() {
        let version = |id: &str, is_default_version| PolicyVersion {
            version_id: id.into(),
            is_default_version,
            document: Some(Document::told(id.into())),
        };
        let policy = ManagedPolicyDetail {
            policy_version_list: vec![version("v2", false), version("v1", true)],
            ..ManagedPolicyDetail::default()
        };
        assert_eq!(policy.document().map(|told| &**told), Some("v1"));
        assert_eq!(ManagedPolicyDetail::default().document(), None);
    }
}
