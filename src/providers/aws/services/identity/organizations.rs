//! The organization of the account, who else is in it, and the resource control policies that reach
//! the account.
//!
//! Any member account may ask which organization it is in; the rest is answered to the management
//! account and to delegated administrators only (Organizations API reference). A refusal ends the
//! questions about policies.

use aws_sdk_organizations::operation::list_accounts::ListAccountsOutput;
use aws_sdk_organizations::types::{self, PolicyType};

use crate::analysis::aws::organization::{CONTROL_POLICIES_DEPTH, GRANTS_ALL, is_enabled};
use crate::inventory::aws::calls::organizations::{
    DESCRIBE_ORGANIZATION, DESCRIBE_POLICY, LIST_ACCOUNTS, LIST_PARENTS, LIST_POLICIES_FOR_TARGET,
    LIST_ROOTS,
};
use crate::inventory::aws::organizations as inventory;
use crate::inventory::aws::{Organizations, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "organizations",
    scope: Scope::Account,
    calls: &[
        &DESCRIBE_ORGANIZATION,
        &DESCRIBE_POLICY,
        &LIST_ACCOUNTS,
        &LIST_PARENTS,
        &LIST_POLICIES_FOR_TARGET,
        &LIST_ROOTS,
    ],
    collect: |site| {
        Box::pin(
            async move { Services { organizations: collect(site).await, ..Services::default() } },
        )
    },
};

async fn collect(site: &Site) -> Organizations {
    let mut found = Organizations::default();
    let sdk = client!(aws_sdk_organizations, site);
    let asked = sdk.describe_organization().send();
    let described = site.find(&DESCRIBE_ORGANIZATION, None, asked, |answer| {
        answer.organization.map(organization).ok_or("an answer without an organization")
    });
    // Nothing is gone here: the call is about the account that asks.
    found.describe_organization = described.await.unwrap_or_default();
    if matches!(found.describe_organization, Known::Read(Some(_))) {
        let pages = sdk.list_accounts().into_paginator().send();
        let open = |page: ListAccountsOutput| (page.accounts, page.next_token);
        let member = |one: types::Account| inventory::Account { id: one.id };
        let accounts = site.list(&LIST_ACCOUNTS, pages, open, member).await;
        found.list_accounts = accounts.map(|accounts| inventory::Accounts { accounts });
    }
    let account = &site.account().id;
    let is_member = found.describe_organization.read().is_some_and(|answer| {
        let management = |one: &inventory::OrganizationAnswer| {
            one.organization.master_account_id.as_ref() == Some(account)
        };
        answer.as_ref().is_some_and(|one| !management(one))
    });
    if !is_member {
        return found;
    }
    let pages = sdk.list_roots().into_paginator().send();
    let roots = site.list(&LIST_ROOTS, pages, |page| (page.roots, page.next_token), root).await;
    found.list_roots = roots.map(|roots| inventory::Roots { roots });
    if found.list_roots.read().is_none_or(|listed| !is_enabled(listed)) {
        return found;
    }
    attached(site, &sdk, &mut found).await;
    found
}

/// What is attached to the account and to all that is above it, and what each of these says.
async fn attached(site: &Site, sdk: &aws_sdk_organizations::Client, found: &mut Organizations) {
    let mut above = site.account().id.clone();
    for _ in 0..CONTROL_POLICIES_DEPTH {
        let policies = |target: &str| {
            let filtered = sdk.list_policies_for_target().target_id(target);
            filtered.filter(PolicyType::ResourceControlPolicy).into_paginator().send()
        };
        let open =
            |page: aws_sdk_organizations::operation::list_policies_for_target::ListPoliciesForTargetOutput| {
                (page.policies, page.next_token)
            };
        let target = [above.clone()];
        let listed = site.each_list(&LIST_POLICIES_FOR_TARGET, target, policies, open, summary);
        let listed = listed.await;
        if listed.is_empty() {
            return;
        }
        let read = listed.into_iter();
        let read = read.map(|(target, policies)| (target, inventory::Policies { policies }));
        found.list_policies_for_target.extend(read);
        if above.starts_with("r-") {
            break;
        }
        let parents = |child: &str| sdk.list_parents().child_id(child).into_paginator().send();
        let open = |page: aws_sdk_organizations::operation::list_parents::ListParentsOutput| {
            (page.parents, page.next_token)
        };
        let listed = site.each_list(&LIST_PARENTS, [above.clone()], parents, open, parent).await;
        let Some(parents) = listed.into_values().next() else { return };
        let Some(next) = parents.first().and_then(|parent| parent.id.clone()) else { return };
        found.list_parents.insert(above, inventory::Parents { parents });
        above = next;
    }
    let listed = found.list_policies_for_target.values().flat_map(|listed| &listed.policies);
    let mut ids: Vec<String> = listed.filter_map(|policy| policy.id.clone()).collect();
    ids.retain(|id| id != GRANTS_ALL);
    ids.sort();
    ids.dedup();
    let ask = |id: &str| sdk.describe_policy().policy_id(id).send();
    let read = site.each(
        &DESCRIBE_POLICY,
        &mut ids,
        |id| id,
        ask,
        |answer| answer.policy.map(policy).ok_or("an answer without a policy"),
    );
    found.describe_policy = read.await;
}

fn organization(from: types::Organization) -> inventory::OrganizationAnswer {
    let organization =
        inventory::Organization { id: from.id, master_account_id: from.master_account_id };
    inventory::OrganizationAnswer { organization }
}

fn root(from: types::Root) -> inventory::Root {
    let types = from.policy_types.unwrap_or_default().into_iter();
    let policy_types = types.map(|one| inventory::PolicyType {
        r#type: one.r#type.map(|word| word.as_str().to_owned()),
        status: one.status.map(|word| word.as_str().to_owned()),
    });
    inventory::Root { id: from.id, policy_types: policy_types.collect() }
}

fn parent(from: types::Parent) -> inventory::Parent {
    inventory::Parent { id: from.id, r#type: from.r#type.map(|word| word.as_str().to_owned()) }
}

fn summary(from: types::PolicySummary) -> inventory::PolicySummary {
    let r#type = from.r#type.map(|word| word.as_str().to_owned());
    inventory::PolicySummary { id: from.id, r#type }
}

fn policy(from: types::Policy) -> inventory::PolicyAnswer {
    let policy_summary = from.policy_summary.map(summary).unwrap_or_default();
    inventory::PolicyAnswer { policy: inventory::Policy { policy_summary, content: from.content } }
}

#[cfg(test)]
mod tests {
    use crate::model::{Known, Outcome};
    use crate::providers::aws::tests::replay::{Cloud, Said, json_error, ok};

    const MEMBER: &str =
        r#"{"Organization":{"Id":"o-aaaa111122","MasterAccountId":"999988887777"}}"#;
    const ENABLED: &str = r#"{"Roots":[{"Id":"r-1","PolicyTypes":[
        {"Type":"RESOURCE_CONTROL_POLICY","Status":"ENABLED"}]}]}"#;

    fn policies(ids: &[&str], next: &str) -> Said {
        let of = |id: &&str| format!(r#"{{"Id":"{id}","Type":"RESOURCE_CONTROL_POLICY"}}"#);
        let all: Vec<String> = ids.iter().map(of).collect();
        ok(format!(r#"{{"Policies":[{}]{next}}}"#, all.join(",")))
    }

    /// No account besides the one that asks.
    fn nobody_else() -> Said {
        ok(r#"{"Accounts":[]}"#)
    }

    fn kept(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    #[test]
    fn a_delegated_administrator_reads_what_reaches_the_account_over_several_pages() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeOrganization" => ok(MEMBER),
            "ListAccounts" => nobody_else(),
            "ListRoots" => ok(ENABLED),
            "ListPoliciesForTarget" if asked.form.contains("\"r-1\"") => {
                policies(&["p-RCPFullAWSAccess", "p-root"], "")
            }
            "ListPoliciesForTarget" if asked.form.contains("NextToken") => policies(&["p-b"], ""),
            "ListPoliciesForTarget" if asked.form.contains("ou-1") => {
                policies(&["p-RCPFullAWSAccess", "p-a"], r#","NextToken":"more""#)
            }
            "ListPoliciesForTarget" => policies(&["p-RCPFullAWSAccess", "p-a"], ""),
            "ListParents" if asked.form.contains("ou-1") => {
                ok(r#"{"Parents":[{"Id":"r-1","Type":"ROOT"}]}"#)
            }
            "ListParents" => ok(r#"{"Parents":[{"Id":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}"#),
            "DescribePolicy" if asked.form.contains("p-b") => {
                json_error(400, "PolicyNotFoundException")
            }
            "DescribePolicy" if asked.form.contains("p-root") => {
                json_error(400, "AccessDeniedException")
            }
            "DescribePolicy" => ok(r#"{"Policy":{"Content":"{}","PolicySummary":{"Id":"p-a"}}}"#),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["organizations"]);
        let found = &snapshot.global.organizations;
        let of = |target: &str| -> Vec<String> {
            let listed = found.list_policies_for_target[target].policies.iter();
            listed.filter_map(|policy| policy.id.clone()).collect()
        };
        assert_eq!(of("ou-1"), kept(&["p-RCPFullAWSAccess", "p-a", "p-b"]));
        assert_eq!(of("r-1"), kept(&["p-RCPFullAWSAccess", "p-root"]));
        assert_eq!(found.list_parents.len(), 2);
        let read: Vec<&String> = found.describe_policy.keys().collect();
        assert_eq!(read, ["p-a"], "each is asked once, AWS's own never");
        assert_eq!(snapshot.calls["organizations:DescribePolicy"], 3);
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("organizations:DescribePolicy".to_owned(), Outcome::Denied)]);
    }

    #[test]
    fn who_is_no_member_or_refused_is_asked_no_more() {
        let asked_of = |organization: fn() -> Said, roots: fn() -> Said| {
            let cloud = Cloud::new(move |asked| match asked.what.as_str() {
                "DescribeOrganization" => organization(),
                "ListAccounts" => json_error(400, "AccessDeniedException"),
                "ListRoots" => roots(),
                other => panic!("{other}"),
            });
            let snapshot = cloud.collect(&["organizations"]);
            let found = snapshot.global.organizations;
            let calls: u64 = snapshot.calls.values().sum();
            (found.describe_organization.is_unread(), found.list_roots.is_unread(), calls)
        };
        let never: fn() -> Said = || panic!("not asked");
        let none = || json_error(400, "AWSOrganizationsNotInUseException");
        assert_eq!(asked_of(none, never), (false, true, 1), "in no organization");
        let denied = || json_error(400, "AccessDeniedException");
        assert_eq!(asked_of(denied, never), (true, true, 1));
        assert_eq!(asked_of(|| ok("{}"), never), (true, true, 1), "malformed");
        assert_eq!(asked_of(|| ok(MEMBER), denied), (false, true, 3));
        let disabled = || ok(r#"{"Roots":[{"Id":"r-1","PolicyTypes":[]}]}"#);
        assert_eq!(asked_of(|| ok(MEMBER), disabled), (false, false, 3));
    }

    #[test]
    fn the_management_account_lists_the_members_over_pages_and_is_reached_by_no_policy() {
        const OWN: &str = r#"{"Organization":{"Id":"o-1","MasterAccountId":"123456789012"}}"#;
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeOrganization" => ok(OWN),
            "ListAccounts" if asked.form.contains("NextToken") => {
                ok(r#"{"Accounts":[{"Id":"444455556666"}]}"#)
            }
            "ListAccounts" => ok(r#"{"Accounts":[{"Id":"123456789012"}],"NextToken":"more"}"#),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["organizations"]);
        let listed = &snapshot.global.organizations.list_accounts;
        let listed = listed.read().expect("a list").accounts.iter();
        let ids: Vec<&str> = listed.filter_map(|one| one.id.as_deref()).collect();
        assert_eq!(ids, ["123456789012", "444455556666"]);
        assert!(snapshot.gaps.is_empty());
    }

    #[test]
    fn members_of_a_page_that_was_lost_leave_the_list_unread() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            "DescribeOrganization" => ok(MEMBER),
            "ListAccounts" if asked.form.contains("NextToken") => {
                json_error(400, "AccessDeniedException")
            }
            "ListAccounts" => ok(r#"{"Accounts":[{"Id":"123456789012"}],"NextToken":"more"}"#),
            "ListRoots" => ok(r#"{"Roots":[]}"#),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["organizations"]);
        assert!(snapshot.global.organizations.list_accounts.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("organizations:ListAccounts".to_owned(), Outcome::Denied)]);
    }

    #[test]
    fn no_organization_is_an_answer() {
        let cloud = Cloud::new(|_| json_error(400, "AWSOrganizationsNotInUseException"));
        let snapshot = cloud.collect(&["organizations"]);
        assert_eq!(snapshot.global.organizations.describe_organization, Known::Read(None));
        assert!(snapshot.gaps.is_empty());
    }
}
