//! Domains of OpenSearch Service: their policies, and what stands before them. No index is read.

use aws_sdk_opensearch::operation::describe_domains::DescribeDomainsOutput;
use aws_sdk_opensearch::types;

use crate::inventory::aws::calls::opensearch::{DESCRIBE_DOMAINS, LIST_DOMAIN_NAMES};
use crate::inventory::aws::opensearch::{
    AdvancedSecurity, Domain, DomainInfo, DomainNames, DomainVpc, Domains,
};
use crate::inventory::aws::{OpenSearch, Services};
use crate::model::Known;
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Converted, Site, client};

/// The most that one call takes (OpenSearch Service API reference, DescribeDomains).
const BATCH: usize = 5;

pub(crate) static COLLECTOR: Collector = Collector {
    service: "opensearch",
    scope: Scope::Region,
    calls: &[&DESCRIBE_DOMAINS, &LIST_DOMAIN_NAMES],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let sdk = client!(aws_sdk_opensearch, site);
    // It has no pages, and holds domains of Elasticsearch too (OpenSearch Service API reference,
    // ListDomainNames).
    let listed = site
        .get(&LIST_DOMAIN_NAMES, sdk.list_domain_names().send(), |answer| {
            let names = answer.domain_names.unwrap_or_default().into_iter();
            Ok(names.filter_map(|one| one.domain_name).collect::<Vec<_>>())
        })
        .await;
    let Known::Read(names) = listed else { return Services::default() };
    let ask = |names| sdk.describe_domains().set_domain_names(Some(names)).send();
    let read = site.batches(&DESCRIBE_DOMAINS, (&names, BATCH), ask, domains).await;
    let described = read.map(|mut domains| {
        domains.sort_by(|a, b| a.domain_name.cmp(&b.domain_name));
        Domains { domain_status_list: domains }
    });
    let names = names.into_iter().map(|domain_name| DomainInfo { domain_name });
    let names = DomainNames { domain_names: names.collect() };
    let opensearch =
        OpenSearch { list_domain_names: Known::Read(names), describe_domains: described };
    Services { opensearch, ..Services::default() }
}

fn domains(answer: DescribeDomainsOutput) -> Converted<Vec<Domain>> {
    Ok(answer.domain_status_list.into_iter().map(domain).collect())
}

fn domain(from: types::DomainStatus) -> Domain {
    Domain {
        domain_name: from.domain_name,
        arn: Some(from.arn).filter(|arn| !arn.is_empty()),
        created: from.created,
        deleted: from.deleted,
        endpoint: from.endpoint,
        access_policies: from.access_policies,
        vpc_options: from.vpc_options.map(|vpc| DomainVpc {
            vpc_id: vpc.vpc_id,
            subnet_ids: vpc.subnet_ids.unwrap_or_default(),
            security_group_ids: vpc.security_group_ids.unwrap_or_default(),
        }),
        advanced_security_options: from.advanced_security_options.map(|options| AdvancedSecurity {
            enabled: options.enabled,
            anonymous_auth_enabled: options.anonymous_auth_enabled,
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Outcome;
    use crate::providers::aws::tests::replay::{Cloud, json_error, ok};

    const LIST: &str = "GET /2021-01-01/domain";
    const DESCRIBE: &str = "POST /2021-01-01/opensearch/domain-info";

    #[test]
    fn domains_are_described_five_at_a_time() {
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            LIST => {
                let names: Vec<_> = (0..6)
                    .map(|n| format!(r#"{{"DomainName":"d{n}","EngineType":"x"}}"#))
                    .collect();
                ok(format!(r#"{{"DomainNames":[{}]}}"#, names.join(",")))
            }
            DESCRIBE if asked.form.contains("d5") => ok(r#"{"DomainStatusList":[{
                "DomainId":"1/d5","DomainName":"d5","ARN":"arn:aws:es:us-east-1:1:domain/d5",
                "ClusterConfig":{},"Created":true,"Deleted":false,"AccessPolicies":"{}",
                "Endpoint":"search-d5.us-east-1.es.amazonaws.com",
                "AdvancedSecurityOptions":{"Enabled":true,"AnonymousAuthEnabled":false}}]}"#),
            DESCRIBE => ok(r#"{"DomainStatusList":[{"DomainId":"1/d0","DomainName":"d0",
                "ARN":"arn:aws:es:us-east-1:1:domain/d0","ClusterConfig":{},
                "VPCOptions":{"VPCId":"vpc-1","SubnetIds":["subnet-1"]}}]}"#),
            other => panic!("{other}"),
        });
        let snapshot = cloud.collect(&["opensearch"]);
        assert_eq!(snapshot.gaps, []);
        let read = &snapshot.regions["us-east-1"].opensearch;
        let domains = &read.describe_domains.read().expect("domains").domain_status_list;
        let [inside, open] = domains.as_slice() else { panic!("{domains:?}") };
        assert_eq!(inside.vpc(), Some("vpc-1"));
        assert!(open.vpc().is_none() && open.asks_for_a_user());
        assert_eq!(cloud.asked()[DESCRIBE], 2);
    }

    #[test]
    fn a_region_without_domains_costs_one_call_and_refusals_are_gaps() {
        let cloud = Cloud::new(|_| ok(r#"{"DomainNames":[]}"#));
        assert_eq!(cloud.collect(&["opensearch"]).gaps, []);
        assert_eq!(cloud.asked(), [(LIST.to_owned(), 1)].into());
        let cloud = Cloud::new(|asked| match asked.what.as_str() {
            LIST => ok(r#"{"DomainNames":[{"DomainName":"a"}]}"#),
            _ => json_error(403, "AccessDeniedException"),
        });
        let snapshot = cloud.collect(&["opensearch"]);
        let read = &snapshot.regions["us-east-1"].opensearch;
        assert!(read.list_domain_names.read().is_some() && read.describe_domains.is_unread());
        let gaps: Vec<_> = snapshot.gaps.iter().map(|gap| (gap.call(), gap.outcome)).collect();
        assert_eq!(gaps, [("opensearch:DescribeDomains".to_owned(), Outcome::Denied)]);
    }
}
