//! Which resource control policies reach the account, by what Organizations answered or what the
//! user gave.

use std::sync::Arc;

use serde::Deserialize;

use super::policy::Json;
use super::policy::organization::{ControlPolicy, Exempt, Reach};
use crate::inventory::Snapshot;
use crate::inventory::aws::Organizations;
use crate::inventory::aws::organizations::Roots;
use crate::model::Known;

/// The type of resource control policies (Organizations API reference, PolicySummary).
const RESOURCE_CONTROL: &str = "RESOURCE_CONTROL_POLICY";

/// The policy that grants everything: AWS attaches it to every target, and nobody can detach it
/// (Organizations user guide, "RCP evaluation"). It has no effect here and no content to read.
pub const GRANTS_ALL: &str = "p-RCPFullAWSAccess";

/// Targets from an account to the root, both counted. Units are nested five deep at most
/// (Organizations user guide, quotas).
pub const CONTROL_POLICIES_DEPTH: usize = 8;

/// A resource control policy that the user gave.
#[derive(Debug, Clone)]
pub struct GivenPolicy {
    policy: ControlPolicy,
    /// The accounts that it reaches; all member accounts if not said.
    accounts: Option<Vec<String>>,
}

/// Reads what the user gave: a JSON array of `{"id", "document", "accounts"}`.
///
/// # Errors
/// Says where the text is wrong and what was expected.
pub fn given(text: &str) -> Result<Vec<GivenPolicy>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        id: String,
        document: Json,
        #[serde(default)]
        accounts: Option<Vec<String>>,
    }
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|problem| problem.to_string())?;
    let read = entries.into_iter().enumerate().map(|(index, entry)| {
        let Entry { id, document, accounts } = entry;
        let wrong = |what: String| format!("entry {} (`{id}`): {what}", index + 1);
        if !id.starts_with("p-") {
            return Err(wrong("`id` is no policy id; expected one such as p-a1b2c3d4e5".into()));
        }
        let is_account = |id: &String| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit());
        if let Some(odd) = accounts.iter().flatten().find(|account| !is_account(account)) {
            return Err(wrong(format!("`{odd}` is not an account id; expected 12 digits")));
        }
        let policy = ControlPolicy { id: id.clone(), document };
        match policy.problem() {
            Some(problem) => Err(wrong(problem)),
            None => Ok(GivenPolicy { policy, accounts }),
        }
    });
    read.collect()
}

/// Those that reach this account, a member of the organization.
pub fn reaching(given: &[GivenPolicy], account: &str) -> Reach {
    let reaching = given.iter().filter(|one| {
        one.accounts.as_ref().is_none_or(|accounts| accounts.iter().any(|id| id == account))
    });
    Reach::Read(reaching.map(|one| one.policy.clone()).collect())
}

/// Which of them reach the account of `snapshot`. What the user gave stands in for what Organizations
/// was not asked.
pub fn reach(snapshot: &Snapshot, given: Option<&[GivenPolicy]>) -> Reach {
    let answers = &snapshot.global.organizations;
    match &answers.describe_organization {
        Known::Read(None) => return Reach::Exempt(Exempt::NoOrganization),
        Known::Read(Some(answer)) => {
            if answer.organization.master_account_id.as_ref() == Some(&snapshot.account) {
                return Reach::Exempt(Exempt::ManagementAccount);
            }
        }
        Known::Unread => {}
    }
    if answers.list_roots.read().is_some_and(|listed| !is_enabled(listed)) {
        return Reach::Exempt(Exempt::NotEnabled);
    }
    if let Some(given) = given {
        return reaching(given, &snapshot.account);
    }
    if answers.describe_organization.is_unread() {
        return Reach::Unread;
    }
    match attached(answers, &snapshot.account) {
        Some(policies) => Reach::Read(policies),
        None => Reach::Unread,
    }
}

/// Whether the organization has enabled resource control policies.
pub fn is_enabled(listed: &Roots) -> bool {
    let mut types = listed.roots.iter().flat_map(|root| &root.policy_types);
    types.any(|one| {
        one.r#type.as_deref() == Some(RESOURCE_CONTROL) && one.status.as_deref() == Some("ENABLED")
    })
}

/// The organization of the account.
pub fn id(snapshot: &Snapshot) -> Option<String> {
    snapshot.global.organizations.describe_organization.read()?.as_ref()?.organization.id.clone()
}

/// The management account of the organization; `None` where there is no organization.
pub fn management_account(snapshot: &Snapshot) -> Known<Option<&str>> {
    let answer = snapshot.global.organizations.describe_organization.as_ref();
    answer.map(|answer| answer.as_ref()?.organization.master_account_id.as_deref())
}

/// The accounts of the organization, its management account among them; none where there is no
/// organization. Unread where they could not be listed, as by most members.
pub fn members(snapshot: &Snapshot) -> Known<Vec<&str>> {
    let answers = &snapshot.global.organizations;
    if answers.describe_organization == Known::Read(None) {
        return Known::Read(Vec::new());
    }
    answers.list_accounts.as_ref().map(|listed| {
        let all = listed.accounts.iter();
        all.filter_map(|account| account.id.as_deref()).collect()
    })
}

/// The policies attached to the account, to the units that it is in and to the root; `None` where
/// one of the answers is missing.
fn attached(answers: &Organizations, account: &str) -> Option<Arc<[ControlPolicy]>> {
    let mut found: Vec<ControlPolicy> = Vec::new();
    let mut target = account.to_owned();
    for _ in 0..CONTROL_POLICIES_DEPTH {
        let listed = &answers.list_policies_for_target.get(&target)?.policies;
        let mut own = listed.iter().filter(|one| one.r#type.as_deref() == Some(RESOURCE_CONTROL));
        // RCPFullAWSAccess is attached to every target and cannot be detached: without any the
        // answer is about another type of policy.
        let first = own.next()?;
        for summary in std::iter::once(first).chain(own) {
            let id = summary.id.clone()?;
            if id == GRANTS_ALL || found.iter().any(|known| known.id == id) {
                continue;
            }
            let content = answers.describe_policy.get(&id)?.policy.content.clone()?;
            found.push(ControlPolicy { id, document: Json::Text(content) });
        }
        if target.starts_with("r-") {
            return Some(found.into());
        }
        target = answers.list_parents.get(&target)?.parents.first()?.id.clone()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::load;

    fn reach_of(organizations: &str, given: Option<&[GivenPolicy]>) -> Reach {
        let dump = format!(
            r#"{{"account":"111122223333","region":"us-east-1","organizations":{organizations}}}"#
        );
        let mut found = Reach::Aside;
        load(&dump, |snapshot| found = reach(&snapshot, given)).expect("a dump");
        found
    }

    const MEMBER: &str = r#""DescribeOrganization":{"Organization":{"Id":"o-aaaa111122",
        "MasterAccountId":"999988887777"}}"#;

    #[test]
    fn policies_of_the_account_its_units_and_the_root_reach_it() {
        let policies = |id: &str| {
            format!(
                r#"{{"Policies":[{{"Id":"p-RCPFullAWSAccess","Type":"{RESOURCE_CONTROL}"}},
                    {{"Id":"{id}","Type":"{RESOURCE_CONTROL}"}}]}}"#
            )
        };
        let content = |id: &str| format!(r#""{id}":{{"Policy":{{"Content":"{{}}"}}}}"#);
        let parents = r#""ListParents":{"111122223333":{"Parents":[{"Id":"ou-1","Type":
            "ORGANIZATIONAL_UNIT"}]},"ou-1":{"Parents":[{"Id":"r-1","Type":"ROOT"}]}}"#;
        let all = |contents: &str| {
            format!(
                r#"{{{MEMBER},{parents},"ListRoots":{{"Roots":[{{"Id":"r-1","PolicyTypes":
                    [{{"Type":"{RESOURCE_CONTROL}","Status":"ENABLED"}}]}}]}},
                    "ListPoliciesForTarget":{{"111122223333":{},"ou-1":{},"r-1":{}}},
                    "DescribePolicy":{{{contents}}}}}"#,
                policies("p-account"),
                policies("p-unit"),
                policies("p-account"),
            )
        };
        let whole = all(&[content("p-account"), content("p-unit")].join(","));
        match reach_of(&whole, None) {
            Reach::Read(read) => {
                let ids: Vec<&str> = read.iter().map(|policy| policy.id.as_str()).collect();
                assert_eq!(ids, ["p-account", "p-unit"]);
            }
            other => panic!("{other:?}"),
        }
        let lacking = all(&content("p-account"));
        assert!(matches!(reach_of(&lacking, None), Reach::Unread), "one of them was not read");
    }

    #[test]
    fn members_are_those_that_were_listed_and_unknown_where_none_could_be() {
        let members_of = |organizations: &str| {
            let dump = format!(
                r#"{{"account":"111122223333","region":"us-east-1","organizations":{organizations}}}"#
            );
            let mut found = None;
            let all = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
            load(&dump, |snapshot| found = Some(members(&snapshot).map(all))).expect("a dump");
            found.expect("an account")
        };
        let listed = r#""ListAccounts":{"Accounts":[{"Id":"111122223333"},{"Id":"444455556666"}]}"#;
        let both = vec!["111122223333".to_owned(), "444455556666".to_owned()];
        assert_eq!(members_of(&format!("{{{MEMBER},{listed}}}")), Known::Read(both));
        assert_eq!(members_of(&format!("{{{MEMBER}}}")), Known::Unread);
        assert_eq!(members_of("{}"), Known::Unread);
        let none = members_of(r#"{"DescribeOrganization":null}"#);
        assert_eq!(none, Known::Read(Vec::new()), "no organization has no members");
    }

    #[test]
    fn who_is_no_member_is_reached_by_none() {
        let given = given(r#"[{"id":"p-a1b2c3","document":{"Statement":[]}}]"#).expect("valid");
        let given = Some(&given[..]);
        let management = r#"{"DescribeOrganization":{"Organization":{"MasterAccountId":
            "111122223333"}}}"#;
        let exempt = |organizations: &str| match reach_of(organizations, given) {
            Reach::Exempt(why) => Some(why),
            _ => None,
        };
        assert_eq!(exempt(r#"{"DescribeOrganization":null}"#), Some(Exempt::NoOrganization));
        assert_eq!(exempt(management), Some(Exempt::ManagementAccount));
        assert!(matches!(reach_of("{}", None), Reach::Unread));
        assert!(matches!(reach_of(&format!("{{{MEMBER}}}"), None), Reach::Unread));
        assert!(matches!(reach_of("{}", given), Reach::Read(read) if read.len() == 1));
        let disabled = format!(r#"{{{MEMBER},"ListRoots":{{"Roots":[{{"Id":"r-1"}}]}}}}"#);
        assert!(matches!(reach_of(&disabled, None), Reach::Exempt(Exempt::NotEnabled)));
        assert!(matches!(reach_of(&disabled, given), Reach::Exempt(Exempt::NotEnabled)));
    }

    #[test]
    fn what_is_given_reaches_the_accounts_that_it_names() {
        let text = r#"[{"id":"p-all","document":"{\"Statement\":[]}"},
            {"id":"p-some","document":{"Statement":[]},"accounts":["444455556666"]}]"#;
        let given = given(text).expect("valid");
        let ids = |account: &str| match reaching(&given, account) {
            Reach::Read(read) => read.iter().map(|policy| policy.id.clone()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(ids("111122223333"), ["p-all"]);
        assert_eq!(ids("444455556666"), ["p-all", "p-some"]);
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        for (text, expected) in [
            ("{}", "line 1 column 0"),
            ("[\n{\"id\": 7}]", "line 2 column 8"),
            (r#"[{"id":"p-a","document":{},"account":[]}]"#, "unknown field `account`"),
            (r#"[{"id":"a","document":{"Statement":[]}}]"#, "entry 1 (`a`)"),
            (r#"[{"id":"p-a","document":{"Statement":[]},"accounts":["1"]}]"#, "`1` is not"),
            (r#"[{"id":"p-a","document":{}}]"#, "entry 1 (`p-a`): no Statement"),
            (
                r#"[{"id":"p-a","document":{"Statement":[{"Sid":"S","Effect":"Deny"}]}}]"#,
                "statement S is malformed",
            ),
        ] {
            let problem = given(text).expect_err(text);
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }
}
