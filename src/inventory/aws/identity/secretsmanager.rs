//! Answers of Secrets Manager. No secret's value is ever read.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Secrets Manager in one region.
    SecretsManager {
        list_secrets: Known<Secrets>,
        /// The policy called `default`, by the secret's ARN.
        get_resource_policy: BTreeMap<String, SecretPolicy>,
    }
}

responses! {
    /// Response of ListSecrets.
    Secrets {
        secret_list: Vec<Secret>,
    }

    /// A secret, without its value.
    Secret {
        #[serde(rename = "ARN")]
        arn: String,
        name: String,
        /// Absent where the key is the AWS managed key `aws/secretsmanager` (Secrets Manager API
        /// reference, SecretListEntry).
        kms_key_id: Option<String>,
        /// When its deletion was asked for; such a secret is listed only where that is wanted. The
        /// AWS CLI writes a text or a number.
        deleted_date: Option<serde_json::Value>,
    }

    /// Response of GetResourcePolicy.
    SecretPolicy {
        #[serde(rename = "ARN")]
        arn: Option<String>,
        /// The policy as text; absent where the secret has none, which lets its account in only.
        resource_policy: Option<String>,
    }
}
