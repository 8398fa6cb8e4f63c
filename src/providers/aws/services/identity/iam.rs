//! Everybody in the account, with their policies, by one list for all of them.

use std::collections::HashSet;

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{self, EntityType};

use crate::inventory::aws::calls::iam::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use crate::inventory::aws::iam::{
    AccountAuthorizationDetails, AttachedPolicy, Document, GroupDetail, InstanceProfile,
    ManagedPolicyDetail, PermissionsBoundary, PolicyDetail, PolicyVersion, RoleDetail, UserDetail,
};
use crate::inventory::aws::{Iam, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, client};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "iam",
    scope: Scope::Account,
    calls: &[&GET_ACCOUNT_AUTHORIZATION_DETAILS],
    collect: |site| Box::pin(collect(site)),
};

/// The largest page (IAM API reference, GetAccountAuthorizationDetails, MaxItems).
const PAGE: i32 = 1000;

async fn collect(site: &Site) -> Services {
    let iam = client!(aws_sdk_iam, site);
    let mut asked = iam.get_account_authorization_details();
    // Named one by one, so that what the answer holds does not hang on a default.
    for kind in [
        EntityType::User,
        EntityType::Group,
        EntityType::Role,
        EntityType::LocalManagedPolicy,
        EntityType::AwsManagedPolicy,
    ] {
        asked = asked.filter(kind);
    }
    let pages = asked.into_paginator().page_size(PAGE).send();
    // A page holds some of each list, and nothing can be told of a role without its policies, which
    // may be on another page: one lost page leaves all of it unread.
    let open = |mut page: GetAccountAuthorizationDetailsOutput| {
        let next = page.marker.take();
        (Some(vec![page]), next)
    };
    let pages = site.list(&GET_ACCOUNT_AUTHORIZATION_DETAILS, pages, open, details).await;
    let details = pages.map(|pages| {
        let mut all = AccountAuthorizationDetails::default();
        pages.into_iter().for_each(|page| all.extend(page));
        keep_what_counts(&mut all);
        all
    });
    let iam = Iam { get_account_authorization_details: details };
    Services { iam, ..Services::default() }
}

/// Policies of AWS that nobody has say nothing of the account; AWS leaves them out itself.
fn keep_what_counts(all: &mut AccountAuthorizationDetails) {
    let users = all.user_detail_list.iter();
    let users = users.map(|one| (&one.attached_managed_policies, &one.permissions_boundary));
    let roles = all.role_detail_list.iter();
    let roles = roles.map(|one| (&one.attached_managed_policies, &one.permissions_boundary));
    let mut held: HashSet<String> = HashSet::new();
    for (attached, boundary) in users.chain(roles) {
        held.extend(attached.iter().map(|policy| policy.policy_arn.clone()));
        held.extend(boundary.iter().filter_map(|one| one.permissions_boundary_arn.clone()));
    }
    let groups = all.group_detail_list.iter().flat_map(|one| &one.attached_managed_policies);
    held.extend(groups.map(|policy| policy.policy_arn.clone()));
    let of_aws = |arn: &str| arn.split(':').nth(4) == Some("aws");
    all.policies.retain(|policy| !of_aws(&policy.arn) || held.contains(&policy.arn));
}

fn details(page: GetAccountAuthorizationDetailsOutput) -> AccountAuthorizationDetails {
    AccountAuthorizationDetails {
        user_detail_list: all(page.user_detail_list, user),
        group_detail_list: all(page.group_detail_list, group),
        role_detail_list: all(page.role_detail_list, role),
        policies: all(page.policies, managed),
    }
}

fn all<T, U>(from: Option<Vec<T>>, convert: impl FnMut(T) -> U) -> Vec<U> {
    from.unwrap_or_default().into_iter().map(convert).collect()
}

fn user(from: types::UserDetail) -> UserDetail {
    UserDetail {
        user_name: from.user_name.unwrap_or_default(),
        user_id: from.user_id.unwrap_or_default(),
        arn: from.arn.unwrap_or_default(),
        user_policy_list: all(from.user_policy_list, inline),
        group_list: from.group_list.unwrap_or_default(),
        attached_managed_policies: all(from.attached_managed_policies, attached),
        permissions_boundary: from.permissions_boundary.map(boundary),
    }
}

fn group(from: types::GroupDetail) -> GroupDetail {
    GroupDetail {
        group_name: from.group_name.unwrap_or_default(),
        arn: from.arn.unwrap_or_default(),
        group_policy_list: all(from.group_policy_list, inline),
        attached_managed_policies: all(from.attached_managed_policies, attached),
    }
}

fn role(from: types::RoleDetail) -> RoleDetail {
    let profile = |from: types::InstanceProfile| InstanceProfile {
        instance_profile_name: from.instance_profile_name,
        arn: from.arn,
    };
    RoleDetail {
        role_name: from.role_name.unwrap_or_default(),
        role_id: from.role_id.unwrap_or_default(),
        arn: from.arn.unwrap_or_default(),
        assume_role_policy_document: from.assume_role_policy_document.map(Document::told),
        instance_profile_list: all(from.instance_profile_list, profile),
        role_policy_list: all(from.role_policy_list, inline),
        attached_managed_policies: all(from.attached_managed_policies, attached),
        permissions_boundary: from.permissions_boundary.map(boundary),
    }
}

fn managed(from: types::ManagedPolicyDetail) -> ManagedPolicyDetail {
    let mut versions =
        all(from.policy_version_list, |version: types::PolicyVersion| PolicyVersion {
            version_id: version.version_id.unwrap_or_default(),
            is_default_version: version.is_default_version,
            document: version.document.map(Document::told),
        });
    // The other versions are not in force.
    versions.retain(|version| {
        version.is_default_version || from.default_version_id.as_ref() == Some(&version.version_id)
    });
    ManagedPolicyDetail {
        policy_name: from.policy_name.unwrap_or_default(),
        arn: from.arn.unwrap_or_default(),
        default_version_id: from.default_version_id,
        policy_version_list: versions,
    }
}

fn inline(from: types::PolicyDetail) -> PolicyDetail {
    PolicyDetail {
        policy_name: from.policy_name.unwrap_or_default(),
        policy_document: from.policy_document.map(Document::told),
    }
}

fn attached(from: types::AttachedPolicy) -> AttachedPolicy {
    AttachedPolicy {
        policy_name: from.policy_name.unwrap_or_default(),
        policy_arn: from.policy_arn.unwrap_or_default(),
    }
}

fn boundary(from: types::AttachedPermissionsBoundary) -> PermissionsBoundary {
    PermissionsBoundary { permissions_boundary_arn: from.permissions_boundary_arn }
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, Said, ok};

    fn page(inside: &str, marker: Option<&str>) -> Said {
        let next = match marker {
            Some(marker) => format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
            None => "<IsTruncated>false</IsTruncated>".to_owned(),
        };
        ok(format!(
            "<GetAccountAuthorizationDetailsResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <GetAccountAuthorizationDetailsResult>{inside}{next}</GetAccountAuthorizationDetailsResult>\
             </GetAccountAuthorizationDetailsResponse>"
        ))
    }

    fn refused() -> Said {
        Said::Answer(
            403,
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
             <Message>no</Message></Error></ErrorResponse>"
                .to_owned(),
        )
    }

    const ROLE: &str = "<RoleDetailList><member><RoleName>web</RoleName><RoleId>AROA1</RoleId>\
        <Arn>arn:aws:iam::123456789012:role/web</Arn>\
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>\
        <InstanceProfileList><member><InstanceProfileName>web</InstanceProfileName>\
        <InstanceProfileId>AIPA1</InstanceProfileId><Path>/</Path><Roles/>\
        <CreateDate>2024-01-01T00:00:00Z</CreateDate>\
        <Arn>arn:aws:iam::123456789012:instance-profile/web</Arn></member></InstanceProfileList>\
        <AttachedManagedPolicies><member><PolicyName>AdministratorAccess</PolicyName>\
        <PolicyArn>arn:aws:iam::aws:policy/AdministratorAccess</PolicyArn></member>\
        </AttachedManagedPolicies></member></RoleDetailList>";

    fn policy(arn: &str) -> String {
        let version = |id: &str, default: bool| {
            format!(
                "<member><VersionId>{id}</VersionId><IsDefaultVersion>{default}</IsDefaultVersion>\
                 <Document>%7B%7D</Document></member>"
            )
        };
        format!(
            "<member><PolicyName>p</PolicyName><Arn>{arn}</Arn>\
             <DefaultVersionId>v2</DefaultVersionId><PolicyVersionList>{}{}</PolicyVersionList>\
             </member>",
            version("v1", false),
            version("v2", true)
        )
    }

    #[test]
    fn everybody_is_read_over_several_pages_with_the_policies_that_somebody_has() {
        let cloud = Cloud::new(|asked| match asked.form.contains("Marker=more") {
            false => page(ROLE, Some("more")),
            true => page(
                &format!(
                    "<Policies>{}{}{}</Policies><UserDetailList><member><UserName>u</UserName>\
                     <UserId>AIDA1</UserId></member></UserDetailList>",
                    policy("arn:aws:iam::aws:policy/AdministratorAccess"),
                    policy("arn:aws:iam::aws:policy/ReadOnlyAccess"),
                    policy("arn:aws:iam::123456789012:policy/own"),
                ),
                None,
            ),
        });
        let snapshot = cloud.collect(&["iam"]);
        let told = &snapshot.global.iam.get_account_authorization_details;
        let told = told.read().expect("it was answered");
        let [role] = told.role_detail_list.as_slice() else { panic!("{told:#?}") };
        let trust = role.assume_role_policy_document.as_deref();
        assert_eq!(trust, Some(r#"{"Version":"2012-10-17"}"#), "decoded");
        assert_eq!(role.instance_profile_list[0].instance_profile_name, "web");
        let arns: Vec<_> = told.policies.iter().map(|policy| policy.arn.as_str()).collect();
        let kept =
            ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::123456789012:policy/own"];
        assert_eq!(arns, kept, "nobody has the other one");
        let versions: Vec<_> =
            told.policies[0].policy_version_list.iter().map(|one| &*one.version_id).collect();
        assert_eq!(versions, ["v2"]);
        assert_eq!(told.user_detail_list[0].user_id, "AIDA1");
        assert_eq!(snapshot.calls["iam:GetAccountAuthorizationDetails"], 2);
        let asked = cloud.seen.lock().expect("no panic");
        assert!(asked[0].form.contains("MaxItems=1000"), "{}", asked[0].form);
        assert!(asked[0].form.contains("AWSManagedPolicy"), "{}", asked[0].form);
    }

    #[test]
    fn a_refusal_or_a_lost_page_leaves_all_of_it_unread() {
        let lost = Cloud::new(|asked| match asked.form.contains("Marker=more") {
            false => page(ROLE, Some("more")),
            true => refused(),
        });
        for cloud in [Cloud::new(|_| refused()), lost] {
            let snapshot = cloud.collect(&["iam"]);
            assert!(snapshot.global.iam.get_account_authorization_details.is_unread());
            let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
            let call = "iam:GetAccountAuthorizationDetails".to_owned();
            assert_eq!(gaps, [(call, Outcome::Denied)]);
        }
    }

    #[test]
    fn an_empty_account_is_an_answer() {
        let snapshot = Cloud::new(|_| page("", None)).collect(&["iam"]);
        let told = &snapshot.global.iam.get_account_authorization_details;
        assert_eq!(told.read(), Some(&Default::default()));
        assert!(snapshot.gaps.is_empty());
    }
}
