//! Answers of Organizations: whether the account is a member, and what reaches it. Only the
//! management account and delegated administrators get most of them.

use std::collections::BTreeMap;

use crate::model::Known;

operations! {
    /// Answers of Organizations.
    Organizations {
        /// `null`: the account is in no organization.
        describe_organization: Known<Option<OrganizationAnswer>>,
        list_accounts: Known<Accounts>,
        list_roots: Known<Roots>,
        /// By the child: an account or an organizational unit.
        list_parents: BTreeMap<String, Parents>,
        /// By the target: an account, an organizational unit or a root.
        list_policies_for_target: BTreeMap<String, Policies>,
        /// By the policy's id.
        describe_policy: BTreeMap<String, PolicyAnswer>,
    }
}

responses! {
    /// Response of DescribeOrganization.
    OrganizationAnswer {
        organization: Organization,
    }

    Organization {
        id: Option<String>,
        master_account_id: Option<String>,
    }

    /// Response of ListAccounts.
    Accounts {
        accounts: Vec<Account>,
    }

    /// A member of the organization, its management account included.
    Account {
        id: Option<String>,
    }

    /// Response of ListRoots.
    Roots {
        roots: Vec<Root>,
    }

    Root {
        id: Option<String>,
        policy_types: Vec<PolicyType>,
    }

    PolicyType {
        r#type: Option<String>,
        /// `ENABLED`, `PENDING_ENABLE` or `PENDING_DISABLE`.
        status: Option<String>,
    }

    /// Response of ListParents: one parent.
    Parents {
        parents: Vec<Parent>,
    }

    Parent {
        id: Option<String>,
        /// `ROOT` or `ORGANIZATIONAL_UNIT`.
        r#type: Option<String>,
    }

    /// Response of ListPoliciesForTarget.
    Policies {
        policies: Vec<PolicySummary>,
    }

    PolicySummary {
        id: Option<String>,
        r#type: Option<String>,
    }

    /// Response of DescribePolicy.
    PolicyAnswer {
        policy: Policy,
    }

    Policy {
        policy_summary: PolicySummary,
        /// The document as text.
        content: Option<String>,
    }
}
