//! Redshift Serverless: data warehouses without clusters.

use crate::model::Known;

operations! {
    /// Answers of Redshift Serverless in one region.
    RedshiftServerless {
        /// What clients connect to.
        list_workgroups: Known<Workgroups>,
    }
}

responses! {
    "camelCase";
    /// Response of ListWorkgroups.
    Workgroups {
        workgroups: Vec<Workgroup>,
    }

    /// A workgroup: compute with an endpoint.
    Workgroup {
        workgroup_name: String,
        workgroup_arn: Option<String>,
        /// `AVAILABLE`, `CREATING`, …
        status: Option<String>,
        /// True when it has a public address.
        publicly_accessible: Option<bool>,
        /// Port as it was asked for.
        port: Option<i32>,
        /// Where clients connect to; absent while it is created.
        endpoint: Option<WorkgroupEndpoint>,
        /// Subnets that it sits in.
        subnet_ids: Vec<String>,
        security_group_ids: Vec<String>,
    }

    /// Where clients of a workgroup connect to.
    WorkgroupEndpoint {
        address: Option<String>,
        port: Option<i32>,
    }
}
