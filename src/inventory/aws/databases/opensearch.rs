//! Answers of OpenSearch Service. No document and no index is ever read.

use crate::model::Known;

operations! {
    /// Answers of OpenSearch Service in one region.
    OpenSearch {
        /// Names of the domains, those of Elasticsearch among them.
        list_domain_names: Known<DomainNames>,
        /// What they are, all batches together.
        describe_domains: Known<Domains>,
    }
}

responses! {
    /// Response of ListDomainNames.
    DomainNames {
        domain_names: Vec<DomainInfo>,
    }

    /// A domain's name.
    DomainInfo {
        domain_name: String,
    }

    /// Response of DescribeDomains.
    Domains {
        domain_status_list: Vec<Domain>,
    }

    /// A domain.
    Domain {
        domain_name: String,
        #[serde(rename = "ARN")]
        arn: Option<String>,
        /// False while it is being made.
        created: Option<bool>,
        /// True once its deletion was asked for.
        deleted: Option<bool>,
        /// Its address on the internet; absent where it sits in a VPC.
        endpoint: Option<String>,
        /// The policy as text; empty or absent where it has none, which lets its account in only.
        access_policies: Option<String>,
        #[serde(rename = "VPCOptions")]
        vpc_options: Option<DomainVpc>,
        advanced_security_options: Option<AdvancedSecurity>,
    }

    /// The VPC that a domain sits in.
    DomainVpc {
        #[serde(rename = "VPCId")]
        vpc_id: Option<String>,
        subnet_ids: Vec<String>,
        security_group_ids: Vec<String>,
    }

    /// Fine-grained access control.
    AdvancedSecurity {
        enabled: Option<bool>,
        /// True while requests without a user are let through (for 30 days after it was switched on).
        anonymous_auth_enabled: Option<bool>,
    }
}

impl Domain {
    /// The VPC that it sits in, or a subnet of it where only that was told.
    pub fn vpc(&self) -> Option<&str> {
        let options = self.vpc_options.as_ref()?;
        let vpc = options.vpc_id.as_deref().filter(|id| !id.is_empty());
        vpc.or_else(|| options.subnet_ids.first().map(String::as_str))
    }

    /// Whether a request needs a user of the domain, whatever the policy says.
    pub fn asks_for_a_user(&self) -> bool {
        self.advanced_security_options.as_ref().is_some_and(|options| {
            options.enabled == Some(true) && options.anonymous_auth_enabled != Some(true)
        })
    }
}
