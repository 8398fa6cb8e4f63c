//! Workgroups of Redshift Serverless.

use aws_sdk_redshiftserverless::{Client, types};

use crate::inventory::aws::calls;
use crate::inventory::aws::redshift_serverless::{Workgroup, WorkgroupEndpoint, Workgroups};
use crate::inventory::aws::{RedshiftServerless, Services};
use crate::providers::aws::services::{Collector, Scope};
use crate::providers::aws::transport::site::{Site, configured};

pub(crate) static COLLECTOR: Collector = Collector {
    service: "redshift-serverless",
    scope: Scope::Region,
    calls: &[&calls::redshift_serverless::LIST_WORKGROUPS],
    collect: |site| Box::pin(collect(site)),
};

async fn collect(site: &Site) -> Services {
    let retries = site.retries("redshift-serverless");
    let config = configured!(aws_sdk_redshiftserverless, site).retry_config(retries);
    let serverless = Client::from_conf(config.build());
    // 100 is the most that maxResults allows (Redshift Serverless API reference).
    let pages = serverless.list_workgroups().into_paginator().page_size(100).send();
    let listed = site
        .list_apart(
            &calls::redshift_serverless::LIST_WORKGROUPS,
            pages,
            |page| (Some(page.workgroups), page.next_token),
            workgroup,
        )
        .await
        .map(|workgroups| Workgroups { workgroups });
    let redshift_serverless = RedshiftServerless { list_workgroups: listed };
    Services { redshift_serverless, ..Services::default() }
}

fn workgroup(from: types::Workgroup) -> Workgroup {
    Workgroup {
        workgroup_name: from.workgroup_name.unwrap_or_default(),
        workgroup_arn: from.workgroup_arn,
        status: from.status.map(|status| status.as_str().to_owned()),
        publicly_accessible: from.publicly_accessible,
        port: from.port,
        endpoint: from.endpoint.map(|e| WorkgroupEndpoint { address: e.address, port: e.port }),
        subnet_ids: from.subnet_ids.unwrap_or_default(),
        security_group_ids: from.security_group_ids.unwrap_or_default(),
    }
}
